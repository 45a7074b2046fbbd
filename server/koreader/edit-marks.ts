// A person's changes to marks: a mark of a KOReader sidecar is changed there first, every other one in the catalogue.
import type { Clock } from '../base/clock.ts';
import type { Annotation, Annotations, MarkChange } from '../marks/annotations.ts';
import type { Bookmarks } from '../marks/bookmarks.ts';
import { changeAnnotation, changeBookmark, removeAnnotation, removeBookmark } from '../marks/change-marks.ts';
import { koreaderColorOf } from '../marks/colors.ts';
import type { BookmarkRow } from '../marks/marks.queries.ts';
import type { Writeback } from './writeback.ts';

type Parts = { clock: Clock; annotations: Annotations; bookmarks: Bookmarks; writeback: Writeback };

export type EditMarks = ReturnType<typeof createEditMarks>;

/**
 * Returns the verbs. All throw not_found; for a mark in a sidecar, with writeback on, also what writeback throws, and then
 * nothing was changed. What no sidecar can be told now is written into it as soon as it can.
 */
export function createEditMarks({ clock, annotations, bookmarks, writeback }: Parts) {
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
      const { note, color } = change;
      const said = {
        ...(note === undefined ? {} : { note }),
        ...(color === undefined ? {} : { color: koreaderColorOf(color) }),
      };
      await writeback.changeAnnotation(ownerId, mark.bookId, annotationId, said, {
        by: { deviceId },
        alsoNote: (db) => changeAnnotation(db, ownerId, annotationId, change, clock.now()),
      });
      return annotations.get(ownerId, annotationId);
    },

    /** Removes a highlight. */
    async removeAnnotation(ownerId: string, annotationId: string, deviceId: string): Promise<void> {
      const mark = annotations.get(ownerId, annotationId);
      if (!isInSidecar(mark)) return annotations.remove(ownerId, annotationId, deviceId);
      let isNoted = false;
      await writeback.removeAnnotation(ownerId, mark.bookId, annotationId, {
        by: { deviceId },
        alsoNote: (db) => {
          // Each sidecar that has the mark is written; it is gone from the catalogue with the first.
          if (!isNoted) removeAnnotation(db, ownerId, annotationId, clock.now());
          isNoted = true;
        },
      });
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
      await writeback.changeAnnotation(
        ownerId,
        mark.bookId,
        bookmarkId,
        { note },
        {
          by: { deviceId },
          alsoNote: (db) => changeBookmark(db, ownerId, bookmarkId, change, clock.now()),
        },
      );
      return bookmarks.get(ownerId, bookmarkId);
    },

    /** Removes a bookmark. */
    async removeBookmark(ownerId: string, bookmarkId: string, deviceId: string): Promise<void> {
      const mark = bookmarks.get(ownerId, bookmarkId);
      if (!isInSidecar(mark)) return bookmarks.remove(ownerId, bookmarkId, deviceId);
      let isNoted = false;
      await writeback.removeAnnotation(ownerId, mark.bookId, bookmarkId, {
        by: { deviceId },
        alsoNote: (db) => {
          if (!isNoted) removeBookmark(db, ownerId, bookmarkId, clock.now());
          isNoted = true;
        },
      });
    },
  };
}
