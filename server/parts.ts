// The features, each made with exactly what it needs, in the order of who may use whom.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDeletions } from './accounts/deletions.ts';
import { createAccountParts } from './account-parts.ts';
import type { Clock } from './base/clock.ts';
import type { EventBus } from './base/events.ts';
import type { Log } from './base/log.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Pool } from './formats/workers/pool.ts';
import { minutesOf, readingDays } from './base/time-zone.ts';
import { createBackups } from './backups/backups.ts';
import { createBookArchive } from './portability/book-archive.ts';
import { createLibraryExport } from './portability/library-export.ts';
import { createLibraryImport } from './portability/library-import.ts';
import { createStreamTokens } from './accounts/stream-tokens.ts';
import { createStream } from './sync/stream.ts';
import type { StreamPace } from './sync/stream.ts';
import { createToldDevices } from './sync/told-devices.ts';
import { createUpload } from './sync/upload.ts';
import { createSync } from './sync/sync.ts';
import { createRemovedBooks } from './sources/removed-books.ts';
import { createSources } from './sources/sources.ts';
import { createJobs } from './jobs/runner.ts';
import { createEditMarks } from './koreader/edit-marks.ts';
import { followMovedReading } from './koreader/moved-reading.ts';
import { createSidecars } from './koreader/sidecars.ts';
import { createWriteback } from './koreader/writeback.ts';
import { createBookBatches } from './library/book-batches.ts';
import { createBooks } from './library/books.ts';
import { createCovers } from './library/covers.ts';
import { createAnnotations } from './marks/annotations.ts';
import { createBookmarks } from './marks/bookmarks.ts';
import { createBookText } from './search/book-text.ts';
import { createSavedFilters } from './shelves/saved-filters.ts';
import { createSearch } from './search/search.ts';
import { createMetadataLookup } from './library/metadata-lookup.ts';
import type { MetadataSources } from './library/metadata-lookup.ts';
import { createSeries } from './library/series.ts';
import { createShelves } from './shelves/shelves.ts';
import { createTags } from './shelves/tags.ts';
import { createMarkExport } from './marks/export.ts';
import { createMarks } from './marks/marks.ts';
import { createNotes } from './marks/notes.ts';
import type { ServerOptions } from './config/options.ts';
import { createActivity } from './reading/activity.ts';
import { createGoals } from './reading/goals.ts';
import { createReadingSessions } from './reading/papyrus-sessions.ts';
import { createPeriodStatistics } from './reading/period-statistics.ts';
import { createProgress } from './reading/progress.ts';
import { createProfiles } from './reading/profiles.ts';
import { rulesOf } from './reading/rules.ts';
import type { ReadingClock } from './reading/rules.ts';
import { createReadings } from './reading/readings.ts';
import { createZones } from './reading/zones.ts';
import { createShareImages } from './reading/share-images/share-images.ts';
import type { Outbound } from './outbound/client.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import { createStorage } from './storage/storage.ts';

/** What everything stands on. */
export type Ground = {
  options: ServerOptions;
  clock: Clock;
  events: EventBus;
  catalogue: Catalogue;
  log: Log;
  pool: Pool;
  secrets: SecretStore;
  outbound: Outbound;
  /** Where books are looked up; the real ones unless a test has its own. */
  metadataSources?: MetadataSources | undefined;
  /** Font families that letters of a PDF are looked for in; all of this computer's unless a test says which. */
  pdfFamilies?: readonly string[] | undefined;
  dataDir: string;
  /** What tests of the stream set. */
  streamPace?: Partial<StreamPace> | undefined;
  streamTokenSec?: number | undefined;
  /** Where others find this server, without a slash at the end. */
  publicUrl: () => string;
  /** The zone of the device's own wall times. */
  zone: string;
  /** How reading is counted. */
  counts: ReadingClock;
};

export type Parts = ReturnType<typeof createParts>;

