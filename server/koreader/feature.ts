// KOReader, put together: its sidecars and statistics in the catalogue, and the way back into the sidecars.
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Annotations } from '../marks/annotations.ts';
import type { Bookmarks } from '../marks/bookmarks.ts';
import { isDerivedBy } from '../reading/derived-by.ts';
import type { ReadingClock, ReadingRules } from '../reading/rules.ts';
import { deriveReadingAnew, deriveReadingAnewWork } from './derive-all-reading.ts';
import { createEditMarks } from './edit-marks.ts';
import { followMovedReading } from './moved-reading.ts';
import { createSidecars } from './sidecars.ts';
import { writeSidecarWork } from './write-sidecar.ts';
import { createWriteback } from './writeback.ts';

type Ground = {
  options: { readonly writeback: boolean };
  settings: { onChange(listener: (names: ReadonlySet<string>) => void): () => void };
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  pool: Pool;
  zone: () => string;
  counts: ReadingClock;
};

type Uses = {
  jobs: Jobs;
  annotations: Annotations;
  bookmarks: Bookmarks;
  rules: ReadingRules;
  ownerId: () => string;
};

/** Returns the verbs of KOReader's files. */
export function koreaderFeature(ground: Ground, uses: Uses) {
  const { catalogue, clock, events, log, pool, zone, options, settings, counts } = ground;
  const { jobs, annotations, bookmarks, rules, ownerId } = uses;
  followMovedReading({ catalogue, rules });
  const enabled = () => options.writeback;
  const writeback = createWriteback({ catalogue, clock, events, jobs, pool, log, zone, enabled });
  /** Work waits for nobody to ask: reading is counted by the rules of now. */
  const deriveIfNeeded = () => {
    if (!catalogue.read((db) => isDerivedBy(db, counts)))
      jobs.add(deriveReadingAnew, { ownerId: ownerId(), payload: {}, subject: '' });
  };
  return {
    writeback,
    sidecars: createSidecars({ catalogue }),
    editMarks: createEditMarks({ annotations, bookmarks, writeback }),

    jobs: [writeSidecarWork({ writeback }), deriveReadingAnewWork({ catalogue, clock, rules, counts })],
    follow(): () => void {
      // Before any file is read: those that are new are worked out by these rules as they come in.
      deriveIfNeeded();
      const stops = [
        writeback.follow(),
        settings.onChange((names) => {
          deriveIfNeeded();
          if (names.has('writeback')) writeback.catchUp();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
