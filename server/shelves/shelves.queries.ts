// The SQL of shelves.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, sql } from 'drizzle-orm';
import { shelves } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';

export type ShelfRow = typeof shelves.$inferSelect;

const ofOwner = (db: Db) =>
  db
    .select()
    .from(shelves)
    .where(eq(shelves.ownerId, sql.placeholder('ownerId')))
    .orderBy(asc(shelves.sortOrder), sql`folded(${shelves.name})`, asc(shelves.shelfId))
    .prepare();
/** The owner's shelves of every level, in the order a person gave them, then by name. */
export const selectShelfRows = (db: Db, ownerId: string): ShelfRow[] => query(db, ofOwner).all({ ownerId });

const byId = (db: Db) =>
  db
    .select()
    .from(shelves)
    .where(
      and(eq(shelves.ownerId, sql.placeholder('ownerId')), eq(shelves.shelfId, sql.placeholder('shelfId'))),
    )
    .prepare();
export const selectShelfRow = (db: Db, ownerId: string, shelfId: string): ShelfRow | undefined =>
  query(db, byId).get({ ownerId, shelfId });

export const insertShelf = (db: Db, shelf: typeof shelves.$inferInsert): void => {
  insertRow(db, shelves, shelf);
};

export const updateShelf = (db: Db, shelfId: string, change: Partial<ShelfRow>): void =>
  updateRow(db, shelves, shelves.shelfId, shelfId, change);

/** Removes the shelf with all that stand below it. */
export const deleteShelf = (db: Db, shelfId: string): void => {
  statement(db.$client, 'delete from shelves where shelf_id = ?').run(shelfId);
};

/** Takes every book off a shelf. */
export const emptyShelf = (db: Db, shelfId: string): void => {
  statement(db.$client, 'delete from shelf_books where shelf_id = ?').run(shelfId);
};

/** How many books stand on each of the owner's shelves that are filled by hand. */
export const selectShelfCounts = (db: Db, ownerId: string): Map<string, number> =>
  new Map(
    statement(
      db.$client,
      `select shelf_id, (select count(*) from shelf_books where shelf_books.shelf_id = shelves.shelf_id) as n
       from shelves where owner_id = ?`,
    )
      .raw()
      .all(ownerId) as [string, number][],
  );

/** People without any default shelf. */
export const selectPeopleWithoutShelves = (db: Db): string[] =>
  statement(
    db.$client,
    `select user_id from users where not exists
       (select 1 from shelves where owner_id = user_id and is_default = 1) order by user_id`,
  )
    .pluck()
    .all() as string[];
