// Takes uploaded files in: checked, read as books are, kept under their hash, noted with what they say.
import type { Db } from '../catalogue/db.ts';
import { createHash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, conflict, invalid } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { createTurns } from '../base/in-turn.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Books } from '../library/books.ts';
import type { Covers } from '../library/covers.ts';
import { giveFile, keepUploadedFile } from '../library/intake.ts';
import type { UploadedFile } from '../library/intake.ts';
import { mediaTypeOf } from '../formats/formats.ts';
import type { Outbound } from '../outbound/client.ts';
import type { Blobs, StagedBytes } from '../storage/blobs.ts';
import type { Place, Places } from '../storage/places.ts';
import { recordOfStored } from './files.ts';
import type { FileRecord, Files } from './files.ts';
import {
  insertStored,
  selectStored,
  selectStoredOfBooks,
  selectUnclaimed,
  sumBytes,
  updateStored,
} from './files.queries.ts';
import type { StoredFile } from './files.queries.ts';
import { agreedFormat, formatsOfName } from './upload-formats.ts';

/** A file that came whole and waits in the staging folder. */
export type StagedFile = StagedBytes & { name: string };

/** papyrus.md "Files and media". */
export const MOST_BYTES = 2048 * 1024 * 1024;
export const MOST_COVER_BYTES = 10 * 1024 * 1024;

const NO_ROOM = 'There is no room left for this file: your storage is full.';

export type Uploads = ReturnType<typeof createUploads>;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  covers: Covers;
  places: Places;
  blobs: Blobs;
  files: Files;
  books: Books;
  outbound: Outbound;
  coversDir: string;
  stagingDir: string;
  quotaBytes: number;
};

type ReadBook = Pick<
  UploadedFile,
  'format' | 'partialMd5' | 'metadata' | 'protection' | 'coverHash' | 'failure'
>;

