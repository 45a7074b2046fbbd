// Endpoints of shelves and of the books on them.
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Books } from '../../../library/books.ts';
import type { Shelves } from '../../../shelves/shelves.ts';
import { acceptNewShelf, acceptShelfChange } from './accept.ts';
import { acceptSort } from '../books/accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentShelf } from './present.ts';
import { presentBooks } from '../books/present.ts';
import { BookList, BookParams } from '../books/schemas.ts';
import {
  AddedCount,
  BookIdsRequest,
  CreateShelfRequest,
  DeleteShelfQuery,
  RemovedCount,
  SetBookShelvesRequest,
  Shelf,
  ShelfBookParams,
  ShelfBooksQuery,
  ShelfList,
  ShelfParams,
  ShelvesQuery,
  UpdateShelfRequest,
} from './schemas.ts';

const SHELVES = { tag: 'Shelves', access: 'user' } as const;
const ONE = { ...SHELVES, path: '/shelves/{shelf_id}', params: ShelfParams } as const;
const BOOKS = { ...SHELVES, path: '/shelves/{shelf_id}/books', params: ShelfParams } as const;
const BOOK = { ...SHELVES, path: '/shelves/{shelf_id}/books/{book_id}', params: ShelfBookParams } as const;
const OF_BOOK = {
  ...SHELVES,
  path: '/books/{book_id}/shelves',
  params: BookParams,
  answers: { 200: ShelfList },
} as const;

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function shelfEndpoints(parts: { books: Books; shelves: Shelves; linkBase: LinkBase }) {
  const { books, shelves, linkBase } = parts;
  return [
    userEndpoint(
      {
        ...SHELVES,
        method: 'get',
        path: '/shelves',
        summary: 'Lists your shelves, as a tree or flat.',
        query: ShelvesQuery,
        answers: { 200: ShelfList },
        cached: true,
      },
      ({ caller, query }) => {
        const withCounts = query.include_books;
        const found = query.flat
          ? shelves.list(caller.userId, { withCounts })
          : shelves.tree(caller.userId, { withCounts });
        return { shelves: found.map(presentShelf) };
      },
    ),
    userEndpoint(
      {
        ...SHELVES,
        method: 'post',
        path: '/shelves',
        summary: 'Adds a shelf.',
        body: json(CreateShelfRequest),
        answers: { 201: Shelf },
        errors: ['conflict'],
      },
      ({ caller, body }) =>
        presentShelf(shelves.create(caller.userId, acceptNewShelf(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a shelf with those below it and the number of their books.',
        answers: { 200: Shelf },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentShelf(shelves.get(caller.userId, params.shelf_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given of a shelf.',
        body: json(UpdateShelfRequest),
        answers: { 200: Shelf },
        errors: ['not_found', 'conflict'],
      },
      ({ caller, params, body }) =>
        presentShelf(
          shelves.change(caller.userId, params.shelf_id, acceptShelfChange(body), caller.sessionId),
        ),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'delete',
        summary: 'Removes a shelf with those below it; the books stay.',
        query: DeleteShelfQuery,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params, query }) =>
        shelves.remove(
          caller.userId,
          params.shelf_id,
          { moveBooksTo: query.move_books_to },
          caller.sessionId,
        ),
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'get',
        summary: 'Lists the books on a shelf.',
        description: 'Sorts by shelf_order too: the order the books were put there.',
        query: ShelfBooksQuery,
        answers: { 200: BookList },
        errors: ['not_found'],
        cached: true,
      },
      ({ caller, params, query, req }) => {
        const { shelfId } = shelves.row(caller.userId, params.shelf_id);
        const { page, limit } = query;
        const sorts = acceptSort(query.sort, { onShelf: true });
        const list = books.list({ ownerId: caller.userId, shelfId }, { page, limit, sorts });
        return presentBooks(list, query, linkBase(req));
      },
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'post',
        summary: 'Puts books on a shelf.',
        body: json(BookIdsRequest),
        answers: { 200: AddedCount },
        errors: ['not_found'],
      },
      ({ caller, params, body }) => ({
        added_count: shelves.putBooks(caller.userId, params.shelf_id, body.book_ids, caller.sessionId),
      }),
    ),
    userEndpoint(
      {
        ...SHELVES,
        method: 'post',
        path: '/shelves/{shelf_id}/books/remove',
        summary: 'Takes books off a shelf.',
        params: ShelfParams,
        body: json(BookIdsRequest),
        answers: { 200: RemovedCount },
        errors: ['not_found'],
      },
      ({ caller, params, body }) => ({
        removed_count: shelves.takeBooks(caller.userId, params.shelf_id, body.book_ids, caller.sessionId),
      }),
    ),
    userEndpoint(
      { ...BOOK, method: 'post', summary: 'Puts a book on a shelf.', errors: ['not_found', 'invalid'] },
      ({ caller, params }) => {
        books.get(caller.userId, params.book_id);
        shelves.putBooks(caller.userId, params.shelf_id, [params.book_id], caller.sessionId);
      },
    ),
    userEndpoint(
      { ...BOOK, method: 'delete', summary: 'Takes a book off a shelf.', errors: ['not_found', 'invalid'] },
      ({ caller, params }) => {
        books.get(caller.userId, params.book_id);
        shelves.takeBooks(caller.userId, params.shelf_id, [params.book_id], caller.sessionId);
      },
    ),
    userEndpoint(
      { ...OF_BOOK, method: 'get', summary: 'Lists the shelves a book stands on.', errors: ['not_found'] },
      ({ caller, params }) => ({
        shelves: shelves.ofBook(caller.userId, params.book_id).map(presentShelf),
      }),
    ),
    userEndpoint(
      {
        ...OF_BOOK,
        method: 'put',
        summary: 'Lets a book stand on these shelves and no other.',
        body: json(SetBookShelvesRequest),
        errors: ['not_found'],
      },
      ({ caller, params, body }) => ({
        shelves: shelves
          .setOfBook(caller.userId, params.book_id, body.shelf_ids, caller.sessionId)
          .map(presentShelf),
      }),
    ),
  ];
}
