// The job that looks through a folder: reads what is new or changed, forgets what is gone, opens nothing it knows.
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { diskTrouble, unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { Pool } from '../formats/pool.ts';
import type { FileReading, TaskMap } from '../formats/tasks.ts';
import type { FolderEntry, FoundFile } from '../formats/walk.ts';
import { defineJob } from '../jobs/kinds.ts';
import { deriveReadingOf } from '../koreader/derive-reading.ts';
import { keyOf } from '../koreader/byte-paths.ts';
import { forgetSidecars, noteUnreadableSidecar, takeInSidecar } from '../koreader/ingest-sidecar.ts';
import { forgetFiles, noteUnreadable, READER_VERSION, takeInFile } from '../library/intake.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { deleteBooksAbsentSince } from '../library/intake.queries.ts';
import type { SeenFile } from '../library/intake.queries.ts';
import { loadKnown } from './known-files.ts';
import type { Known } from './known-files.ts';
import { selectFolder, updateFolder } from './sources.queries.ts';

/** Books without file and without anything of the person's are kept this long, for files that are only elsewhere. */
const KEEP_ABSENT_MS = 30 * 24 * 60 * 60 * 1000;
/** More paths than this are looked at by looking through the whole folder. */
export const MOST_PATHS = 2_000;
/** Rows written in one transaction: small enough that the API answers in between. */
const WRITE_AT_ONCE = 16;
const WRITE_EVERY_MS = 200;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  readers: number;
  coversDir: string;
  zone: string;
  rules: ReadingRules;
  log: Log;
  /** Called after each scan that came to its end. */
  onScanned: () => void;
};
/** What a scan finds can be found again: its commits need not wait for the disk. */
type Writing = Parts & { write: (fn: (db: Db) => void) => void };

/** Without paths the whole folder is looked through. */
const ScanPayload = z.object({
  folderId: z.string(),
  /** Files and folders to look at and below, as base64 of their bytes; none lies below another. */
  paths: z.array(z.base64()).max(MOST_PATHS).optional(),
});

/** Two looks at different paths are different work. */
const scanKey = ({ folderId, paths }: z.output<typeof ScanPayload>) =>
  paths === undefined
    ? folderId
    : `${folderId}:${createHash('sha256').update(paths.join('\n')).digest('hex')}`;

/** Returns the job kind; `readers` files are read at a time. */
export function scanFolder(given: Parts) {
  const parts: Writing = { ...given, write: (fn) => given.catalogue.write({ durable: false }, fn) };
  return defineJob({
    kind: 'scan-folder',
    unit: 'files',
    payload: ScanPayload,
    key: scanKey,
    group: () => 'import',
    async run({ payload, ownerId, signal, progress }) {
      const { catalogue, clock } = parts;
      const folder = catalogue.read((db) => selectFolder(db, payload.folderId));
      if (folder === undefined) return;
      const place = { ownerId, folderId: folder.folderId };
      const counts = { seen: 0, unchanged: 0, read: 0, failed: 0 };
      const tell = (total?: number) =>
        progress({
          done: counts.unchanged + counts.read + counts.failed,
          ...(total === undefined ? {} : { total }),
          counts: { ...counts },
        });

      const paths = payload.paths?.map((path) => Buffer.from(path, 'base64'));
      const known = await loadKnown(catalogue, folder.folderId, paths);
      const target = { root: folder.path, ...(paths === undefined ? {} : { paths }) };
      const found = await look(parts, target, known, signal, (entries) => {
        counts.seen += entries;
        tell();
      });
      counts.unchanged = found.unchanged;
      counts.seen = found.unchanged + found.books.length + found.sidecars.length + found.unreadable.length;
      const total = counts.seen;
      const count = (ok: boolean) => {
        if (ok) counts.read++;
        else counts.failed++;
        tell(total);
      };
      tell(total);

      for (const { path, message } of found.unreadable) {
        const file = fileAt(place, emptyFile(path));
        parts.write((db) => noteUnreadable(db, file, { reason: 'no_access', message }, clock.now()));
        count(false);
      }
      await readAll(parts, found.books, signal, 'read-file', (db, { file, result, failure }) => {
        const at = fileAt(place, file);
        if (result === undefined) noteUnreadable(db, at, failure, clock.now());
        else takeInFile(db, { ...at, ...takenFrom(result) }, clock.now());
        count(result !== undefined);
      });
      // Sidecars come after the books they lie beside.
      await readAll(parts, found.sidecars, signal, 'read-sidecar', (db, { file, result, failure }) => {
        const at = {
          ...place,
          path: Buffer.from(file.path),
          sizeBytes: file.sizeBytes,
          modifiedMs: file.modifiedMs,
        };
        if (result === undefined) noteUnreadableSidecar(db, at, failure, clock.now());
        else {
          const { sizeBytes, modifiedMs, sidecar } = result;
          const bookId = takeInSidecar(db, { ...at, sizeBytes, modifiedMs }, sidecar, {
            now: clock.now(),
            zone: parts.zone,
          });
          if (bookId !== undefined) deriveReadingOf(db, bookId, parts.rules);
        }
        count(result !== undefined);
      });
      await forget(parts, ownerId, found, signal);
      parts.write((db) => {
        if (paths === undefined) updateFolder(db, folder.folderId, { lastScanAt: clock.now() });
        deleteBooksAbsentSince(db, ownerId, new Date(clock.now().getTime() - KEEP_ABSENT_MS));
      });
      parts.onScanned();
    },
  });
}

