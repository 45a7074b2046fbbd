// The SQL of what devices send back over the stream.
import type { Db } from '../catalogue/catalogue.ts';
import { statement } from '../catalogue/statements.ts';

/** Whose book this is; undefined when there is none by this id. */
export const selectOwnerOfBook = (db: Db, bookId: string): string | undefined =>
  (
    statement(db.$client, 'select owner_id as ownerId from books where book_id = ?').get(bookId) as
      | { ownerId: string }
      | undefined
  )?.ownerId;
