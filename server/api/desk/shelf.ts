// Endpoints of the desk's grid of covers.
import { z } from 'zod';
import { notFound } from '../../base/errors.ts';
import { sendFile } from '../../http/downloads.ts';
import type { Books } from '../../library/books.ts';
import type { Covers } from '../../library/covers.ts';
import { deskEndpoint } from './auth.ts';
import { ShelfPage, ShelfQuery } from './schemas.ts';

const SHELF = { tag: 'Shelf', access: 'desk', method: 'get' } as const;
const CoverParams = z.object({ book_id: z.uuid() });

export type ShelfParts = { books: Books; covers: Covers };

/** Returns the endpoints. */
export function shelfEndpoints({ books, covers }: ShelfParts) {
  return [
    deskEndpoint(
      {
        ...SHELF,
        path: '/shelf',
        summary: 'Lists the newest books, 60 at a time.',
        query: ShelfQuery,
        answers: { 200: ShelfPage },
      },
      ({ caller, query }) => {
        const shelf = books.shelf(caller.ownerId, query.after);
        const counts = books.counts(caller.ownerId);
        return {
          books: shelf.books.map((book) => ({
            book_id: book.bookId,
            title: book.title,
            authors: book.authors,
            // The hash makes a new cover a new address.
            cover_url:
              book.coverHash === null
                ? null
                : `/desk/api/covers/${book.bookId}?v=${book.coverHash.slice(0, 8)}`,
          })),
          total: counts.books + counts.comics,
          next: shelf.next ?? null,
        };
      },
    ),
    deskEndpoint(
      {
        ...SHELF,
        path: '/covers/{book_id}',
        summary: 'Sends the small cover of a book.',
        params: CoverParams,
        sends: ['image/webp'],
        errors: ['not_found'],
      },
      async ({ caller, params, req, res }) => {
        const path = await covers.pathOf(caller.ownerId, params.book_id, 'small');
        if (path === undefined) throw notFound('cover');
        await sendFile(req, res, { path, contentType: 'image/webp', immutableSec: 86_400, what: 'cover' });
      },
    ),
  ];
}
