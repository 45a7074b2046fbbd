// What reading a book file gives: plain data, the same shape for every format.

export type ContentType = 'book' | 'comic';

/** An opened book file. The reader never closes `fd`. */
export type BookSource = {
  /** An open, readable file descriptor. Read with explicit positions only. */
  fd: number;
  sizeBytes: number;
  /** Tells an image that can be shown as a cover from one that cannot; without it every one can. */
  isPicture?: (image: Uint8Array) => Promise<boolean>;
  /** The file's name without its folders, invalid UTF-8 replaced, for titles and format rules that go by name. */
  name: string;
};

export type BookIdentifier = {
  /** As the file writes it: isbn, mobi-asin, ISBN, uuid … */
  scheme: string;
  value: string;
};

export type Chapter = {
  title: string;
  /** Where it starts, 0–1 of the book. */
  position: number;
  /** 0 for a top-level chapter. */
  depth: number;
};

/** What a file says about its book. Everything is trimmed; what the file does not say is absent. */
export type BookMetadata = {
  title?: string;
  subtitle?: string;
  /** In the file's order; only those who wrote it, unless nobody did. */
  authors: string[];
  /** Index as written ("2", "2.5"). */
  series?: { name: string; index?: string };
  /** A language tag as the file writes it. */
  language?: string;
  publisher?: string;
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  publishedOn?: string;
  /** Sanitised HTML. */
  description?: string;
  subjects: string[];
  identifiers: BookIdentifier[];
  /** At least 1. */
  pageCount?: number;
  /** In reading order. */
  chapters: Chapter[];
};

/** Who locked a book to a reader's account or device; unknown when only that it is locked can be seen. */
export const PROTECTIONS = ['lcp', 'adobe', 'kindle', 'apple', 'unknown'] as const;
export type Protection = (typeof PROTECTIONS)[number];

export type BookReading<Format extends string = string> = {
  format: Format;
  contentType: ContentType;
  metadata: BookMetadata;
  /** Set when its text is locked: no program but its seller's can open it. */
  protection?: Protection;
  /** The cover image as it lies in the file (JPEG, PNG, GIF, WebP, SVG …), not yet checked by an image library. */
  cover?: Uint8Array;
  /** Time ran out before all of it was read: another reading may give the cover, or more chapters. */
  isPartial?: true;
};

/** Why a file could not be read; the word is kept with the failure and must not change once published. */
export type UnreadableReason =
  | 'unsupported'
  | 'empty'
  | 'corrupt'
  | 'encrypted'
  | 'too_large'
  | 'changed'
  | 'no_access'
  | 'link'
  | 'unreadable';

/** A file that cannot be read as a book. `message` is a sentence for the person; it names no path. */
export class UnreadableFile extends Error {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UnreadableFile';
    this.reason = reason;
  }
}
