// The composition root: opens the catalogue, makes the parts, mounts the faces, listens; closes in reverse.
import { join } from 'node:path';
import type { KoshelfSessions } from './accounts/koshelf-sessions.ts';
import { shapeOf } from './api/koshelf/dialect.ts';
import { systemClock } from './base/clock.ts';
import type { Clock } from './base/clock.ts';
import { AppError } from './base/errors.ts';
import { createEvents } from './base/events.ts';
import { createLog } from './base/log.ts';
import type { Log } from './base/log.ts';
import { systemTimeZone } from './base/time-zone.ts';
import { version } from './base/version.ts';
import { checkDataFolder, prepareDataFolder } from './catalogue/data-folder.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { openCatalogue } from './catalogue/open.ts';
import { createFaces } from './faces.ts';
import { documentPaths } from './http/documents.ts';
import { createPool } from './formats/workers/pool.ts';
import { backUpWhenDue, makeBackup, restoreBackup } from './backups/back-up.ts';
import { checkWebApp } from './http/web-app.ts';
import { deriveAllReading, isDerivedOtherwise } from './koreader/derive-all-reading.ts';
import { drawCovers } from './library/draw-covers.ts';
import { drawShareImages } from './reading/share-images/draw-share-images.ts';
import { indexText } from './library/index-text.ts';
import { importStatistics } from './sources/import-statistics.ts';
import { purgeAccounts, purgeWhenDue } from './accounts/purge-accounts.ts';
import { scanFolder } from './sources/scan-folder.ts';
import type { FolderKind, Sources } from './sources/sources.ts';
import { createWatch } from './sources/watch.ts';
import type { Pace } from './sources/watch.ts';
import { writeSidecar } from './koreader/write-sidecar.ts';
import type { JobKind } from './jobs/kinds.ts';
import { lookEvery } from './jobs/when-due.ts';
import { recentlyWritten } from './koreader/sidecar-file.ts';
import { isLoopbackHost, isReachable, startListening } from './listening.ts';
import type { Patience } from './http/patience.ts';
import type { ServerOptions } from './config/options.ts';
import { noteRunning } from './terminal/running.ts';
import type { MetadataSources } from './library/metadata-lookup.ts';
import { createOutbound } from './outbound/client.ts';
import type { Resolve } from './outbound/client.ts';
import { createParts } from './parts.ts';
import type { Ground, Parts } from './parts.ts';
import { pruneDiary, pruneWhenDue } from './sync/prune.ts';
import type { StreamPace } from './sync/stream.ts';
import { openSealedFile } from './secrets/sealed-file.ts';
import type { SecretStore } from './secrets/secret-store.ts';

/** Raised when reading is worked out by other rules than before: all of it is done again then. */
const READING_RULES = 3;
const WORKERS = 2;
const LOOK_AT_FILE_MS = 60_000;
/** Files under way at once: two a worker, so that one is parsed while the other's cover is drawn. */
const READERS = 4;

/** What tests set and nobody else needs. */
export type ServerPorts = {
  clock?: Clock;
  /** Where passwords and keys are kept; a sealed file in the data folder unless somebody has better. */
  secrets?: SecretStore;
  /** Finds the addresses of other servers' names. */
  resolve?: Resolve;
  metadataSources?: MetadataSources;
  pdfFamilies?: readonly string[];
  streamPace?: Partial<StreamPace>;
  /** How long a token to listen with is good for. */
  streamTokenSec?: number;
  /** Check every answer against its schema before it leaves. */
  checkAnswers?: boolean;
  /** How long bodies of requests may take to come. */
  patience?: Patience;
  /** How often the server looks whether its library file is still there. */
  lookAtFileMs?: number;
  /** How long changed files must rest. */
  watchPace?: Partial<Pace>;
};

export type RunningServer = {
  /** http://127.0.0.1:26260, without a slash at the end. */
  url: string;
  /** A link that opens the desk once. */
  deskUrl: string;
  /** Returns a fresh link that opens the desk once. */
  newDeskUrl(): string;
  status(): { books: number; scanning: boolean };
  /** Calls the listener when the status may have changed; stops when the returned function is called. */
  onStatus(listener: () => void): () => void;
  /** The OpenAPI documents of the faces, by their names. */
  documents: readonly { name: string; path: string }[];
  /** Resolves when no long work waits or runs. */
  settled(): Promise<void>;
  /** Stops: nothing that was accepted is lost, long work goes on at the next start. */
  close(): Promise<void>;
};

