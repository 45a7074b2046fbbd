// What is kept of a sidecar besides its marks: enough to show it and to see later what the device changed.
import type { BookFormat } from '../formats/formats.ts';
import { endingOf, formatsOfEnding, isLooseName } from '../formats/formats.ts';
import { sanitizeDescription } from '../formats/markup/html.ts';
import type { Sidecar } from '../formats/koreader/sidecar.ts';
import type { SidecarSays } from '../library/describe.ts';
import type { SummaryField } from './persons-word.ts';

/** What stood in a sidecar before the person's word was written over it, and under it: fingerprints, oldest first. */
export type SpokenOver = { [Field in SummaryField]?: string[] };

export type SidecarContent = Omit<Sidecar, 'annotations' | 'docProps' | 'stats'> & {
  /** What it says of the document, for books whose file is elsewhere. */
  says: SidecarSays;
  /** KOReader's keys of its marks. */
  keys: string[];
  /** What it said of the reading before the person's word stood over it. */
  spokenOver?: SpokenOver;
};

/** Kinds KOReader opens whose pages are the document's own, besides comics. */
const FIXED_PAGES = /\.(?:pdf|djvu?|xps)$/i;
const COMIC = /\.cb[z7rt]$/i;

/** Returns the keys of the marks that can be changed in the file: the lists of an old KOReader are read, never written. */
export function keysToEdit({ annotationsFrom, keys, legacyKeys = [] }: SidecarContent): string[] {
  const legacy = new Set(legacyKeys);
  return annotationsFrom === 'annotations' ? keys.filter((key) => !legacy.has(key)) : [];
}

/**
 * Whether a sidecar lies where only an old KOReader wrote one, named after the whole book. A newer one reads it as long as it
 * is the newest, and removes it then: it is read here, and never written.
 */
export const isInOldPlace = (path: Buffer): boolean => bookNameIn(nameIn(path)) !== undefined;

/** The name of the book in the name of such a sidecar: Book.epub.lua, Book.pdf.kpdfview.lua. */
export const bookNameIn = (name: string): string | undefined =>
  name.startsWith('metadata.') ? undefined : /^(.+?)(?:\.kpdfview)?\.lua$/.exec(name)?.[1];

const nameIn = (path: Buffer): string => path.toString('latin1').split('/').at(-1) ?? '';

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
    sidecar.docPath?.split(/[/\\]/).at(-1) ??
    bookNameIn(name) ??
    `${folderName.replace(/\.sdr$/, '')}.${suffix}`;
  const format = formatOfName(documentName);
  const isComic = COMIC.test(documentName);
  const description =
    docProps.description === undefined ? undefined : sanitizeDescription(docProps.description);
  return {
    ...kept,
    keys: annotations.map(({ key }) => key),
    says: {
      name: documentName,
      format,
      ...(isComic ? { contentType: 'comic' as const } : {}),
      ...(docProps.title === undefined ? {} : { title: docProps.title }),
      ...(docProps.authors.length === 0 ? {} : { authors: docProps.authors }),
      ...(docProps.series === undefined ? {} : { series: docProps.series }),
      ...(docProps.seriesIndex === undefined ? {} : { seriesIndex: docProps.seriesIndex }),
      ...(docProps.language === undefined ? {} : { language: docProps.language }),
      ...(description === undefined ? {} : { description }),
      ...(docProps.keywords.length === 0 ? {} : { subjects: docProps.keywords }),
      ...(docProps.identifiers.length === 0 ? {} : { identifiers: docProps.identifiers }),
      // Pages of a document that flows change with the layout; only fixed pages are the book's own.
      ...(sidecar.docPages !== undefined && (isComic || FIXED_PAGES.test(documentName))
        ? { pageCount: sidecar.docPages }
        : {}),
    },
  };
}

/** By what the document was called on the device: the sidecar's own name holds its last ending only. */
/** Undefined for what is only packed: its name does not tell. */
const formatOfName = (name: string): BookFormat | undefined =>
  isLooseName(name) ? undefined : formatsOfEnding(endingOf(name))[0];
