// The SQL an import writes with: rows by their ids, names and checksums.
import type { Db } from '../catalogue/db.ts';
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { books, readBooks } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';
import type { Section } from './sections.ts';

type Keyed = Extract<Section, { id: string }>;

/** What is known of a row before another is put over it. */
export type Present = { ownerId: string; updatedAt: number | null };

/**
 * Lets a book's places and tags be written before the book: written after it they would count as changes of a book that
 * nobody changed. Holds until the end of the transaction.
 */
export const allowForwardReferences = (db: Db): void => {
  db.$client.pragma('defer_foreign_keys = on');
};

const idColumn = (section: Keyed): SQLiteColumn => {
  const column = getTableColumns<SQLiteTable>(section.table)[section.id];
  if (column === undefined) throw new Error(`${section.name} has no ${section.id}`);
  return column;
};

/** Returns whose the row with this id is and when it was changed last; undefined when there is none. */
export function findPresent(db: Db, section: Keyed, id: string): Present | undefined {
  const table: SQLiteTable = section.table;
  const columns = getTableColumns(table);
  // A goal's hand-set values are whose goal it is.
  const owner =
    columns.ownerId === undefined
      ? '(select owner_id from reading_goals g where g.goal_id = goal_updates.goal_id)'
      : 'owner_id';
  const updated = columns.updatedAt === undefined ? 'null' : 'updated_at';
  return statement(
    db.$client,
    `select ${owner} as ownerId, ${updated} as updatedAt from ${getTableName(table)} where ${idColumn(section).name} = ?`,
  ).get(id) as Present | undefined;
}

/** Adds a row. Returns whether it was new. */
export const addRow = (db: Db, section: Section, row: Record<string, unknown>): boolean =>
  insertRow(db, section.table, row, 'nothing') === 1;

/** Changes the columns of a row. */
export const changeRow = (db: Db, section: Keyed, id: string, row: Record<string, unknown>): void =>
  updateRow(db, section.table, idColumn(section), id, row);

/** The highest version a row that is gone had: what comes back under its id is newer than that. */
export const lastVersion = (db: Db, entity: string, id: string): number =>
  (statement(db.$client, 'select max(version) from changes where entity_type = ? and entity_id = ?')
    .pluck()
    .get(entity, id) as number | null) ?? 0;

/** The owner's series or tag of this name, without regard to case. */
export const findByName = (
  db: Db,
  section: Extract<Section, { name: 'series' | 'tags' }>,
  ownerId: string,
  name: string,
): string | undefined =>
  statement(
    db.$client,
    `select ${section.name === 'series' ? 'series_id' : 'tag_id'} from ${section.name} where owner_id = ? and lower(name) = lower(?)`,
  )
    .pluck()
    .get(ownerId, name) as string | undefined;

export type ShelfThere = {
  shelfId: string;
  isDefault: number;
  isSmart: number;
  /** Books or shelves stand on it. */
  holds: number;
};

/** The owner's shelf of this name at this level. */
export const findShelf = (
  db: Db,
  ownerId: string,
  parentShelfId: string | null,
  name: string,
): ShelfThere | undefined =>
  statement(
    db.$client,
    `select shelf_id as shelfId, is_default as isDefault, is_smart as isSmart,
       exists (select 1 from shelf_books x where x.shelf_id = s.shelf_id)
         or exists (select 1 from shelves c where c.parent_shelf_id = s.shelf_id) as holds
     from shelves s where owner_id = ? and coalesce(parent_shelf_id, '') = ? and lower(name) = lower(?)`,
  ).get(ownerId, parentShelfId ?? '', name) as ShelfThere | undefined;

/** Another shelf of this name where this one stands. */
export const findSibling = (db: Db, shelfId: string, name: string): string | undefined =>
  statement(
    db.$client,
    `select other.shelf_id from shelves s join shelves other on other.owner_id = s.owner_id
       and coalesce(other.parent_shelf_id, '') = coalesce(s.parent_shelf_id, '') and other.shelf_id <> s.shelf_id
     where s.shelf_id = ? and lower(other.name) = lower(?)`,
  )
    .pluck()
    .get(shelfId, name) as string | undefined;

