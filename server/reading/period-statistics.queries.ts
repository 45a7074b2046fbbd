// The SQL of statistics of a period.
import type { Db } from '../catalogue/db.ts';
import { valuesOf } from '../search/query/condition.ts';
import { smartCondition } from '../shelves/smart-shelves.ts';
import { statement } from '../catalogue/statements.ts';

/** The books called finished in a stretch of time and when, of these only when their ids are given as JSON; in no order. */
export const selectFinished = (
  db: Db,
  filter: { ownerId: string; fromMs: number; beforeMs: number; bookIds: string | null },
): { bookId: string; atMs: number }[] =>
  statement(
    db.$client,
    // What left the lists counts too; an index knows the few.
    `${finished('absent_since is null')} union all ${finished('absent_since is not null')}`,
  ).all(filter) as { bookId: string; atMs: number }[];

const finished = (listed: string) =>
  `select book_id as bookId, completed_at as atMs from books
   where owner_id = :ownerId and ${listed} and completed_at >= :fromMs and completed_at < :beforeMs
     and (:bookIds is null or book_id in (select value from json_each(:bookIds)))`;

/** The books on a shelf of the owner's, those a smart shelf finds now; none for a shelf nobody knows. */
export function selectShelfBooks(
  db: Db,
  shelfId: string,
  ground: { ownerId: string; now: Date; zone: string },
): string[] {
  const shelf = statement(
    db.$client,
    'select name, is_smart as isSmart, smart_query as smartQuery from shelves where shelf_id = ? and owner_id = ?',
  ).get(shelfId, ground.ownerId) as { name: string; isSmart: number; smartQuery: string | null } | undefined;
  if (shelf === undefined) return [];
  if (shelf.isSmart === 0) {
    return statement(db.$client, 'select book_id from shelf_books where shelf_id = ?')
      .pluck()
      .all(shelfId) as string[];
  }
  const { ownerId, ...today } = ground;
  const finds = smartCondition(db, { ...shelf, shelfId, ownerId }, today);
  return db.$client
    .prepare(`select book_id from books where owner_id = ? and absent_since is null and (${finds.sql})`)
    .pluck()
    .all(ownerId, ...valuesOf(finds)) as string[];
}
