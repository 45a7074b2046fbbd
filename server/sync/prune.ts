// The job that keeps the diary, what is remembered of pushes and the words of lost marks from growing for ever.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { putSetting, selectSetting } from '../accounts/users.queries.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Recurring } from '../jobs/schedule.ts';
import { forgetWordsGoneBefore } from '../marks/kept-words.queries.ts';
import {
  countEntries,
  deleteEntries,
  forgetDevices,
  forgetSomeBefore,
  selectForgettable,
  selectSliceEnd,
} from './prune.queries.ts';

const DAY_MS = 86_400_000;
/** How long deletions, pushes and conflicts are remembered at least. */
export const KEPT_MS = 90 * DAY_MS;
/** A mark that left KOReader's file finds what the person said of it when it comes back within this time. */
const KEPT_WORDS_MS = 30 * DAY_MS;
/** A device that was not heard of for so long comes back as a new one. */
const DEVICE_MS = 365 * DAY_MS;
const LOOK_EVERY_MS = 6 * 60 * 60 * 1000;
const SETTING = 'sync.pruned';
/** Entries looked at in one go: few enough for milliseconds, also where each is taken out. */
const AT_ONCE = 200;
/** Between two slices, so that whoever asks meanwhile is answered first. */
const PAUSE_MS = 5;

type Parts = { catalogue: Catalogue; clock: Clock };

const pruneDiary = jobKind({
  kind: 'prune-diary',
  unit: 'percent',
  payload: z.object({}),
  key: () => '',
  group: () => 'sync',
});

/** Does the job. Pulls are answered the same before and after, but for deletions too old to be told. */
export const pruneDiaryWork = ({ catalogue, clock }: Parts) =>
  handle(pruneDiary, async ({ signal, progress }) => {
    const nowMs = clock.now().getTime();
    const beforeMs = nowMs - KEPT_MS;
    const total = catalogue.read(countEntries);
    for (let afterSeq = 0, done = 0; ; done += AT_ONCE) {
      signal.throwIfAborted();
      const toSeq = catalogue.read((db) => selectSliceEnd(db, afterSeq, AT_ONCE));
      if (toSeq === undefined) break;
      const seqs = catalogue.read((db) => selectForgettable(db, { afterSeq, toSeq, beforeMs }));
      if (seqs.length > 0) catalogue.write({ durable: false }, (db) => deleteEntries(db, seqs));
      afterSeq = toSeq;
      progress({ done: Math.min(100, Math.floor((100 * done) / Math.max(1, total))), total: 100 });
      await pause(PAUSE_MS);
    }
    while (catalogue.write({ durable: false }, (db) => forgetSomeBefore(db, beforeMs, AT_ONCE))) {
      signal.throwIfAborted();
      await pause(PAUSE_MS);
    }
    catalogue.write({ durable: false }, (db) => {
      forgetWordsGoneBefore(db, nowMs - KEPT_WORDS_MS);
      forgetDevices(db, nowMs - DEVICE_MS);
      putSetting(db, SETTING, nowMs);
    });
  });

/** Adds the job once a day. */
export const pruneWhenDue = ({
  catalogue,
  clock,
  jobs,
  ownerId,
}: Parts & { jobs: Jobs; ownerId: () => string }): Recurring => ({
  what: 'the diary that is due to be pruned',
  everyMs: LOOK_EVERY_MS,
  look() {
    const nowMs = clock.now().getTime();
    const last = catalogue.read((db) => selectSetting(db, SETTING));
    if (typeof last !== 'number') catalogue.write({}, (db) => putSetting(db, SETTING, nowMs));
    else if (nowMs - last >= DAY_MS) jobs.add(pruneDiary, { ownerId: ownerId(), payload: {}, subject: '' });
  },
});
