// Reads KOReader's statistics.sqlite3 from a private copy: books first, then every page read in blocks of numbers.
import Database from 'better-sqlite3';

import { UnreadableFile } from '../book.ts';
import { takeSnapshot } from './database-snapshot.ts';
import type { DatabaseSnapshot } from './database-snapshot.ts';
import { allocatePageReads, orderPageReads, pickPageReads } from './page-reads.ts';
import type { PageReads } from './page-reads.ts';

export type { PageReads } from './page-reads.ts';

/** A row of KOReader's book table; numbers the row does not have are 0, texts are ''. */
export type StatisticsBook = {
  /** Means nothing outside this database. */
  sourceBookId: number;
  /** Partial MD5 of the book file, 32 lower-case hex digits, or ''. */
  md5: string;
  title: string;
  /** One name a line, "N/A" as written. */
  authors: string;
  /** "Name #2", "N/A" as written. */
  series: string;
  /** "N/A" as written. */
  language: string;
  /** Pages of the layout the book had last. */
  pages: number;
  /** Unix seconds. */
  lastOpenSec: number;
  /** Highlights with a note. */
  notes: number;
  /** Highlights without one. */
  highlights: number;
  totalReadSec: number;
  totalReadPages: number;
};

/** Books come once, before the first reads, with how many of those there will be. Reads are ordered by book, start and page, at most 10,000 at a time. */
export type StatisticsChunk =
  | { kind: 'books'; books: StatisticsBook[]; totalReads: number }
  | { kind: 'reads'; reads: PageReads };

export type StatisticsReading = {
  books: number;
  /** Page reads given out. */
  rows: number;
  /** Rows of either table without usable values, page reads of unknown books included. */
  skipped: number;
  /** KOReader's number of the schema (20221111 …), 1 for databases of before v2020.11. */
  schemaVersion: number;
};

const CHUNK_ROWS = 10_000;
const BOOKS_AT_A_TIME = 1000;
const MAX_BOOKS = 200_000;
const MAX_READS = 5_000_000;
const MAX_COUNT = 0x7fff_ffff;
const MAX_ROW_ID = Number.MAX_SAFE_INTEGER;
/** The last second of a 32-bit clock, in 2106: no device can have written a later one. */
const MAX_TIME_SEC = 4_294_967_295;
const DAY_SEC = 86_400;

/**
 * Reads a statistics database through a copy in `scratchDir` that is gone afterwards; the original is only ever copied.
 * Triggers, views and indexes of the file take no part. Throws UnreadableFile, or what `onChunk` throws.
 */
export async function readStatistics(
  path: string,
  scratchDir: string,
  onChunk: (chunk: StatisticsChunk) => void | Promise<void>,
): Promise<StatisticsReading> {
  const snapshot = await takeSnapshot(path, scratchDir);
  let found: SnapshotReading;
  try {
    found = readSnapshot(snapshot);
  } finally {
    await snapshot.remove();
  }
  const { books, reads, order, skipped, schemaVersion } = found;
  await onChunk({ kind: 'books', books, totalReads: order.length });
  for (let from = 0; from < order.length; from += CHUNK_ROWS) {
    await onChunk({ kind: 'reads', reads: pickPageReads(reads, order.subarray(from, from + CHUNK_ROWS)) });
  }
  return { books: books.length, rows: order.length, skipped, schemaVersion };
}

/** Makes sure that a file is KOReader's statistics, without reading them. Throws UnreadableFile when it is not. */
export async function checkStatistics(path: string, scratchDir: string): Promise<void> {
  const { path: copy, hasJournal, remove } = await takeSnapshot(path, scratchDir);
  let db: Database.Database | undefined;
  try {
    if (hasJournal) rollBack(copy);
    db = new Database(copy, { readonly: true, fileMustExist: true });
    harden(db);
    readSchema(db);
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    db?.close();
    await remove();
  }
}

type SnapshotReading = {
  books: StatisticsBook[];
  reads: PageReads;
  /** Row numbers of `reads` in the order they are given out. */
  order: Uint32Array;
  skipped: number;
  schemaVersion: number;
};

function readSnapshot({ path, hasJournal }: DatabaseSnapshot): SnapshotReading {
  let db: Database.Database | undefined;
  try {
    if (hasJournal) rollBack(path);
    db = new Database(path, { readonly: true, fileMustExist: true });
    harden(db);
    const schema = readSchema(db);
    checkPages(db, ['book', schema.readsTable]);
    const { books, skipped } = readBooks(db, schema);
    const { reads, order, skippedReads } = readPageReads(db, schema, books);
    return { books, reads, order, skipped: skipped + skippedReads, schemaVersion: schema.version };
  } catch (error) {
    throw translateSqliteError(error);
  } finally {
    db?.close();
  }
}

