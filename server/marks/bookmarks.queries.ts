// The SQL of bookmarks, by owner and one by one, and of marks a person removed.
import type { Db } from '../catalogue/db.ts';
import { and, eq, sql } from 'drizzle-orm';
import { bookmarks } from '../catalogue/schema/index.ts';
import { updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';
import type { BookmarkRow } from './marks.queries.ts';

const MADE_AT = sql`coalesce(${bookmarks.createdAt}, ${bookmarks.updatedAt})`;

const ofOwner = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(eq(bookmarks.ownerId, sql.placeholder('ownerId')))
    .orderBy(sql`${MADE_AT} desc`, bookmarks.bookmarkId)
    .prepare();

/** All bookmarks of the owner, newest first. */
export const selectAllBookmarks = (db: Db, ownerId: string): BookmarkRow[] =>
  query(db, ofOwner).all({ ownerId });

const inBook = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(
      and(eq(bookmarks.ownerId, sql.placeholder('ownerId')), eq(bookmarks.bookId, sql.placeholder('bookId'))),
    )
    .orderBy(sql`${bookmarks.pageNumber} nulls last`, bookmarks.positionIndex, MADE_AT, bookmarks.bookmarkId)
    .prepare();

/** The bookmarks of one of the owner's books in the order of the text. */
export const selectBookmarksInBook = (db: Db, ownerId: string, bookId: string): BookmarkRow[] =>
  query(db, inBook).all({ ownerId, bookId });

const byId = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(
      and(
        eq(bookmarks.ownerId, sql.placeholder('ownerId')),
        eq(bookmarks.bookmarkId, sql.placeholder('bookmarkId')),
      ),
    )
    .prepare();

/** One of the owner's bookmarks. */
export const selectBookmark = (db: Db, ownerId: string, bookmarkId: string): BookmarkRow | undefined =>
  query(db, byId).get({ ownerId, bookmarkId });

const byIds = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(sql`${bookmarks.bookmarkId} in (select value from json_each(${sql.placeholder('ids')}))`)
    .prepare();

/** The owner's bookmarks of these ids, in no order. */
export const selectBookmarksById = (db: Db, ownerId: string, ids: readonly string[]): BookmarkRow[] =>
  query(db, byIds)
    .all({ ids: JSON.stringify(ids) })
    .filter((row) => row.ownerId === ownerId);

/** Changes the given columns of a bookmark. */
export const changeBookmarkRow = (
  db: Db,
  bookmarkId: string,
  change: Partial<typeof bookmarks.$inferInsert>,
): void => updateRow(db, bookmarks, bookmarks.bookmarkId, bookmarkId, change);

export const deleteBookmarkRow = (db: Db, bookmarkId: string): void => {
  statement(db.$client, 'delete from bookmarks where bookmark_id = ?').run(bookmarkId);
};

/** Keeps in mind that the person removed this mark of KOReader's. */
export function noteRemoval(
  db: Db,
  mark: { markId: string; ownerId: string; bookId: string; koreaderKey: string },
  now: Date,
): void {
  statement(
    db.$client,
    `insert into removed_marks (mark_id, owner_id, book_id, koreader_key, removed_at) values (?, ?, ?, ?, ?)
     on conflict do nothing`,
  ).run(mark.markId, mark.ownerId, mark.bookId, mark.koreaderKey, now.getTime());
}

/** KOReader's keys of the marks the person removed from a book. */
export const selectRemovedKeys = (db: Db, bookId: string): string[] =>
  statement(db.$client, 'select koreader_key from removed_marks where book_id = ? order by koreader_key')
    .pluck()
    .all(bookId) as string[];
