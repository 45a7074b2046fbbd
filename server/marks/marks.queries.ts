// The SQL of marks: highlights and bookmarks.
import { and, eq, inArray } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { annotations, bookmarks } from '../catalogue/schema/index.ts';

export type AnnotationRow = typeof annotations.$inferSelect;
export type BookmarkRow = typeof bookmarks.$inferSelect;

/** The highlights of a book in the order of the text, as far as the device told it. */
export const selectAnnotations = (db: Db, bookId: string): AnnotationRow[] =>
  db
    .select()
    .from(annotations)
    .where(eq(annotations.bookId, bookId))
    .orderBy(annotations.positionIndex, annotations.annotationId)
    .all();

/** The bookmarks of a book in the order of the text. */
export const selectBookmarks = (db: Db, bookId: string): BookmarkRow[] =>
  db
    .select()
    .from(bookmarks)
    .where(eq(bookmarks.bookId, bookId))
    .orderBy(bookmarks.positionIndex, bookmarks.bookmarkId)
    .all();

/** What one or several sidecars said of a book, by KOReader's key. */
export const selectKoreaderAnnotations = (db: Db, bookId: string): AnnotationRow[] =>
  db
    .select()
    .from(annotations)
    .where(and(eq(annotations.bookId, bookId), eq(annotations.source, 'koreader')))
    .all();

export const selectKoreaderBookmarks = (db: Db, bookId: string): BookmarkRow[] =>
  db
    .select()
    .from(bookmarks)
    .where(and(eq(bookmarks.bookId, bookId), eq(bookmarks.source, 'koreader')))
    .all();

export const hasAnnotation = (db: Db, id: string): boolean =>
  db
    .select({ id: annotations.annotationId })
    .from(annotations)
    .where(eq(annotations.annotationId, id))
    .get() !== undefined;
export const hasBookmark = (db: Db, id: string): boolean =>
  db.select({ id: bookmarks.bookmarkId }).from(bookmarks).where(eq(bookmarks.bookmarkId, id)).get() !==
  undefined;

export const insertAnnotation = (db: Db, row: typeof annotations.$inferInsert): void => {
  db.insert(annotations).values(row).run();
};
export const updateAnnotation = (
  db: Db,
  id: string,
  change: Partial<typeof annotations.$inferInsert>,
): void => {
  db.update(annotations).set(change).where(eq(annotations.annotationId, id)).run();
};
export const deleteAnnotations = (db: Db, ids: string[]): void => {
  if (ids.length > 0) db.delete(annotations).where(inArray(annotations.annotationId, ids)).run();
};
export const insertBookmark = (db: Db, row: typeof bookmarks.$inferInsert): void => {
  db.insert(bookmarks).values(row).run();
};
export const updateBookmark = (db: Db, id: string, change: Partial<typeof bookmarks.$inferInsert>): void => {
  db.update(bookmarks).set(change).where(eq(bookmarks.bookmarkId, id)).run();
};
export const deleteBookmarks = (db: Db, ids: string[]): void => {
  if (ids.length > 0) db.delete(bookmarks).where(inArray(bookmarks.bookmarkId, ids)).run();
};
