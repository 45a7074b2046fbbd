// The SQL of reading worked out of page reads.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { ContentType } from '../formats/book.ts';
import type { BookLayout, RawRead, Reading } from './derive.ts';

/** A person's reading; each list in a total order. */
export type History = {
  books: ReadonlyMap<number, HistoryBook>;
  /** Ordered by day, then book. */
  days: readonly HistoryDay[];
  /** Ordered by day, then book, then start. */
  sessions: readonly HistorySession[];
  /** Ordered by end, then book. */
  completions: readonly HistoryCompletion[];
};

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
  /** 1 while it is in the lists. */
  isListed: number;
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

/** What KOReader writes where it knows no author. */
const NOBODY = 'N/A';

/** A book of the library is called what it is called there. */
const BOOKS = `select r.read_book_id as readBookId, r.md5, coalesce(b.title, r.title) as title,
    coalesce((select group_concat(value, char(10)) from json_each(b.authors)), nullif(r.authors, '${NOBODY}')) as authors,
    r.told_of is not null as isTold, r.last_open_at as lastOpenMs, b.book_id as bookId,
    b.book_id is not null and b.absent_since is null as isListed, b.content_type as contentType,
    b.cover_hash as coverHash, b.rating, b.review_note as reviewNote, s.name as seriesName, b.series_index as seriesIndex
  from read_books r left join books b using (book_id) left join series s using (series_id)`;

/** The books of an owner that were read, by their number. */
export const selectHistoryBooks = (db: Db, ownerId: string): HistoryBook[] =>
  statement(db.$client, `${BOOKS} where r.owner_id = ? order by r.read_book_id`).all(
    ownerId,
  ) as HistoryBook[];

/** Those of them that have one of these numbers, or are one of these books of the library. */
export const selectSomeHistoryBooks = (
  db: Db,
  ownerId: string,
  { readBookIds, bookIds }: { readBookIds: readonly number[]; bookIds: readonly string[] },
): HistoryBook[] =>
  statement(
    db.$client,
    `${BOOKS} where r.owner_id = ?
       and (r.read_book_id in (select value from json_each(?)) or r.book_id in (select value from json_each(?)))
     order by r.read_book_id`,
  ).all(ownerId, JSON.stringify(readBookIds), JSON.stringify(bookIds)) as HistoryBook[];

/** Whether the owner has any book in the lists. */
export const hasBooks = (db: Db, ownerId: string): boolean =>
  statement(db.$client, 'select exists (select 1 from books where owner_id = ? and absent_since is null)')
    .pluck()
    .get(ownerId) === 1;

type Selection = { columns: string; table: string; order: string };
const DAYS: Selection = {
  columns: 't.read_book_id as readBookId, t.day, t.read_sec as readSec, t.pages',
  table: 'read_days',
  order: 't.day, t.read_book_id',
};
const SESSIONS: Selection = {
  columns:
    't.read_book_id as readBookId, t.day, t.started_sec as startedSec, t.ended_sec as endedSec, t.read_sec as readSec',
  table: 'read_sessions',
  order: 't.day, t.read_book_id, t.started_sec',
};
const COMPLETIONS: Selection = {
  columns: `t.read_book_id as readBookId, t.start_day as startDay, t.end_day as endDay, t.read_sec as readSec,
    t.session_count as sessionCount, t.pages, r.page_factor as pageFactor`,
  table: 'read_completions',
  order: 't.end_day, t.read_book_id, t.number',
};

/** What is worked out for an owner, of these books only when some are given, in the order charts want it. */
export function selectHistory(
  db: Db,
  ownerId: string,
  readBookIds?: readonly number[],
): Omit<History, 'books'> {
  const rows = <Row>({ columns, table, order }: Selection): Row[] =>
    readBookIds === undefined
      ? // A cross join keeps SQLite to the order of the tables, and so of the index that has the rows in the order asked for.
        (statement(
          db.$client,
          `select ${columns} from ${table} t cross join read_books r using (read_book_id) where r.owner_id = ? order by ${order}`,
        ).all(ownerId) as Row[])
      : (statement(
          db.$client,
          `select ${columns} from ${table} t join read_books r using (read_book_id)
           where r.owner_id = ? and r.read_book_id in (select value from json_each(?)) order by ${order}`,
        ).all(ownerId, JSON.stringify(readBookIds)) as Row[]);
  return {
    days: rows<HistoryDay>(DAYS),
    sessions: rows<HistorySession>(SESSIONS),
    completions: rows<HistoryCompletion>(COMPLETIONS),
  };
}

export type HistoryChanges = {
  /** Books that were read on, counted anew or removed from what was read. */
  readBookIds: number[];
  /** Books of the library. */
  bookIds: string[];
  /** Whether a series may have another name. */
  hasSeries: boolean;
};

