// The composition root: opens the catalogue, makes the parts, mounts the faces, listens; closes in reverse.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import type { Router } from 'express';
import { createKoshelfSessions } from './accounts/koshelf-sessions.ts';
import type { KoshelfSessions } from './accounts/koshelf-sessions.ts';
import { createTokens } from './accounts/tokens.ts';
import { createUsers } from './accounts/users.ts';
import { createKoshelfDoor, isPublic } from './api/koshelf/auth.ts';
import { createDeskKeys } from './api/desk/auth.ts';
import { presentError as presentDeskError } from './api/desk/errors.ts';
import { deskEndpoints, deskFace } from './api/desk/index.ts';
import { shapeOf } from './api/koshelf/dialect.ts';
import type { RecapParts } from './api/koshelf/assets.ts';
import { presentError as presentKoshelfError } from './api/koshelf/errors.ts';
import {
  koshelfAssets,
  koshelfDescription,
  koshelfEndpoints,
  koshelfFace,
  servedEndpoints,
} from './api/koshelf/index.ts';
import { presentError as presentPapyrusError } from './api/papyrus/errors.ts';
import { papyrusDescription, papyrusEndpoints, papyrusFace } from './api/papyrus/index.ts';
import { systemClock } from './base/clock.ts';
import type { Clock } from './base/clock.ts';
import { AppError } from './base/errors.ts';
import { createEvents } from './base/events.ts';
import { createLog } from './base/log.ts';
import type { Log } from './base/log.ts';
import { systemTimeZone } from './base/time-zone.ts';
import { version } from './base/version.ts';
import { prepareDataFolder } from './catalogue/data-folder.ts';
import { openCatalogue } from './catalogue/open.ts';
import { createPool } from './formats/pool.ts';
import { isLoopback } from './http/addresses.ts';
import { createAnswerCache } from './http/answer-cache.ts';
import { apiPage } from './http/api-page.ts';
import { createApp } from './http/app.ts';
import { mount } from './http/endpoint.ts';
import { openApiDocument } from './http/openapi.ts';
import { builtPages } from './http/pages.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { deriveAllReading, isDerivedOtherwise } from './imports/derive-reading.ts';
import { drawShareImages } from './imports/draw-share-images.ts';
import { drawCovers } from './imports/draw-covers.ts';
import { importStatistics } from './imports/import-statistics.ts';
import { scanFolder } from './imports/scan-folder.ts';
import { createSources } from './imports/sources.ts';
import type { FolderKind } from './imports/sources.ts';
import { createWatch } from './imports/watch.ts';
import type { Pace } from './imports/watch.ts';
import { writeSidecar } from './imports/write-sidecar.ts';
import { createJobs } from './jobs/runner.ts';
import { recentlyWritten } from './koreader/sidecar-file.ts';
import { createSidecars } from './koreader/sidecars.ts';
import { createWriteback } from './koreader/writeback.ts';
import { createBooks } from './library/books.ts';
import { createCovers } from './library/covers.ts';
import { createMarks } from './marks/marks.ts';
import type { ServerOptions } from './options.ts';
import { createActivity } from './reading/activity.ts';
import { createReadings } from './reading/readings.ts';
import type { Readings } from './reading/readings.ts';
import { recapOf } from './reading/recap.ts';
import { rulesOf } from './reading/rules.ts';
import { createShareImages } from './reading/share-images/share-images.ts';
import type { ShareImages } from './reading/share-images/share-images.ts';

/** Raised when reading is worked out by other rules than before: all of it is done again then. */
const READING_RULES = 2;
const WORKERS = 2;
/** Files under way at once: two a worker, so that one is parsed while the other's cover is drawn. */
const READERS = 4;

/** What tests set and nobody else needs. */
export type ServerPorts = {
  clock?: Clock;
  /** Attempts at signing in per minute and address. */
  signInAttempts?: number;
  /** Check every answer against its schema before it leaves. */
  checkAnswers?: boolean;
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
  /** Resolves when no long work waits or runs. */
  settled(): Promise<void>;
  /** Stops: nothing that was accepted is lost, long work goes on at the next start. */
  close(): Promise<void>;
};

