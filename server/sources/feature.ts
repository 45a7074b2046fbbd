// Sources, put together: the folders and statistics files of the library, scanned, imported and watched.
import { AppError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Writeback } from '../koreader/writeback.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { BookText } from '../search/book-text.ts';
import { importStatisticsWork } from './import-statistics.ts';
import { createRemovedBooks } from './removed-books.ts';
import { scanFolderWork } from './scan-folder.ts';
import { createSources } from './sources.ts';
import type { FolderKind, Sources } from './sources.ts';
import type { Pace } from './watch.ts';
import { createWatching } from './watching.ts';

/** Files under way at once: two a worker, so that one is parsed while the other's cover is drawn. */
const READERS = 4;

type Options = {
  library: readonly string[];
  docsettings: readonly string[];
  hashdocsettings: readonly string[];
  statistics: readonly string[];
  readonly watch: 'auto' | 'poll' | 'off';
  /** Seconds. */
  readonly pollInterval: number;
  /** Where a person starting the server reads what cannot be used. */
  terminal?: NodeJS.WritableStream | undefined;
};

type Ground = {
  options: Options;
  settings: { onChange(listener: (names: ReadonlySet<string>) => void): () => void };
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  pool: Pool;
  dataDir: string;
  scratchDir: string;
  zone: () => string;
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
  const { options, catalogue, clock, log, pool, dataDir, scratchDir, zone } = ground;
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
      const watching = createWatching({ ...ground, jobs, ownerId });
      try {
        await watching.renew();
        sources.scanAll(ownerId());
      } catch (error) {
        await watching.close();
        throw error;
      }
      const stop = ground.settings.onChange((names) => {
        if (!names.has('watch') && !names.has('pollInterval')) return;
        watching.renew().catch((error: unknown) => log.error('folders cannot be watched', { error }));
      });
      return async () => {
        stop();
        await watching.close();
      };
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
