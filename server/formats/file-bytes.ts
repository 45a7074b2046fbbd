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
