// Makes small EPUB files for tests.
import { writeZip, type ZipPart } from './zip-writer.ts';

export type EpubChapter = { title: string; text?: string };

export type EpubBook = {
  title?: string;
  authors?: readonly string[];
  language?: string;
  publisher?: string;
  date?: string;
  description?: string;
  subjects?: readonly string[];
  identifiers?: readonly string[];
  series?: { name: string; index?: string };
  chapters?: readonly EpubChapter[];
  /** The image's bytes; its kind is told by its first ones. */
  cover?: Uint8Array;
  /** More elements for the package's metadata, as they are. */
  metadata?: string;
  /** More items for the manifest, as they are. */
  manifest?: string;
  /** More elements for the package, behind the spine. */
  guide?: string;
  /** Attributes of the spine. */
  spine?: string;
  /** Instead of the whole package document. */
  opf?: string | Uint8Array;
  /** Instead of the navigation document; undefined leaves the usual one, null leaves it out. */
  nav?: string | null;
  /** More files, or others in the place of the usual ones. */
  files?: readonly ZipPart[];
};

/** The bytes of an EPUB 3 with these facts; the package lies at OEBPS/book.opf, the chapters at OEBPS/c1.xhtml and so on. */
export const makeEpub = (book: EpubBook = {}): Buffer => writeZip(epubParts(book));

/** The parts of that EPUB, for archives that are to be spoilt first. */
export const epubParts = (book: EpubBook = {}): ZipPart[] => {
  const chapters = book.chapters ?? [{ title: 'One' }];
  const parts: ZipPart[] = [
    { name: 'mimetype', content: 'application/epub+zip', isStored: true },
    { name: 'META-INF/container.xml', content: container },
    { name: 'OEBPS/book.opf', content: book.opf ?? packageDocument(book, chapters) },
    ...(book.nav === null ? [] : [{ name: 'OEBPS/nav.xhtml', content: book.nav ?? navigation(chapters) }]),
    ...chapters.map((chapter, index) => ({
      name: `OEBPS/c${index + 1}.xhtml`,
      content: page(`<h1>${escape(chapter.title)}</h1><p>${escape(chapter.text ?? 'Text.')}</p>`),
    })),
    ...(book.cover
      ? [{ name: `OEBPS/cover.${imageKind(book.cover)}`, content: book.cover, isStored: true }]
      : []),
  ];
  const replaced = new Set(book.files?.map(({ name }) => name));
  return [...parts.filter(({ name }) => !replaced.has(name)), ...(book.files ?? [])];
};

const container =
  '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">' +
  '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>';

const packageDocument = (
  book: EpubBook,
  chapters: readonly EpubChapter[],
): string => `<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
${all('identifier', book.identifiers)}${all('title', book.title === undefined ? [] : [book.title])}
${all('creator', book.authors)}${all('language', [book.language ?? 'en'])}${all('subject', book.subjects)}
${all('publisher', optional(book.publisher))}${all('date', optional(book.date))}
${all('description', optional(book.description))}${seriesMeta(book.series)}
${book.metadata ?? ''}
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
${chapters.map((_, index) => `<item id="c${index + 1}" href="c${index + 1}.xhtml" media-type="application/xhtml+xml"/>`).join('\n')}
${book.cover ? coverItem(book.cover) : ''}${book.manifest ?? ''}
</manifest>
<spine ${book.spine ?? ''}>${chapters.map((_, index) => `<itemref idref="c${index + 1}"/>`).join('')}</spine>
${book.guide ?? ''}
</package>`;

const optional = (value: string | undefined): string[] => (value === undefined ? [] : [value]);

const all = (local: string, values: readonly string[] = []): string =>
  values.map((value) => `<dc:${local}>${escape(value)}</dc:${local}>`).join('');

const seriesMeta = (series: EpubBook['series']): string =>
  series === undefined
    ? ''
    : `<meta name="calibre:series" content="${escape(series.name)}"/>` +
      (series.index === undefined
        ? ''
        : `<meta name="calibre:series_index" content="${escape(series.index)}"/>`);

const coverItem = (cover: Uint8Array): string =>
  `<item id="cover-picture" href="cover.${imageKind(cover)}" media-type="image/${imageKind(cover)}" properties="cover-image"/>`;

const imageKind = (bytes: Uint8Array): 'png' | 'jpeg' => (bytes[0] === 0x89 ? 'png' : 'jpeg');

const navigation = (chapters: readonly EpubChapter[]): string =>
  page(
    `<nav epub:type="toc"><ol>${chapters.map(({ title }, index) => `<li><a href="c${index + 1}.xhtml">${escape(title)}</a></li>`).join('')}</ol></nav>`,
  );

const page = (body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml" ' +
  `xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Page</title></head><body>${body}</body></html>`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
