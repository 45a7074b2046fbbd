// The SQL of reading that devices tell of: the row it is worked out into, and what it is worked out of.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { Span, ToldSession } from './told.ts';

/** The sessions devices told of a book, oldest first. */
export const selectToldSessions = (db: Db, bookId: string): ToldSession[] =>
  statement(
    db.$client,
    `select session_id as sessionId, started_at / 1000 as startSec, ended_at / 1000 as endSec, pages_read as pages
     from reading_sessions where book_id = ? order by started_at, session_id`,
  ).all(bookId) as ToldSession[];

/** KOReader's sittings of a book, under all its checksums. */
export const selectKoreaderSpans = (db: Db, bookId: string): Span[] =>
  statement(
    db.$client,
    `select s.started_sec as startSec, s.ended_sec as endSec from read_books r join read_sessions s using (read_book_id)
     where r.book_id = ? and r.told_of is null`,
  ).all(bookId) as Span[];

/** The number of the row a book's told reading is kept under. */
export const selectToldRow = (db: Db, bookId: string): number | undefined =>
  (
    statement(db.$client, 'select read_book_id as id from read_books where told_of = ?').get(bookId) as
      | { id: number }
      | undefined
  )?.id;

/** Makes that row. Its title and authors are the book's own, read when they are shown. */
export const insertToldRow = (db: Db, bookId: string): number =>
  (
    statement(
      db.$client,
      `insert into read_books (owner_id, md5, title, book_id, told_of)
       select owner_id, 'told:' || book_id, title, book_id, book_id from books where book_id = ?
       returning read_book_id as id`,
    ).get(bookId) as { id: number }
  ).id;

export const deleteToldRow = (db: Db, readBookId: number): void => {
  statement(db.$client, 'delete from read_books where read_book_id = ?').run(readBookId);
};

/** Every book devices told sessions of, whoever owns it. */
export const selectToldBooks = (db: Db): string[] =>
  statement(db.$client, 'select told_of from read_books where told_of is not null order by told_of')
    .pluck()
    .all() as string[];
