// Decides whether a file on disk is a book we already know. Pure: the caller looks up, this file judges.
import { languageOf } from '../base/language.ts';
import { foldTitle } from './fold.ts';

/** What identifies a file. */
export type FileFacts = {
  title: string;
  /** False when the title is only the file's name. */
  titleIsOwn: boolean;
  language: string | undefined;
};

/** A book that shares something with the file. */
export type KnownBook = { bookId: string; title: string; titleIsOwn: boolean; language: string | undefined };

export type Known = {
  /** The book known by the same KOReader checksum. */
  samePartialMd5: string | undefined;
  /** The book with a file of the same SHA-256. */
  sameSha256: string | undefined;
  /** Books with the same ISBN, oldest first. */
  sameIsbn: KnownBook[];
  /** Books of files with the same name but for the ending in the same folder, oldest first. */
  sameStem: KnownBook[];
  /** The book without a file whose sidecar lies where KOReader keeps this file's. */
  sameSidecar: KnownBook | undefined;
};

/**
 * Returns the id of the book this file belongs to, undefined for a new book. In this order: same KOReader checksum,
 * same SHA-256, same ISBN under the same title and language, another format of the book beside it under the same name, and
 * what a sidecar beside it is waiting for.
 * Title and author alone never join books: volumes, editions and translations share them.
 */
export function matchFile(file: FileFacts, known: Known): string | undefined {
  return (
    known.samePartialMd5 ??
    known.sameSha256 ??
    known.sameIsbn.find((book) => sameTitle(file, book) && sameLanguage(file, book))?.bookId ??
    [...known.sameStem, ...(known.sameSidecar === undefined ? [] : [known.sameSidecar])].find(
      (book) => sameTitle(file, book) || !file.titleIsOwn || !book.titleIsOwn,
    )?.bookId
  );
}

const sameTitle = (a: { title: string }, b: { title: string }) => foldTitle(a.title) === foldTitle(b.title);

function sameLanguage(a: { language: string | undefined }, b: { language: string | undefined }): boolean {
  const main = (written: string) => languageOf(written).toLowerCase().split(/[-_]/)[0];
  return a.language === undefined || b.language === undefined || main(a.language) === main(b.language);
}
