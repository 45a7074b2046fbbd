// Reading, put together: what was read, how it is counted and shown, where a person is, and what they want to read.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import { createActivity } from './activity.ts';
import { createGoals } from './goals.ts';
import { createReadingSessions } from './papyrus-sessions.ts';
import { createPeriodStatistics } from './period-statistics.ts';
import { createProfiles } from './profiles.ts';
import { createProgress } from './progress.ts';
import { createReadings } from './readings.ts';
import { followRules } from './rules.ts';
import type { ReadingClock } from './rules.ts';
import { drawShareImages, drawShareImagesWork } from './share-images/draw-share-images.ts';
import { createShareImages } from './share-images/share-images.ts';
import { createZones } from './zones.ts';

type Ground = {
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  pool: Pool;
  dataDir: string;
  /** How reading is counted. */
  counts: ReadingClock;
  /** Whether reading of books that are not in the library is left out. */
  onlyLibrary: () => boolean;
};

/** Returns the verbs of reading. */
export function readingFeature(ground: Ground, { jobs, ownerId }: { jobs: Jobs; ownerId: () => string }) {
  const { catalogue, clock, events, log, pool, dataDir, counts, onlyLibrary } = ground;
  const rules = followRules(counts, clock);
  const readings = createReadings({ catalogue, clock, counts, rules, onlyLibrary });
  const zones = createZones({ catalogue, counts });
  const goals = createGoals({ catalogue, clock, events, log, readings, zones });
  const shareImages = createShareImages({ pool, dir: join(dataDir, 'recap') });
  return {
    rules,
    readings,
    zones,
    goals,
    shareImages,
    activity: createActivity({ catalogue, counts, rules }),
    progress: createProgress({ catalogue, clock }),
    profiles: createProfiles({ catalogue, clock }),
    readingSessions: createReadingSessions({ catalogue, clock, rules, onlyLibrary }),
    periodStatistics: createPeriodStatistics({ catalogue, clock, readings, zones }),
    /** Has the pictures of the reading years drawn that changed. */
    drawShareImages: (owner: string) =>
      jobs.add(drawShareImages, { ownerId: owner, payload: {}, subject: '' }),

    jobs: [drawShareImagesWork({ readings, shareImages })],
    follow: () => goals.follow(),
    /** The pictures of reading years are the shelf owner's. */
    forgetOwner: async (owner: string) => (owner === ownerId() ? () => shareImages.prune([]) : undefined),
  };
}
