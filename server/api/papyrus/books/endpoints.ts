// Endpoints of books.
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Books } from '../../../library/books.ts';
import type { Files } from '../../../files/files.ts';
import { acceptBookChange, acceptClaim, acceptNewBook, acceptSort } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentBook, presentBooks } from './present.ts';
import {
  Book,
  BookList,
  BookParams,
  BooksQuery,
  CreateBookRequest,
  DeleteBookQuery,
  UpdateBookRequest,
} from './schemas.ts';

const BOOKS = { tag: 'Books', access: 'user' } as const;

type BookParts = { books: Books; files: Files; linkBase: LinkBase };

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function bookEndpoints({ books, files, linkBase }: BookParts) {
  return [
    userEndpoint(
      {
        ...BOOKS,
        method: 'get',
        path: '/books',
        summary: 'Lists your books.',
        query: BooksQuery,
        answers: { 200: BookList },
        cached: true,
      },
      ({ caller, query, req }) => {
        const { page, limit } = query;
        const list = books.list(
          {
            ownerId: caller.userId,
            search: query.search,
            query: query.query,
            status: query.status,
            shelfId: query.shelf_id,
            tagId: query.tag_id,
            seriesId: query.series_id,
            isPhysical: query.is_physical,
            isFavorite: query.is_favorite,
          },
          { page, limit, sorts: acceptSort(query.sort, { onShelf: query.shelf_id !== undefined }) },
        );
        return presentBooks(list, query, linkBase(req));
      },
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'post',
        path: '/books',
        summary: 'Adds a book: on paper, with an uploaded file, or with a file to come.',
        body: json(CreateBookRequest),
        answers: { 201: Book },
      },
      ({ caller, body, req }) =>
        presentBook(
          books.create(
            caller.userId,
            acceptNewBook(body),
            caller.sessionId,
            files.claiming(caller.userId, acceptClaim(body)),
          ),
          linkBase(req),
        ),
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'get',
        path: '/books/{book_id}',
        summary: 'Returns a book.',
        params: BookParams,
        answers: { 200: Book },
        errors: ['not_found'],
      },
      ({ caller, params, req }) => presentBook(books.get(caller.userId, params.book_id), linkBase(req)),
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'patch',
        path: '/books/{book_id}',
        summary: 'Changes what is given; a rescan of the file keeps it.',
        params: BookParams,
        body: json(UpdateBookRequest),
        answers: { 200: Book },
        errors: ['not_found'],
      },
      ({ caller, params, body, req }) => {
        const change = acceptBookChange(body, books.get(caller.userId, params.book_id));
        return presentBook(
          books.change(caller.userId, params.book_id, change, caller.sessionId),
          linkBase(req),
        );
      },
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'delete',
        path: '/books/{book_id}',
        summary: 'Removes a book with its marks; a file in a library folder stays there.',
        params: BookParams,
        query: DeleteBookQuery,
        errors: ['not_found'],
      },
      async ({ caller, params: { book_id: bookId }, query }) => {
        const remove = () => books.remove(caller.userId, bookId, caller.sessionId);
        if (query.delete_file) await files.removeWith(caller.userId, [bookId], remove);
        else remove();
      },
    ),
  ];
}
