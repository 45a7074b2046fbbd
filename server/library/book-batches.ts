// Many books at once: what can be done is done, in one transaction, and what cannot is told for each.
import type { Db } from '../catalogue/db.ts';
import { AppError, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { addBook, changeBook, removeBook } from './books.ts';
import type { Also, BookChange, NewBook } from './books.ts';
import {
  filledByItself,
  invalidField,
  setShelves,
  setTags,
  smartAmong,
  TAGS_PER_BOOK,
  wrongShelves,
  wrongTags,
} from '../shelves/memberships.ts';
import { selectOwnBookIds, selectShelfIds, selectTagIds } from '../shelves/memberships.queries.ts';

export type BatchChange = {
  change: Pick<BookChange, 'status' | 'isFavorite' | 'rating'>;
  addTagIds: string[];
  removeTagIds: string[];
  addShelfIds: string[];
  removeShelfIds: string[];
};

/** How many books it was done for, and what was wrong with each of the others. */
export type BatchResult = { done: number; errors: { bookId: string; error: AppError }[] };

export type BookBatches = ReturnType<typeof createBookBatches>;

/** Returns the verbs for many books. */
export function createBookBatches({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  /** Does it for each book once. */
  const forEach = (
    db: Db,
    ownerId: string,
    bookIds: string[],
    act: (bookId: string) => void,
  ): BatchResult => {
    const own = selectOwnBookIds(db, ownerId, bookIds);
    const errors: BatchResult['errors'] = [];
    const unique = [...new Set(bookIds)];
    for (const bookId of unique) {
      const error = own.has(bookId) ? failureOf(() => act(bookId)) : notFound('book', bookId);
      if (error !== undefined) errors.push({ bookId, error });
    }
    return { done: unique.length - errors.length, errors };
  };

  return {
    /** Adds the books that can be added; returns their ids and what was wrong with the others, by their place in the list. */
    create: (
      ownerId: string,
      books: ({ book: NewBook; also: Also } | AppError)[],
      deviceId: string,
    ): { bookIds: string[]; errors: { index: number; error: AppError }[] } =>
      catalogue.write({ deviceId }, (db) => {
        const bookIds: string[] = [];
        const errors: { index: number; error: AppError }[] = [];
        for (const [index, book] of books.entries()) {
          const error =
            book instanceof AppError
              ? book
              : failureOf(() => {
                  book.also.check(db);
                  const bookId = addBook(db, ownerId, book.book, clock.now());
                  book.also.give(db, bookId);
                  bookIds.push(bookId);
                });
          if (error !== undefined) errors.push({ index, error });
        }
        return { bookIds, errors };
      }),

    /**
     * Changes the books, their tags and shelves. Throws invalid for a tag or shelf to add that is not the owner's, and for a
     * smart shelf. What is to be removed and is not there is as good as removed.
     */
    change: (ownerId: string, bookIds: string[], batch: BatchChange, deviceId: string): BatchResult =>
      catalogue.write({ deviceId }, (db) => {
        const now = clock.now();
        // One after the other: each is the owner's, however many a single book may carry.
        const wrongTag = batch.addTagIds.map((tagId) => wrongTags(db, ownerId, [tagId])).find(Boolean);
        if (wrongTag !== undefined) throw invalidField('add_tag_ids', wrongTag);
        const wrongShelf = wrongShelves(db, ownerId, batch.addShelfIds);
        if (wrongShelf !== undefined) throw invalidField('add_shelf_ids', wrongShelf);
        const smart = smartAmong(db, ownerId, batch.removeShelfIds);
        if (smart !== undefined) throw invalidField('remove_shelf_ids', filledByItself(smart));
        return forEach(db, ownerId, bookIds, (bookId) => changeOne(db, ownerId, bookId, batch, now));
      }),

    /** Removes the books with their marks. */
    remove: (ownerId: string, bookIds: string[], deviceId: string): BatchResult =>
      catalogue.write({ deviceId }, (db) =>
        forEach(db, ownerId, bookIds, (bookId) => removeBook(db, ownerId, bookId, clock.now())),
      ),
  };
}

/** Everything that can be wrong is found before anything is written. */
function changeOne(db: Db, ownerId: string, bookId: string, batch: BatchChange, now: Date): void {
  const tags = withChanges(selectTagIds(db, bookId), batch.addTagIds, batch.removeTagIds);
  if (batch.addTagIds.length > 0 && tags.length > TAGS_PER_BOOK) {
    throw invalidField('add_tag_ids', `A book carries at most ${TAGS_PER_BOOK} tags.`);
  }
  if (Object.keys(batch.change).length > 0) changeBook(db, ownerId, bookId, batch.change, now);
  setTags(db, bookId, tags, now);
  setShelves(
    db,
    bookId,
    withChanges(selectShelfIds(db, bookId), batch.addShelfIds, batch.removeShelfIds),
    now,
  );
}

/** What is both added and removed is added. */
const withChanges = (before: string[], added: string[], removed: string[]): string[] => [
  ...new Set([...before.filter((id) => !removed.includes(id)), ...added]),
];

function failureOf(act: () => void): AppError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
