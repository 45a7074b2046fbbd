// Gives tests an opened file with the bytes they made.
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BookSource } from '../../server/formats/book.ts';

/** Calls `use` with the bytes as an opened file of that name, which is gone afterwards. */
export const withBookFile = async <T>(
  bytes: Uint8Array,
  name: string,
  use: (source: BookSource) => T | Promise<T>,
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'book-'));
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    return await use({ fd, sizeBytes: bytes.length, name });
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
};
