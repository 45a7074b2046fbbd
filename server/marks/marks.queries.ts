// The SQL of marks: highlights and bookmarks.
import type { Db } from '../catalogue/db.ts';
import { and, eq, sql } from 'drizzle-orm';
import { insertRow, readerOf, updateRow } from '../catalogue/rows.ts';
import { annotations, bookmarks } from '../catalogue/schema/index.ts';
import { query, statement } from '../catalogue/statements.ts';

export type AnnotationRow = typeof annotations.$inferSelect;
export type BookmarkRow = typeof bookmarks.$inferSelect;

const annotationReader = readerOf(annotations);
const bookmarkReader = readerOf(bookmarks);

/** The highlights of a book in the order of the text, as far as the device told it. */
export const selectAnnotations = (db: Db, bookId: string): AnnotationRow[] =>
  (
    statement(
      db.$client,
      `select ${annotationReader.columns} from annotations where book_id = ? order by position_index, annotation_id`,
    )
      .raw()
      .all(bookId) as unknown[][]
  ).map(annotationReader.recordOf);

/** The bookmarks of a book in the order of the text. */
export const selectBookmarks = (db: Db, bookId: string): BookmarkRow[] =>
  (
    statement(
      db.$client,
      `select ${bookmarkReader.columns} from bookmarks where book_id = ? order by position_index, bookmark_id`,
    )
      .raw()
      .all(bookId) as unknown[][]
  ).map(bookmarkReader.recordOf);

const ASKED = { bookId: sql.placeholder('bookId'), key: sql.placeholder('key') };

const koreaderAnnotations = (db: Db) =>
  db
    .select()
    .from(annotations)
    .where(and(eq(annotations.bookId, ASKED.bookId), eq(annotations.source, 'koreader')))
    .prepare();
const koreaderAnnotation = (db: Db) =>
  db
    .select()
    .from(annotations)
    .where(
      and(
        eq(annotations.bookId, ASKED.bookId),
        eq(annotations.koreaderKey, ASKED.key),
        eq(annotations.source, 'koreader'),
      ),
    )
    .prepare();
const koreaderBookmarks = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(and(eq(bookmarks.bookId, ASKED.bookId), eq(bookmarks.source, 'koreader')))
    .prepare();
const koreaderBookmark = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(
      and(
        eq(bookmarks.bookId, ASKED.bookId),
        eq(bookmarks.koreaderKey, ASKED.key),
        eq(bookmarks.source, 'koreader'),
      ),
    )
    .prepare();

/** The highlights sidecars said of a book; only the one of `key` when it is given. */
export const selectKoreaderAnnotations = (db: Db, bookId: string, key?: string): AnnotationRow[] =>
  key === undefined
    ? query(db, koreaderAnnotations).all({ bookId })
    : query(db, koreaderAnnotation).all({ bookId, key });

/** The bookmarks sidecars said of a book; only the one of `key` when it is given. */
export const selectKoreaderBookmarks = (db: Db, bookId: string, key?: string): BookmarkRow[] =>
  key === undefined
    ? query(db, koreaderBookmarks).all({ bookId })
    : query(db, koreaderBookmark).all({ bookId, key });

export const hasAnnotation = (db: Db, id: string): boolean =>
  statement(db.$client, 'select 1 from annotations where annotation_id = ?').get(id) !== undefined;
export const hasBookmark = (db: Db, id: string): boolean =>
  statement(db.$client, 'select 1 from bookmarks where bookmark_id = ?').get(id) !== undefined;

export const insertAnnotation = (db: Db, row: typeof annotations.$inferInsert): void => {
  insertRow(db, annotations, row);
};
export const updateAnnotation = (
  db: Db,
  id: string,
  change: Partial<typeof annotations.$inferInsert>,
): void => updateRow(db, annotations, annotations.annotationId, id, change);
export const deleteAnnotations = (db: Db, ids: string[]): void => {
  for (const id of ids) statement(db.$client, 'delete from annotations where annotation_id = ?').run(id);
};
export const insertBookmark = (db: Db, row: typeof bookmarks.$inferInsert): void => {
  insertRow(db, bookmarks, row);
};
export const updateBookmark = (db: Db, id: string, change: Partial<typeof bookmarks.$inferInsert>): void =>
  updateRow(db, bookmarks, bookmarks.bookmarkId, id, change);
export const deleteBookmarks = (db: Db, ids: string[]): void => {
  for (const id of ids) statement(db.$client, 'delete from bookmarks where bookmark_id = ?').run(id);
};