/** A writer that died left its journal; SQLite puts the pages back as soon as a writable connection reads. */
function rollBack(path: string): void {
  const db = new Database(path, { fileMustExist: true });
  try {
    harden(db);
    db.pragma('schema_version');
  } finally {
    db.close();
  }
}

/** https://sqlite.org/security.html §1.2, untrusted database files. */
function harden(db: Database.Database): void {
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('mmap_size = 0');
  db.pragma('query_only = ON');
  // quick_check evaluates CHECK constraints, which are expressions of the file's choosing.
  db.pragma('ignore_check_constraints = ON');
}

function checkPages(db: Database.Database, tables: string[]): void {
  for (const table of tables) {
    if (db.pragma(`quick_check('${table}')`, { simple: true }) !== 'ok') throw damaged();
  }
}

type Schema = {
  version: number;
  bookColumns: Set<string>;
  readsTable: 'page_stat_data' | 'page_stat';
  durationColumn: 'duration' | 'period';
  totalPagesColumn: 'total_pages' | undefined;
};

/** Up to v2020.10 page_stat was the table itself; since then it is a view over page_stat_data, and views are not read. */
function readSchema(db: Database.Database): Schema {
  const bookColumns = columnsOf(db, 'book');
  const data = columnsOf(db, 'page_stat_data');
  const [readsTable, columns] = data
    ? (['page_stat_data', data] as const)
    : (['page_stat', columnsOf(db, 'page_stat')] as const);
  const hasAll = (found: Set<string> | undefined, ...names: string[]): boolean =>
    found !== undefined && names.every((name) => found.has(name));
  const durationColumn = columns?.has('duration') ? 'duration' : 'period';
  if (
    !bookColumns ||
    !hasAll(bookColumns, 'id', 'title', 'authors', 'pages', 'md5') ||
    !hasAll(columns, 'id_book', 'page', 'start_time', durationColumn) ||
    (data && !hasAll(data, 'total_pages'))
  ) {
    throw new UnreadableFile(
      'unsupported',
      "The database does not have the tables of KOReader's statistics.",
    );
  }
  return {
    version: data ? Number(db.pragma('user_version', { simple: true })) : 1,
    bookColumns,
    readsTable,
    durationColumn,
    totalPagesColumn: data ? 'total_pages' : undefined,
  };
}

/** The columns of a real table of that name; undefined for a view, a virtual table or none at all. */
function columnsOf(db: Database.Database, table: string): Set<string> | undefined {
  const entry = db
    .prepare<[string], { type: string; sql: string }>(
      "select type, substr(sql, 1, 100000) as sql from sqlite_schema where name = ? collate nocase and type in ('table', 'view')",
    )
    .get(table);
  // The statement decides what SQLite makes of an entry, whatever its other columns say.
  const isTable = new RegExp(String.raw`^create\s+table\s+["'\x60[]?${table}["'\x60\]]?\s*\(`, 'i');
  if (entry?.type !== 'table' || !isTable.test(entry.sql) || /\bwithout\s+rowid\b/i.test(entry.sql))
    return undefined;
  const columns = db
    .prepare<[string], { name: string; hidden: number }>('select name, hidden from pragma_table_xinfo(?)')
    .all(table);
  // Generated columns are expressions of the file's choosing, and one named _rowid_ would hide the real one.
  if (columns.some(({ name, hidden }) => hidden !== 0 || name.toLowerCase() === '_rowid_')) return undefined;
  return new Set(columns.map(({ name }) => name.toLowerCase()));
}

type BookRow = {
  rowId: number;
  id: number;
  md5: string;
  title: string;
  authors: string;
  series: string;
  language: string;
  pages: number;
  lastOpenSec: number;
  notes: number;
  highlights: number;
  totalReadSec: number;
  totalReadPages: number;
};

