// Puts a new file in the place of an old one so that at every moment there is a whole one, whatever happens to the process.
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { TEMPORARY_NAME } from '../formats/walk.ts';
import { folderOf, sibling } from './byte-paths.ts';

/** When a new file says it was changed: at this time, or now but no earlier. */
export type FileTime = { exactlyMs: number } | { atLeastMs: number };

export type Replacement = {
  path: Buffer;
  /** What is there now, and how it looks. */
  bytes: Uint8Array;
  stats: Stats;
  /** Where a copy of it goes, when it is at least a minute old. */
  backup: Buffer;
  /** Without one the new file has the time it was made. */
  time?: FileTime | undefined;
  /** Called when the new file is on the disk, just before it takes the old one's place. What it throws keeps the old one. */
  beforeSwap: (made: Stats) => Promise<void>;
};

/** KOReader keeps a backup of what is at least this old and writes over what is younger (docsettings.lua, flush). */
const BACKUP_AFTER_MS = 60_000;
/** Temporary files of a process that died are removed when they are this old. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Writes `next` beside the old file, with its mode and owner, brings it to the disk and renames it over the old one. When it
 * throws, with the file system's error, the old file is as it was and nothing else is left. Returns how the new file looks.
 */
export async function replaceFile(old: Replacement, next: Uint8Array): Promise<Stats> {
  await removeLeftovers(old.path);
  const temporary = temporaryBeside(old.path);
  try {
    const written = await writeWhole(temporary, next, old.stats);
    // Both times are the file system's own: a share's clock need not be this computer's.
    if (written.mtimeMs - old.stats.mtimeMs >= BACKUP_AFTER_MS) await keepBackup(old);
    const made = await giveTime(temporary, written, old.time);
    await old.beforeSwap(made);
    await rename(temporary, old.path);
    await syncFolder(folderOf(old.path));
    return made;
  } catch (error) {
    await remove(temporary);
    throw error;
  }
}

/**
 * A copy, not a link: KOReader writes over a young file in place, and would write over a linked backup with it. It keeps the
 * time of what it is a copy of, as a renamed file would.
 */
async function keepBackup({ path, bytes, stats, backup }: Replacement): Promise<void> {
  const temporary = temporaryBeside(backup);
  try {
    await writeWhole(temporary, bytes, stats, stats);
    await rename(temporary, backup);
    if (!folderOf(backup).equals(folderOf(path))) await syncFolder(folderOf(backup));
  } catch (error) {
    await remove(temporary);
    throw error;
  }
}

async function writeWhole(path: Buffer, bytes: Uint8Array, like: Stats, times?: Stats): Promise<Stats> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await takeOver(file, like);
    if (times !== undefined) await file.utimes(times.atime, times.mtime);
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}

async function giveTime(path: Buffer, made: Stats, time: FileTime | undefined): Promise<Stats> {
  if (time === undefined || ('atLeastMs' in time && made.mtimeMs >= time.atLeastMs)) return made;
  // A second more than the old one, so that they can be told apart.
  const sec = 'exactlyMs' in time ? time.exactlyMs / 1000 : time.atLeastMs / 1000 + 1;
  await utimes(path, made.atime, sec);
  return stat(path);
}

/** Owner first: a change of owner takes bits of the mode away (chown(2)). */
async function takeOver(file: FileHandle, like: Stats): Promise<void> {
  const { uid, gid } = await file.stat();
  if (uid !== like.uid || gid !== like.gid) {
    // Only root may give files away; a member of the group may at least keep the group.
    await file.chown(like.uid, like.gid).catch(() => file.chown(uid, like.gid).catch(() => {}));
  }
  // Shares without permissions of their own refuse to change them, and lose nothing by it.
  await file.chmod(like.mode & 0o7777).catch(() => {});
}

const temporaryBeside = (path: Buffer): Buffer =>
  sibling(path, `.papyrus-shelf-${randomBytes(8).toString('hex')}.tmp`);

async function removeLeftovers(path: Buffer): Promise<void> {
  for (const name of await readdir(folderOf(path)).catch(() => [])) {
    if (TEMPORARY_NAME.test(name)) await removeLeftover(sibling(path, name));
  }
}

/** Removes a temporary file unless it may be in use: its content is as old as what it replaces, its inode is not. */
export async function removeLeftover(path: Buffer): Promise<void> {
  const age = Date.now() - ((await stat(path).catch(() => undefined))?.ctimeMs ?? Infinity);
  if (age > LEFT_BEHIND_MS) await remove(path);
}

/** What cannot be removed now is removed by the next change. */
const remove = (path: Buffer): Promise<void> => rm(path, { force: true }).catch(() => {});

/** Brings a rename to the disk, where the system lets a folder be opened; Windows does not, and needs it not. */
async function syncFolder(path: Buffer): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  if (folder === undefined) return;
  await folder.sync().catch(() => {});
  await folder.close();
}
