// Requests about many books in, from the Papyrus contract's words.
import type { z } from 'zod';
import type { AppError } from '../../../base/errors.ts';
import type { BatchChange } from '../../../library/book-batches.ts';
import type { Also, NewBook } from '../../../library/books.ts';
import type { Claim } from '../../../files/files.ts';
import { acceptClaim, acceptNewBook, present } from './accept.ts';
import { refuse } from '../errors.ts';
import type { BatchUpdateBooksRequest } from './batch-schemas.ts';
import { CreateBookRequest } from './schemas.ts';

/** Returns the books to add with the files they claim, and what is wrong with those that are none. */
export const acceptNewBooks = (
  books: unknown[],
  claiming: (claim: Claim) => Also,
): ({ book: NewBook; also: Also } | AppError)[] =>
  books.map((book) => {
    const { success, data, error } = CreateBookRequest.safeParse(book);
    return success ? { book: acceptNewBook(data), also: claiming(acceptClaim(data)) } : refuse(error);
  });

/** Returns what changes of many books. */
export const acceptBatchChange = (body: z.output<typeof BatchUpdateBooksRequest>): BatchChange => ({
  change: present({
    status: body.updates?.reading_status,
    isFavorite: body.updates?.is_favorite,
    rating: body.updates?.rating,
  }),
  addTagIds: body.add_tag_ids ?? [],
  removeTagIds: body.remove_tag_ids ?? [],
  addShelfIds: body.add_shelf_ids ?? [],
  removeShelfIds: body.remove_shelf_ids ?? [],
});
