// Reads pieces of an opened book file.
import { readSync } from 'node:fs';

/**
 * Up to `length` bytes from `position`, fewer at the end of the file. Reads block: books are read in worker threads,
 * where a folder on a slow network must not hold the few file threads all workers share.
 */
export const readBytes = (fd: number, position: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled === length ? bytes : bytes.subarray(0, filled);
};

/** The first `length` bytes of a file, a piece at a time, fewer where it ends before. */
export function* chunksOf({ fd }: { fd: number }, length: number): Generator<Uint8Array> {
  for (let position = 0; position < length;) {
    const chunk = readBytes(fd, position, Math.min(chunkBytes, length - position));
    if (chunk.length === 0) return;
    position += chunk.length;
    yield chunk;
  }
}

const chunkBytes = 256 * 1024;