type Place = { ownerId: string; folderId: string };
type Gone = { fileId: string; path: Buffer };
type Found = {
  unchanged: number;
  books: FoundFile[];
  sidecars: FoundFile[];
  unreadable: { path: Uint8Array; message: string }[];
  goneFiles: Gone[];
  goneSidecars: Gone[];
};
type Failed = { reason: UnreadableFile['reason']; message: string };
type Outcome<Result> = { file: FoundFile } & (
  | { result: Result; failure?: undefined }
  | { result?: undefined; failure: Failed }
);
type ReadTask = 'read-file' | 'read-sidecar';

/** Walks the folder and sorts what it finds into unchanged, to be read, and gone. */
async function look(
  parts: Parts,
  target: { root: Buffer; paths?: Buffer[] },
  known: Known,
  signal: AbortSignal,
  onSeen: (entries: number) => void,
): Promise<Found> {
  const found: Found = {
    unchanged: 0,
    books: [],
    sidecars: [],
    unreadable: [],
    goneFiles: [],
    goneSidecars: [],
  };
  const backups: FoundFile[] = [];
  const primaries = new Set<string>();
  const sort = (entry: FoundFile, seen: Map<string, SeenFile>, toRead: FoundFile[]) => {
    const key = keyOf(entry.path);
    const before = seen.get(key);
    seen.delete(key);
    if (before !== undefined && isUnchanged(before, entry)) found.unchanged++;
    else toRead.push(entry);
  };
  const take = (entry: FolderEntry) => {
    switch (entry.kind) {
      case 'book':
        sort(entry, known.files, found.books);
        return;
      case 'sidecar':
        primaries.add(keyOf(entry.path));
        sort(entry, known.sidecars, found.sidecars);
        return;
      case 'sidecar-backup':
        backups.push(entry);
        return;
      case 'unreadable':
        // What cannot be opened is not gone.
        known.files.delete(keyOf(entry.path));
        found.unreadable.push(entry);
        return;
    }
  };
  await parts.pool
    .run('walk-folder', target, {
      signal,
      timeoutMs: 600_000,
      onChunk: (entries) => {
        onSeen(entries.filter((entry) => entry.kind !== 'sidecar-backup').length);
        for (const entry of entries) take(entry);
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof UnreadableFile)) throw error;
      // A drive that is not plugged in is no reason to forget its books.
      throw unavailable('This folder cannot be read now. Is its drive connected? Nothing was changed.', {
        cause: error,
      });
    });
  // A backup speaks only where the sidecar itself is gone (KOReader docsettings.lua).
  for (const backup of backups) {
    if (!primaries.has(keyOf(backup.path).replace(/\.old$/, '')))
      sort(backup, known.sidecars, found.sidecars);
  }
  const hidden = found.unreadable.map(({ path }) => `${keyOf(path)}/`);
  const gone = (seen: Map<string, SeenFile>): Gone[] =>
    [...seen].filter(([key]) => !hidden.some((folder) => key.startsWith(folder))).map(([, file]) => file);
  found.goneFiles = gone(known.files);
  found.goneSidecars = gone(known.sidecars);
  return found;
}

