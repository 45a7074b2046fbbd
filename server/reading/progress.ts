// Where a person is in a book.
import type { Db } from '../catalogue/db.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { differing } from '../catalogue/rows.ts';
import { fieldTimes } from '../catalogue/times.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import type { BookRow } from '../library/books.queries.ts';
import { withPosition, withStatus } from '../library/status.ts';
import type { Position, ReadingState } from '../library/status.ts';
import { selectReadingOfBook } from './progress.queries.ts';
import type { ReadingOfBook } from './progress.queries.ts';

export type Progress = ReadingState & { bookId: string; lastReadAt: Date | null } & ReadingOfBook;
/** Absent leaves as it is, null is nowhere; a status that is said beats the one the position would give. */
export type ProgressChange = Position & { status?: ReadingStatus };

export type ProgressOfBooks = ReturnType<typeof createProgress>;

/** Returns the verbs of progress. */
export function createProgress({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, bookId: string): Progress =>
    catalogue.read((db) => {
      const book = selectBook(db, ownerId, bookId);
      if (book === undefined) throw notFound('book', bookId);
      const { status, progress, currentPage, currentLocator, startedAt, completedAt, lastReadAt } = book;
      const state = { status, progress, currentPage, currentLocator, startedAt, completedAt, lastReadAt };
      return { bookId, ...state, ...selectReadingOfBook(db, bookId) };
    });

  return {
    /** Returns where the person is, and how much they read of it. Throws not_found. */
    get,

    /** Moves the person in the book, now. Throws not_found, invalid for a change without anything in it. */
    change(ownerId: string, bookId: string, change: ProgressChange, deviceId?: string): Progress {
      if (Object.values(change).every((value) => value === undefined))
        throw invalid('Say where you are in the book, or how far you are with it.');
      catalogue.write(deviceId === undefined ? {} : { deviceId }, (db) => {
        const book = selectBook(db, ownerId, bookId);
        if (book === undefined) throw notFound('book', bookId);
        moveInBook(db, book, change, clock.now());
      });
      return get(ownerId, bookId);
    },
  };
}

/** Writes a change of progress at `now`. Runs inside a write. */
function moveInBook(db: Db, book: BookRow, change: ProgressChange, now: Date): void {
  updateBook(db, book.bookId, { ...differing(book, columnsOfMove(book, change, now)), updatedAt: now });
  notePlace(db, book, now);
}

/** Notes when the place in a book was read that was just written: place, page and part read are one word. */
export function notePlace(
  db: Db,
  { bookId, ownerId, version }: Pick<BookRow, 'bookId' | 'ownerId' | 'version'>,
  readAt: Date,
): void {
  const said = { progress: [readAt.getTime(), version + 1] as const };
  fieldTimes(db.$client).note({ entityId: bookId, ownerId, said });
}

/** Returns what a change of progress at `now`, of reading that happened at `readAt`, makes of the columns of a book. */
export function columnsOfMove(
  book: BookRow,
  change: ProgressChange,
  now: Date,
  readAt: Date = now,
): Partial<BookRow> {
  const { status, ...position } = change;
  const moved = withPosition(book, position, {
    pageCount: book.pageCount,
    startedAt: readAt,
    endedAt: readAt,
  });
  return {
    ...(status === undefined ? moved : said(book, moved, status, readAt)),
    ...(status === undefined ? {} : { origins: { ...book.origins, status: 'person' as const } }),
    lastReadAt: book.lastReadAt !== null && book.lastReadAt > readAt ? book.lastReadAt : readAt,
    absentSince: null,
    updatedAt: now,
  };
}

/** The place of the move under the status that was said; not started is nowhere, whatever else was said. */
function said(book: BookRow, moved: ReadingState, status: ReadingStatus, now: Date): ReadingState {
  const { progress, currentPage, currentLocator } = moved;
  const before: ReadingState =
    status === 'not_started'
      ? { ...moved, status: 'paused' }
      : { ...book, progress, currentPage, currentLocator };
  return withStatus(before, status, now);
}
