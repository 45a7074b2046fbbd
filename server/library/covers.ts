// Covers: kept as they lie in the books when a scan finds them, drawn in two sizes once, when somebody looks or in the background.
import type { Db } from '../catalogue/db.ts';
import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, invalid } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import { coverPaths } from '../formats/pictures/cover-paths.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { FileBytes } from '../storage/file-bytes.ts';
import { selectBook } from './books.queries.ts';
import {
  clearCover,
  selectCoversOf,
  selectFilesWithCover,
  selectUsedCovers,
  setCover,
  setCoverOfFile,
} from './covers.queries.ts';
import type { CoveredFile } from './covers.queries.ts';
import { refreshBook } from './intake.ts';

export type CoverSize = 'large' | 'small';
export type Covers = ReturnType<typeof createCovers>;

const TRY_AGAIN_MS = 3_600_000;

type Parts = { catalogue: Catalogue; clock: Clock; pool: Pool; fileBytes: FileBytes; coversDir: string };

/** Returns the verbs of covers. Pictures are addressed by what they show: equal ones are one file. */
export function createCovers({ catalogue, clock, pool, fileBytes, coversDir }: Parts) {
  const drawing = new Map<string, Promise<boolean>>();
  /** Images of files that turned out to be none. */
  const noPictures = new Map<string, string[]>();
  /** When drawing took too long last, by hash. */
  const slow = new Map<string, number>();
  const isSlow = (hash: string) => clock.now().getTime() - (slow.get(hash) ?? -Infinity) < TRY_AGAIN_MS;

  /**
   * Draws a kept cover; false when it is no picture after all, or takes so long that it is left for another hour. Two
   * asking at once wait for one drawing.
   */
  function draw(hash: string): Promise<boolean> {
    const under = drawing.get(hash);
    if (under !== undefined) return under;
    if (isSlow(hash)) return Promise.resolve(false);
    const started = pool
      .run('render-cover', { hash, coversDir })
      .catch((error: unknown) => {
        if (error instanceof UnreadableFile) return undefined;
        throw error;
      })
      .then(async (stored) => {
        slow.delete(hash);
        if (stored === 'too slow') slow.set(hash, clock.now().getTime());
        else if (stored === undefined) await forget(hash);
        return stored !== undefined && stored !== 'too slow';
      })
      .finally(() => drawing.delete(hash));
    drawing.set(hash, started);
    return started;
  }

  /** What is no picture is no cover: the next best counts, and then the next image of its files, if they have more. */
  async function forget(hash: string): Promise<void> {
    await rm(coverPaths(coversDir, hash).original, { force: true });
    const files = catalogue.read((db) => selectFilesWithCover(db, hash));
    catalogue.write({ durable: false }, (db) => {
      for (const { ownerId, bookId } of clearCover(db, hash, clock.now()))
        refreshBook(db, ownerId, bookId, clock.now());
    });
    for (const file of files) await takeNext(file, hash);
  }

  async function takeNext(file: CoveredFile, hash: string): Promise<void> {
    const { fileId, ownerId, bookId, name, partialMd5, sha256 } = file;
    const withoutCovers = [...(noPictures.get(fileId) ?? []), hash];
    noPictures.set(fileId, withoutCovers);
    const input = { name, coversDir, withoutCovers, hashes: { partialMd5, sha256 } };
    const reading = await fileBytes
      .onThisComputer(fileId, (path) => pool.run('read-file', { ...input, path }))
      .catch((error: unknown) => {
        if (error instanceof UnreadableFile || error instanceof AppError) return undefined;
        throw error;
      });
    const next = reading?.cover?.hash;
    if (next === undefined || withoutCovers.includes(next)) return;
    catalogue.write({ durable: false }, (db) => {
      setCoverOfFile(db, file, next);
      if (bookId !== null) refreshBook(db, ownerId, bookId, clock.now());
    });
  }

  return {
    draw,

    /** Makes the pictures of an image file. Throws invalid for what is no picture, too_large above 10 MB. */
    async take(path: string): Promise<{ hash: string; mediaType: string }> {
      try {
        const drawn = await pool.run('draw-cover', { path: Buffer.from(path), coversDir });
        if (drawn !== undefined) return drawn;
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error;
        if (error.reason === 'too_large') throw new AppError('too_large', error.message, { cause: error });
      }
      throw invalid('This is not a picture that can be shown: JPEG, PNG, WebP and GIF can.');
    },

    /** Gives a book the picture with this hash, or with none its files' own again; to be called inside a write. */
    put(db: Db, ownerId: string, bookId: string, hash: string | undefined): void {
      const book = selectBook(db, ownerId, bookId);
      if (book === undefined) return;
      setCover(db, book, hash ?? null, clock.now());
      if (hash === undefined) refreshBook(db, ownerId, bookId, clock.now());
    },

    /** Returns the hash of what a book's cover shows; undefined when the book or its cover is not there. */
    hashOf: (ownerId: string, bookId: string): string | undefined =>
      catalogue.read((db) => selectBook(db, ownerId, bookId))?.coverHash ?? undefined,

    /** Returns where the picture of a book's cover lies, drawn if need be; undefined when the book or its cover is not there. */
    async pathOf(ownerId: string, bookId: string, size: CoverSize): Promise<string | undefined> {
      const hash = catalogue.read((db) => selectBook(db, ownerId, bookId))?.coverHash;
      if (hash == null) return undefined;
      const path = coverPaths(coversDir, hash)[size];
      return (await isThere(path)) || (await draw(hash)) ? path : undefined;
    },

    /** Notes a person's covers before their books go; what it returns removes those nobody else's books show. */
    forgetOwner: async (ownerId: string): Promise<() => Promise<void>> => {
      const hashes = catalogue.read((db) => selectCoversOf(db, ownerId));
      return async () => {
        const used = new Set(catalogue.read((db) => selectUsedCovers(db, hashes)));
        for (const hash of hashes.filter((each) => !used.has(each))) {
          for (const path of Object.values(coverPaths(coversDir, hash))) await rm(path, { force: true });
        }
      };
    },

    /** Returns the hashes of covers that are kept but not drawn yet, but for those that took too long within the hour. */
    async undrawn(): Promise<string[]> {
      const hashes: string[] = [];
      for (const folder of await readdir(coversDir).catch(() => [])) {
        for (const name of await readdir(join(coversDir, folder)).catch(() => [])) {
          const hash = name.slice(0, -'.original'.length);
          if (name.endsWith('.original') && !isSlow(hash)) hashes.push(hash);
        }
      }
      return hashes;
    },
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
