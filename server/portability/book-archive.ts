// The files of books as one ZIP, written while it is sent: no archive ever lies on the disk or in memory.
import { finished } from 'node:stream';
import type { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Books } from '../library/books.ts';
import type { FileBytes, FileContent } from '../storage/file-bytes.ts';
import { createNames } from './archive-names.ts';
import { selectArchiveBook, selectArchiveFiles } from './archive.queries.ts';
import type { ArchiveFile } from './archive.queries.ts';
import { readSection, selectBookIds } from './library.queries.ts';
import type { ExportRow } from './library.queries.ts';
import { SECTIONS } from './sections.ts';

const MANIFEST = 'manifest.json';
const NOT_THERE = 'A file of this book is not where it was.';
const BOOKS = SECTIONS.find(({ name }) => name === 'books')!;
/** Formats that are archives or compressed already: to do it again costs time and saves nothing. */
const COMPRESSES = new Set(['txt', 'fb2', 'html', 'mobi', 'pdf']);

type Entry = {
  book_id: string;
  title: string;
  files: { name: string; size_bytes: number; sha256: string | null }[];
  /** Why a file of the book is not in the archive; null when all are. */
  missing: string | null;
};

export type BookArchive = ReturnType<typeof createBookArchive>;

type Parts = { catalogue: Catalogue; clock: Clock; books: Books; fileBytes: FileBytes; log: Log };

/** Returns the verb. */
export function createBookArchive({ catalogue, clock, books, fileBytes, log }: Parts) {
  return {
    /**
     * Returns the archive as a stream: the books' files that are on this server, each with its description beside it when
     * those are wanted, and a manifest. Throws not_found for a book that is not the owner's.
     */
    stream(ownerId: string, request: { bookIds?: string[] | undefined; withMetadata: boolean }): Readable {
      for (const bookId of request.bookIds ?? []) books.get(ownerId, bookId);
      const bookIds = [...new Set(request.bookIds ?? catalogue.read((db) => selectBookIds(db, ownerId)))];
      const zip = new ZipFile();
      // yazl makes it a PassThrough, and its types say less.
      const output = zip.outputStream as Readable;
      const exportedAt = clock.now();
      const names = createNames([MANIFEST]);
      const fail = (error: unknown): void => {
        log.warn('an archive of books broke off', { error });
        output.destroy(error instanceof Error ? error : new Error(String(error)));
      };
      // A file that shrinks while it is read ends the archive: half of it would look whole.
      zip.on('error', fail);

      const addBook = async (bookId: string): Promise<Entry | undefined> => {
        const book = catalogue.read((db) => selectArchiveBook(db, ownerId, bookId));
        if (book === undefined) return undefined;
        const entry: Entry = { book_id: bookId, title: book.title, files: [], missing: null };
        const files = catalogue.read((db) => selectArchiveFiles(db, bookId));
        if (files.length === 0) entry.missing = 'This book has no file on this server.';
        for (const file of files) {
          const author = book.author ?? undefined;
          const newName = () => names({ author, title: book.title }, endingOf(file));
          const added = await addIfThere(file, newName);
          if (typeof added === 'string') {
            entry.missing = added;
            continue;
          }
          const { name, sizeBytes } = added;
          entry.files.push({ name, size_bytes: sizeBytes, sha256: file.sha256 });
          if (request.withMetadata) {
            const described = JSON.stringify(describe(ownerId, bookId, book), null, 2);
            zip.addBuffer(Buffer.from(described), `${name}.json`, { mtime: exportedAt });
          }
        }
        return entry;
      };

      /** What was put in; a sentence for a file that cannot be had. */
      const addIfThere = async (
        file: ArchiveFile,
        newName: () => string,
      ): Promise<{ name: string; sizeBytes: number } | string> => {
        let isBegun = false;
        try {
          return await fileBytes.open(file.fileId, async (content) => {
            if (content.sizeBytes === 0) return NOT_THERE;
            isBegun = true;
            const name = newName();
            await addFile(zip, output, { content, name, format: file.format });
            return { name, sizeBytes: content.sizeBytes };
          });
        } catch (error) {
          if (isBegun || !(error instanceof AppError)) throw error;
          return error.kind === 'not_found' ? NOT_THERE : error.message;
        }
      };

      const describe = (
        owner: string,
        bookId: string,
        book: { series: string | null; shelves: string; tags: string },
      ): ExportRow => {
        const chosen = { ownerId: owner, bookIds: [bookId], shelfIds: [], tagIds: [], isWhole: false, withProgress: true }; // prettier-ignore
        const [row] = catalogue.read((db) => [...readSection(db, BOOKS, chosen)]);
        const lists = {
          shelves: JSON.parse(book.shelves) as unknown,
          tags: JSON.parse(book.tags) as unknown,
        };
        return { ...row, series: book.series, ...lists };
      };

      const addAll = async (): Promise<void> => {
        const entries: Entry[] = [];
        for (const bookId of bookIds) {
          if (output.destroyed) return;
          const entry = await addBook(bookId);
          if (entry !== undefined) entries.push(entry);
          await breathe();
        }
        const manifest = { exported_at: exportedAt.toISOString(), books: entries };
        zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), MANIFEST, { mtime: exportedAt });
        zip.end();
      };
      addAll().catch(fail);
      return output;
    },
  };
}

/** Puts a file in and waits until it was read, so that a slow listener keeps the rest waiting. */
function addFile(
  zip: ZipFile,
  output: Readable,
  entry: { content: FileContent; name: string; format: string | null },
): Promise<void> {
  const { content, name, format } = entry;
  return new Promise((resolve, reject) => {
    const options = {
      mtime: content.modifiedAt,
      compress: COMPRESSES.has(format ?? ''),
      size: content.sizeBytes,
    };
    let source: Readable | undefined;
    const leave = (): void => {
      source?.destroy();
      resolve();
    };
    output.once('close', leave);
    zip.addReadStreamLazy(name, options, (give) => {
      Promise.resolve(content.read({ start: 0, end: content.sizeBytes - 1 })).then((opened) => {
        source = opened;
        finished(source, (error) => {
          output.off('close', leave);
          if (error == null) resolve();
          else reject(error);
        });
        give(null, source);
      }, reject);
    });
  });
}

/** The ending the file has; a strange one is not taken over into the archive. */
const endingOf = ({ name, format }: ArchiveFile): string =>
  /(\.kepub)?\.[a-z0-9]{1,8}$|\.fb2\.zip$/i.exec(name)?.[0].toLowerCase() ?? `.${format ?? 'bin'}`;