/** Returns the verbs of uploads. */
export function createUploads(parts: Parts) {
  const {
    catalogue,
    clock,
    pool,
    covers,
    places,
    blobs,
    files,
    books,
    outbound,
    coversDir,
    stagingDir,
    quotaBytes,
  } = parts;
  /** One upload of a person after the other, so that two at once cannot both use the last of the room. */
  const inLine = createTurns();

  /** Throws invalid for an empty file and half a file, unsupported for what is no book or not the one its name says. */
  async function readBook(file: StagedFile): Promise<ReadBook> {
    formatsOfName(file.name);
    if (file.sizeBytes === 0) throw invalid('The file is empty.');
    const input = { path: Buffer.from(file.path), name: file.name };
    const sniffed = await pool.run('sniff-file', input);
    const format = agreedFormat(file.name, sniffed.format);
    if (sniffed.isCut) throw invalid('The end of the file is missing. Send the whole file.');
    const { partialMd5 } = sniffed;
    const none = { metadata: undefined, protection: undefined, coverHash: undefined, failure: undefined };
    try {
      const hashes = { partialMd5, sha256: file.sha256 };
      const { reading, cover } = await pool.run('read-file', { ...input, coversDir, hashes });
      return {
        ...none,
        format: reading.format,
        partialMd5,
        metadata: reading.metadata,
        protection: reading.protection,
        coverHash: cover?.hash,
      };
    } catch (error) {
      // What cannot be read in it is still the person's file.
      if (!(error instanceof UnreadableFile)) throw error;
      return { ...none, format, partialMd5, failure: { reason: error.reason, message: error.message } };
    }
  }

  /** Puts the bytes and notes them; when the note is refused the bytes go again. */
  async function keep<T>(
    ownerId: string,
    file: StagedFile,
    candidates: Place[],
    note: (db: Db, place: Place) => T,
  ): Promise<T> {
    const { sha256 } = file;
    const place = { current: undefined as Place | undefined };
    try {
      return await blobs.holding(sha256, async () => {
        place.current = await blobs.put(candidates, file);
        return catalogue.write({}, (db) => note(db, place.current!));
      });
    } catch (error) {
      if (place.current !== undefined)
        await files.clear([{ ownerId, sha256, backendId: place.current.backendId }]);
      throw error;
    }
  }

  function noteBook(db: Db, ownerId: string, file: StagedFile, book: ReadBook, place: Place): StoredFile {
    const now = clock.now();
    const fileId = newId(now);
    insertStored(db, {
      fileId,
      ownerId,
      kind: 'book_file',
      backendId: place.backendId,
      sha256: file.sha256,
      sizeBytes: file.sizeBytes,
      format: book.format,
      contentType: mediaTypeOf(book.format),
      originalName: file.name,
      uploadedAt: now,
      // Until a book claims it nothing points to it.
      releasedAt: now,
    });
    keepUploadedFile(
      db,
      {
        ...book,
        fileId,
        ownerId,
        name: file.name,
        sizeBytes: file.sizeBytes,
        modifiedMs: now.getTime(),
        sha256: file.sha256,
      },
      now,
    );
    return selectStored(db, ownerId, fileId)!;
  }

  /** Takes the place of the files of this kind the book was given before. Returns those. */
  function replace(db: Db, bookId: string, kind: StoredFile['kind']): StoredFile[] {
    const before = selectStoredOfBooks(db, [bookId], kind);
    for (const file of before) files.forget(db, file);
    return before;
  }

  const isOverQuota = (db: Db, ownerId: string): boolean => sumBytes(db, ownerId) > quotaBytes;
  function checkQuota(db: Db, ownerId: string): void {
    if (isOverQuota(db, ownerId)) throw conflict(NO_ROOM);
  }

  /** Throws not_found for a book that is not the person's. */
  const requireBook = (ownerId: string, bookId: string) => void books.get(ownerId, bookId);

  /** Gives a book its cover, in place of one it was given before. */
  const giveCover = (ownerId: string, bookId: string, file: StagedFile, rules: { countQuota: boolean }) =>
    inLine(ownerId, () => takeCover(ownerId, bookId, file, rules));

  return {
    /**
     * Keeps a book's file for a day, until a book claims it. The same bytes again are the same file while it waits. Throws
     * invalid, unsupported, unavailable, too_large over the quota.
     */
    takeBook: (ownerId: string, file: StagedFile, backendId?: string): Promise<FileRecord> =>
      inLine(ownerId, async () => {
        const candidates = places.placesFor(ownerId, backendId);
        const book = await readBook(file);
        const stored = await keep(ownerId, file, candidates, (db, place) => {
          const waiting = selectUnclaimed(db, ownerId, file.sha256, book.format);
          if (waiting !== undefined) {
            updateStored(db, waiting.fileId, { releasedAt: clock.now() });
            return waiting;
          }
          const noted = noteBook(db, ownerId, file, book, place);
          if (isOverQuota(db, ownerId)) throw new AppError('too_large', NO_ROOM);
          return noted;
        });
        return recordOfStored(stored);
      }),

    /** Gives a book its file, in place of one it was given before. Throws not_found, invalid, unsupported, conflict over the quota. */
    giveBookFile: (ownerId: string, bookId: string, file: StagedFile): Promise<FileRecord> =>
      inLine(ownerId, async () => {
        requireBook(ownerId, bookId);
        const book = await readBook(file);
        const { stored, gone } = await keep(ownerId, file, places.placesFor(ownerId), (db, place) => {
          requireBook(ownerId, bookId);
          const gone = replace(db, bookId, 'book_file');
          const stored = noteBook(db, ownerId, file, book, place);
          updateStored(db, stored.fileId, { bookId, releasedAt: null });
          giveFile(db, ownerId, stored.fileId, bookId, clock.now());
          checkQuota(db, ownerId);
          return { stored: { ...stored, bookId, releasedAt: null }, gone };
        });
        await files.clear(gone);
        return recordOfStored(stored);
      }),

    /** Gives a book its cover, in place of one it was given before. Throws not_found, invalid, too_large, conflict over the quota. */
    giveCover,

    /** Gives a book the picture at an address of the web. Throws as giveCover does, unavailable when nothing answers there. */
    async fetchCover(ownerId: string, bookId: string, url: string): Promise<FileRecord> {
      const answer = await outbound.ask(url, {
        headers: { accept: 'image/jpeg, image/png, image/webp, image/gif' },
        maxBytes: MOST_COVER_BYTES,
      });
      if (answer.status !== 200)
        throw invalid(`There is no picture at this address (it answers ${answer.status}).`);
      const { bytes } = answer;
      const path = join(stagingDir, `${randomUUID()}.part`);
      try {
        await writeFile(path, bytes, { flag: 'wx', mode: 0o600, flush: true });
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const name = decodeName(new URL(answer.url).pathname);
        return await giveCover(
          ownerId,
          bookId,
          { path, name, sizeBytes: bytes.length, sha256 },
          { countQuota: false },
        );
      } finally {
        await rm(path, { force: true });
      }
    },
  };

  async function takeCover(
    ownerId: string,
    bookId: string,
    file: StagedFile,
    rules: { countQuota: boolean },
  ): Promise<FileRecord> {
    requireBook(ownerId, bookId);
    if (file.sizeBytes === 0) throw invalid('The file is empty.');
    if (file.sizeBytes > MOST_COVER_BYTES)
      throw new AppError('too_large', 'This picture is larger than 10 MB.');
    const { hash, mediaType } = await covers.take(file.path);
    const { stored, gone } = await keep(ownerId, file, places.placesFor(ownerId), (db, place) => {
      requireBook(ownerId, bookId);
      const gone = replace(db, bookId, 'cover_image');
      const now = clock.now();
      const fileId = newId(now);
      insertStored(db, {
        fileId,
        ownerId,
        bookId,
        kind: 'cover_image',
        backendId: place.backendId,
        sha256: file.sha256,
        sizeBytes: file.sizeBytes,
        contentType: mediaType,
        originalName: file.name,
        uploadedAt: now,
      });
      covers.put(db, ownerId, bookId, hash);
      if (rules.countQuota) checkQuota(db, ownerId);
      return { stored: selectStored(db, ownerId, fileId)!, gone };
    });
    await files.clear(gone);
    return recordOfStored(stored);
  }
}

function decodeName(path: string): string {
  const last = path.split('/').at(-1) ?? '';
  try {
    return (
      decodeURIComponent(last)
        .replace(/[/\\\p{Cc}\p{Cf}]/gu, '')
        .slice(0, 255) || 'cover'
    );
  } catch {
    return 'cover';
  }
}
