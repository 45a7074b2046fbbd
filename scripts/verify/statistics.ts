// Compares what we read of KOReader's statistics databases with what SQLite and KOReader's own view give.
import { compare, isSameText, said } from './comparison.ts';
import type { Claim, Comparison } from './comparison.ts';
import { at, isTable, tablesOf } from './expected.ts';
import type { Readings } from './expected.ts';

export type StatisticsFigures = {
  /** Why we refuse the database, if we do. */
  refusal: string | undefined;
  books: ReadBookFigures[];
};

export type ReadBookFigures = {
  md5: string;
  title: string;
  authors: string | undefined;
  pages: number | undefined;
  lastOpenSec: number | undefined;
  notes: number | undefined;
  highlights: number | undefined;
  readSec: number;
  readPages: number;
  /** Page reads as rows, and the sum of their seconds before they are spread over today's pages. */
  rows: number;
  rowsSec: number;
};

/**
 * Returns one comparison for each figure of a database and of each book in it. `distinctBooks` are those that SQL tells apart
 * in it, for databases whose readings have no list of them.
 */
export function compareStatistics(
  path: string,
  { refusal, books }: StatisticsFigures,
  readings: Readings,
  distinctBooks?: number,
): Comparison[] {
  const theirs = readings.sqlite;
  const isSound = at(theirs, 'error') === undefined;
  const readable = exact(path, 'statistics is readable', refusal === undefined ? 'yes' : 'no', [
    { tool: 'sqlite', value: isSound ? 'yes' : 'no' },
  ]);
  if (refusal !== undefined || !isSound) return [readable];
  const perBook = tablesOf(at(theirs, 'per_book'));
  const groups = Map.groupBy(perBook, keyOf);
  const total = at(theirs, 'page_stat_data');
  const judge = isCredible({ rows: at(total, 'n'), seconds: at(total, 'dur') }) ? exact : hostile;
  const sum = (of: (book: ReadBookFigures) => number) => books.reduce((total, book) => total + of(book), 0);
  return [
    readable,
    // Rows of one checksum are one book; without a list of them nobody knows how many that makes.
    perBook.length > 0
      ? exact(path, 'statistics books', books.length.toString(), [
          { tool: 'sqlite', value: groups.size.toString() },
        ])
      : open(path, 'statistics books', books.length.toString(), [
          { tool: 'sqlite', value: figure(distinctBooks ?? at(theirs, 'books')) },
        ]),
    judge(path, 'statistics rows', sum(({ rows }) => rows).toString(), [
      { tool: 'sqlite', value: figure(at(total, 'n')) },
    ]),
    judge(path, 'statistics seconds', sum(({ rowsSec }) => rowsSec).toString(), [
      { tool: 'sqlite', value: isTable(total) ? figure(total.dur ?? 0) : undefined },
    ]),
    ...[...groups].flatMap(([key, rows]) =>
      compareBook(
        path,
        books.find((book) => keyOf(book) === key),
        rows,
      ),
    ),
  ];
}

/** Rows of one checksum under several titles are one book for us; only what adds up can be compared then. */
function compareBook(path: string, ours: ReadBookFigures | undefined, rows: Readings[]): Comparison[] {
  const [row = {}] = rows;
  const where = `${path} · ${said(row.title) ?? '(no title)'}`;
  const judge = rows.every((each) => isCredible({ rows: each.rows, seconds: each.raw_time }))
    ? exact
    : hostile;
  const total = (column: string) =>
    figure(rows.reduce((sum, each) => sum + (typeof each[column] === 'number' ? each[column] : 0), 0));
  const facts = [
    judge(where, 'book rows', ours?.rows.toString(), [{ tool: 'sqlite', value: total('rows') }]),
    judge(where, 'book seconds', ours?.rowsSec.toString(), [{ tool: 'sqlite', value: total('raw_time') }]),
  ];
  if (rows.length > 1) return facts;
  const isRead = row.rows !== 0;
  return [
    ...facts,
    judge(where, 'reading time', ours?.readSec.toString(), [
      { tool: 'view', value: isRead ? figure(row.view_time ?? 0) : undefined },
      { tool: 'book row', value: figure(row.total_read_time ?? 0) },
    ]),
    judge(where, 'pages read', ours?.readPages.toString(), [
      { tool: 'view', value: isRead ? figure(row.view_pages) : undefined },
      { tool: 'book row', value: figure(row.total_read_pages ?? 0) },
    ]),
    judge(where, 'last opened', ours?.lastOpenSec?.toString(), [
      { tool: 'sqlite', value: positive(row.last_open) },
    ]),
    judge(where, 'pages of a read book', ours?.pages?.toString(), [
      { tool: 'sqlite', value: positive(row.pages) },
    ]),
    judge(where, 'notes', (ours?.notes ?? 0).toString(), [{ tool: 'sqlite', value: figure(row.notes ?? 0) }]),
    judge(where, 'highlights', (ours?.highlights ?? 0).toString(), [
      { tool: 'sqlite', value: figure(row.highlights ?? 0) },
    ]),
    open(where, 'title of a read book', said(ours?.title), [{ tool: 'sqlite', value: said(row.title) }]),
  ];
}

const exact = (path: string, field: string, ours: string | undefined, claims: Claim[]): Comparison =>
  compare({ path, field, ours, claims, isExact: true });

/** For what people judge. */
const open = (path: string, field: string, ours: string | undefined, claims: Claim[]): Comparison =>
  compare({ path, field, ours, claims }, isSameText);

/** For figures of rows that KOReader cannot have written: whoever adds them up counts what nobody read. */
const hostile = (path: string, field: string, ours: string | undefined, claims: Claim[]): Comparison => {
  const compared = open(path, field, ours, claims);
  return compared.verdict === 'differs'
    ? { ...compared, verdict: 'explained', why: 'rows that KOReader cannot have written are left out' }
    : compared;
};

/** Whether KOReader can have written these rows: nobody reads a page for longer than a day, and we leave out who does. */
export const isCredible = ({ rows, seconds }: { rows: unknown; seconds: unknown }): boolean =>
  typeof rows !== 'number' || typeof seconds !== 'number' || (seconds >= 0 && seconds <= rows * DAY_SEC);

const DAY_SEC = 86_400;

/** KOReader only writes whole numbers from 0; anything else is no figure. */
const figure = (value: unknown): string | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value.toString() : undefined;

const positive = (value: unknown): string | undefined => (value === 0 ? undefined : figure(value));

/** What makes rows one book: the checksum, or title and authors where there is none. */
const keyOf = ({ md5, title, authors }: { md5?: unknown; title?: unknown; authors?: unknown }): string =>
  typeof md5 === 'string' && /^[0-9a-f]{32}$/.test(md5)
    ? md5
    : JSON.stringify([said(title) ?? '', said(authors) ?? '']);

/** Returns whether these readings are of a statistics database. */
export const isStatistics = (readings: Readings): boolean => isTable(readings.sqlite);