function readBooks(
  db: Database.Database,
  { bookColumns }: Schema,
): { books: StatisticsBook[]; skipped: number } {
  const total = countRows(db, 'book');
  if (total > MAX_BOOKS) throw tooLarge('more than 200,000 books');
  const text = (column: string): string =>
    bookColumns.has(column) ? `ifnull(substr(cast(${column} as text), 1, 4000), '')` : "''";
  const whole = (column: string, most = MAX_COUNT): string =>
    bookColumns.has(column)
      ? `iif(typeof(${column}) = 'integer' and +${column} between 0 and ${most}, ${column}, 0)`
      : '0';
  const nextBooks = db.prepare<[number], BookRow>(
    `select _rowid_ as rowId, id, ${text('md5')} as md5, ${text('title')} as title, ${text('authors')} as authors,
      ${text('series')} as series, ${text('language')} as language, ${whole('pages')} as pages,
      ${whole('last_open', MAX_TIME_SEC)} as lastOpenSec, ${whole('notes')} as notes, ${whole('highlights')} as highlights,
      ${whole('total_read_time')} as totalReadSec, ${whole('total_read_pages')} as totalReadPages
    from book not indexed
    where _rowid_ > ? and _rowid_ <= ${MAX_ROW_ID} and typeof(id) = 'integer' and +id between 0 and ${MAX_COUNT}
    order by _rowid_ limit ${BOOKS_AT_A_TIME}`,
  );
  const books = new Map<number, StatisticsBook>();
  for (let after = -MAX_ROW_ID; ;) {
    const rows = nextBooks.all(after);
    for (const { rowId, id, md5, ...row } of rows) {
      after = rowId;
      if (!books.has(id)) books.set(id, { sourceBookId: id, md5: normaliseMd5(md5), ...row });
    }
    if (rows.length === 0) return { books: [...books.values()], skipped: total - books.size };
  }
}

function normaliseMd5(md5: string): string {
  const normalised = md5.trim().toLowerCase();
  return /^[0-9a-f]{32}$/.test(normalised) ? normalised : '';
}

type ReadRow = [
  rowId: number,
  bookId: number,
  page: number,
  startSec: number,
  durationSec: number,
  totalPages: number,
];

function readPageReads(db: Database.Database, schema: Schema, books: StatisticsBook[]) {
  const { readsTable, durationColumn, totalPagesColumn } = schema;
  const total = countRows(db, readsTable);
  if (total > MAX_READS) throw tooLarge('more than five million page reads');
  // The plus keeps a column's declared type out of the comparison: text and blobs are then never between two numbers.
  const nextReads = db
    .prepare<[number], ReadRow>(
      `select _rowid_, id_book, page, start_time, ${durationColumn}, ${totalPagesColumn ?? '0'}
      from ${readsTable} not indexed
      where _rowid_ > ? and _rowid_ <= ${MAX_ROW_ID} and +id_book between 0 and ${MAX_COUNT}
        and +page between 0 and ${MAX_COUNT} and +start_time between 0 and ${MAX_TIME_SEC}
        and +${durationColumn} between 0 and ${DAY_SEC}
        ${totalPagesColumn ? `and +${totalPagesColumn} between 1 and ${MAX_COUNT}` : ''}
      order by _rowid_ limit ${CHUNK_ROWS}`,
    )
    .raw();
  const known = new Set(books.map(({ sourceBookId }) => sourceBookId));
  const reads = allocatePageReads(total);
  let taken = 0;
  for (let after = -MAX_ROW_ID; ;) {
    const rows = nextReads.all(after);
    if (rows.length === 0) break;
    for (const row of rows) {
      after = row[0];
      if (!known.has(row[1]) || !isWhole(row)) continue;
      reads.sourceBookId[taken] = row[1];
      reads.page[taken] = row[2];
      reads.startSec[taken] = row[3];
      reads.durationSec[taken] = row[4];
      reads.totalPages[taken] = row[5];
      taken += 1;
    }
  }
  return { reads, order: orderPageReads(reads, taken), skippedReads: total - taken };
}

const isWhole = ([, , page, startSec, durationSec, totalPages]: ReadRow): boolean =>
  Number.isInteger(page) &&
  Number.isInteger(startSec) &&
  Number.isInteger(durationSec) &&
  Number.isInteger(totalPages);

const countRows = (db: Database.Database, table: string): number =>
  db.prepare<[], number>(`select count(*) from ${table} not indexed`).pluck().get() ?? 0;

const damaged = (cause?: unknown): UnreadableFile =>
  new UnreadableFile('corrupt', 'The statistics database is damaged.', cause);

const tooLarge = (what: string): UnreadableFile =>
  new UnreadableFile('too_large', `The statistics database holds ${what}.`);

function translateSqliteError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const [, family = ''] = error.code.split('_');
  switch (family) {
    case 'NOTADB':
      return new UnreadableFile('unsupported', 'The statistics file is not a SQLite database.', error);
    case 'FULL':
      return new UnreadableFile(
        'unreadable',
        'There is not enough disk space to read the statistics database.',
        error,
      );
    case 'BUSY':
    case 'LOCKED':
      return new UnreadableFile('no_access', 'The statistics database is locked by another program.', error);
    case 'IOERR':
    case 'CANTOPEN':
    case 'NOMEM':
      return new UnreadableFile('unreadable', 'The statistics database cannot be read.', error);
    default:
      return damaged(error);
  }
}
