// A file of this computer, opened once: what is said of it and what is read are of the same file.
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

export type LocalFile = {
  sizeBytes: number;
  modifiedAt: Date;
  /** Another word when the file changed. */
  etag: string;
  /** Streams from the first to the last byte given, both included. */
  read(range: { start: number; end: number }): Readable;
};

/** Opens the file for as long as `use` takes. Undefined goes to `use` when there is no file that may be read. */
export async function withLocalFile<T>(
  path: string | Buffer,
  use: (file: LocalFile | undefined) => T | Promise<T>,
): Promise<T> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return use(undefined);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return await use(undefined);
    return await use({
      sizeBytes: stat.size,
      modifiedAt: stat.mtime,
      etag: `${stat.size.toString(36)}-${Math.floor(stat.mtimeMs).toString(36)}`,
      read: (range) => handle.createReadStream({ ...range, autoClose: false }),
    });
  } finally {
    await handle.close();
  }
}
