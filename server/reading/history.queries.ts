// The SQL of reading worked out of page reads.
import type { Db } from '../catalogue/catalogue.ts';
import { statement } from '../catalogue/statements.ts';
import type { ContentType } from '../formats/book.ts';
import type { BookLayout, RawRead, Reading } from './derive.ts';
import type { History } from './history.ts';

export type HistoryBook = {
  readBookId: number;
  md5: string;
  title: string;
  /** As KOReader writes them, one a line. */
  authors: string | null;
  /** 1 for what devices told of a book, 0 for KOReader's statistics. */
  isTold: number;
  lastOpenMs: number | null;
  /** The book in the library, when there is one. */
  bookId: string | null;
  contentType: ContentType | null;
  coverHash: string | null;
  rating: number | null;
  reviewNote: string | null;
  seriesName: string | null;
  seriesIndex: string | null;
};
export type HistoryDay = { readBookId: number; day: string; readSec: number; pages: number };
export type HistorySession = {
  readBookId: number;
  day: string;
  startedSec: number;
  endedSec: number;
  readSec: number;
};
export type HistoryCompletion = {
  readBookId: number;
  startDay: string;
  endDay: string;
  readSec: number;
  sessionCount: number;
  /** Different pages, not yet as stable pages. */
  pages: number;
  pageFactor: number;
};

/** The books of an owner that were read, by their number. */
export const selectHistoryBooks = (db: Db, ownerId: string): HistoryBook[] =>
  statement(
    db.$client,
    `select r.read_book_id as readBookId, r.md5, iif(r.told_of is null, r.title, b.title) as title,
            iif(r.told_of is null, r.authors, (select group_concat(value, char(10)) from json_each(b.authors))) as authors,
            r.told_of is not null as isTold, r.last_open_at as lastOpenMs, b.book_id as bookId, b.content_type as contentType,
            b.cover_hash as coverHash, b.rating, b.review_note as reviewNote, s.name as seriesName, b.series_index as seriesIndex
     from read_books r left join books b using (book_id) left join series s using (series_id)
     where r.owner_id = ? order by r.read_book_id`,
  ).all(ownerId) as HistoryBook[];

/** Everything worked out for an owner, in the order charts want it. */
export function selectHistory(db: Db, ownerId: string): History {
  const rows = <Row>(sqlText: string) => statement(db.$client, sqlText).all(ownerId) as Row[];
  return {
    books: new Map(selectHistoryBooks(db, ownerId).map((book) => [book.readBookId, book])),
    days: rows<HistoryDay>(
      `select d.read_book_id as readBookId, d.day, d.read_sec as readSec, d.pages from read_days d
       join read_books r using (read_book_id) where r.owner_id = ? order by d.day, d.read_book_id`,
    ),
    sessions: rows<HistorySession>(
      `select s.read_book_id as readBookId, s.day, s.started_sec as startedSec, s.ended_sec as endedSec, s.read_sec as readSec
       from read_sessions s join read_books r using (read_book_id) where r.owner_id = ?
       order by s.day, s.read_book_id, s.started_sec`,
    ),
    completions: rows<HistoryCompletion>(
      `select c.read_book_id as readBookId, c.start_day as startDay, c.end_day as endDay, c.read_sec as readSec,
              c.session_count as sessionCount, c.pages, r.page_factor as pageFactor
       from read_completions c join read_books r using (read_book_id) where r.owner_id = ?
       order by c.end_day, c.read_book_id, c.number`,
    ),
  };
}

/** Every page read of a book, oldest first. */
export const selectRawReads = (db: Db, readBookId: number): RawRead[] =>
  statement(
    db.$client,
    `select page, started_sec as startSec, duration_sec as durationSec, total_pages as totalPages
     from page_reads where read_book_id = ? order by started_sec, page`,
  ).all(readBookId) as RawRead[];

type LayoutRow = {
  readBookId: number;
  pages: number | null;
  hiddenPages: number;
  pageFactor: number;
  finishedOn: string | null;
};
const LAYOUT =
  'read_book_id as readBookId, pages, hidden_pages as hiddenPages, page_factor as pageFactor, finished_on as finishedOn';
const layoutOf = ({ pages, hiddenPages, pageFactor, finishedOn }: LayoutRow): BookLayout => ({
  pages: pages ?? 0,
  hiddenPages,
  pageFactor,
  finishedOn: finishedOn ?? undefined,
});

/** The layout of a book. */
export function selectLayout(db: Db, readBookId: number): BookLayout | undefined {
  const row = statement(db.$client, `select ${LAYOUT} from read_books where read_book_id = ?`).get(
    readBookId,
  ) as LayoutRow | undefined;
  return row === undefined ? undefined : layoutOf(row);
}

/** The layouts of all books of an owner that KOReader knows, by their number. */
export const selectLayouts = (db: Db, ownerId: string): Map<number, BookLayout> =>
  new Map(
    (
      statement(
        db.$client,
        `select ${LAYOUT} from read_books where owner_id = ? and told_of is null order by read_book_id`,
      ).all(ownerId) as LayoutRow[]
    ).map((row) => [row.readBookId, layoutOf(row)]),
  );

/** Replaces what is worked out for a book. */
export function putReading(db: Db, readBookId: number, reading: Omit<Reading, 'reads'>): void {
  for (const table of ['read_days', 'read_sessions', 'read_completions']) {
    statement(db.$client, `delete from ${table} where read_book_id = ?`).run(readBookId);
  }
  const insertDay = statement(
    db.$client,
    'insert into read_days (read_book_id, day, read_sec, pages) values (?, ?, ?, ?)',
  );
  for (const { day, readSec, pages } of reading.days) insertDay.run(readBookId, day, readSec, pages);
  const insertSession = statement(
    db.$client,
    'insert into read_sessions (read_book_id, started_sec, ended_sec, read_sec, day) values (?, ?, ?, ?, ?)',
  );
  for (const { startSec, endSec, durationSec, day } of reading.sessions)
    insertSession.run(readBookId, startSec, endSec, durationSec, day);
  const insertCompletion = statement(
    db.$client,
    `insert into read_completions (read_book_id, number, start_day, end_day, started_sec, ended_sec, read_sec, session_count, pages, source)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  reading.completions.forEach((each, number) => {
    insertCompletion.run(
      readBookId, number, each.startDay, each.endDay, each.startSec, each.endSec, each.readingSec, each.sessionCount, each.pagesRead, each.source,
    ); // prettier-ignore
  });
}
