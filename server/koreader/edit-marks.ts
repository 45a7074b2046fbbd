// A person's changes to marks: a mark of a KOReader sidecar is changed there first, every other one in the catalogue.
import type { Annotation, Annotations, MarkChange } from '../marks/annotations.ts';
import type { Bookmarks } from '../marks/bookmarks.ts';
import type { BookmarkRow } from '../marks/marks.queries.ts';
import type { Writeback } from './writeback.ts';

type Parts = { annotations: Annotations; bookmarks: Bookmarks; writeback: Writeback };

export type EditMarks = ReturnType<typeof createEditMarks>;

/**
 * Returns the verbs. All throw not_found; for a mark in a sidecar, with writeback on, also what writeback throws, and then
 * nothing was changed. What no sidecar can be told now is written into it as soon as it can.
 */
export function createEditMarks({ annotations, bookmarks, writeback }: Parts) {
  const isInSidecar = ({ bookId, koreaderKey }: Annotation | BookmarkRow) =>
    koreaderKey !== null && writeback.holds(bookId, koreaderKey);

  return {
    /** Changes note or colour of a highlight; KOReader's file gets the nearest of its colours. */
    async changeAnnotation(
      ownerId: string,
      annotationId: string,
      change: MarkChange,
      deviceId: string,
    ): Promise<Annotation> {
      const mark = annotations.get(ownerId, annotationId);
      if (!isInSidecar(mark) || Object.keys(change).length === 0)
        return annotations.change(ownerId, annotationId, change, deviceId);
      await writeback.changeMark(ownerId, mark.bookId, annotationId, change, { by: { deviceId } });
      return annotations.get(ownerId, annotationId);
    },

    /** Removes a highlight. */
    async removeAnnotation(ownerId: string, annotationId: string, deviceId: string): Promise<void> {
      const mark = annotations.get(ownerId, annotationId);
      if (!isInSidecar(mark)) return annotations.remove(ownerId, annotationId, deviceId);
      await writeback.removeMark(ownerId, mark.bookId, annotationId, { deviceId });
    },

    /** Changes note or colour of a bookmark; KOReader's bookmarks have no colour, so its file gets the note alone. */
    async changeBookmark(
      ownerId: string,
      bookmarkId: string,
      change: MarkChange,
      deviceId: string,
    ): Promise<BookmarkRow> {
      const mark = bookmarks.get(ownerId, bookmarkId);
      const { note } = change;
      if (!isInSidecar(mark) || note === undefined)
        return bookmarks.change(ownerId, bookmarkId, change, deviceId);
      const how = { by: { deviceId }, inFile: { note } };
      await writeback.changeMark(ownerId, mark.bookId, bookmarkId, change, how);
      return bookmarks.get(ownerId, bookmarkId);
    },

    /** Removes a bookmark. */
    async removeBookmark(ownerId: string, bookmarkId: string, deviceId: string): Promise<void> {
      const mark = bookmarks.get(ownerId, bookmarkId);
      if (!isInSidecar(mark)) return bookmarks.remove(ownerId, bookmarkId, deviceId);
      await writeback.removeMark(ownerId, mark.bookId, bookmarkId, { deviceId });
    },
  };
}
