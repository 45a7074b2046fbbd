// The job that looks through a folder: reads what is new or changed, forgets what is gone, opens nothing it knows.
import type { Db } from '../catalogue/db.ts';
import { AppError, diskTrouble, unavailable } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { UnreadableFile } from '../formats/book.ts';
import type { ExtraKind } from '../formats/koreader/extra-file.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { FileReading, TaskMap } from '../formats/workers/tasks.ts';
import type { FoundFile } from '../formats/walk.ts';
import { handle } from '../jobs/kinds.ts';
import type { JobRun } from '../jobs/kinds.ts';
import { deriveReadingOf } from '../koreader/derive-reading.ts';
import { noteUnreadableExtra, takeInExtra } from '../koreader/ingest-extra.ts';
import { noteUnreadableSidecar, takeInSidecar } from '../koreader/ingest-sidecar.ts';
import { noteUnreadable, takeInFile } from '../library/intake.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { deleteBooksAbsentSince } from '../library/intake.queries.ts';
import { identityOf } from './folder-identity.ts';
import { forgetGone } from './forget-gone.ts';
import { loadKnown } from './known-files.ts';
import { lookAgain, lookThrough } from './look-through.ts';
import { scanFolder } from './scan-job.ts';
import type { ScanPayload } from './scan-job.ts';
import { selectFolder, updateFolder } from './sources.queries.ts';
import type { LibraryFolder } from './sources.queries.ts';

/** Books without file and without anything of the person's are kept this long, for files that are only elsewhere. */
const KEEP_ABSENT_MS = 30 * 24 * 60 * 60 * 1000;
/** Rows written in one transaction: small enough that the API answers in between. */
const WRITE_AT_ONCE = 16;
const WRITE_EVERY_MS = 200;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  pool: Pool;
  readers: number;
  coversDir: string;
  /** Nothing of the program's own is a book. */
  dataDir: Buffer;
  zone: () => string;
  rules: ReadingRules;
  log: Log;
  /** Called after each scan that came to its end. */
  onScanned: (scan: { read: number }) => void;
};
/** What a scan finds can be found again: its commits need not wait for the disk. */
type Writing = Parts & { write: (fn: (db: Db) => void) => void };

type Reading = Writing & {
  signal: AbortSignal;
  /** Throws when the folder is not the one that was looked through. */
  check: () => Promise<void>;
};

/** Does the job; `readers` files are read at a time. */
export function scanFolderWork(given: Parts) {
  const parts: Writing = { ...given, write: (fn) => given.catalogue.write({ durable: false }, fn) };
  return handle(scanFolder, async (job) => {
    const folder = parts.catalogue.read((db) => selectFolder(db, job.payload.folderId));
    if (folder === undefined) return;
    const { folderId } = folder;
    const note = (change: Parameters<typeof updateFolder>[2]) =>
      parts.write((db) => updateFolder(db, folderId, change));
    try {
      const { read } = await scan(parts, folder, job);
      if (folder.trouble !== null) note({ trouble: null });
      parts.onScanned({ read });
    } catch (error) {
      if (error instanceof AppError && error.kind === 'unavailable') note({ trouble: error.message });
      throw error;
    }
  });
}