/** Starts a server. Throws AppError with a sentence for the person when it cannot. */
export async function startServer(options: ServerOptions, ports: ServerPorts = {}): Promise<RunningServer> {
  const clock = ports.clock ?? systemClock;
  const checkAnswers = ports.checkAnswers ?? false;
  const startedAt = clock.now();
  const zone = options.timeZone ?? systemTimeZone();
  const shape = shapeOf(options.koshelfDialect);
  const counts = {
    zone: options.timeZone ?? (shape.utcByDefault ? 'UTC' : systemTimeZone()),
    dayStart: options.dayStart,
    leastDaySec: options.minTimePerDay,
    leastDayPages: options.minPagesPerDay,
    finishedMark: options.finishedMark,
  };
  const rules = rulesOf(counts);
  const { dayOf } = rules;
  const dataDir = prepareDataFolder(options.dataDir);
  const events = createEvents();
  const catalogue = openCatalogue({ dataDir, clock, events });
  const log = createLog({ level: options.logLevel, dir: join(dataDir, 'logs'), readable: options.terminal });
  const closing: (() => unknown)[] = [() => log.close(), () => catalogue.close()];
  const close = async () => {
    for (const step of closing.splice(0).toReversed()) await step();
  };

  try {
    const coversDir = join(dataDir, 'covers');
    const scratchDir = emptyFolder(join(dataDir, 'scratch'));
    const pool = createPool({ size: WORKERS });
    closing.push(() => pool.close());

    const users = createUsers({ catalogue, clock });
    const tokens = createTokens({ catalogue, clock, users });
    const sessions = createKoshelfSessions({ catalogue, clock });
    await lockDoors(sessions, options);
    closing.push(sessions.forgetExpired((error) => log.warn('old sessions stay for now', { error })));
    const jobs = createJobs({ catalogue, clock, events, log });
    const books = createBooks({ catalogue, clock });
    const covers = createCovers({ catalogue, clock, pool, coversDir });
    const marks = createMarks({ catalogue });
    const activity = createActivity({ catalogue, rules });
    const readings = createReadings({ catalogue, clock, counts });
    const shareImages = createShareImages({ pool, dir: join(dataDir, 'recap') });
    const sidecars = createSidecars({ catalogue });
    const enabled = options.writeback;
    const writeback = createWriteback({ catalogue, clock, events, jobs, pool, log, zone, enabled });
    const sources = createSources({ catalogue, clock, jobs, dataDir });

    const attempts = createRateLimit({ clock, burst: ports.signInAttempts ?? 5, perSec: 60 });
    const keys = createDeskKeys();
    const cache = createAnswerCache(() => String(catalogue.revision()));
    const server = createServer();
    const origin = () => originOf(server, options.host);
    const revision = () => catalogue.revision();

    const koshelfParts = {
      books, marks, activity, sidecars, covers, sessions, attempts, events, clock, revision, startedAt, zone, dayOf, shape, version,
      readings, recapPicture: recapPicture(readings, shareImages), writeback, includeUnread: options.includeUnread,
    }; // prettier-ignore
    const papyrus = papyrusEndpoints({ users, tokens, books, attempts, origin });
    const koshelf = koshelfEndpoints(koshelfParts);
    const desk = deskEndpoints({
      users,
      books,
      covers,
      jobs,
      events,
      keys,
      revision,
      version,
      startedAt,
      dataDir,
      origin,
      sources,
    });
    const door = createKoshelfDoor({ users, sessions });
    const koshelfView = koshelfFace({ door, clock, version, cache, checkAnswers, shape });
    const documents = {
      papyrus: () => openApiDocument(papyrus, papyrusDescription(version)),
      koshelf: () => openApiDocument(koshelf, koshelfDescription(version)),
    };

    const papyrusRouter = newRouter();
    papyrusRouter.get('/openapi.json', (_req, res) => void res.json(documents.papyrus()));
    mount(papyrusRouter, papyrus, papyrusFace({ tokens, cache, checkAnswers }));
    const koshelfRouter = newRouter();
    koshelfRouter.get('/openapi.json', (_req, res) => void res.json(documents.koshelf()));
    mount(koshelfRouter, servedEndpoints(koshelfParts), koshelfView);
    const assetRouter = newRouter();
    mount(assetRouter, koshelfAssets(koshelfParts), koshelfView);
    const deskRouter = newRouter();
    mount(deskRouter, desk, deskFace({ users, keys, cache, checkAnswers }));

    const app = createApp({
      log,
      loopbackOnly: !isReachable(options),
      trustedProxies: options.trustedProxies,
      health: () => ({ status: 'healthy' }),
      faces: [
        {
          paths: ['/api/v1', '/v1'],
          router: papyrusRouter,
          present: presentPapyrusError,
          openToOrigins: true,
        },
        { paths: ['/desk/api'], router: deskRouter, present: presentDeskError },
        {
          paths: ['/api'],
          router: koshelfRouter,
          present: presentKoshelfError,
          guard: door.guard(isPublic),
        },
        {
          paths: ['/assets'],
          router: assetRouter,
          present: presentKoshelfError,
          guard: door.guard(() => false),
        },
      ],
      pages: [
        ...(options.rendererDir === undefined
          ? []
          : [{ path: '/desk', handler: builtPages(options.rendererDir) }]),
        {
          path: '/docs',
          handler: apiPage(() => [
            { title: 'Papyrus Server API', link: '/api/v1/openapi.json', document: documents.papyrus() },
            { title: 'KoShelf API', link: '/api/openapi.json', document: documents.koshelf() },
          ]),
        },
      ],
    });
    server.on('request', app);
    await listen(server, options);
    closing.push(closeConnections(server));

    const ownerId = users.shelfOwnerId();
    const onImported = () => jobs.add({ ownerId, kind: 'draw-share-images', payload: {}, subject: '' });
    const onScanned = () => {
      jobs.add({ ownerId, kind: 'draw-covers', payload: {}, subject: '' });
      writeback.catchUp();
    };
    const how = JSON.stringify({ ...counts, rules: READING_RULES });
    jobs.start([
      scanFolder({ catalogue, clock, pool, coversDir, zone, rules, log, onScanned, readers: READERS }),
      drawCovers({ covers }),
      importStatistics({ catalogue, clock, pool, scratchDir, rules, onImported }),
      deriveAllReading({ catalogue, rules, how }),
      drawShareImages({ readings, shareImages }),
      writeSidecar({ writeback }),
    ]);
    closing.push(() => jobs.close(), writeback.follow());
    await settleSources(sources, ownerId, options, log);
    if (isDerivedOtherwise(catalogue, how))
      jobs.add({ ownerId, kind: 'derive-reading', payload: {}, subject: '' });
    if (options.watch !== 'off') {
      const how = { mode: options.watch, pollMs: options.pollInterval * 1_000, isOwnWrite: recentlyWritten };
      const pace = ports.watchPace ?? {};
      const watch = createWatch({ catalogue, jobs, events, log, ownerId, ...how, pace });
      closing.push(() => watch.close());
      await watch.start();
    }
    sources.scanAll(ownerId);
    log.info('server started', { version, tookMs: clock.now().getTime() - startedAt.getTime() });

    const newDeskUrl = () => `${origin()}/desk/?token=${keys.newLink()}`;
    return {
      url: origin(),
      deskUrl: newDeskUrl(),
      newDeskUrl,
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

/** A folder for files of a moment; what an earlier process left there goes. */
function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return path;
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
        ? 'A proxy lets others reach your library. Give --koshelf-password as well, or leave --trusted-proxies out.'
        : `Listening on ${host} lets others reach your library. Give --koshelf-password as well, or leave --host out.`,
      { code: 'open_host' },
    );
  }
  // Not through the log: its lines are kept.
  terminal.write(
    `KoShelf password: ${await sessions.makePassword()}\nIt is shown this once; --koshelf-password sets another.\n`,
  );
}

