// Sources, put together: the folders and statistics files of the library, scanned, imported and watched.
import { AppError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import { recentlyWritten } from '../koreader/sidecar-file.ts';
import type { Writeback } from '../koreader/writeback.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { BookText } from '../search/book-text.ts';
import { importStatisticsWork } from './import-statistics.ts';
import { createRemovedBooks } from './removed-books.ts';
import { scanFolderWork } from './scan-folder.ts';
import { createSources } from './sources.ts';
import type { FolderKind, Sources } from './sources.ts';
import { createWatch } from './watch.ts';
import type { Pace } from './watch.ts';

/** Files under way at once: two a worker, so that one is parsed while the other's cover is drawn. */
const READERS = 4;

type Options = {
  library: readonly string[];
  docsettings: readonly string[];
  hashdocsettings: readonly string[];
  statistics: readonly string[];
  watch: 'auto' | 'poll' | 'off';
  /** Seconds. */
  pollInterval: number;
  /** Where a person starting the server reads what cannot be used. */
  terminal?: NodeJS.WritableStream | undefined;
};

type Ground = {
  options: Options;
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  pool: Pool;
  dataDir: string;
  scratchDir: string;
  zone: string;
  /** How long changed files must rest; as usual unless a test says otherwise. */
  watchPace?: Partial<Pace> | undefined;
};

type Uses = {
  jobs: Jobs;
  rules: ReadingRules;
  coversDir: string;
  bookText: BookText;
  writeback: Writeback;
  drawCovers: (ownerId: string) => unknown;
  drawShareImages: (ownerId: string) => unknown;
  ownerId: () => string;
};

/** Returns the verbs of sources. */
export function sourcesFeature(ground: Ground, uses: Uses) {
  const { options, catalogue, clock, events, log, pool, dataDir, scratchDir, zone } = ground;
  const { jobs, rules, coversDir, ownerId } = uses;
  const sources = createSources({ catalogue, clock, jobs, pool, dataDir, scratchDir });

  function onScanned({ read }: { read: number }): void {
    if (read > 0) sources.lookForMissing(ownerId());
    uses.drawCovers(ownerId());
    uses.writeback.catchUp();
    uses.bookText.followFiles(ownerId());
  }

  return {
    sources,
    removedBooks: createRemovedBooks({ catalogue, sources }),

    jobs: [
      scanFolderWork({
        catalogue,
        clock,
        pool,
        coversDir,
        dataDir: Buffer.from(dataDir),
        zone,
        rules,
        log,
        onScanned,
        readers: READERS,
      }),
      importStatisticsWork({
        catalogue,
        clock,
        pool,
        scratchDir,
        rules,
        onImported: () => uses.drawShareImages(ownerId()),
      }),
    ],

    /** Takes in what was given at the start, watches all there is and looks through it. Returns what stops the watching. */
    async follow(): Promise<() => Promise<void>> {
      await settleGiven(sources, ownerId(), options, log);
      const watch =
        options.watch === 'off'
          ? undefined
          : createWatch({
              catalogue,
              jobs,
              events,
              log,
              ownerId: ownerId(),
              mode: options.watch,
              pollMs: options.pollInterval * 1_000,
              isOwnWrite: recentlyWritten,
              pace: ground.watchPace ?? {},
            });
      try {
        await watch?.start();
        sources.scanAll(ownerId());
      } catch (error) {
        await watch?.close();
        throw error;
      }
      return async () => watch?.close();
    },
  };
}

async function settleGiven(sources: Sources, ownerId: string, options: Options, log: Log): Promise<void> {
  const folders: { path: string; kind: FolderKind }[] = [
    ...options.library.map((path) => ({ path, kind: 'library' as const })),
    ...options.docsettings.map((path) => ({ path, kind: 'docsettings' as const })),
    ...options.hashdocsettings.map((path) => ({ path, kind: 'hashdocsettings' as const })),
  ];
  const { statistics } = options;
  for (const { path, error } of await sources.settle(ownerId, { folders, statistics: [...statistics] })) {
    const isExpected = error instanceof AppError;
    const reason = isExpected ? error.message : 'It cannot be used.';
    // What lies in another folder names it: paths are for the person, not for the log.
    const why = isExpected && error.kind === 'conflict' ? 'It is part of another one, or around it.' : reason;
    log.warn(`a given folder or file cannot be used: ${why}`);
    log.debug('a given folder or file cannot be used', { error });
    options.terminal?.write(`${path}: ${reason}\n`);
  }
}
