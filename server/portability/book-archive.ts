// The files of books as one ZIP, written while it is sent: no archive ever lies on the disk or in memory.
import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Books } from '../library/books.ts';
import { createNames } from './archive-names.ts';
import { selectArchiveBook, selectArchiveFiles } from './archive.queries.ts';
import type { ArchiveFile } from './archive.queries.ts';
import { readSection, selectBookIds } from './library.queries.ts';
import type { ExportRow } from './library.queries.ts';
import { SECTIONS } from './sections.ts';

const MANIFEST = 'manifest.json';
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

/** Returns the verb. */
export function createBookArchive(feature: { catalogue: Catalogue; clock: Clock; books: Books; log: Log }) {
  const { catalogue, clock, books, log } = feature;

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
          const look = await lookAt(file);
          if (look === undefined) {
            entry.missing = 'A file of this book is not where it was.';
            continue;
          }
          const author = book.author ?? undefined;
          const name = names({ author, title: book.title }, endingOf(file));
          await addFile(zip, output, file, { ...look, name });
          entry.files.push({ name, size_bytes: look.sizeBytes, sha256: file.sha256 });
          if (request.withMetadata) {
            const described = JSON.stringify(describe(ownerId, bookId, book), null, 2);
            zip.addBuffer(Buffer.from(described), `${name}.json`, { mtime: exportedAt });
          }
        }
        return entry;
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
  file: ArchiveFile,
  entry: { name: string; sizeBytes: number; modifiedAt: Date },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      mtime: entry.modifiedAt,
      compress: COMPRESSES.has(file.format ?? ''),
      size: entry.sizeBytes,
    };
    let source: ReadStream | undefined;
    const leave = (): void => {
      source?.destroy();
      resolve();
    };
    output.once('close', leave);
    zip.addReadStreamLazy(entry.name, options, (give) => {
      source = createReadStream(file.path, { end: Math.max(entry.sizeBytes - 1, 0) });
      source.once('error', reject);
      source.once('close', () => {
        output.off('close', leave);
        resolve();
      });
      give(null, source);
    });
  });
}

async function lookAt(file: ArchiveFile): Promise<{ sizeBytes: number; modifiedAt: Date } | undefined> {
  const handle = await open(file.path, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    return stat.isFile() && stat.size > 0 ? { sizeBytes: stat.size, modifiedAt: stat.mtime } : undefined;
  } finally {
    await handle.close();
  }
}

/** The ending the file has; a strange one is not taken over into the archive. */
const endingOf = ({ name, format }: ArchiveFile): string =>
  /(\.kepub)?\.[a-z0-9]{1,8}$|\.fb2\.zip$/i.exec(name)?.[0].toLowerCase() ?? `.${format ?? 'bin'}`;
