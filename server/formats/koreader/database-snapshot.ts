// Makes a private copy of a SQLite database that another program may be writing, without ever touching the original.
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { lstat, mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { UnreadableFile } from '../book.ts';
import { errorCode } from '../../base/error-code.ts';

export type DatabaseSnapshot = {
  path: string;
  /** Whether an unfinished write was copied with it, which SQLite must first roll back. */
  hasJournal: boolean;
  remove: () => Promise<void>;
};

const MAX_BYTES = 1024 * 1024 * 1024;
const ATTEMPTS = 5;
const PAUSE_MS = 300;
const CHUNK_BYTES = 1024 * 1024;
/** What belongs to a database at one moment. The -shm file is an index of the -wal that SQLite makes anew. */
const PARTS = ['', '-wal', '-journal'] as const;

/**
 * Copies a database with its write-ahead log and journal into a fresh folder of `scratchDir`, again while it changes.
 * Throws UnreadableFile, with nothing left behind, when it keeps changing, cannot be read, is too large or no SQLite file.
 */
export async function takeSnapshot(path: string, scratchDir: string): Promise<DatabaseSnapshot> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(scratchDir, 'statistics-'));
    const copy = join(folder, 'statistics.sqlite3');
    await copyUnchanged(path, copy);
    const hasJournal = await checkCopy(copy);
    const made = folder;
    return { path: copy, hasJournal, remove: () => rm(made, { recursive: true, force: true }) };
  } catch (error) {
    if (folder) await rm(folder, { recursive: true, force: true });
    throw translateFileError(error);
  }
}

async function copyUnchanged(path: string, copy: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const before = await stampsOf(path);
    for (const part of PARTS) await copyPart(path + part, copy + part, part !== '');
    if ((await stampsOf(path)) === before) return;
    await wait(PAUSE_MS);
  }
  throw new UnreadableFile(
    'changed',
    'The statistics database kept changing while it was read; try again later.',
  );
}

const stampsOf = async (path: string): Promise<string> =>
  JSON.stringify(await Promise.all(PARTS.map((part) => stampOf(path + part))));

async function stampOf(path: string): Promise<string> {
  const stats = await lstat(path, { bigint: true }).catch(ignoreMissing);
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs}` : '';
}

async function copyPart(from: string, to: string, mayBeMissing: boolean): Promise<void> {
  await rm(to, { force: true });
  // A link beside the database could lead anywhere, and a pipe would never end.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const source = await open(from, flags).catch(mayBeMissing ? ignoreMissing : rethrow);
  if (!source) return;
  try {
    const stats: BigIntStats = await source.stat({ bigint: true });
    if (!stats.isFile())
      throw new UnreadableFile('unsupported', 'The statistics database is not a plain file.');
    if (stats.size > MAX_BYTES) {
      throw new UnreadableFile('too_large', 'The statistics database is larger than 1 GB.');
    }
    await copyBytes(source, to, Number(stats.size));
  } finally {
    await source.close();
  }
}

async function copyBytes(source: FileHandle, to: string, sizeBytes: number): Promise<void> {
  const target = await open(to, 'wx', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes));
    for (let position = 0; position < sizeBytes;) {
      const length = Math.min(buffer.length, sizeBytes - position);
      const { bytesRead } = await source.read(buffer, 0, length, position);
      if (bytesRead === 0) return;
      await target.writeFile(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await target.close();
  }
}

/** Returns whether the copy has a journal to roll back. */
async function checkCopy(copy: string): Promise<boolean> {
  const header = await readEnds(copy);
  if (header.sizeBytes === 0) throw new UnreadableFile('empty', 'The statistics database is empty.');
  if (header.first.toString('latin1') !== 'SQLite format 3\0') {
    throw new UnreadableFile('unsupported', 'The statistics file is not a SQLite database.');
  }
  // SQLite file format §3: a journal that is to be rolled back begins with this mark.
  const mark = Buffer.from('d9d505f920a163d7', 'hex');
  const journal = await readEnds(`${copy}-journal`).catch(ignoreMissing);
  if (!journal?.first.subarray(0, 8).equals(mark)) {
    await rm(`${copy}-journal`, { force: true });
    return false;
  }
  // One that also ends with it names a super-journal: SQLite would open that path, and might delete it.
  if (journal.last.equals(mark)) {
    throw new UnreadableFile('corrupt', 'The statistics database was left in the middle of a write.');
  }
  return true;
}

async function readEnds(path: string): Promise<{ first: Buffer; last: Buffer; sizeBytes: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const [first, last] = [Buffer.alloc(16), Buffer.alloc(8)];
    await file.read(first, 0, 16, 0);
    await file.read(last, 0, 8, Math.max(size - 8, 0));
    return { first, last, sizeBytes: size };
  } finally {
    await file.close();
  }
}

function rethrow(error: unknown): never {
  throw error;
}

function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
  return undefined;
}

function translateFileError(error: unknown): unknown {
  const code = errorCode(error);
  switch (code) {
    case undefined:
      return error;
    case 'ENOENT':
      return new UnreadableFile('no_access', 'The statistics database is not there.', error);
    case 'ELOOP':
    case 'EMLINK':
      return new UnreadableFile('unsupported', 'The statistics database is a link to another file.', error);
    case 'EACCES':
    case 'EPERM':
      return new UnreadableFile(
        'no_access',
        'The statistics database may not be read with the rights at hand.',
        error,
      );
    case 'EBUSY':
      return new UnreadableFile('no_access', 'The statistics database is locked by another program.', error);
    case 'ENOSPC':
    case 'EDQUOT':
      return new UnreadableFile(
        'unreadable',
        'There is not enough disk space to read the statistics database.',
        error,
      );
    default:
      return new UnreadableFile('unreadable', 'The statistics database cannot be read.', error);
  }
}
