// Books that are known and not read: their names say what they are called, their sidecars what KOReader knows of them.
import { type BookReading, type BookSource, UnreadableFile } from './book.ts';

/** Returns the reader of a format nothing here reads: it says nothing. It throws UnreadableFile for an empty file. */
export const readByName =
  <Format extends string>(format: Format) =>
  (source: BookSource): Promise<BookReading<Format>> =>
    source.sizeBytes === 0
      ? Promise.reject(new UnreadableFile('empty', 'The file is empty.'))
      : Promise.resolve({
          format,
          contentType: 'book',
          metadata: { authors: [], subjects: [], identifiers: [], chapters: [] },
        });