/** How deep a shelf stands, 1 at the top, and whether it fills itself. */
export const levelOfShelf = (db: Db, shelfId: string): { level: number; isSmart: boolean } => {
  const row = statement(
    db.$client,
    `with recursive up (id) as (select ? union all select parent_shelf_id from shelves join up on shelf_id = up.id)
     select count(id) as level, (select is_smart from shelves where shelf_id = ?) as smart from up where id is not null`,
  ).get(shelfId, shelfId) as { level: number; smart: number };
  return { level: row.level, isSmart: row.smart === 1 };
};

export const deleteShelf = (db: Db, shelfId: string): void => {
  statement(db.$client, 'delete from shelves where shelf_id = ?').run(shelfId);
};

/** The owner's default reading profile, and whether it is as it was made with the account. */
export const findDefaultProfile = (
  db: Db,
  ownerId: string,
): { profileId: string; isUntouched: number } | undefined =>
  statement(
    db.$client,
    `select profile_id as profileId, name = 'Default' and appearance = '{}' as isUntouched
     from reading_profiles where owner_id = ? and is_default = 1`,
  ).get(ownerId) as { profileId: string; isUntouched: number } | undefined;

export const deleteProfile = (db: Db, profileId: string): void => {
  statement(db.$client, 'delete from reading_profiles where profile_id = ?').run(profileId);
};

/** The owner's book that is known by one of these checksums. */
export const findByChecksum = (db: Db, ownerId: string, checksums: string[]): string | undefined =>
  statement(
    db.$client,
    `select book_id from book_checksums where owner_id = ? and partial_md5 in (select value from json_each(?))
     order by partial_md5 limit 1`,
  )
    .pluck()
    .get(ownerId, JSON.stringify(checksums)) as string | undefined;

/** The mark KOReader knows by this key in a book. */
export const findKoreaderMark = (
  db: Db,
  section: Extract<Section, { name: 'annotations' | 'bookmarks' }>,
  bookId: string,
  koreaderKey: string,
): string | undefined =>
  statement(
    db.$client,
    `select ${section.name === 'annotations' ? 'annotation_id' : 'bookmark_id'} from ${section.name}
     where book_id = ? and koreader_key = ?`,
  )
    .pluck()
    .get(bookId, koreaderKey) as string | undefined;

export type BookThere = typeof books.$inferSelect;

export const selectBookThere = (db: Db, bookId: string): BookThere | undefined => {
  const columns = Object.entries(getTableColumns(books));
  const row = statement(db.$client, 'select * from books where book_id = ?').get(bookId) as
    | Record<string, unknown>
    | undefined;
  if (row === undefined) return undefined;
  return Object.fromEntries(
    columns.map(([key, column]) => {
      const value = row[column.name];
      return [key, value === null ? null : column.mapFromDriverValue(value)];
    }),
  ) as BookThere;
};

/** Gives a person preferences where theirs are still those of a new account. Returns whether they were. */
export const fillPreferences = (
  db: Db,
  ownerId: string,
  { preferences, first }: { preferences: object; first: object },
): boolean =>
  statement(
    db.$client,
    "update users set preferences = ? where user_id = ? and preferences in ('{}', ?)",
  ).run(JSON.stringify(preferences), ownerId, JSON.stringify(first)).changes === 1;

/** The row of what KOReader counted for a checksum; undefined when there is none. */
export const findReadBook = (db: Db, ownerId: string, md5: string): number | undefined =>
  statement(db.$client, 'select read_book_id from read_books where owner_id = ? and md5 = ?')
    .pluck()
    .get(ownerId, md5) as number | undefined;

export const addReadBook = (db: Db, row: Record<string, unknown>): number => {
  insertRow(db, readBooks, row);
  return findReadBook(db, row.ownerId as string, row.md5 as string)!;
};
