// What is kept of a sidecar besides its marks: enough to show it and to see later what the device changed.
import { contentTypeOf } from '../formats/book.ts';
import type { BookFormat } from '../formats/book.ts';
import { sanitizeDescription } from '../formats/html.ts';
import type { Sidecar } from '../formats/koreader/sidecar.ts';
import type { SidecarSays } from '../library/describe.ts';

export type SidecarContent = Omit<Sidecar, 'annotations' | 'docProps' | 'stats'> & {
  /** What it says of the document, for books whose file is elsewhere. */
  says: SidecarSays;
  /** KOReader's keys of its marks. */
  keys: string[];
};

const FORMATS: Record<string, BookFormat> = {
  epub: 'epub', fb2: 'fb2', zip: 'fb2', mobi: 'mobi', prc: 'mobi', azw: 'mobi', azw3: 'azw3', pdf: 'pdf', cbz: 'cbz', cbr: 'cbr', txt: 'txt',
}; // prettier-ignore

/** Returns the keys of the marks that can be changed in the file: the lists of an old KOReader are read, never written. */
export function keysToEdit({ annotationsFrom, keys, legacyKeys = [] }: SidecarContent): string[] {
  const legacy = new Set(legacyKeys);
  return annotationsFrom === 'annotations' ? keys.filter((key) => !legacy.has(key)) : [];
}

/** The suffix a sidecar's name holds: "epub" of metadata.epub.lua; "_" when the book has none. */
export const suffixOf = (name: string): string => /^metadata\.(.+?)\.lua(\.old)?$/.exec(name)?.[1] ?? '_';

/** Returns what to keep of the sidecar at this path. */
export function contentAt(path: Buffer, sidecar: Sidecar): SidecarContent {
  const parts = path.toString('utf8').split('/');
  return contentOf(sidecar, parts.at(-2) ?? '', parts.at(-1) ?? '');
}

/** Returns what to keep of a sidecar that lies in `folderName` ("Book.sdr") under `name`. */
export function contentOf(sidecar: Sidecar, folderName: string, name: string): SidecarContent {
  const { annotations, docProps, stats: _, ...kept } = sidecar;
  const suffix = suffixOf(name);
  const documentName =
    sidecar.docPath?.split(/[/\\]/).at(-1) ?? `${folderName.replace(/\.sdr$/, '')}.${suffix}`;
  const format = FORMATS[suffix];
  const description =
    docProps.description === undefined ? undefined : sanitizeDescription(docProps.description);
  return {
    ...kept,
    keys: annotations.map(({ key }) => key),
    says: {
      name: documentName,
      format,
      ...(docProps.title === undefined ? {} : { title: docProps.title }),
      ...(docProps.authors.length === 0 ? {} : { authors: docProps.authors }),
      ...(docProps.series === undefined ? {} : { series: docProps.series }),
      ...(docProps.seriesIndex === undefined ? {} : { seriesIndex: docProps.seriesIndex }),
      ...(docProps.language === undefined ? {} : { language: docProps.language }),
      ...(description === undefined ? {} : { description }),
      ...(docProps.keywords.length === 0 ? {} : { subjects: docProps.keywords }),
      // Pages of a document that flows change with the layout; only fixed pages are the book's own.
      ...(sidecar.docPages === undefined || !hasFixedPages(format) ? {} : { pageCount: sidecar.docPages }),
    },
  };
}

const hasFixedPages = (format: BookFormat | undefined) =>
  format !== undefined && (format === 'pdf' || contentTypeOf(format) === 'comic');
