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
import type { ReadingClock, ReadingRules } from '../reading/rules.ts';
import { isDerivedBy, noteDerived, rulesName } from '../reading/derived-by.ts';

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
  /** What a person set; once it was applied to every book it is remembered. */
  counts: Readonly<ReadingClock>;
};

/** Does the job; begun anew when the rules change meanwhile. */
export const deriveReadingAnewWork = ({ catalogue, clock, rules, counts }: Parts) =>
  handle(deriveReadingAnew, async ({ ownerId, signal, progress }) => {
    while (!catalogue.read((db) => isDerivedBy(db, counts))) {
      const name = rulesName(counts);
      const isOver = () => rulesName(counts) !== name;
      const ids = [...catalogue.read((db) => selectLayouts(db, ownerId)).keys()];
      for (let from = 0; from < ids.length && !isOver(); from += AT_ONCE) {
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
        if (isOver()) break;
        catalogue.write({ durable: false }, (db) => deriveTold(db, bookId, rules));
        await breathe();
      }
      if (!isOver()) catalogue.write({}, (db) => noteDerived(db, name));
    }
  });