/** Returns the verbs of every feature. */
export function createParts(ground: Ground) {
  const { options, clock, events, catalogue, log, pool, outbound, dataDir, zone, counts } = ground;
  const coversDir = join(dataDir, 'covers');
  const scratchDir = emptyFolder(join(dataDir, 'scratch'));
  const rules = rulesOf(counts, clock);
  followMovedReading({ catalogue, rules });

  const accounts = createAccountParts(ground);
  const { users, tokens } = accounts;
  const { secrets } = ground;
  const streamTokens = createStreamTokens({ secrets, clock, tokens, lifeSec: ground.streamTokenSec });
  const jobs = createJobs({ catalogue, clock, events, log });
  const books = createBooks({ catalogue, clock, zone });
  const savedFilters = createSavedFilters({ catalogue, clock });
  const bookBatches = createBookBatches({ catalogue, clock });
  const shelves = createShelves({ catalogue, clock, zone });
  const tags = createTags({ catalogue, clock });
  const series = createSeries({ catalogue, clock });
  const profiles = createProfiles({ catalogue, clock });
  const search = createSearch({ catalogue });
  const bookText = createBookText({ catalogue, jobs });
  const covers = createCovers({ catalogue, clock, pool, coversDir });
  const metadata = createMetadataLookup({
    outbound,
    log,
    ...(ground.metadataSources === undefined ? {} : { sources: ground.metadataSources }),
  });
  const marks = createMarks({ catalogue });
  const annotations = createAnnotations({ catalogue, clock });
  const notes = createNotes({ catalogue, clock });
  const bookmarks = createBookmarks({ catalogue, clock });
  const activity = createActivity({ catalogue, rules });
  const markExport = createMarkExport({ catalogue, clock, zone, pdfFamilies: ground.pdfFamilies });
  const readings = createReadings({ catalogue, clock, counts, rules, onlyLibrary: !options.includeAllStats });
  const zones = createZones({ catalogue, counts });
  const progress = createProgress({ catalogue, clock });
  const readingSessions = createReadingSessions({
    catalogue,
    clock,
    rules,
    onlyLibrary: !options.includeAllStats,
  });
  const periodStatistics = createPeriodStatistics({ catalogue, clock, readings, zones });
  const goals = createGoals({ catalogue, clock, events, log, readings, zones });
  const shareImages = createShareImages({ pool, dir: join(dataDir, 'recap') });
  const stagingDir = emptyFolder(join(dataDir, 'staging'));
  const quotaBytes = options.storageQuota * 1024 * 1024;
  const storage = createStorage({ ...ground, books, covers, coversDir, stagingDir, quotaBytes });
  const missingSecrets = async () => [
    ...(await storage.missingSecrets()),
    ...(await accounts.metadataServers.missingSecrets()),
  ];
  const sidecars = createSidecars({ catalogue });
  const enabled = options.writeback;
  const writeback = createWriteback({ catalogue, clock, events, jobs, pool, log, zone, enabled });
  const editMarks = createEditMarks({ annotations, bookmarks, writeback });
  const sync = createSync({ catalogue, clock, rules, claim: storage.files.claiming });
  const sources = createSources({ catalogue, clock, jobs, pool, dataDir, scratchDir });
  const removedBooks = createRemovedBooks({ catalogue, sources });
  const toldDevices = createToldDevices({ catalogue });
  const stream = createStream({ catalogue, clock, events, toldDevices, pace: ground.streamPace });
  const upload = createUpload({ catalogue, clock, toldDevices });

  const libraryExport = createLibraryExport({ catalogue, clock, books, shelves, tags, scratchDir });
  const bookArchive = createBookArchive({ catalogue, clock, books, log });
  const backupDay = readingDays(zone, minutesOf('00:00'));
  const backups = createBackups({
    catalogue,
    clock,
    pool,
    log,
    dataDir,
    scratchDir,
    keep: { daily: options.keepDailyBackups, weekly: options.keepWeeklyBackups },
    dayOf: (moment) => backupDay(moment.getTime() / 1000),
  });
  const libraryImport = createLibraryImport({ catalogue, rules });

  // Every feature that keeps something of a person outside the catalogue.
  const forget = [
    accounts.metadataServers.forgetOwner,
    covers.forgetOwner,
    storage.forgetOwner,
    // The pictures of reading years are the shelf owner's.
    async (ownerId: string) => (ownerId === users.shelfOwnerId() ? () => shareImages.prune([]) : undefined),
  ];
  const deletions = createDeletions({ clock, users, tokens, forget });

  return {
    ...accounts, deletions, jobs, books, bookBatches, shelves, tags, series, profiles, covers, marks, annotations, notes, bookmarks, markExport, editMarks, activity,
    readings, shareImages, storage, sidecars, writeback, sources, metadata, coversDir, scratchDir, rules, zones, progress,
    readingSessions, periodStatistics, goals, savedFilters, sync, search, bookText, libraryExport, bookArchive, libraryImport,
    backups, removedBooks, missingSecrets,
    streamTokens, stream, upload, quotaBytes,
  }; // prettier-ignore
}

/** A folder for files of a moment; what an earlier process left there goes. */
function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return path;
}
