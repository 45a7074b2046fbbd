// The one door to the bytes of a file, wherever they lie: in a library folder, on the server's own disk, at another place.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { requireRoom } from '../base/disk-room.ts';
import { notFound, unavailable } from '../base/errors.ts';
import { withLocalFile } from '../base/local-file.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { StorageError } from './backend.ts';
import type { ByteRange } from './backend.ts';
import { blobPath } from './blobs.ts';
import { selectLying } from './file-bytes.queries.ts';
import type { Lying } from './file-bytes.queries.ts';
import type { Places } from './places.ts';
import { verified } from './verified.ts';

/** The bytes of a file with what is known of them. */
export type FileContent = {
  sizeBytes: number;
  modifiedAt: Date;
  /** A word that is another one for other bytes. */
  etag: string;
  /** Streams from the first to the last byte given, both included; all of a file the server keeps is checked by its hash. */
  read: (range: ByteRange) => Readable | Promise<Readable>;
};

export type FileBytes = ReturnType<typeof createFileBytes>;

type Parts = { catalogue: Catalogue; places: Places; scratchDir: string };

/**
 * Returns the verbs of bytes. A file is named by its id, whoever's it is: who calls has made sure that it is the person's.
 * All throw not_found when the file is gone, unavailable when its place does not answer.
 */
export function createFileBytes({ catalogue, places, scratchDir }: Parts) {
  function find(fileId: string): Lying {
    const lying = catalogue.read((db) => selectLying(db, fileId));
    if (lying === undefined) throw notFound('file');
    return lying;
  }

  async function openKept({ ownerId, backendId, sha256 }: Lying): Promise<FileContent> {
    if (sha256 === null) throw notFound('file');
    const { backend } = places.placeOf(ownerId, backendId);
    const path = blobPath(sha256);
    const there = await inWords(() => backend.stat(path));
    if (there === undefined) throw notFound('file');
    return {
      ...there,
      etag: sha256,
      read: ({ start, end }) =>
        inWords(async () =>
          // Part of a file cannot be checked by the hash of the whole.
          start === 0 && end === there.sizeBytes - 1
            ? verified(await backend.read(path), sha256)
            : backend.read(path, { start, end }),
        ),
    };
  }

  return {
    /** Opens the file for as long as `use` takes. */
    async open<T>(fileId: string, use: (content: FileContent) => T | Promise<T>): Promise<T> {
      const lying = find(fileId);
      if (lying.path === null) return use(await openKept(lying));
      return withLocalFile(lying.path, (file) => {
        if (file === undefined) throw notFound('file');
        return use(file);
      });
    },

    /**
     * Gives `use` a path on this computer where the file can be read as long as it takes: its own where it lies here, else
     * that of a copy, which is removed afterwards. A file of a library folder may be gone from its path.
     */
    async onThisComputer<T>(
      fileId: string,
      use: (path: Uint8Array) => Promise<T>,
      signal?: AbortSignal,
    ): Promise<T> {
      const lying = find(fileId);
      if (lying.path !== null) return use(new Uint8Array(lying.path));
      const { backend } = places.placeOf(lying.ownerId, lying.backendId);
      if (backend.pathOf !== undefined && lying.sha256 !== null)
        return use(new Uint8Array(Buffer.from(backend.pathOf(blobPath(lying.sha256)))));
      const copy = join(scratchDir, `${randomUUID()}.copy`);
      try {
        const { sizeBytes, read } = await openKept(lying);
        await requireRoom(scratchDir, sizeBytes);
        const target = createWriteStream(copy, { flags: 'wx', mode: 0o600 });
        await inWords(async () =>
          pipeline(
            await read({ start: 0, end: sizeBytes - 1 }),
            target,
            signal === undefined ? {} : { signal },
          ),
        );
        return await use(new Uint8Array(Buffer.from(copy)));
      } finally {
        await rm(copy, { force: true });
      }
    },
  };
}

/** A place's own error as one for the person. */
async function inWords<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw error.kind === 'not_found' ? notFound('file') : unavailable(error.message, { cause: error });
  }
}
