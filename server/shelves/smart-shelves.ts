// Shelves whose books are those a query finds.
import type { Db } from '../catalogue/db.ts';
import { AppError, invalid } from '../base/errors.ts';
import { countBooks } from '../search/book-lists.queries.ts';
import { invalidField } from './memberships.ts';
import { compileQuery } from '../search/query/compile.queries.ts';
import type { Condition } from '../search/query/condition.ts';
import type { ShelfRow } from './shelves.queries.ts';

export type SmartShelf = Pick<ShelfRow, 'ownerId' | 'shelfId' | 'name' | 'smartQuery'>;
/** When it is, and the zone the days of a query begin in. */
export type Today = { now: Date; zone: string };

/** Returns the shelf's query as a condition over books. Throws invalid where its shelves have come to go in a circle. */
export const smartCondition = (db: Db, shelf: SmartShelf, today: Today): Condition =>
  compileQuery(db, shelf.smartQuery ?? '', { ownerId: shelf.ownerId, ...today, shelf });

/** Returns how many books the query finds; undefined where it can no longer be answered. */
export function countSmartShelf(db: Db, shelf: SmartShelf, today: Today): number | undefined {
  try {
    return countBooks(db, { ownerId: shelf.ownerId, also: [smartCondition(db, shelf, today)] });
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Returns what is kept of a shelf's query. Throws invalid for a smart shelf without a query that can be understood. */
export function settleSmart(
  db: Db,
  shelf: SmartShelf & { isSmart: boolean },
  now: Date,
): { isSmart: boolean; smartQuery: string | null } {
  const { isSmart, smartQuery } = shelf;
  const isBlank = smartQuery === null || smartQuery.trim() === '';
  if (!isSmart && !isBlank) throw invalidField('smart_query', 'Only a smart shelf has a query.');
  if (isSmart && isBlank) throw invalidField('smart_query', 'A smart shelf needs a query.');
  if (!isSmart) return { isSmart, smartQuery: null };
  try {
    smartCondition(db, shelf, { now, zone: 'UTC' });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, details } = error;
    throw invalid(message, { details: { ...details, fields: { smart_query: message } } });
  }
  return { isSmart, smartQuery };
}