/** Starts a server. Throws AppError with a sentence for the person when it cannot. */
export async function startServer(options: ServerOptions, ports: ServerPorts = {}): Promise<RunningServer> {
  const clock = ports.clock ?? systemClock;
  if (options.webApp !== undefined) checkWebApp(options.webApp);
  const startedAt = clock.now();
  const zone = options.timeZone ?? systemTimeZone();
  const shape = shapeOf(options.koshelfDialect);
  const counts = {
    zone: options.timeZone ?? (shape.utcByDefault ? 'UTC' : zone),
    dayStart: options.dayStart,
    leastDaySec: options.minTimePerDay,
    leastDayPages: options.minPagesPerDay,
    finishedMark: options.finishedMark,
  };
  checkDataFolder(options.dataDir);
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) await step();
  };

  try {
    // Before any file is made: a second start, or one whose port is taken, leaves nothing behind.
    const listening = await startListening(options);
    closing.push(() => listening.close());
    const dataDir = prepareDataFolder(options.dataDir);
    const events = createEvents();
    const catalogue = openCatalogue({ dataDir, clock, events });
    closing.push(() => catalogue.close());
    const log = createLog({
      level: options.logLevel,
      dir: join(dataDir, 'logs'),
      readable: options.terminal,
    });
    closing.push(() => log.close());
    const pool = createPool({ size: WORKERS });
    closing.push(() => pool.close());
    const secrets =
      ports.secrets ??
      openSealedFile(dataDir, (name) =>
        log.warn('the stored passwords could not be opened and were put aside', { name }),
      );
    const { resolve, metadataSources, pdfFamilies, streamPace, streamTokenSec } = ports;
    const outbound = createOutbound({
      allowedNetworks: options.allowNetworks,
      ...(resolve === undefined ? {} : { resolve }),
    });
    closing.push(() => outbound.close());
    const { origin, localOrigin } = listening;
    const publicUrl = () => options.publicUrl ?? origin();
    const about = {
      outbound, metadataSources, pdfFamilies, streamPace, streamTokenSec, dataDir, publicUrl, zone, counts,
    }; // prettier-ignore
    const ground: Ground = { options, clock, events, catalogue, log, pool, secrets, ...about };
    const parts = createParts(ground);
    const { users, sessions, deletions, jobs, books, goals, writeback, sources } = parts;
    await lockDoors(sessions, options);
    closing.push(sessions.forgetExpired((error) => log.warn('old sessions stay for now', { error })));

    const checkAnswers = ports.checkAnswers ?? false;
    const { app, faces, newDeskUrl, newDeskSession } = createFaces({
      ...ground,
      ...parts,
      startedAt,
      checkAnswers,
      patience: ports.patience,
      localOrigin,
    });
    listening.serve(app);
    closing.push(watchOwnFile(catalogue, log, ports.lookAtFileMs));
    // The doors close before what stands behind them.
    closing.push(noteRunning(dataDir, { url: localOrigin(), key: newDeskSession(), pid: process.pid }), () =>
      listening.close(),
    );

    const ownerId = users.shelfOwnerId();
    const how = JSON.stringify({ ...counts, rules: READING_RULES });
    await parts.backups.settle();
    jobs.start(jobKinds({ ...ground, ...parts, ownerId, how }));
    closing.push(() => jobs.close(), writeback.follow(), goals.follow());
    const onTidyError = (error: unknown) => log.warn('files nothing points to stay for now', { error });
    closing.push(parts.storage.keepTidy(jobs, ownerId, onTidyError));
    // Before anything is read: files that are new now are worked out by these rules as they come in.
    if (isDerivedOtherwise(catalogue, how))
      jobs.add({ ownerId, kind: 'derive-reading', payload: {}, subject: '' });
    await settleSources(sources, ownerId, options, log);
    if (options.watch !== 'off') {
      const how = { mode: options.watch, pollMs: options.pollInterval * 1_000, isOwnWrite: recentlyWritten };
      const pace = ports.watchPace ?? {};
      const watch = createWatch({ catalogue, jobs, events, log, ownerId, ...how, pace });
      closing.push(() => watch.close());
      await watch.start();
    }
    sources.scanAll(ownerId);
    parts.bookText.catchUp();
    const onPurgeError = (error: unknown) => log.warn('accounts due stay for now', { error });
    closing.push(purgeWhenDue({ deletions, jobs, ownerId }, onPurgeError));
    const onPruneError = (error: unknown) => log.warn('the diary stays as it is for now', { error });
    closing.push(pruneWhenDue({ catalogue, clock, jobs, ownerId }, onPruneError));
    const schedule = { every: options.backupSchedule, at: options.backupTime, zone };
    const onBackupError = (error: unknown) => log.warn('a backup that is due waits', { error });
    closing.push(
      backUpWhenDue({ backups: parts.backups, catalogue, clock, jobs, ownerId, schedule }, onBackupError),
    );
    log.info('server started', { version, tookMs: clock.now().getTime() - startedAt.getTime() });

    return {
      url: origin(),
      deskUrl: newDeskUrl(),
      newDeskUrl,
      documents: documentPaths(faces),
      status: () => {
        const counts = books.counts(ownerId);
        return { books: counts.books + counts.comics, scanning: jobs.busy() };
      },
      onStatus: (listener) => {
        const stops = [events.on('job-changed', listener), events.on('catalogue-changed', listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
      settled: () => jobs.settled(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every kind of long work; `how` names the rules reading is worked out by. */
function jobKinds(parts: Ground & Parts & { ownerId: string; how: string }): JobKind[] {
  const { catalogue, clock, pool, log, zone, rules, jobs, covers, coversDir, scratchDir } = parts;
  const { ownerId, how, readings, shareImages, writeback, deletions, bookText } = parts;
  const onImported = () => jobs.add({ ownerId, kind: 'draw-share-images', payload: {}, subject: '' });
  const onScanned = ({ read }: { read: number }) => {
    if (read > 0) parts.sources.lookForMissing(ownerId);
    jobs.add({ ownerId, kind: 'draw-covers', payload: {}, subject: '' });
    writeback.catchUp();
    bookText.followFiles(ownerId);
  };
  return [
    scanFolder({
      catalogue,
      clock,
      pool,
      coversDir,
      dataDir: Buffer.from(parts.dataDir),
      zone,
      rules,
      log,
      onScanned,
      readers: READERS,
    }),
    drawCovers({ covers }),
    indexText({ catalogue, clock, pool, bookText }),
    importStatistics({ catalogue, clock, pool, scratchDir, rules, onImported }),
    deriveAllReading({ catalogue, clock, rules, how }),
    drawShareImages({ readings, shareImages }),
    writeSidecar({ writeback }),
    purgeAccounts({ deletions, jobs }),
    pruneDiary({ catalogue, clock }),
    makeBackup({ backups: parts.backups }),
    restoreBackup({ backups: parts.backups }),
    parts.storage.jobKind,
  ];
}

/** Looks from time to time whether the library file is where it was. Returns what stops it. */
function watchOwnFile(catalogue: Catalogue, log: Log, everyMs = LOOK_AT_FILE_MS): () => void {
  const look = (): void => {
    if (!catalogue.ownFile.look()) log.error('the library file is gone: nothing is taken in');
  };
  return lookEvery(everyMs, look, (error) => log.warn('the library file cannot be looked at', { error }));
}

/** Sets the given password. Beyond this computer everybody in reach would read along: there must be one then. */
async function lockDoors(sessions: KoshelfSessions, options: ServerOptions): Promise<void> {
  const { host, koshelfPassword, terminal } = options;
  if (koshelfPassword === null) sessions.removePassword();
  else if (koshelfPassword !== undefined) await sessions.setPassword(koshelfPassword);
  if (sessions.locked() || !isReachable(options)) return;
  if (terminal === undefined) {
    throw new AppError(
      'forbidden',
      isLoopbackHost(host)
        ? 'A proxy lets others reach your library. Give --koshelf-password-file as well, or leave --trusted-proxies out.'
        : `Listening on ${host} lets others reach your library. Give --koshelf-password-file as well, or leave --host out.`,
      { code: 'open_host' },
    );
  }
  // Not through the log: its lines are kept.
  terminal.write(
    `KoShelf password: ${await sessions.makePassword()}\nIt is shown this once; --koshelf-password-file sets another.\n`,
  );
}

async function settleSources(
  sources: Sources,
  ownerId: string,
  options: ServerOptions,
  log: Log,
): Promise<void> {
  const folders: { path: string; kind: FolderKind }[] = [
    ...options.library.map((path) => ({ path, kind: 'library' as const })),
    ...options.docsettings.map((path) => ({ path, kind: 'docsettings' as const })),
    ...options.hashdocsettings.map((path) => ({ path, kind: 'hashdocsettings' as const })),
  ];
  for (const { path, error } of await sources.settle(ownerId, { folders, statistics: options.statistics })) {
    const isExpected = error instanceof AppError;
    const reason = isExpected ? error.message : 'It cannot be used.';
    // What lies in another folder names it: paths are for the person, not for the log.
    const why = isExpected && error.kind === 'conflict' ? 'It is part of another one, or around it.' : reason;
    log.warn(`a given folder or file cannot be used: ${why}`);
    log.debug('a given folder or file cannot be used', { error });
    options.terminal?.write(`${path}: ${reason}\n`);
  }
}
