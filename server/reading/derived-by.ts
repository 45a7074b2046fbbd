// By which rules all reading was worked out last.
import type { Db } from '../catalogue/db.ts';
import { putSetting, selectSetting } from '../accounts/users.queries.ts';
import type { ReadingClock } from './rules.ts';

/** Raised when reading is worked out by other rules than before: all of it is done again then. */
const READING_RULES = 3;
const SETTING = 'reading.derived';

/** Returns a name of the rules as they are now: another one for others. */
export const rulesName = (counts: Readonly<ReadingClock>): string =>
  JSON.stringify({ ...counts, rules: READING_RULES });

/** Whether the tables of reading are those of these rules. */
export const isDerivedBy = (db: Db, counts: Readonly<ReadingClock>): boolean =>
  selectSetting(db, SETTING) === rulesName(counts);

/** Notes that all reading was worked out by the rules of this name. */
export const noteDerived = (db: Db, name: string): void => putSetting(db, SETTING, name);
