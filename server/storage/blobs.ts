// Bytes by their SHA-256: put once, however many files have them; removed when the last of those is gone.
import { createReadStream } from 'node:fs';
import { unavailable } from '../base/errors.ts';
import { createTurns } from '../base/in-turn.ts';
import type { Log } from '../base/log.ts';
import { StorageError } from './backend.ts';
import type { Place } from './places.ts';

/** Bytes on this computer that wait for their place. */
export type StagedBytes = { path: string; sizeBytes: number; sha256: string };

/** Where bytes lie at a place that keeps files. */
export const blobPath = (sha256: string): string => `${sha256.slice(0, 2)}/${sha256}`;

export type Blobs = ReturnType<typeof createBlobs>;

/** Returns the verbs of blobs. */
export function createBlobs({ log }: { log: Log }) {
  const inTurn = createTurns();

  return {
    /** Runs `use` while nobody else puts or removes these bytes. */
    holding: <T>(sha256: string, use: () => Promise<T>): Promise<T> => inTurn(sha256, use),

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
