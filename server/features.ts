// Every feature, in the order of who may use whom, each given what it uses and nothing more.
import { join } from 'node:path';
import { accountsFeature } from './accounts/feature.ts';
import type { Forget } from './accounts/deletions.ts';
import type { MissingSecret } from './accounts/missing-secrets.ts';
import { backupsFeature } from './backups/feature.ts';
import type { Clock } from './base/clock.ts';
import { emptyFolder } from './base/empty-folder.ts';
import type { EventBus } from './base/events.ts';
import type { Log } from './base/log.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { LiveSettings } from './config/live-settings.ts';
import type { ServerOptions } from './config/options.ts';
import type { Pool } from './formats/workers/pool.ts';
import { jobKinds } from './jobs/kinds.ts';
import type { JobHandler } from './jobs/kinds.ts';
import { createJobs } from './jobs/runner.ts';
import { followSchedule } from './jobs/schedule.ts';
import type { Recurring } from './jobs/schedule.ts';
import { koreaderFeature } from './koreader/feature.ts';
import { filesFeature } from './files/feature.ts';
import { libraryFeature } from './library/feature.ts';
import type { MetadataSources } from './library/metadata-lookup.ts';
import { marksFeature } from './marks/feature.ts';
import type { Outbound } from './outbound/client.ts';
import { portabilityFeature } from './portability/feature.ts';
import { readingFeature } from './reading/feature.ts';
import { addFirstProfile } from './reading/profiles.ts';
import type { ReadingClock } from './reading/rules.ts';
import { searchFeature } from './search/feature.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import { shelvesFeature } from './shelves/feature.ts';
import { addDefaultShelves } from './shelves/shelves.ts';
import { sourcesFeature } from './sources/feature.ts';
import type { Pace } from './sources/watch.ts';
import { storageFeature } from './storage/feature.ts';
import type { StorageKind } from './storage/kind.ts';
import { syncFeature } from './sync/feature.ts';
import type { StreamPace } from './sync/stream.ts';

/** What everything stands on. */
export type Ground = {
  /** As they are whenever they are asked: settings change while the server runs. */
  options: Readonly<ServerOptions>;
  settings: LiveSettings;
  clock: Clock;
  events: EventBus;
  catalogue: Catalogue;
  log: Log;
  pool: Pool;
  secrets: SecretStore;
  outbound: Outbound;
  dataDir: string;
  /** Where others find this server, without a slash at the end. */
  publicUrl: () => string;
  /** The zone of the device's own wall times. */
  zone: () => string;
  /** How reading is counted, as it is whenever it is asked. */
  counts: ReadingClock;
  metadataSources?: MetadataSources | undefined;
  pdfFamilies?: readonly string[] | undefined;
  storageKinds?: readonly StorageKind[] | undefined;
  streamPace?: Partial<StreamPace> | undefined;
  streamTokenSec?: number | undefined;
  watchPace?: Partial<Pace> | undefined;
};

type Stop = () => unknown;

/** What a feature may bring along besides its verbs. */
type Feature = {
  [verb: string]: unknown;
  /** Is awaited before any job runs. */
  prepare?(): Promise<void>;
  jobs?: readonly JobHandler[];
  schedule?: readonly Recurring[];
  /** Begins what goes on as long as the server runs; returns what stops it. */
  follow?(): Stop | void | Promise<Stop>;
  /** Called before a person's rows go: it keeps something of theirs outside the catalogue. */
  forgetOwner?: Forget;
  /** What a person must give again after the server lost what it had sealed. */
  missingSecrets?(): Promise<MissingSecret[]>;
};

export type Features = ReturnType<typeof createFeatures>;

/** Returns every feature by its room. */
export function createFeatures(given: Ground) {
  const scratchDir = emptyFolder(join(given.dataDir, 'scratch'));
  const ground = { ...given, scratchDir, onlyLibrary: () => !given.options.includeAllStats };
  const jobs = createJobs(ground);
  const accounts = accountsFeature(ground, {
    jobs,
    forget: () => all().flatMap(({ forgetOwner = [] }) => forgetOwner),
    furnish: (db, userId, now) => {
      addDefaultShelves(db, userId, now);
      addFirstProfile(db, userId, now);
    },
  });
  const uses = { jobs, ownerId: () => accounts.users.shelfOwnerId() };
  const storage = storageFeature(ground);
  const search = searchFeature(ground, uses);
  const shelves = shelvesFeature(ground);
  const library = libraryFeature(ground, { ...storage, ...uses, ...search });
  const marks = marksFeature(ground);
  const reading = readingFeature(ground, uses);
  const files = filesFeature(ground, { ...storage, ...library, ...uses });
  const koreader = koreaderFeature(ground, { ...marks, ...reading, ...uses });
  const sync = syncFeature(ground, { ...reading, ...files, ...uses });
  const sources = sourcesFeature(ground, { ...search, ...library, ...reading, ...koreader, ...uses });
  const backups = backupsFeature(ground, { ...storage, ...uses });
  const portability = portabilityFeature(ground, { ...storage, ...shelves, ...library, ...reading });
  const features = {
    accounts,
    storage,
    search,
    shelves,
    library,
    marks,
    reading,
    files,
    koreader,
    sync,
    sources,
    backups,
    portability,
  };
  const all = (): readonly Feature[] => Object.values(features);

  return {
    ...features,
    jobs,
    scratchDir,

    /** What people must give again after the server lost what it had sealed. */
    missingSecrets: async (): Promise<MissingSecret[]> =>
      (await Promise.all(all().map(async (feature) => (await feature.missingSecrets?.()) ?? []))).flat(),

    /** Begins all that runs by itself. Each `stop` is told what ends something, in the order things began. */
    async start(stop: (end: Stop) => void): Promise<void> {
      for (const feature of all()) await feature.prepare?.();
      jobs.start(
        all().flatMap((feature) => feature.jobs ?? []),
        jobKinds(),
      );
      stop(() => jobs.close());
      for (const feature of all()) {
        const end = await feature.follow?.();
        if (end !== undefined) stop(end);
      }
      stop(
        followSchedule(
          all().flatMap((feature) => feature.schedule ?? []),
          ground.log,
        ),
      );
    },
  };
}
