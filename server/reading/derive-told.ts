// Works out anew what devices told of a book's reading. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import { isIn } from './rules.ts';
import type { ReadingRules } from './rules.ts';
import { noteReadingChanged, putReading } from './history.queries.ts';
import { joinTold } from './told.ts';
import type { ToldReading } from './told.ts';
import {
  deleteToldRow,
  insertToldRow,
  selectKoreaderSpans,
  selectToldRow,
  selectToldSessions,
} from './told.queries.ts';

type Rules = Pick<ReadingRules, 'dayOf' | 'possible'>;

/** Returns what the book's told sessions add to KOReader's sittings, by the days of these rules. */
export function toldReading(db: Db, bookId: string, { dayOf, possible }: Rules): ToldReading {
  const span = possible();
  const told = selectToldSessions(db, bookId).filter(({ startSec }) => isIn(startSec, span));
  return joinTold(told, selectKoreaderSpans(db, bookId), dayOf);
}

/**
 * Replaces the days and sittings the book's told sessions add to KOReader's: after a session came or went, and after
 * KOReader's own sittings of the book changed.
 */
export function deriveTold(db: Db, bookId: string, rules: Rules): void {
  const row = selectToldRow(db, bookId);
  if (selectToldSessions(db, bookId).length === 0) {
    if (row !== undefined) deleteToldRow(db, row);
    return;
  }
  const readBookId = row ?? insertToldRow(db, bookId);
  const isRecounted = putReading(db, readBookId, { ...toldReading(db, bookId, rules), completions: [] });
  if (isRecounted) noteReadingChanged(db, readBookId);
}
