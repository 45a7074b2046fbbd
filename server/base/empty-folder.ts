import { mkdirSync, rmSync } from 'node:fs';

/** Makes a folder for files of a moment and returns its path; what an earlier process left there goes. */
export function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return path;
}