/** A file that could not be opened, or changed while it was read, is tried again however it looks. */
const isUnchanged = (before: SeenFile, now: FoundFile) =>
  before.sizeBytes === now.sizeBytes &&
  before.modifiedMs === now.modifiedMs &&
  before.readerVersion === READER_VERSION &&
  before.failureReason !== 'changed' &&
  before.failureReason !== 'no_access';

/** Reads the files, several at a time, and hands what they gave to `take` in small transactions. */
async function readAll<Task extends ReadTask>(
  { pool, coversDir, readers, write, log }: Writing,
  files: FoundFile[],
  signal: AbortSignal,
  task: Task,
  take: (db: Db, outcome: Outcome<TaskMap[Task]['result']>) => void,
): Promise<void> {
  let ready: Outcome<TaskMap[Task]['result']>[] = [];
  let flushedAt = performance.now();
  const flush = () => {
    const batch = ready;
    ready = [];
    flushedAt = performance.now();
    try {
      write((db) => {
        for (const outcome of batch) take(db, outcome);
      });
    } catch (error) {
      if (batch.length === 1 || diskTrouble(error) !== undefined) throw error;
      // One row the catalogue refuses must not take the others with it.
      for (const outcome of batch) takeAlone(outcome);
    }
  };
  const takeAlone = (outcome: Outcome<TaskMap[Task]['result']>) => {
    try {
      write((db) => take(db, outcome));
    } catch (error) {
      if (diskTrouble(error) !== undefined) throw error;
      log.error('a file could not be taken in', { error });
      const failure = {
        reason: 'unreadable' as const,
        message: 'This file was read but could not be added; the log has the details.',
      };
      write((db) => take(db, { file: outcome.file, failure }));
    }
  };
  // The first reader that fails stops the others: nobody reads or writes behind a job that has ended.
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  let next = 0;
  const worker = async () => {
    try {
      while (next < files.length) {
        until.throwIfAborted();
        const file = files[next++]!;
        const outcome = await outcomeOf(
          file,
          pool.run(task, { path: file.path, coversDir }, { signal: until }),
        );
        ready.push(outcome);
        if (ready.length >= WRITE_AT_ONCE || performance.now() - flushedAt > WRITE_EVERY_MS) flush();
      }
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(readers, files.length) }, worker));
  if (ready.length > 0) flush();
  stop.signal.throwIfAborted();
}

async function outcomeOf<Result>(file: FoundFile, reading: Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { file, result: await reading };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return { file, failure: { reason: error.reason, message: error.message } };
  }
}

/** Forgets what is no longer there, a little at a time. */
async function forget(
  { clock, write }: Writing,
  ownerId: string,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  const inSlices = async (gone: Gone[], drop: (db: Db, slice: Gone[]) => void) => {
    for (let from = 0; from < gone.length; from += WRITE_AT_ONCE) {
      signal.throwIfAborted();
      write((db) => drop(db, gone.slice(from, from + WRITE_AT_ONCE)));
      await breathe();
    }
  };
  await inSlices(found.goneSidecars, (db, slice) => forgetSidecars(db, ownerId, slice, clock.now()));
  await inSlices(found.goneFiles, (db, slice) => forgetFiles(db, ownerId, slice, clock.now()));
}

const emptyFile = (path: Uint8Array): FoundFile => ({
  kind: 'book',
  path,
  sizeBytes: 0,
  modifiedMs: 0,
  inode: 0,
});

function fileAt(place: Place, file: FoundFile) {
  const path = Buffer.from(file.path);
  const { sizeBytes, modifiedMs, inode } = file;
  return {
    ...place,
    path,
    name: path.subarray(path.lastIndexOf(0x2f) + 1).toString(),
    sizeBytes,
    modifiedMs,
    inode,
  };
}

function takenFrom({ sizeBytes, modifiedMs, inode, partialMd5, sha256, reading, cover }: FileReading) {
  const { format, metadata, isPartial } = reading;
  const coverHash = cover?.hash;
  return { sizeBytes, modifiedMs, inode, partialMd5, sha256, format, metadata, coverHash, isPartial };
}
