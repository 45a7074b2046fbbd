// KOReader, put together: its sidecars and statistics in the catalogue, and the way back into the sidecars.
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Annotations } from '../marks/annotations.ts';
import type { Bookmarks } from '../marks/bookmarks.ts';
import type { ReadingClock, ReadingRules } from '../reading/rules.ts';
import { deriveReadingAnew, deriveReadingAnewWork, isDerivedOtherwise } from './derive-all-reading.ts';
import { createEditMarks } from './edit-marks.ts';
import { followMovedReading } from './moved-reading.ts';
import { createSidecars } from './sidecars.ts';
import { writeSidecarWork } from './write-sidecar.ts';
import { createWriteback } from './writeback.ts';

/** Raised when reading is worked out by other rules than before: all of it is done again then. */
const READING_RULES = 3;

type Ground = {
  options: { writeback: boolean };
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  pool: Pool;
  zone: string;
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
  const { catalogue, clock, events, log, pool, zone, options, counts } = ground;
  const { jobs, annotations, bookmarks, rules, ownerId } = uses;
  followMovedReading({ catalogue, rules });
  const enabled = options.writeback;
  const writeback = createWriteback({ catalogue, clock, events, jobs, pool, log, zone, enabled });
  const how = JSON.stringify({ ...counts, rules: READING_RULES });
  return {
    writeback,
    sidecars: createSidecars({ catalogue }),
    editMarks: createEditMarks({ annotations, bookmarks, writeback }),

    jobs: [writeSidecarWork({ writeback }), deriveReadingAnewWork({ catalogue, clock, rules, how })],
    follow(): () => void {
      // Before any file is read: those that are new are worked out by these rules as they come in.
      if (isDerivedOtherwise(catalogue, how))
        jobs.add(deriveReadingAnew, { ownerId: ownerId(), payload: {}, subject: '' });
      return writeback.follow();
    },
  };
}
