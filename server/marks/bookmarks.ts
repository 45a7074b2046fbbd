// Bookmarks: list, get, create, change, remove. Every call takes the owner; what is somebody else's is not there.
import type { Clock } from '../base/clock.ts';
import { notFound } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook } from '../library/books.queries.ts';
import { selectAllBookmarks, selectBookmark, selectBookmarksInBook } from './bookmarks.queries.ts';
import { changeBookmark, removeBookmark } from './change-marks.ts';
import { insertBookmark } from './marks.queries.ts';
import type { BookmarkRow } from './marks.queries.ts';
import type { MarkChange } from './persons-word.ts';

/** Where a person left off. The position is a device's own word and kept as it is. */
export type NewBookmark = {
  position: string;
  pageNumber: number | null;
  chapter: string | null;
  note: string | null;
  color: string;
};

export type Bookmarks = ReturnType<typeof createBookmarks>;

/** Returns the verbs of bookmarks. */
export function createBookmarks({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, bookmarkId: string): BookmarkRow => {
    const found = catalogue.read((db) => selectBookmark(db, ownerId, bookmarkId));
    if (found === undefined) throw notFound('bookmark', bookmarkId);
    return found;
  };

  return {
    get,

    /** Returns all bookmarks, newest first; with a book only its own, in the order of the text. */
    list: (ownerId: string, bookId?: string): BookmarkRow[] =>
      catalogue.read((db) =>
        bookId === undefined ? selectAllBookmarks(db, ownerId) : selectBookmarksInBook(db, ownerId, bookId),
      ),

    /** Returns the bookmarks of a book in the order of the text. Throws not_found for an unknown book. */
    ofBook: (ownerId: string, bookId: string): BookmarkRow[] =>
      catalogue.read((db) => {
        if (selectBook(db, ownerId, bookId) === undefined) throw notFound('book', bookId);
        return selectBookmarksInBook(db, ownerId, bookId);
      }),

    /** Adds a bookmark. Throws not_found for an unknown book. */
    create(ownerId: string, bookId: string, mark: NewBookmark, deviceId: string): BookmarkRow {
      const now = clock.now();
      const bookmarkId = newId(now);
      catalogue.write({ deviceId }, (db) => {
        if (selectBook(db, ownerId, bookId) === undefined) throw notFound('book', bookId);
        const times = { createdAt: now, updatedAt: now };
        insertBookmark(db, { ...mark, ...times, bookmarkId, ownerId, bookId, source: 'papyrus' });
      });
      return get(ownerId, bookmarkId);
    },

    /** Changes note or colour in the catalogue alone. Throws not_found. */
    change(ownerId: string, bookmarkId: string, change: MarkChange, deviceId: string): BookmarkRow {
      catalogue.write({ deviceId }, (db) =>
        changeBookmark(db, ownerId, bookmarkId, change, { now: clock.now() }),
      );
      return get(ownerId, bookmarkId);
    },

    /** Removes a bookmark from the catalogue alone. Throws not_found. */
    remove(ownerId: string, bookmarkId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => removeBookmark(db, ownerId, bookmarkId, clock.now()));
    },
  };
}
