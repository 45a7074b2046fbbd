// Endpoints of many books at once.
import { invalid } from '../../../base/errors.ts';
import type { AppError } from '../../../base/errors.ts';
import type { BookBatches } from '../../../library/book-batches.ts';
import { json } from '../../../http/bodies.ts';
import type { LinkBase } from '../../../http/links.ts';
import type { Books } from '../../../library/books.ts';
import type { Files } from '../../../files/files.ts';
import { acceptBatchChange, acceptNewBooks } from './accept-batches.ts';
import { userEndpoint } from '../auth.ts';
import { errorBody } from '../errors.ts';
import { presentBook } from './present.ts';
import {
  BatchCreateBooksAnswer,
  BatchCreateBooksRequest,
  BatchDeleteBooksAnswer,
  BatchDeleteBooksRequest,
  BatchUpdateBooksAnswer,
  BatchUpdateBooksRequest,
} from './batch-schemas.ts';

const BATCH = { tag: 'Books', access: 'user', path: '/books/batch', limit: 'batch' } as const;

const presentErrors = (errors: { bookId: string; error: AppError }[]) =>
  errors.map(({ bookId, error }) => ({ book_id: bookId, error: errorBody(error) }));

type Parts = { books: Books; bookBatches: BookBatches; files: Files; linkBase: LinkBase };

/** Returns the endpoints; `linkBase` says where links in answers lead. */
export function bookBatchEndpoints({ books, bookBatches, files, linkBase }: Parts) {
  return [
    userEndpoint(
      {
        ...BATCH,
        method: 'post',
        summary: 'Adds up to 50 books; those that are wrong are told and leave the others alone.',
        body: json(BatchCreateBooksRequest),
        answers: { 201: BatchCreateBooksAnswer },
      },
      ({ caller, body, req }) => {
        const { bookIds, errors } = bookBatches.create(
          caller.userId,
          acceptNewBooks(body.books, (claim) => files.claiming(caller.userId, claim)),
          caller.sessionId,
        );
        const told = errors.map(({ index, error }) => ({ index, error: errorBody(error) }));
        if (bookIds.length === 0) {
          throw invalid(`None of the books could be added. The first: ${errors[0]?.error.message ?? ''}`, {
            details: { errors: told },
          });
        }
        return {
          created: bookIds.map((bookId) => presentBook(books.get(caller.userId, bookId), linkBase(req))),
          errors: told,
        };
      },
    ),
    userEndpoint(
      {
        ...BATCH,
        method: 'patch',
        summary: 'Changes up to 100 books, their tags and shelves.',
        body: json(BatchUpdateBooksRequest),
        answers: { 200: BatchUpdateBooksAnswer },
      },
      ({ caller, body }) => {
        const batch = acceptBatchChange(body);
        const { done, errors } = bookBatches.change(caller.userId, body.book_ids, batch, caller.sessionId);
        return { updated_count: done, errors: presentErrors(errors) };
      },
    ),
    userEndpoint(
      {
        ...BATCH,
        method: 'delete',
        summary: 'Removes up to 100 books with their marks; files in library folders stay there.',
        body: json(BatchDeleteBooksRequest),
        answers: { 200: BatchDeleteBooksAnswer },
      },
      async ({ caller, body }) => {
        const remove = () => bookBatches.remove(caller.userId, body.book_ids, caller.sessionId);
        const { done, errors } = body.delete_files
          ? await files.removeWith(caller.userId, body.book_ids, remove)
          : remove();
        return { deleted_count: done, errors: presentErrors(errors) };
      },
    ),
  ];
}
