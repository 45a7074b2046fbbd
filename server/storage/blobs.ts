// Bytes by their SHA-256: put once, however many files have them; removed when the last of those is gone.
import { createReadStream } from 'node:fs';
import { unavailable } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { StorageError } from './backend.ts';
import type { Place } from './configured.ts';

/** Bytes on this computer that wait for their place. */
export type StagedBytes = { path: string; sizeBytes: number; sha256: string };

/** Where bytes lie at a place that keeps files. */
export const blobPath = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256}`;

export type Blobs = ReturnType<typeof createBlobs>;

/** Returns the verbs of blobs. */
export function createBlobs({ log }: { log: Log }) {
  const busy = new Map<string, Promise<unknown>>();

  return {
    /** Runs `use` while nobody else puts or removes these bytes. */
    async holding<T>(sha256: string, use: () => Promise<T>): Promise<T> {
      const before = busy.get(sha256) ?? Promise.resolve();
      const mine = before.then(use, use);
      const ended = mine.catch(() => undefined);
      busy.set(sha256, ended);
      try {
        return await mine;
      } finally {
        if (busy.get(sha256) === ended) busy.delete(sha256);
      }
    },

    /** Puts the bytes at the first place that takes them and says which. Throws unavailable when none does. */
    async put(places: readonly Place[], bytes: StagedBytes): Promise<Place> {
      const path = blobPath(bytes.sha256);
      let failure: StorageError | undefined;
      for (const place of places) {
        try {
          const there = await place.backend.stat(path);
          if (there?.sizeBytes !== bytes.sizeBytes) {
            await place.backend.write(path, () => createReadStream(bytes.path), {
              sizeBytes: bytes.sizeBytes,
              sha256: bytes.sha256,
              signal: new AbortController().signal,
              stagedPath: bytes.path,
            });
          }
          return place;
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          failure = error;
          log.warn('a file could not be stored', { backendId: place.backendId, error });
        }
      }
      throw unavailable(failure?.message ?? 'There is no storage for files.', { cause: failure });
    },
  };
}
