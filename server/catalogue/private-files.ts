// Keeps what is in the data folder from other users of this computer, also in a folder that others may look into.
import { chmodSync, closeSync, openSync, readdirSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../base/error-code.ts';

/** The library file and its logs, the lock, keys, plans. */
const OWN_FILES = /^(papyrus-shelf\.(?:\w+-\d+\.)?sqlite|in-use\.lock|secrets\.|restore-next)/;

/** Makes sure that a file is there and that only this user can read it; SQLite gives its logs the same rights. */
export function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  closeToOthers(path);
}

/** Takes from others what an earlier version or another program's rights left them to read. */
export function closeToOthersIn(dataDir: string): void {
  const backups = join(dataDir, 'backups');
  const paths = [
    ...filesIn(dataDir).flatMap(({ name }) => (OWN_FILES.test(name) ? [join(dataDir, name)] : [])),
    ...filesIn(backups).map(({ name }) => join(backups, name)),
  ];
  for (const path of paths) closeToOthers(path);
}

function filesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  } catch {
    return [];
  }
}

function closeToOthers(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return;
  try {
    chmodSync(path, mode & 0o700);
  } catch (error) {
    const code = errorCode(error) ?? '';
    // Some file systems know no rights, and a file may be another user's.
    if (!['EPERM', 'ENOTSUP', 'EROFS'].includes(code)) throw error;
  }
}