/** Whether others than this computer may ask: over the network, or through a proxy. */
const isReachable = ({ host, trustedProxies }: ServerOptions) =>
  !isLoopbackHost(host) || trustedProxies.length > 0;

const isLoopbackHost = (host: string) => host === 'localhost' || isLoopback(host);

const newRouter = (): Router => express.Router({ caseSensitive: true, strict: true });

function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  // Links in answers are for people at this computer when the server listens everywhere.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} is taken by another program. Close that one, or choose another port with --port.`,
      EACCES: `Port ${port} may not be used by this user. Choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `This computer does not have the address ${host}.`,
      ENOTFOUND: `There is no address for the name ${host}.`,
    };
    throw new AppError('unavailable', reasons[code] ?? `The server cannot listen on ${host}:${port}.`, {
      code: 'listen',
      cause: error,
    });
  });
}

/** Stops accepting, ends streams that never end by themselves, gives answers under way a moment. */
function closeConnections(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      const force = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 1_000);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    });
}

/** A share image of a year, drawn if need be; none of years without a finished book. */
const recapPicture =
  (readings: Readings, shareImages: ShareImages): RecapParts['recapPicture'] =>
  async (ownerId, { year, format, kind }) => {
    const { history } = await readings.view(ownerId);
    const recap = recapOf(history, year);
    return recap.completions === 0 ? undefined : (await shareImages.ensure(recap))[format][kind];
  };

async function settleSources(
  sources: ReturnType<typeof createSources>,
  ownerId: string,
  options: ServerOptions,
  log: Log,
): Promise<void> {
  const folders: { path: string; kind: FolderKind }[] = [
    ...options.library.map((path) => ({ path, kind: 'library' as const })),
    ...(options.docsettings === undefined
      ? []
      : [{ path: options.docsettings, kind: 'docsettings' as const }]),
    ...(options.hashdocsettings === undefined
      ? []
      : [{ path: options.hashdocsettings, kind: 'hashdocsettings' as const }]),
  ];
  for (const { path, error } of await sources.settle(ownerId, { folders, statistics: options.statistics })) {
    log.warn('a given folder or file cannot be used', { error });
    const reason = error instanceof AppError ? error.message : 'It cannot be used.';
    options.terminal?.write(`${path}: ${reason}\n`);
  }
}
