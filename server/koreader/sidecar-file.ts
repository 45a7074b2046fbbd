// Opens KOReader's sidecars for a change: one at a time, never another version than the one that was looked at.
import { constants, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, lstat, open, realpath, rename, stat } from 'node:fs/promises';
import { AppError, forbidden, unavailable } from '../base/errors.ts';
import { folderOf, isBelow, keyOf } from './byte-paths.ts';
import { replaceFile } from './replace-file.ts';
import type { FileTime } from './replace-file.ts';
import { errorCode } from '../base/error-code.ts';
import { createTurns } from '../base/in-turn.ts';

/** What tells one version of a file from another. */
export type SidecarVersion = {
  sizeBytes: number;
  /** Whole milliseconds, rounded down. */
  modifiedMs: number;
};

export type OpenSidecar = {
  /** Where KOReader looks for it: without the ".old" of a backup that was all there was. */
  path: Buffer;
  bytes: Buffer;
  version: SidecarVersion;
  /** Replaces the file and returns what the new one looks like; the bytes are not changed later. Throws stale, unavailable; the old one is then as it was. */
  write: (bytes: Uint8Array, time?: FileTime) => Promise<SidecarVersion>;
};

type OpenOptions = {
  /** The folders a sidecar may lie below. */
  folders: readonly Buffer[];
  /** Called when it is this caller's turn: the version that was looked at; undefined takes any. */
  expected?: () => SidecarVersion | undefined;
};

const MAX_BYTES = 64 * 1024 * 1024;
const OWN_WRITE_MS = 3_000;
const REMEMBER_REPLACED_MS = 60_000;

const inTurn = createTurns();
type Write = { atMs: number; made: SidecarVersion; replaced: { atMs: number; version: SidecarVersion }[] };
const writes = new Map<string, Write>();

/**
 * Opens the sidecar for `work`; nobody else in this process opens it meanwhile. A backup without its sidecar becomes the
 * sidecar first, as after a crash. A link is followed to its file. Throws stale when the file is not there or not as
 * expected, forbidden when it does not lie below one of the folders, unavailable when it cannot be read or written.
 */
export function withSidecar<Result>(
  path: Buffer,
  { folders, expected }: OpenOptions,
  work: (file: OpenSidecar) => Promise<Result>,
): Promise<Result> {
  const primary = path.subarray(-4).toString() === '.old' ? path.subarray(0, -4) : path;
  return inTurn(keyOf(primary), async () => {
    let current = await inWords('read', () => openSidecar(primary, folders));
    const version = versionOf(current.stats);
    const wanted = expected?.();
    if (wanted !== undefined && !isSameVersion(version, wanted)) throw stale();
    let hasWritten = false;
    const write = async (bytes: Uint8Array, time?: FileTime): Promise<SidecarVersion> => {
      const stats = await inWords('write', () => replace(primary, current, bytes, time));
      current = { ...current, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), stats };
      hasWritten = true;
      return versionOf(stats);
    };
    try {
      return await work({ path: primary, bytes: current.bytes, version, write });
    } catch (error) {
      // What the caller could not note of its own change must reach it as somebody else's.
      if (hasWritten) writes.delete(keyOf(primary));
      throw error;
    }
  });
}

/**
 * Whether what lies at this path was put there by this process in the last three seconds, the backup beside it included.
 * What a device wrote right after is the device's.
 */
export function recentlyWritten(path: Uint8Array | string): boolean {
  const given = Buffer.from(path);
  const primary = given.subarray(-4).toString() === '.old' ? given.subarray(0, -4) : given;
  const write = writes.get(keyOf(primary));
  if (write === undefined || performance.now() - write.atMs >= OWN_WRITE_MS) return false;
  const there = statSync(primary, { throwIfNoEntry: false });
  return there !== undefined && isSameVersion(versionOf(there), write.made);
}

/**
 * Whether this process replaced this version of the sidecar in the last minute: a reading of it is out of date, unless somebody
 * put it back.
 */
export function wasReplaced(path: Uint8Array, version: SidecarVersion): boolean {
  const since = performance.now() - REMEMBER_REPLACED_MS;
  const replaced = writes.get(keyOf(path))?.replaced ?? [];
  if (!replaced.some((each) => each.atMs >= since && isSameVersion(each.version, version))) return false;
  const there = statSync(Buffer.from(path), { throwIfNoEntry: false });
  return there === undefined || !isSameVersion(versionOf(there), version);
}