async function scan(
  parts: Writing,
  folder: LibraryFolder,
  { payload, ownerId, signal, progress }: JobRun<ScanPayload>,
): Promise<{ read: number }> {
  const { catalogue, clock } = parts;
  const { folderId } = folder;
  const place = { ownerId, folderId };
  const counts = { seen: 0, unchanged: 0, read: 0, failed: 0 };
  const tell = (total?: number) =>
    progress({
      done: counts.unchanged + counts.read + counts.failed,
      ...(total === undefined ? {} : { total }),
      counts: { ...counts },
    });

  const identity = await identityOf(folder.path);
  const check = async () => {
    if (identity === undefined || (await identityOf(folder.path)) !== identity) throw away();
  };
  await check();
  // What is in doubt is settled by a look at everything.
  const paths =
    folder.missing === null ? payload.paths?.map((path) => Buffer.from(path, 'base64')) : undefined;
  const known = await loadKnown(catalogue, folderId, paths);
  const target = { root: folder.path, own: parts.dataDir, ...(paths === undefined ? {} : { paths }) };
  const found = await orAway(
    lookThrough({ ...parts, signal }, target, known, (entries) => {
      counts.seen += entries;
      tell();
    }),
  );
  await check();
  counts.unchanged = found.unchanged;
  const toRead = [found.books, found.sidecars, found.extras].flat();
  counts.seen = found.unchanged + toRead.length + found.unreadable.length;
  const total = counts.seen;
  const count = (ok: boolean) => {
    if (ok) counts.read++;
    else counts.failed++;
    tell(total);
  };
  tell(total);

  for (const { path, reason, message } of found.unreadable) {
    const file = fileAt(place, emptyFile(path));
    parts.write((db) => noteUnreadable(db, file, { reason, message }, clock.now()));
    count(false);
  }
  const reading = { ...parts, signal, check };
  await readAll(reading, found.books, 'read-file', (db, { file, result, failure }) => {
    const at = fileAt(place, file);
    if (result === undefined) noteUnreadable(db, at, failure, clock.now());
    else takeInFile(db, { ...at, ...takenFrom(result) }, clock.now());
    count(result !== undefined);
  });
  // Sidecars come after the books they lie beside.
  await readAll(reading, found.sidecars, 'read-sidecar', (db, { file, result, failure }) => {
    const at = sidecarAt(place, file);
    if (result === undefined) noteUnreadableSidecar(db, at, failure, clock.now());
    else {
      const { sizeBytes, modifiedMs, sidecar } = result;
      const bookId = takeInSidecar(db, { ...at, sizeBytes, modifiedMs }, sidecar, {
        now: clock.now(),
        zone: parts.zone(),
      });
      if (bookId !== undefined) deriveReadingOf(db, bookId, parts.rules);
    }
    count(result !== undefined);
  });
  await readAll(reading, found.extras, 'read-extra', (db, { file, result, failure }) => {
    const at = sidecarAt(place, file);
    if (result === undefined) noteUnreadableExtra(db, at, file.kind as ExtraKind, failure, clock.now());
    else {
      const { says, ...version } = result;
      takeInExtra(db, { ...at, ...version }, says, { now: clock.now(), zone: parts.zone() });
    }
    count(result !== undefined);
  });
  const gone = await orAway(lookAgain({ ...parts, signal }, target, found));
  await check();
  const isOtherFolder = folder.rootIdentity !== null && folder.rootIdentity !== identity;
  const { agreed } = payload;
  const missing = await forgetGone({ ...reading, signal }, folder, gone, { isOtherFolder, agreed });
  const isWhole = paths === undefined;
  parts.write((db) => {
    if (missing !== undefined) updateFolder(db, folderId, { missing });
    else if (isWhole) updateFolder(db, folderId, { missing: null, rootIdentity: identity ?? null });
    if (isWhole) updateFolder(db, folderId, { lastScanAt: clock.now(), notRead: found.unread });
    deleteBooksAbsentSince(db, ownerId, new Date(clock.now().getTime() - KEEP_ABSENT_MS));
  });
  return { read: counts.read };
}

/** A drive that is not plugged in is no reason to forget its books. */
const away = (cause?: unknown) =>
  unavailable('This folder cannot be read now. Is its drive connected? Nothing was changed.', { cause });

const orAway = <T>(look: Promise<T>): Promise<T> =>
  look.catch((error: unknown) => {
    throw error instanceof UnreadableFile ? away(error) : error;
  });

type Place = { ownerId: string; folderId: string };
type Failed = { reason: UnreadableFile['reason']; message: string };
type Outcome<Result> = { file: FoundFile } & (
  | { result: Result; failure?: undefined }
  | { result?: undefined; failure: Failed }
);
type ReadTask = 'read-file' | 'read-sidecar' | 'read-extra';

/** Reads the files, several at a time, and hands what they gave to `take` in small transactions. */
async function readAll<Task extends ReadTask>(
  { pool, coversDir, readers, write, log, signal, check }: Reading,
  files: FoundFile[],
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
        const outcome = await outcomeOf(file, pool.run(task, inputOf(file, coversDir), { signal: until }));
        // A file of a drive that has just gone is not unreadable.
        if (outcome.failure !== undefined) await check();
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

/** What every task that reads a file takes; `kind` says something to one of them. */
const inputOf = ({ path, kind }: FoundFile, coversDir: string) => ({
  path,
  coversDir,
  kind: kind as ExtraKind,
});

const emptyFile = (path: Uint8Array): FoundFile => ({
  kind: 'book',
  path,
  sizeBytes: 0,
  modifiedMs: 0,
  inode: 0,
});

const sidecarAt = (place: Place, { path, sizeBytes, modifiedMs }: FoundFile) => ({
  ...place,
  path: Buffer.from(path),
  sizeBytes,
  modifiedMs,
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
  const { format, metadata, protection, isPartial } = reading;
  const said = { format, metadata, protection, coverHash: cover?.hash, isPartial };
  return { sizeBytes, modifiedMs, inode, partialMd5, sha256, ...said };
}
