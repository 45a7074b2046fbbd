// The SQL of what stands on which shelf and carries which tag.
import type { Db } from '../catalogue/db.ts';
import { bookTags, shelfBooks, tags } from '../catalogue/schema/index.ts';
import { insertRow, readerOf } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';
import type { TagRow } from './tags.queries.ts';

/** A shelf as a book on it names it. */
export type ShelfMark = { shelfId: string; name: string; color: string | null };

/** The shelves filled by hand that these books stand on, by book, each book's in the order a person gave them. */
export function selectShelvesOfBooks(db: Db, bookIds: readonly string[]): Map<string, ShelfMark[]> {
  const rows = statement(
    db.$client,
    `select shelf_books.book_id, shelf_id, name, color
     from shelf_books join shelves using (shelf_id)
     where shelf_books.book_id in (select value from json_each(?))
     order by shelves.sort_order, folded(name), shelf_id`,
  )
    .raw()
    .all(JSON.stringify(bookIds)) as [bookId: string, shelfId: string, name: string, color: string | null][];
  const shelves = new Map<string, ShelfMark[]>();
  for (const [bookId, shelfId, name, color] of rows) addTo(shelves, bookId, { shelfId, name, color });
  return shelves;
}

/** The tags of these books, by book, each book's by name. Books that share a tag share its row: there are few. */
export function selectTagsOfBooks(db: Db, bookIds: readonly string[]): Map<string, TagRow[]> {
  const pairs = statement(
    db.$client,
    `select book_tags.book_id, tag_id from book_tags join tags using (tag_id)
     where book_tags.book_id in (select value from json_each(?)) order by folded(name), tag_id`,
  )
    .raw()
    .all(JSON.stringify(bookIds)) as [bookId: string, tagId: string][];
  const rows = statement(
    db.$client,
    `select ${tagReader.columns} from tags where tag_id in (select value from json_each(?))`,
  )
    .raw()
    .all(JSON.stringify([...new Set(pairs.map(([, tagId]) => tagId))])) as unknown[][];
  const byId = new Map(rows.map((values) => tagReader.recordOf(values)).map((tag) => [tag.tagId, tag]));
  const tagsOf = new Map<string, TagRow[]>();
  for (const [bookId, tagId] of pairs) {
    const tag = byId.get(tagId);
    if (tag !== undefined) addTo(tagsOf, bookId, tag);
  }
  return tagsOf;
}
const tagReader = readerOf(tags);

/** Adds a part to those of its book. */
export function addTo<Part>(parts: Map<string, Part[]>, bookId: string, part: Part): void {
  const there = parts.get(bookId);
  if (there === undefined) parts.set(bookId, [part]);
  else there.push(part);
}

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