/** Whether both are one version of a file. */
export const isSameVersion = (one: SidecarVersion, other: SidecarVersion): boolean =>
  one.sizeBytes === other.sizeBytes && one.modifiedMs === other.modifiedMs;

type Current = { real: Buffer; bytes: Buffer; stats: Stats };

async function openSidecar(path: Buffer, folders: readonly Buffer[]): Promise<Current> {
  await mustLieBelow(await realpath(folderOf(path), { encoding: 'buffer' }), folders);
  await recover(path);
  const real = await realpath(path, { encoding: 'buffer' });
  await mustLieBelow(real, folders);
  await access(real, constants.R_OK | constants.W_OK);
  // Never waits: a pipe without a writer opens at once and is refused by its type.
  const file = await open(
    real,
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0),
  );
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unavailable("KOReader's file of this book is no regular file.");
    if (stats.size > MAX_BYTES) throw unavailable("KOReader's file of this book is larger than 64 MB.");
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const after = await file.stat();
    if (bytesRead < bytes.length || !isSameVersion(versionOf(stats), versionOf(after))) throw stale();
    return { real, bytes, stats };
  } finally {
    await file.close();
  }
}

/** A crash of KOReader's between its two steps leaves only the backup (docsettings.lua, flush). */
async function recover(path: Buffer): Promise<void> {
  if (await exists(path)) return;
  const backup = backupOf(path);
  if (await exists(backup)) await rename(backup, path);
}

async function mustLieBelow(real: Buffer, folders: readonly Buffer[]): Promise<void> {
  for (const folder of folders) {
    const root = await realpath(folder, { encoding: 'buffer' }).catch(() => undefined);
    if (root !== undefined && isBelow(root, real)) return;
  }
  throw forbidden("KOReader's file of this book lies outside the folders of this library.");
}

async function replace(
  path: Buffer,
  { real, bytes, stats }: Current,
  next: Uint8Array,
  time: FileTime | undefined,
): Promise<Stats> {
  const key = keyOf(path);
  const before = writes.get(key);
  const mustBeAsRead = async () => {
    if (!isSameVersion(versionOf(await stat(real)), versionOf(stats))) throw stale();
  };
  const replacement = {
    path: real,
    bytes,
    stats,
    // KOReader looks for the backup where it looks for the sidecar, even when that is a link.
    backup: backupOf(path),
    time,
    beforeSwap: async (made: Stats) => {
      await mustBeAsRead();
      // Before the rename, so that whoever is told of it finds it here.
      noteWrite(key, versionOf(stats), versionOf(made));
    },
  };
  try {
    await mustBeAsRead();
    return await replaceFile(replacement, next);
  } catch (error) {
    if (before === undefined) writes.delete(key);
    else writes.set(key, before);
    throw error;
  }
}

function noteWrite(key: string, replaced: SidecarVersion, made: SidecarVersion): void {
  const atMs = performance.now();
  const since = atMs - REMEMBER_REPLACED_MS;
  const earlier = writes.get(key)?.replaced ?? [];
  for (const [other, write] of writes) if (write.atMs < since) writes.delete(other);
  // Where file times are coarse, two versions can look the same: then the one that is there counts.
  const outOfDate = [...earlier, { atMs, version: replaced }].filter(
    (each) => each.atMs >= since && !isSameVersion(each.version, made),
  );
  writes.set(key, { atMs, made, replaced: outOfDate });
}

const versionOf = (stats: Stats): SidecarVersion => ({
  sizeBytes: stats.size,
  modifiedMs: Math.floor(stats.mtimeMs),
});

const backupOf = (path: Buffer): Buffer => Buffer.concat([path, Buffer.from('.old')]);

/** A link to a drive that is not there now exists. */
const exists = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );

const stale = (cause?: unknown): AppError =>
  new AppError(
    'stale',
    "KOReader's file of this book has changed meanwhile. Look at the book again, then repeat your change.",
    { cause },
  );

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** What the file system refuses, in words for the person. */
async function inWords<Result>(what: 'read' | 'write', work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = errorCode(error) ?? '';
    if (GONE.has(code)) throw stale(error);
    if (NO_ROOM.has(code))
      throw unavailable('The disk with this book is full, so nothing was changed. Make room and try again.', {
        cause: error,
      });
    if (DENIED.has(code))
      throw unavailable("Papyrus Shelf may not change KOReader's file of this book.", { cause: error });
    throw unavailable(`KOReader's file of this book could not be ${what === 'read' ? 'read' : 'written'}.`, {
      cause: error,
    });
  }
}
