// Every format of books that is read here, a row each: all else that goes by format is made of this table.
import type { BookReading, BookSource, ContentType } from './book.ts';
import { readByName } from './known-by-name.ts';
import type { TextPart } from './text/of-markup.ts';

type Format = {
  /** Endings of names its files have, without the dot; what is in a file is told by its bytes. */
  endings: readonly string[];
  /** Endings its files are found under by habit: of other formats, and of archives of anything. */
  alsoEndings: readonly string[];
  mediaType: string;
  contentType: ContentType;
  /** Of several files of a book the one with the lowest is opened first. */
  rank: number;
  /** Loaded when the first book of the format is met: PDF alone costs a tenth of a second and tens of megabytes. */
  read: (source: BookSource) => Promise<BookReading>;
  /** Reads its text part by part; absent where there is none to search in. */
  text?: (source: BookSource) => AsyncIterable<TextPart>;
};

export const FORMATS = {
  epub: {
    endings: ['epub', 'kepub', 'epub3'], alsoEndings: ['zip'], mediaType: 'application/epub+zip', contentType: 'book', rank: 0,
    read: async (source) => (await import('./epub/read.ts')).readEpub(source),
    text: async function* (source) { yield* (await import('./text/by-format.ts')).epubText(source); },
  },
  pdf: {
    endings: ['pdf'], alsoEndings: [], mediaType: 'application/pdf', contentType: 'book', rank: 4,
    read: async (source) => (await import('./pdf/read.ts')).readPdf(source),
  },
  // Mobipocket and KF8 share one container and are named for each other everywhere.
  mobi: {
    endings: ['mobi', 'prc', 'azw', 'pdb'], alsoEndings: ['azw3'], mediaType: 'application/x-mobipocket-ebook', contentType: 'book', rank: 2,
    read: async (source) => (await import('./mobi/read.ts')).readMobi(source),
    text: async function* (source) { yield* (await import('./text/by-format.ts')).mobiText(source); },
  },
  azw3: {
    endings: ['azw3'], alsoEndings: ['mobi', 'prc', 'azw'], mediaType: 'application/vnd.amazon.mobi8-ebook', contentType: 'book', rank: 1,
    read: async (source) => (await import('./mobi/read.ts')).readMobi(source),
    text: async function* (source) { yield* (await import('./text/by-format.ts')).mobiText(source); },
  },
  txt: {
    endings: ['txt'], alsoEndings: [], mediaType: 'text/plain; charset=utf-8', contentType: 'book', rank: 7,
    read: async (source) => (await import('./text/read.ts')).readPlainText(source),
    text: async function* (source) { yield* (await import('./text/by-format.ts')).plainText(source); },
  },
  // Comics are named by habit: many a .cbr is a ZIP.
  cbr: {
    endings: ['cbr'], alsoEndings: ['cbz', 'cbt', 'rar'], mediaType: 'application/vnd.comicbook-rar', contentType: 'comic', rank: 6,
    read: async (source) => (await import('./comic/read.ts')).readComic(source, 'cbr'),
  },
  cbz: {
    endings: ['cbz'], alsoEndings: ['cbr', 'cbt', 'zip'], mediaType: 'application/vnd.comicbook+zip', contentType: 'comic', rank: 5,
    read: async (source) => (await import('./comic/read.ts')).readComic(source, 'cbz'),
  },
  cbt: {
    endings: ['cbt'], alsoEndings: ['cbz', 'cbr'], mediaType: 'application/vnd.comicbook+tar', contentType: 'comic', rank: 8,
    read: async (source) => (await import('./comic/read.ts')).readComic(source, 'cbt'),
  },
  fb2: {
    endings: ['fb2', 'fb2.zip', 'fbz'], alsoEndings: ['zip'], mediaType: 'application/x-fictionbook+xml', contentType: 'book', rank: 3,
    read: async (source) => (await import('./fb2/read.ts')).readFb2(source),
    text: async function* (source) { yield* (await import('./text/by-format.ts')).fb2Text(source); },
  },
  // Known by their first bytes and not read: books by their names and sidecars, with their files.
  djvu: { endings: ['djvu', 'djv'], alsoEndings: [], mediaType: 'image/vnd.djvu', contentType: 'book', rank: 9, read: readByName('djvu') },
  xps: { endings: ['xps', 'oxps'], alsoEndings: [], mediaType: 'application/oxps', contentType: 'book', rank: 10, read: readByName('xps') },
  chm: { endings: ['chm'], alsoEndings: [], mediaType: 'application/vnd.ms-htmlhelp', contentType: 'book', rank: 11, read: readByName('chm') },
  kfx: { endings: ['kfx'], alsoEndings: [], mediaType: 'application/vnd.amazon.ebook', contentType: 'book', rank: 12, read: readByName('kfx') },
  lit: { endings: ['lit'], alsoEndings: [], mediaType: 'application/x-ms-reader', contentType: 'book', rank: 13, read: readByName('lit') },
} as const satisfies Record<string, Format>; // prettier-ignore

