// The job that works all reading out anew, after the zone, the start of the day or the rules changed.
import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import { deriveReadBook } from './derive-reading.ts';
import { settleReadBook } from './ingest-statistics.ts';
import { deriveTold } from '../reading/derive-told.ts';
import { selectToldBooks } from '../reading/told.queries.ts';
import { selectLayouts } from '../reading/history.queries.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { putSetting, selectSetting } from '../accounts/users.queries.ts';

const SETTING = 'reading.derived';
const AT_ONCE = 8;

export const deriveReadingAnew = jobKind({
  kind: 'derive-reading',
  unit: 'rows',
  payload: z.object({}),
  key: () => 'all',
  group: () => 'import',
});

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  rules: ReadingRules;
  /** Names the rules: once they were applied to every book it is remembered. */
  how: string;
};

/** Does the job. */
export const deriveReadingAnewWork = ({ catalogue, clock, rules, how }: Parts) =>
  handle(deriveReadingAnew, async ({ ownerId, signal, progress }) => {
    if (catalogue.read((db) => selectSetting(db, SETTING)) === how) return;
    const ids = [...catalogue.read((db) => selectLayouts(db, ownerId)).keys()];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      signal.throwIfAborted();
      catalogue.write({ durable: false }, (db) => {
        for (const readBookId of ids.slice(from, from + AT_ONCE)) {
          // What came with a library's export was in no file here.
          if (!settleReadBook(db, readBookId, rules, clock.now())) deriveReadBook(db, readBookId, rules);
        }
      });
      progress({ done: Math.min(from + AT_ONCE, ids.length), total: ids.length });
      await breathe();
    }
    // What devices told is everybody's, not only the shelf owner's.
    for (const bookId of catalogue.read(selectToldBooks)) {
      signal.throwIfAborted();
      catalogue.write({ durable: false }, (db) => deriveTold(db, bookId, rules));
      await breathe();
    }
    catalogue.write({}, (db) => putSetting(db, SETTING, how));
  });

/** Whether reading was worked out by other rules. */
export const isDerivedOtherwise = (catalogue: Catalogue, how: string): boolean =>
  catalogue.read((db) => selectSetting(db, SETTING)) !== how;
