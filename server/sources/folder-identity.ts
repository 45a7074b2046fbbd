// Tells a folder from another one that takes its place: a drive from the empty folder it was mounted on.
import { stat } from 'node:fs/promises';

/** Returns device and inode of the folder at this path; undefined when there is none. */
export const identityOf = (path: Buffer | string): Promise<string | undefined> =>
  stat(path).then(
    (stats) => (stats.isDirectory() ? `${stats.dev} ${stats.ino}` : undefined),
    () => undefined,
  );
