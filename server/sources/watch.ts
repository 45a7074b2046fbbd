// Notices by itself what changes in the folders and statistics files of the library, and has it read once it rests.
import { statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JobKind } from '../jobs/kinds.ts';
import type { Added, Jobs } from '../jobs/runner.ts';
import { keyOf } from '../koreader/byte-paths.ts';
import { partSettled, pathsToLookAt, relevantChange, restOf } from './changed-paths.ts';
import type { Change } from './changed-paths.ts';
import { identityOf } from './folder-identity.ts';
import { watchEntries, watchFolder } from './folder-watcher.ts';
import { isKnown } from './known-files.ts';
import { importOf, importStatistics } from './import-statistics.ts';
import { MOST_PATHS, scanFolder, scanOf } from './scan-job.ts';
import { selectFolder, selectFolders, selectStatisticsFiles } from './sources.queries.ts';
import type { LibraryFolder, StatisticsFile } from './sources.queries.ts';

type Parts = {
  catalogue: Catalogue;
  jobs: Jobs;
  events: EventBus;
  log: Log;
  ownerId: string;
  /** By the system's word where it gives it, or only by looking every now and then. */
  mode: 'auto' | 'poll';
  pollMs: number;
  /** Whether this program itself wrote the file just now. */
  isOwnWrite: (path: Buffer) => boolean;
  pace?: Partial<Pace>;
};

/** A batch is looked at when nothing happened for `quietMs` and `lookMs`, at the latest `longestMs` after it began. */
export type Pace = { quietMs: number; lookMs: number; longestMs: number; retryMs: number; startMs: number };
const PACE: Pace = { quietMs: 1_700, lookMs: 300, longestMs: 30_000, retryMs: 5_000, startMs: 2_000 };

/** `polled`: looked through every now and then; `away`: not there, tried again. */
type State = 'away' | 'watched' | 'polled';
type Watching = {
  state: State;
  identity?: string;
  /** Set once it was looked for: what comes after that comes back. */
  isKnown?: boolean;
  stop?: (() => void) | undefined;
};
type Folder = Watching & { source: LibraryFolder; changes: Map<string, Change>; hasMissed: boolean };
type Statistics = Watching & { source: StatisticsFile; isDirty: boolean; rest?: string };

