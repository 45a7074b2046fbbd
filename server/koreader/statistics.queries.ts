// The SQL of KOReader's statistics.
import type { Db } from '../catalogue/db.ts';
import { eq, sql } from 'drizzle-orm';
import { readBooks, statisticsFileBooks, statisticsFiles } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';

export type StatisticsFileRow = typeof statisticsFiles.$inferSelect;
export type FileBookRow = typeof statisticsFileBooks.$inferSelect;

export const selectStatisticsFile = (db: Db, fileId: string): StatisticsFileRow | undefined =>
  db.select().from(statisticsFiles).where(eq(statisticsFiles.fileId, fileId)).get();

export const updateStatisticsFile = (
  db: Db,
  fileId: string,
  change: Partial<typeof statisticsFiles.$inferInsert>,
): void => {
  db.update(statisticsFiles).set(change).where(eq(statisticsFiles.fileId, fileId)).run();
};

/** The row of a checksum, made if need be. */
export function readBookIdOf(db: Db, ownerId: string, md5: string, title: string): number {
  const found = statement(
    db.$client,
    'select read_book_id as id from read_books where owner_id = ? and md5 = ?',
  ).get(ownerId, md5) as { id: number } | undefined;
  if (found !== undefined) return found.id;
  return db.insert(readBooks).values({ ownerId, md5, title }).returning({ id: readBooks.readBookId }).get()
    .id;
}

/** Keeps what one file says of a book. */
export function putFileBook(db: Db, row: FileBookRow): void {
  const before = statement(
    db.$client,
    'delete from statistics_file_books where file_id = ? and read_book_id = ? and title = ? and authors is ?',
  );
  before.run(row.fileId, row.readBookId, row.title, row.authors);
  insertRow(db, statisticsFileBooks, row);
}

const fileBooks = (db: Db) =>
  db
    .select()
    .from(statisticsFileBooks)
    .where(eq(statisticsFileBooks.readBookId, sql.placeholder('readBookId')))
    .prepare();
export const selectFileBooks = (db: Db, readBookId: number): FileBookRow[] =>
  query(db, fileBooks).all({ readBookId });

export const updateReadBook = (
  db: Db,
  readBookId: number,
  change: Partial<typeof readBooks.$inferInsert>,
): void => {
  updateRow(db, readBooks, readBooks.readBookId, readBookId, change);
};

const readBook = (db: Db) =>
  db
    .select()
    .from(readBooks)
    .where(eq(readBooks.readBookId, sql.placeholder('readBookId')))
    .prepare();
export const selectReadBook = (db: Db, readBookId: number) => query(db, readBook).get({ readBookId });

/**
 * Adds a page read. The same read of two devices is one: the longer time counts (KOReader's merge rule), then the
 * larger page count, so that the order of the files does not matter.
 */
export function pageReadWriter(
  db: Db,
): (readBookId: number, startedSec: number, page: number, durationSec: number, totalPages: number) => void {
  const insert = statement(
    db.$client,
    `insert into page_reads (read_book_id, started_sec, page, duration_sec, total_pages) values (?, ?, ?, ?, ?)
     on conflict do update set duration_sec = excluded.duration_sec, total_pages = excluded.total_pages
     where excluded.duration_sec > duration_sec
        or (excluded.duration_sec = duration_sec and excluded.total_pages > total_pages)`,
  );
  return (...values) => {
    insert.run(...values);
  };
}
