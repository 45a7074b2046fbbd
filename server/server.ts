// The composition root: opens the catalogue, makes the features, mounts the faces, listens; closes in reverse.
import { join } from 'node:path';
import { systemClock } from './base/clock.ts';
import { createEvents } from './base/events.ts';
import { createLog } from './base/log.ts';
import { systemTimeZone } from './base/time-zone.ts';
import { version } from './base/version.ts';
import { checkDataFolder, prepareDataFolder } from './catalogue/data-folder.ts';
import { openCatalogue } from './catalogue/open.ts';
import { countsOf } from './config/counts.ts';
import { createLiveSettings } from './config/live-settings.ts';
import { defaultOptions } from './config/options.ts';
import type { ServerOptions } from './config/options.ts';
import { shapeOf } from './api/koshelf/dialect.ts';
import { createFaces } from './faces.ts';
import { createFeatures } from './features.ts';
import { createPool } from './formats/workers/pool.ts';
import { documentPaths } from './http/documents.ts';
import { checkWebApp } from './http/web-app.ts';
import { followSchedule } from './jobs/schedule.ts';
import { startListening } from './listening.ts';
import { lockDoors } from './lock-doors.ts';
import { createOutbound } from './outbound/client.ts';
import type { RunningServer, ServerPorts } from './running-server.ts';
import { openSealedFile } from './secrets/sealed-file.ts';
import { noteRunning } from './terminal/running.ts';

export type { RunningServer, ServerPorts } from './running-server.ts';

const WORKERS = 2;
const LOOK_AT_FILE_MS = 60_000;

/** Starts a server. Throws AppError with a sentence for the person when it cannot. */
export async function startServer(given: ServerOptions, ports: ServerPorts = {}): Promise<RunningServer> {
  const { clock = systemClock, checkAnswers = false, patience, resolve } = ports;
  const settings = createLiveSettings({ options: given, given: given.given, defaults: defaultOptions() });
  const { options } = settings;
  if (options.webApp !== undefined) checkWebApp(options.webApp);
  const startedAt = clock.now();
  const ofSystem = systemTimeZone();
  const zone = () => options.timeZone ?? ofSystem;
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
    const { logLevel: level, terminal: readable } = options;
    const log = createLog({ level, dir: join(dataDir, 'logs'), readable });
    closing.push(() => log.close());
    const pool = createPool({ size: WORKERS });
    closing.push(() => pool.close());
    const noteLost = (name: string) =>
      log.warn('the stored passwords could not be opened and were put aside', { name });
    const secrets = ports.secrets ?? openSealedFile(dataDir, noteLost);
    const allowedNetworks = options.allowNetworks;
    const outbound = createOutbound({ allowedNetworks, ...(resolve === undefined ? {} : { resolve }) });
    closing.push(() => outbound.close());
    const { origin, localOrigin } = listening;
    const publicUrl = () => options.publicUrl ?? origin();
    const usualZone = shapeOf(options.koshelfDialect).utcByDefault ? 'UTC' : ofSystem;
    const counts = countsOf(options, usualZone);
    const ground = {
      ...ports, options, settings, clock, events, catalogue, log, pool, secrets, outbound, dataDir, publicUrl, zone, counts,
    }; // prettier-ignore
    const features = createFeatures(ground);
    await lockDoors(features.accounts.sessions, options);

    const { app, faces, newDeskUrl, newDeskSession } = createFaces(ground, features, {
      startedAt,
      checkAnswers,
      patience,
      localOrigin,
    });
    listening.serve(app);
    const ownFile = {
      what: 'a look at the library file',
      everyMs: ports.lookAtFileMs ?? LOOK_AT_FILE_MS,
      look: () => {
        if (!catalogue.ownFile.look()) log.error('the library file is gone: nothing is taken in');
      },
    };
    closing.push(followSchedule([ownFile], log));
    // The doors close before what stands behind them.
    closing.push(noteRunning(dataDir, { url: localOrigin(), key: newDeskSession(), pid: process.pid }), () =>
      listening.close(),
    );
    await features.start((end) => closing.push(end));
    log.info('server started', { version, tookMs: clock.now().getTime() - startedAt.getTime() });

    const { jobs, library, accounts } = features;
    return {
      url: origin(),
      deskUrl: newDeskUrl(),
      newDeskUrl,
      documents: documentPaths(faces),
      status: () => {
        const { books, comics } = library.books.counts(accounts.users.shelfOwnerId());
        return { books: books + comics, scanning: jobs.busy() };
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
