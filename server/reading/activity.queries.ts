// The SQL of reading activity.
import type { Db } from '../catalogue/db.ts';
import { readerOf } from '../catalogue/rows.ts';
import { readBooks } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';

export type ReadBookRow = typeof readBooks.$inferSelect;

const reader = readerOf(readBooks);

/** A book as the statistics know it: the rows of all its checksums, last opened first. */
export const selectReadBooks = (db: Db, bookId: string): ReadBookRow[] =>
  (
    statement(db.$client, `select ${reader.columns} from read_books where book_id = ? and told_of is null`)
      .raw()
      .all(bookId) as unknown[][]
  )
    .map(reader.recordOf)
    .sort(
      (a, b) =>
        (b.lastOpenAt?.getTime() ?? 0) - (a.lastOpenAt?.getTime() ?? 0) || b.readBookId - a.readBookId,
    );

/** Whether there is any reading that counts, KOReader's or told by another device. */
export const hasPageReads = (db: Db, ownerId: string): boolean =>
  (
    statement(
      db.$client,
      `select exists (select 1 from read_books r where r.owner_id = ?
         and (r.told_of is not null
           or exists (select 1 from read_days d where d.read_book_id = r.read_book_id))) as found`,
    ).get(ownerId) as { found: number }
  ).found === 1;

export type WorkedOut = {
  sessionCount: number;
  sessionSec: number;
  longestSec: number;
  /** The last day of reading; null when there is none. */
  lastDay: string | null;
};

/** What the tables say of a book's sittings. */
export const selectWorkedOut = (db: Db, readBookId: number): WorkedOut =>
  statement(
    db.$client,
    `select count(*) as sessionCount, coalesce(sum(read_sec), 0) as sessionSec, coalesce(max(read_sec), 0) as longestSec,
       (select max(day) from read_days where read_book_id = :readBookId) as lastDay
     from read_sessions where read_book_id = :readBookId`,
  ).get({ readBookId }) as WorkedOut;

export type CompletionRow = {
  startDay: string;
  endDay: string;
  readingSec: number;
  sessionCount: number;
  pagesRead: number;
};

/** The readings to the end that were worked out, oldest first. */
export const selectCompletions = (db: Db, readBookId: number): CompletionRow[] =>
  statement(
    db.$client,
    `select start_day as startDay, end_day as endDay, read_sec as readingSec, session_count as sessionCount, pages as pagesRead
     from read_completions where read_book_id = ? order by number`,
  ).all(readBookId) as CompletionRow[];
