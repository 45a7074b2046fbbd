// Sync, put together: what devices pull and push, and the stream they follow.
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { Files } from '../files/files.ts';
import { pruneDiaryWork, pruneWhenDue } from './prune.ts';
import { createStream } from './stream.ts';
import type { StreamPace } from './stream.ts';
import { createSync } from './sync.ts';
import { createToldDevices } from './told-devices.ts';
import { createUpload } from './upload.ts';

type Ground = {
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  /** What tests of the stream set. */
  streamPace?: Partial<StreamPace> | undefined;
};

type Uses = { jobs: Jobs; rules: ReadingRules; files: Pick<Files, 'claiming'>; ownerId: () => string };

/** Returns the verbs of sync. */
export function syncFeature(ground: Ground, { jobs, rules, files, ownerId }: Uses) {
  const { catalogue, clock, events, streamPace: pace } = ground;
  const toldDevices = createToldDevices({ catalogue });
  return {
    sync: createSync({ catalogue, clock, rules, claim: files.claiming }),
    stream: createStream({ catalogue, clock, events, toldDevices, pace }),
    upload: createUpload({ catalogue, clock, toldDevices }),

    jobs: [pruneDiaryWork({ catalogue, clock })],
    schedule: [pruneWhenDue({ catalogue, clock, jobs, ownerId })],
  };
}
