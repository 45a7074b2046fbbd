// A place that is asked again when it did not answer.
import { setTimeout as pause } from 'node:timers/promises';
import { StorageError } from './backend.ts';
import type { StorageBackend } from './backend.ts';

/** Between the tries; when these are over, what the place said stands. */
const PAUSES_MS = [500, 2_000];

/**
 * Returns the place; what fails for a while only (`StorageError.isTemporary`) is tried again after a pause. Of a stream only
 * its beginning is: who reads knows what came. A list is not.
 */
export function withRetry(
  backend: StorageBackend,
  { wait = (ms: number): Promise<void> => pause(ms) }: { wait?: (ms: number) => Promise<void> } = {},
): StorageBackend {
  async function again<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (const ms of PAUSES_MS) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StorageError && error.isTemporary) || signal?.aborted === true) throw error;
        await wait(ms);
      }
    }
    return ask();
  }
  return {
    ...backend,
    write: (path, source, file) => again(() => backend.write(path, source, file), file.signal),
    read: (path, range) => again(() => backend.read(path, range)),
    stat: (path) => again(() => backend.stat(path)),
    remove: (path) => again(() => backend.remove(path)),
    usage: () => again(() => backend.usage()),
  };
}