/** Returns the watch over all sources of the owner; nothing is watched before `start`. */
export function createWatch(parts: Parts) {
  const { catalogue, jobs, events, log, ownerId, mode, pollMs, isOwnWrite } = parts;
  const pace = { ...PACE, ...parts.pace };
  const folders = new Map<string, Folder>();
  const statistics = new Map<string, Statistics>();
  const ending = new AbortController();
  const loops: Promise<void>[] = [];
  const stops: (() => void)[] = [];
  let isStarted = false;
  let batch: { firstAt: number; lastAt: number; timer: NodeJS.Timeout } | undefined;
  let closingBatch: Promise<void> = Promise.resolve();

  /** Something is to be looked at: soon, when nothing more comes. */
  function touch(): void {
    if (ending.signal.aborted) return;
    const now = performance.now();
    if (batch !== undefined) batch.lastAt = now;
    else batch = { firstAt: now, lastAt: now, timer: setTimeout(tick, pace.quietMs) };
  }

  function tick(): void {
    if (batch === undefined) return;
    const due = Math.min(batch.lastAt + pace.quietMs, batch.firstAt + pace.longestMs);
    const left = due - performance.now();
    if (left > 1) {
      batch.timer = setTimeout(tick, left);
      return;
    }
    batch = undefined;
    closingBatch = closingBatch.then(closeBatch).catch((error: unknown) => {
      log.error('changed files could not be looked at', { error });
    });
  }

  async function closeBatch(): Promise<void> {
    const dirty = [...statistics.values()].filter((each) => each.isDirty);
    const changed = [...folders.values()].filter((each) => each.hasMissed || each.changes.size > 0);
    const taken = changed.map((folder) => {
      const changes = folder.hasMissed ? [] : [...folder.changes.values()];
      folder.changes.clear();
      return { folder, changes };
    });
    const before = await Promise.all(dirty.map(({ source }) => statisticsRest(source)));
    const parted = await Promise.all(
      taken.map(async ({ folder, changes }) => ({ folder, ...(await partSettled(changes, pace.lookMs)) })),
    );
    if (dirty.length > 0 && parted.length === 0) await sleep(pace.lookMs);
    for (const { folder, settled, growing } of parted) {
      const again = (await lookAt(folder, settled)) ? growing : [...growing, ...settled];
      for (const change of again) note(folder, change);
    }
    for (const [index, file] of dirty.entries()) {
      if (ending.signal.aborted) return;
      if (
        (await statisticsRest(file.source)) !== before[index] ||
        !begin(importStatistics, importOf(file.source))
      )
        touch();
      else file.isDirty = false;
    }
  }

  /** Whether the changes are under way; a look at the same that already runs may have passed them. */
  async function lookAt(folder: Folder, changes: Change[]): Promise<boolean> {
    const { source } = folder;
    if ((await identityOf(source.path)) !== folder.identity) {
      // What is not there now is looked through when it returns.
      delete folder.identity;
      folder.hasMissed = false;
      return true;
    }
    if (folder.hasMissed) {
      if (ending.signal.aborted || !isFollowed(folder)) return true;
      folder.hasMissed = !begin(scanFolder, scanOf(source));
      if (folder.hasMissed) touch();
      return true;
    }
    const known = (path: Buffer) => catalogue.read((db) => isKnown(db, source.folderId, path));
    const paths = await pathsToLookAt(changes, known);
    if (paths.length === 0 || ending.signal.aborted || !isFollowed(folder)) return true;
    return begin(scanFolder, scanOf(source, paths));
  }

  /** Whether the folder is still part of the library. */
  const isFollowed = ({ source: { folderId } }: Folder) =>
    catalogue.read((db) => selectFolder(db, folderId)) !== undefined;

  /** Adds the job; false when the same one was running before. */
  const begin = <Schema extends z.ZodType>(kind: JobKind<Schema>, job: Added<z.input<Schema>>): boolean =>
    jobs.add(kind, job).state !== 'running';

  function note(folder: Folder, change: Change): void {
    if (!folder.hasMissed) folder.changes.set(keyOf(change.path), change);
    if (folder.changes.size > MOST_PATHS) miss(folder);
    touch();
  }

  function miss(folder: Folder): void {
    folder.hasMissed = true;
    folder.changes.clear();
    touch();
  }

  /** Whether the catalogue has other sources than those that are watched. */
  function hasOtherSources(): boolean {
    const ids = catalogue.read((db) => [
      ...selectFolders(db, ownerId).map(({ folderId }) => folderId),
      ...selectStatisticsFiles(db, ownerId).map(({ fileId }) => fileId),
    ]);
    return (
      ids.length !== folders.size + statistics.size ||
      !ids.every((id) => folders.has(id) || statistics.has(id))
    );
  }

  /** Makes the watched sources those of the catalogue, and tries again what was not there. */
  async function follow(): Promise<void> {
    const sources = catalogue.read((db) => selectFolders(db, ownerId));
    const files = catalogue.read((db) => selectStatisticsFiles(db, ownerId));
    forgetOthers(folders, new Set(sources.map(({ folderId }) => folderId)));
    forgetOthers(statistics, new Set(files.map(({ fileId }) => fileId)));
    for (const source of sources) {
      if (!folders.has(source.folderId))
        folders.set(source.folderId, { source, state: 'away', changes: new Map(), hasMissed: false });
    }
    for (const source of files) {
      if (!statistics.has(source.fileId))
        statistics.set(source.fileId, { source, state: 'away', isDirty: false });
    }
    await Promise.all([
      ...[...folders.values()].map((folder) => check(folder, folder.source.path, openFolder, miss)),
      ...[...statistics.values()].map((file) =>
        check(file, dirname(file.source.path.toString()), openStatistics, soil),
      ),
    ]);
  }

  /** Opens what has come, was replaced or is new; gives up what has gone. */
  async function check<Each extends Watching>(
    watching: Each,
    place: Buffer | string,
    open: (watching: Each) => Promise<void>,
    onReturn: (watching: Each) => void,
  ): Promise<void> {
    const identity = await identityOf(place);
    if (ending.signal.aborted || identity === watching.identity) return;
    watching.stop?.();
    watching.stop = undefined;
    watching.state = 'away';
    const isReturn = watching.isKnown === true;
    watching.isKnown = true;
    if (identity === undefined) {
      delete watching.identity;
      return;
    }
    watching.identity = identity;
    await open(watching);
    // What changed while it was away. At the start, and when a person adds it, a scan comes anyway: a second one would
    // only undo their "stop".
    if (isStarted && isReturn) onReturn(watching);
  }

  async function openFolder(folder: Folder): Promise<void> {
    const { path, folderId } = folder.source;
    folder.state = 'polled';
    if (mode === 'poll') return;
    if (await isOnNetwork(path)) {
      log.info('a folder of another computer is looked through every now and then', { folderId, pollMs });
      return;
    }
    folder.state = 'watched';
    const watcher = watchFolder(path, {
      changed: (changed, isFolder) => {
        const change = relevantChange(path, changed, isFolder);
        if (change !== undefined && !isOwnWrite(change.path)) note(folder, change);
      },
      missed: () => miss(folder),
      away: () => {
        folder.state = 'away';
        delete folder.identity;
      },
      refused: (error) => {
        folder.state = 'polled';
        log.warn('the system watches no more folders: this one is looked through every now and then', {
          folderId,
          pollMs,
          error,
        });
      },
    });
    folder.stop = () => watcher.close();
    await watcher.placed;
  }

  async function openStatistics(file: Statistics): Promise<void> {
    const path = file.source.path.toString();
    const names = new Set([basename(path), `${basename(path)}-wal`]);
    const rest = await statisticsRest(file.source);
    if (rest !== undefined) file.rest = rest;
    file.state = 'polled';
    if (mode === 'poll' || (await isOnNetwork(dirname(path)))) return;
    file.state = 'watched';
    const stop = watchEntries(dirname(path), {
      changed: (name) => {
        if (name === undefined || names.has(name)) soil(file);
      },
      failed: (error) => {
        file.state = 'polled';
        log.warn('a statistics file cannot be watched: it is looked at every now and then', {
          pollMs,
          error,
        });
      },
    });
    file.stop = stop;
  }

  function soil(file: Statistics): void {
    file.isDirty = true;
    touch();
  }

  async function poll(): Promise<void> {
    for (const folder of folders.values()) {
      const isThere = folder.state === 'polled' && (await identityOf(folder.source.path)) !== undefined;
      if (isThere && !ending.signal.aborted) jobs.add(scanFolder, scanOf(folder.source));
    }
    for (const file of statistics.values()) {
      if (file.state !== 'polled') continue;
      const rest = await statisticsRest(file.source);
      if (rest === undefined || rest === file.rest || ending.signal.aborted) continue;
      file.rest = rest;
      soil(file);
    }
  }

  /** Runs `work` again and again, never twice at once; the returned function has it run soon. */
  function repeat(everyMs: number, work: () => Promise<void>): () => void {
    let wake: (() => void) | undefined;
    const loop = async () => {
      while (!ending.signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, everyMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (ending.signal.aborted) return;
        await work().catch((error: unknown) => log.error('watching had trouble', { error }));
      }
    };
    loops.push(loop());
    const wakeNow = () => wake?.();
    ending.signal.addEventListener('abort', wakeNow);
    return wakeNow;
  }
  return {
    /** Resolves when everything is watched, or after two seconds: the rest is watched and looked through later. */
    async start(): Promise<void> {
      const first = follow().catch((error: unknown) => log.error('watching had trouble', { error }));
      await Promise.race([first, sleep(pace.startMs, undefined, { ref: false })]);
      isStarted = true;
      void first.then(() => {
        if (ending.signal.aborted) return;
        const followSoon = repeat(pace.retryMs, follow);
        // A folder is added and removed with jobs of its own.
        stops.push(events.on('job-changed', () => hasOtherSources() && followSoon()));
        repeat(pollMs, poll);
      });
    },

    /** How each folder is followed. */
    states: (): Map<string, State> => new Map([...folders].map(([folderId, { state }]) => [folderId, state])),

    /** Stops; what was heard and not looked at is found by the scan of the next start. */
    async close(): Promise<void> {
      ending.abort();
      clearTimeout(batch?.timer);
      for (const stop of stops) stop();
      for (const { stop } of [...folders.values(), ...statistics.values()]) stop?.();
      await Promise.all([closingBatch, ...loops]);
    },
  };
}

function forgetOthers(watched: Map<string, Watching>, ids: ReadonlySet<string>): void {
  for (const [id, { stop }] of watched) {
    if (ids.has(id)) continue;
    stop?.();
    watched.delete(id);
  }
}

/** The write-ahead log holds what KOReader wrote last. */
async function statisticsRest({ path }: StatisticsFile): Promise<string | undefined> {
  const [file, wal] = await restOf([path, Buffer.concat([path, Buffer.from('-wal')])]);
  return file === undefined ? undefined : `${file}, ${wal ?? ''}`;
}

// NFS, SMB in its versions, 9P: Linux (magic.h) hears nothing of what other computers change there.
const NETWORK_TYPES = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997]);

const isOnNetwork = (path: Buffer | string): Promise<boolean> =>
  process.platform !== 'linux'
    ? Promise.resolve(false)
    : statfs(path).then(
        ({ type }) => NETWORK_TYPES.has(type),
        () => false,
      );