/** What changed after an entry of the diary; undefined when that is more than `limit` things. */
export function selectHistoryChanges(db: Db, afterSeq: number, limit: number): HistoryChanges | undefined {
  // Without an index SQLite goes by seq through the newest entries; by that of entities it would go through the whole diary.
  const rows = statement(
    db.$client,
    `select distinct entity_type as type, entity_id as id from changes not indexed
     where seq > ? and entity_type in ('read_book', 'book', 'series') limit ?`,
  ).all(afterSeq, limit + 1) as { type: string; id: string }[];
  if (rows.length > limit) return undefined;
  const idsOf = (wanted: string) => rows.filter(({ type }) => type === wanted).map(({ id }) => id);
  return {
    readBookIds: idsOf('read_book').map(Number),
    bookIds: idsOf('book'),
    hasSeries: idsOf('series').length > 0,
  };
}

/** Every page read of a book, oldest first. */
export const selectRawReads = (db: Db, readBookId: number): RawRead[] =>
  statement(
    db.$client,
    `select page, started_sec as startSec, duration_sec as durationSec, total_pages as totalPages
     from page_reads where read_book_id = ? order by started_sec, page`,
  ).all(readBookId) as RawRead[];

/**
 * Every page read of a book under all its checksums, oldest first. The same page opened at the same second is one read that
 * two files tell of: the longer time counts, then the larger page count, as between devices.
 */
export function selectReadsOfAll(db: Db, readBookIds: readonly number[]): RawRead[] {
  if (readBookIds.length === 1) return selectRawReads(db, readBookIds[0]!);
  const reads = readBookIds
    .flatMap((readBookId) => selectRawReads(db, readBookId))
    .sort(
      (a, b) =>
        a.startSec - b.startSec ||
        a.page - b.page ||
        b.durationSec - a.durationSec ||
        b.totalPages - a.totalPages,
    );
  return reads.filter((read, index) => {
    const before = reads[index - 1];
    return before === undefined || before.startSec !== read.startSec || before.page !== read.page;
  });
}

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

/** Replaces what is worked out for a book. Returns whether anything of it is another than before. */
export function putReading(db: Db, readBookId: number, reading: Omit<Reading, 'reads'>): boolean {
  const days = reading.days.map(({ day, readSec, pages }) => [day, readSec, pages]);
  const sessions = reading.sessions.map(({ startSec, endSec, durationSec, day }) => [
    startSec,
    endSec,
    durationSec,
    day,
  ]);
  const completions = reading.completions.map((each, number) => [
    number, each.startDay, each.endDay, each.startSec, each.endSec, each.readingSec, each.sessionCount, each.pagesRead, each.source,
  ]); // prettier-ignore
  const changed = [
    putRows(db, 'read_days', ['day', 'read_sec', 'pages'], readBookId, days),
    putRows(db, 'read_sessions', ['started_sec', 'ended_sec', 'read_sec', 'day'], readBookId, sessions),
    putRows(
      db,
      'read_completions',
      ['number', 'start_day', 'end_day', 'started_sec', 'ended_sec', 'read_sec', 'session_count', 'pages', 'source'],
      readBookId,
      completions,
    ), // prettier-ignore
  ];
  return changed.includes(true);
}

/** Notes in the diary that a book's reading is another, for those who keep what was worked out. */
export const noteReadingChanged = (db: Db, readBookId: number): void => {
  statement(db.$client, 'update read_books set version = version where read_book_id = ?').run(readBookId);
};

type Value = string | number;

/** Makes the rows of a book these ones, writing only from the first that differs. Returns whether any did. */
function putRows(
  db: Db,
  table: string,
  columns: readonly [string, ...string[]],
  readBookId: number,
  rows: readonly (readonly (Value | undefined)[])[],
): boolean {
  const [key] = columns;
  const list = columns.join(', ');
  const before = statement(db.$client, `select ${list} from ${table} where read_book_id = ? order by ${key}`)
    .raw()
    .all(readBookId) as Value[][];
  const isSame = (index: number) => rows[index]?.every((value, at) => value === before[index]?.[at]) === true;
  let kept = 0;
  while (kept < before.length && isSame(kept)) kept++;
  if (kept === before.length && kept === rows.length) return false;
  const from = before[kept]?.[0];
  if (from !== undefined)
    statement(db.$client, `delete from ${table} where read_book_id = ? and ${key} >= ?`).run(
      readBookId,
      from,
    );
  const insert = statement(
    db.$client,
    `insert into ${table} (read_book_id, ${list}) values (?, ${columns.map(() => '?').join(', ')})`,
  );
  for (const row of rows.slice(kept)) insert.run(readBookId, ...row);
  return true;
}