export type BookFormat = keyof typeof FORMATS;

/** The formats in the order of the table, as the Papyrus contract names them. */
export const BOOK_FORMATS = Object.keys(FORMATS) as [BookFormat, ...BookFormat[]];

const rowOf = (format: BookFormat): Format => FORMATS[format];

/** Formats whose text can be searched in. */
export const TEXT_FORMATS = BOOK_FORMATS.filter((format) => rowOf(format).text !== undefined);

/** Endings of book files, without the dot. */
const BOOK_ENDINGS = BOOK_FORMATS.flatMap((format) => rowOf(format).endings);

/** Endings of archives of anything, books among them: what is no book under them is nothing to tell of. */
const LOOSE_ENDINGS = [
  ...new Set(
    BOOK_FORMATS.flatMap((format) => rowOf(format).alsoEndings).filter(
      (ending) => !BOOK_ENDINGS.includes(ending),
    ),
  ),
];

/** Endings worth opening a file for, without the dot. */
export const OPENED_ENDINGS: readonly string[] = [...BOOK_ENDINGS, ...LOOSE_ENDINGS];

/** Whether a name says no more than that something is packed. */
export const isLooseName = (name: string): boolean => LOOSE_ENDINGS.includes(endingOf(name));

/** Formats a file with this ending may have, the likeliest first; none for one that is no book's. */
export const formatsOfEnding = (ending: string): BookFormat[] => [
  ...BOOK_FORMATS.filter((format) => rowOf(format).endings.includes(ending)),
  ...BOOK_FORMATS.filter((format) => rowOf(format).alsoEndings.includes(ending)),
];

/** The ending of a name, "fb2.zip" as one; empty where it has none. */
export const endingOf = (name: string): string => {
  const lower = name.toLowerCase();
  return (
    BOOK_ENDINGS.filter((ending) => ending.includes('.')).find((ending) => lower.endsWith(`.${ending}`)) ??
    /\.([^.]+)$/.exec(lower)?.[1] ??
    ''
  );
};

/** The media types of all book formats, without parameters. */
export const BOOK_MEDIA_TYPES: readonly string[] = BOOK_FORMATS.map((format) =>
  rowOf(format).mediaType.replace(/;.*/, ''),
);

/** The media type of a book format; bytes without a meaning for one that has none. */
export const mediaTypeOf = (format: string | null): string =>
  BOOK_FORMATS.includes(format as BookFormat)
    ? rowOf(format as BookFormat).mediaType
    : 'application/octet-stream';

/** The content type a format implies (KoShelf decides by format alone). */
export const contentTypeOf = (format: BookFormat): ContentType => rowOf(format).contentType;

/** Which of two formats of a book is opened first: below zero for the first. */
export const byRank = (a: BookFormat, b: BookFormat): number => rowOf(a).rank - rowOf(b).rank;

/** What reads a format, and its text where it has some. */
export const readersOf = (format: BookFormat): Pick<Format, 'read' | 'text'> => rowOf(format);
