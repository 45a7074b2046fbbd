// The SQL of how much was read of one book.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

export type ReadingOfBook = { readMinutes: number; sessionCount: number };

/** Minutes and sittings of a book, KOReader's and those devices told, each counted once. */
export const selectReadingOfBook = (db: Db, bookId: string): ReadingOfBook =>
  statement(
    db.$client,
    `select coalesce((select sum((d.read_sec + 30) / 60) from read_books r join read_days d using (read_book_id)
                      where r.book_id = :bookId), 0) as readMinutes,
            (select count(*) from read_books r join read_sessions s using (read_book_id)
             where r.book_id = :bookId) as sessionCount`,
  ).get({ bookId }) as ReadingOfBook;
