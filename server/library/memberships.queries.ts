// The SQL of what stands on which shelf and carries which tag.
import type { Db } from '../catalogue/catalogue.ts';
import { bookTags, shelfBooks } from '../catalogue/schema/index.ts';
import { insertRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';
import type { TagRow } from './tags.queries.ts';

/** A shelf as a book on it names it. */
export type ShelfMark = { shelfId: string; name: string; color: string | null };

/** The shelves filled by hand that these books stand on, each book's in the order a person gave them. */
export const selectShelvesOfBooks = (db: Db, bookIds: string[]): (ShelfMark & { bookId: string })[] =>
  statement(
    db.$client,
    `select shelf_books.book_id as bookId, shelf_id as shelfId, name, color
     from shelf_books join shelves using (shelf_id)
     where shelf_books.book_id in (select value from json_each(?))
     order by shelves.sort_order, lower(name), shelf_id`,
  ).all(JSON.stringify(bookIds)) as (ShelfMark & { bookId: string })[];

type StoredTag = Omit<TagRow, 'createdAt' | 'updatedAt'> & { createdAt: number; updatedAt: number };

/** The tags of these books, by name. */
export const selectTagsOfBooks = (db: Db, bookIds: string[]): (TagRow & { bookId: string })[] =>
  (
    statement(
      db.$client,
      `select book_tags.book_id as bookId, tag_id as tagId, owner_id as ownerId, name, color, description,
              created_at as createdAt, updated_at as updatedAt, version
       from book_tags join tags using (tag_id)
       where book_tags.book_id in (select value from json_each(?)) order by lower(name), tag_id`,
    ).all(JSON.stringify(bookIds)) as (StoredTag & { bookId: string })[]
  ).map((row) => ({ ...row, createdAt: new Date(row.createdAt), updatedAt: new Date(row.updatedAt) }));

/** Which of these books are the owner's. */
export const selectOwnBookIds = (db: Db, ownerId: string, bookIds: string[]): Set<string> =>
  new Set(
    statement(
      db.$client,
      'select book_id from books where book_id in (select value from json_each(?)) and owner_id = ?',
    )
      .pluck()
      .all(JSON.stringify(bookIds), ownerId) as string[],
  );

/** The tags of a book, in no order. */
export const selectTagIds = (db: Db, bookId: string): string[] =>
  statement(db.$client, 'select tag_id from book_tags where book_id = ?').pluck().all(bookId) as string[];

/** The shelves filled by hand that a book stands on, in no order. */
export const selectShelfIds = (db: Db, bookId: string): string[] =>
  statement(db.$client, 'select shelf_id from shelf_books where book_id = ?').pluck().all(bookId) as string[];

/** The books on a shelf filled by hand, in its order. */
export const selectBookIdsOnShelf = (db: Db, shelfId: string): string[] =>
  statement(
    db.$client,
    'select book_id from shelf_books where shelf_id = ? order by sort_order, added_at, book_id',
  )
    .pluck()
    .all(shelfId) as string[];

/** Puts a book at the end of a shelf; false when it stands there already. */
export function insertShelfBook(db: Db, shelfId: string, bookId: string, addedAt: Date): boolean {
  const sortOrder = statement(
    db.$client,
    'select coalesce(max(sort_order), -1) + 1 from shelf_books where shelf_id = ?',
  )
    .pluck()
    .get(shelfId) as number;
  return insertRow(db, shelfBooks, { shelfId, bookId, sortOrder, addedAt }, 'nothing') === 1;
}

export const deleteShelfBook = (db: Db, shelfId: string, bookId: string): boolean =>
  statement(db.$client, 'delete from shelf_books where shelf_id = ? and book_id = ?').run(shelfId, bookId)
    .changes === 1;

export const insertBookTag = (db: Db, bookId: string, tagId: string, addedAt: Date): boolean =>
  insertRow(db, bookTags, { bookId, tagId, addedAt }, 'nothing') === 1;

export const deleteBookTag = (db: Db, bookId: string, tagId: string): boolean =>
  statement(db.$client, 'delete from book_tags where book_id = ? and tag_id = ?').run(bookId, tagId)
    .changes === 1;

/** Lists show the book again, should its file have left the disk: a person has put it somewhere. */
export const clearAbsence = (db: Db, bookId: string): void => {
  statement(
    db.$client,
    'update books set absent_since = null where book_id = ? and absent_since is not null',
  ).run(bookId);
};
