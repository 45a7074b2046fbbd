// Changes and removes marks inside a write. A mark of KOReader's keeps the device's own words under those of the person.
import type { Db } from '../catalogue/db.ts';
import { notFound } from '../base/errors.ts';
import { changeAnnotationRow, deleteAnnotationRow, selectAnnotation } from './annotations.queries.ts';
import { changeBookmarkRow, deleteBookmarkRow, noteRemoval, selectBookmark } from './bookmarks.queries.ts';
import { insertAnnotation } from './marks.queries.ts';
import type { AnnotationRow, BookmarkRow } from './marks.queries.ts';
import { saidOf, speakOver } from './persons-word.ts';
import type { MarkChange } from './persons-word.ts';

/** When a change is made, and when the person said it: a device may bring it later. */
export type Moment = { now: Date; saidAt?: Date };

/** Changes a highlight; the next scan of its sidecar keeps the person's word. Throws not_found. */
export function changeAnnotation(
  db: Db,
  ownerId: string,
  annotationId: string,
  change: MarkChange,
  moment: Moment,
): void {
  const mark = selectAnnotation(db, ownerId, annotationId);
  if (mark === undefined) throw notFound('annotation', annotationId);
  if (Object.keys(change).length === 0) return;
  changeAnnotationRow(db, annotationId, { ...wordsOf(mark, change, moment), updatedAt: moment.now });
}

/** Changes a bookmark; the next scan of its sidecar keeps the person's word. With a drawer it becomes a highlight. Throws not_found. */
export function changeBookmark(
  db: Db,
  ownerId: string,
  bookmarkId: string,
  change: MarkChange,
  moment: Moment,
): void {
  const mark = selectBookmark(db, ownerId, bookmarkId);
  if (mark === undefined) throw notFound('bookmark', bookmarkId);
  if (Object.keys(change).length === 0) return;
  const words = { ...wordsOf(mark, change, moment), updatedAt: moment.now };
  if (change.drawer === undefined) return changeBookmarkRow(db, bookmarkId, words);
  const { number: _, bookmarkId: annotationId, position, version: __, ...kept } = mark;
  deleteBookmarkRow(db, bookmarkId);
  insertAnnotation(db, { ...kept, ...words, annotationId, startPosition: position });
}

/** Changes a highlight or a bookmark. Throws not_found. */
export function changeMark(
  db: Db,
  ownerId: string,
  markId: string,
  change: MarkChange,
  moment: Moment,
): void {
  if (selectBookmark(db, ownerId, markId) === undefined)
    changeAnnotation(db, ownerId, markId, change, moment);
  else changeBookmark(db, ownerId, markId, change, moment);
}

/** Removes a highlight; no sidecar brings it back. Throws not_found. */
export function removeAnnotation(db: Db, ownerId: string, annotationId: string, now: Date): void {
  const mark = selectAnnotation(db, ownerId, annotationId);
  if (mark === undefined) throw notFound('annotation', annotationId);
  deleteAnnotationRow(db, annotationId);
  forget(db, annotationId, mark, now);
}

/** Removes a bookmark; no sidecar brings it back. Throws not_found. */
export function removeBookmark(db: Db, ownerId: string, bookmarkId: string, now: Date): void {
  const mark = selectBookmark(db, ownerId, bookmarkId);
  if (mark === undefined) throw notFound('bookmark', bookmarkId);
  deleteBookmarkRow(db, bookmarkId);
  forget(db, bookmarkId, mark, now);
}

/** Removes a highlight or a bookmark; no sidecar brings it back. Throws not_found. */
export function removeMark(db: Db, ownerId: string, markId: string, now: Date): void {
  if (selectBookmark(db, ownerId, markId) === undefined) removeAnnotation(db, ownerId, markId, now);
  else removeBookmark(db, ownerId, markId, now);
}

const wordsOf = (mark: AnnotationRow | BookmarkRow, change: MarkChange, { now, saidAt = now }: Moment) =>
  mark.koreaderKey === null
    ? saidOf(change)
    : speakOver(mark, change, Math.min(saidAt.getTime(), now.getTime()));

function forget(
  db: Db,
  markId: string,
  { ownerId, bookId, koreaderKey }: AnnotationRow | BookmarkRow,
  now: Date,
): void {
  if (koreaderKey !== null) noteRemoval(db, { markId, ownerId, bookId, koreaderKey }, now);
}
