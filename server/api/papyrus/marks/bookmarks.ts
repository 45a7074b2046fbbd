// Endpoints of bookmarks.
import type { EditMarks } from '../../../koreader/edit-marks.ts';
import type { Bookmarks } from '../../../marks/bookmarks.ts';
import { acceptBookmarkChange, acceptNewBookmark } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentBookmark } from './present.ts';
import { BookParams } from '../books/schemas.ts';
import {
  Bookmark,
  BookmarkList,
  BookmarkParams,
  BookmarksQuery,
  CreateBookmarkRequest,
  UpdateBookmarkRequest,
} from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const BOOKMARKS = { tag: 'Bookmarks', access: 'user' } as const;
const ONE = { ...BOOKMARKS, path: '/bookmarks/{bookmark_id}', params: BookmarkParams } as const;

/** Clients spell the marks of a book in two ways (papyrus.md "Annotations, notes and bookmarks"). */
const OF_BOOK = ['/books/{book_id}/bookmarks', '/bookmarks/books/{book_id}'];

/** Returns the endpoints. */
export function bookmarkEndpoints({ bookmarks, editMarks }: { bookmarks: Bookmarks; editMarks: EditMarks }) {
  return [
    userEndpoint(
      {
        ...BOOKMARKS,
        method: 'get',
        path: '/bookmarks',
        summary: 'Lists your bookmarks in all books, newest first.',
        query: BookmarksQuery,
        answers: { 200: BookmarkList },
        cached: true,
      },
      ({ caller, query }) => ({
        bookmarks: bookmarks.list(caller.userId, query.book_id).map(presentBookmark),
      }),
    ),
    ...OF_BOOK.flatMap((path) => [
      userEndpoint(
        {
          ...BOOKMARKS,
          method: 'get',
          path,
          summary: 'Lists the bookmarks of a book in the order of its text.',
          params: BookParams,
          answers: { 200: BookmarkList },
          errors: ['not_found'],
          cached: true,
        },
        ({ caller, params }) => ({
          bookmarks: bookmarks.ofBook(caller.userId, params.book_id).map(presentBookmark),
        }),
      ),
      userEndpoint(
        {
          ...BOOKMARKS,
          method: 'post',
          path,
          summary: 'Adds a bookmark to a book.',
          params: BookParams,
          body: json(CreateBookmarkRequest),
          answers: { 201: Bookmark },
          errors: ['not_found'],
        },
        ({ caller, params, body }) =>
          presentBookmark(
            bookmarks.create(caller.userId, params.book_id, acceptNewBookmark(body), caller.sessionId),
          ),
      ),
    ]),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a bookmark.',
        answers: { 200: Bookmark },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentBookmark(bookmarks.get(caller.userId, params.bookmark_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: "Changes note or colour; the note in KOReader's file too where writeback is on.",
        body: json(UpdateBookmarkRequest),
        answers: { 200: Bookmark },
        errors: ['not_found', 'stale', 'unavailable'],
      },
      async ({ caller, params, body }) =>
        presentBookmark(
          await editMarks.changeBookmark(
            caller.userId,
            params.bookmark_id,
            acceptBookmarkChange(body),
            caller.sessionId,
          ),
        ),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'delete',
        summary: "Removes a bookmark, from KOReader's file too where writeback is on.",
        errors: ['not_found', 'stale', 'unavailable'],
      },
      ({ caller, params }) => editMarks.removeBookmark(caller.userId, params.bookmark_id, caller.sessionId),
    ),
  ];
}
