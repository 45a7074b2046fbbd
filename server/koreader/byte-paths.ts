// Paths as the bytes the file system has: a name need not be valid UTF-8 to be opened.
import { sep } from 'node:path';

// Windows takes both kinds of slash, every other system has names with backslashes.
const SEPARATORS = sep === '\\' ? ['\\', '/'] : ['/'];

/** Returns a path as a map key: every byte is one character, so that no two names fall together. */
export const keyOf = (path: Uint8Array): string =>
  Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');

/** Returns the path of a file of this name in the same folder. */
export const sibling = (path: Buffer, name: string): Buffer =>
  Buffer.concat([path.subarray(0, lastSeparator(path) + 1), Buffer.from(name)]);

/** Returns the folder a path lies in. */
export const folderOf = (path: Buffer): Buffer => path.subarray(0, Math.max(1, lastSeparator(path)));

/** Whether a path lies below a folder; both without links. */
export function isBelow(folder: Buffer, path: Buffer): boolean {
  const hasSeparator = SEPARATORS.includes(String.fromCharCode(folder.at(-1) ?? 0));
  const prefix = hasSeparator ? folder : Buffer.concat([folder, Buffer.from(sep)]);
  return path.length > prefix.length && path.subarray(0, prefix.length).equals(prefix);
}

const lastSeparator = (path: Buffer): number => Math.max(...SEPARATORS.map((each) => path.lastIndexOf(each)));
