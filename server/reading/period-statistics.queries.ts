// The SQL of statistics of a period.
import type { Db } from '../catalogue/catalogue.ts';
import { statement } from '../catalogue/statements.ts';

/** How many books were completed in a stretch of time, of these only when their ids are given as JSON. */
export const countCompleted = (
  db: Db,
  filter: { ownerId: string; fromMs: number; beforeMs: number; bookIds: string | null },
): number =>
  statement(
    db.$client,
    `select count(*) from books where owner_id = :ownerId
       and completed_at >= :fromMs and completed_at < :beforeMs
       and (:bookIds is null or book_id in (select value from json_each(:bookIds)))`,
  )
    .pluck()
    .get(filter) as number;

/** The books that stand on a shelf of the owner's. */
export const selectShelfBooks = (db: Db, ownerId: string, shelfId: string): string[] =>
  statement(
    db.$client,
    `select m.book_id from shelf_books m join shelves s using (shelf_id) where s.shelf_id = ? and s.owner_id = ?`,
  )
    .pluck()
    .all(shelfId, ownerId) as string[];
