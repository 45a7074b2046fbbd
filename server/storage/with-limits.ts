// A place that is asked a few things at a time.
import type { StorageBackend } from './backend.ts';

/**
 * Returns the place; no more than `most` calls are under way at once, the others wait in the order they came. A stream that
 * is being read does not count: whoever copies within one place would wait for himself.
 */
export function withLimits(backend: StorageBackend, most: number): StorageBackend {
  let free = most;
  const waiting: (() => void)[] = [];
  async function limited<T>(ask: () => Promise<T>): Promise<T> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await ask();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  }
  return {
    ...backend,
    write: (path, source, file) => limited(() => backend.write(path, source, file)),
    read: (path, range) => limited(() => backend.read(path, range)),
    stat: (path) => limited(() => backend.stat(path)),
    remove: (path) => limited(() => backend.remove(path)),
    usage: () => limited(() => backend.usage()),
  };
}
