// Which of a book's files comes first: what a person gave to the server for it, then by format and name.
import type { BookFormat } from '../formats/formats.ts';
import { rankFiles } from './describe.ts';

export { BOOK_FORMATS, BOOK_MEDIA_TYPES, mediaTypeOf } from '../formats/formats.ts';

/** What the order of files goes by. */
export type Rankable = { fileId: string; folderId: string | null; format: string; name: string };

/** Returns the files, the one to open first in front. */
export const rankBookFiles = <File extends Rankable>(files: readonly File[]): File[] =>
  rankFiles(files.map((file) => ({ ...file, format: file.format as BookFormat }))).toSorted(
    (a, b) => Number(a.folderId !== null) - Number(b.folderId !== null),
  );
