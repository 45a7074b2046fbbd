// Makes tiny PDF files: objects in order, a cross-reference table, a trailer.

export type PdfParts = {
  pages?: number;
  /** Entries of the information dictionary; plain text is written as UTF-16 where it needs to be. */
  info?: Record<string, string>;
  xmp?: string;
  /** Titles and pages, counted from 0; children one level deeper. */
  outline?: OutlinePart[];
  language?: string;
  /** More entries of the catalogue, as PDF source. */
  catalogue?: string;
  /** Drawing operators of the first page; a blue square when nothing is said. */
  drawing?: string;
  /** The page that is drawn on, counted from 0; the first when nothing is said. */
  drawnPage?: number;
  /** Page width and height in points. */
  size?: [number, number];
  /** Bytes of an unused stream in front of everything else. */
  ballast?: number;
};

export type OutlinePart = { title: string; page: number; children?: OutlinePart[] };

/** The bytes of a PDF with these parts; one page of 200 × 300 points when nothing is said. Pages after the first are blank. */
export const makePdf = (parts: PdfParts = {}): Buffer => {
  const {
    pages = 1,
    info,
    xmp,
    outline,
    language,
    catalogue = '',
    drawing = '0 0 1 rg 0 0 99 99 re f',
    size = [200, 300],
  } = parts;
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const reserve = (): number => add('null');

  if (parts.ballast !== undefined) add(stream('', '\n'.repeat(parts.ballast)));
  const root = reserve();
  const tree = reserve();
  const content = add(stream('', drawing));
  const pageIds = Array.from({ length: pages }, (_, index) =>
    add(
      `<</Type/Page/Parent ${tree} 0 R/MediaBox[0 0 ${size.join(' ')}]${index === (parts.drawnPage ?? 0) ? `/Contents ${content} 0 R` : ''}>>`,
    ),
  );
  objects[tree - 1] = `<</Type/Pages/Kids[${pageIds.map((id) => `${id} 0 R`).join(' ')}]/Count ${pages}>>`;

  const addOutline = (items: OutlinePart[], parent: number): { first: number; last: number } => {
    const ids = items.map(reserve);
    items.forEach((item, index) => {
      const id = ids[index] ?? 0;
      const inside = item.children ? addOutline(item.children, id) : undefined;
      const links = [
        inside && `/First ${inside.first} 0 R/Last ${inside.last} 0 R/Count ${item.children?.length}`,
        index > 0 && `/Prev ${ids[index - 1]} 0 R`,
        index < ids.length - 1 && `/Next ${ids[index + 1]} 0 R`,
      ];
      const page = pageIds[item.page];
      const destination = page === undefined ? '' : `/Dest[${page} 0 R/Fit]`;
      objects[id - 1] =
        `<</Title ${text(item.title)}/Parent ${parent} 0 R${destination}${links.filter(Boolean).join('')}>>`;
    });
    return { first: ids[0] ?? 0, last: ids.at(-1) ?? 0 };
  };
  const entries = [`/Type/Catalog/Pages ${tree} 0 R`, catalogue];
  if (outline) {
    const id = reserve();
    const { first, last } = addOutline(outline, id);
    objects[id - 1] = `<</Type/Outlines/First ${first} 0 R/Last ${last} 0 R/Count ${outline.length}>>`;
    entries.push(`/Outlines ${id} 0 R`);
  }
  if (xmp !== undefined) entries.push(`/Metadata ${add(stream('/Type/Metadata/Subtype/XML', xmp))} 0 R`);
  if (language !== undefined) entries.push(`/Lang ${text(language)}`);
  objects[root - 1] = `<<${entries.join('')}>>`;
  const infoId =
    info &&
    add(
      `<<${Object.entries(info)
        .map(([key, value]) => `/${key} ${text(value)}`)
        .join('')}>>`,
    );
  return assemble(objects, `/Root ${root} 0 R${infoId === undefined ? '' : `/Info ${infoId} 0 R`}`);
};

/** An XMP packet around properties, given as XML with the usual prefixes. */
export const makeXmp = (properties: string): string =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">` +
  `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
  ` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"` +
  ` xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
  ` xmlns:xmpidq="http://ns.adobe.com/xmp/Identifier/qual/1.0/" xmlns:calibre="http://calibre-ebook.com/xmp-namespace"` +
  ` xmlns:calibreSI="http://calibre-ebook.com/xmp-namespace-series-index">${properties}</rdf:Description></rdf:RDF>` +
  `</x:xmpmeta><?xpacket end="w"?>`;

const stream = (entries: string, data: string): string => {
  const bytes = Buffer.from(data).toString('latin1');
  return `<<${entries}/Length ${bytes.length}>>stream\n${bytes}\nendstream`;
};

/** ISO 32000-2 §7.9.2.2: PDFDocEncoding where ASCII will do, else UTF-16 with its mark. */
const text = (value: string): string => {
  const isAscii = /^[\0-\x7e]*$/.test(value);
  if (isAscii) return `(${value.replace(/[\\()]/g, String.raw`\$&`)})`;
  return `<feff${Buffer.from(value, 'utf16le').swap16().toString('hex')}>`;
};

const assemble = (objects: string[], trailer: string): Buffer => {
  let file = '%PDF-1.7\n';
  const offsets = objects.map((body, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj${body}endobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  file += `trailer<</Size ${objects.length + 1}${trailer}>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
};
