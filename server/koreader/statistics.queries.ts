// The SQL of KOReader's statistics.
import { eq } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { readBooks, statisticsFileBooks, statisticsFiles } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';

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
  db.insert(statisticsFileBooks)
    .values(row)
    .onConflictDoUpdate({
      target: [
        statisticsFileBooks.fileId,
        statisticsFileBooks.readBookId,
        statisticsFileBooks.title,
        statisticsFileBooks.authors,
      ],
      set: row,
    })
    .run();
}

export const selectFileBooks = (db: Db, readBookId: number): FileBookRow[] =>
  db.select().from(statisticsFileBooks).where(eq(statisticsFileBooks.readBookId, readBookId)).all();

export const updateReadBook = (
  db: Db,
  readBookId: number,
  change: Partial<typeof readBooks.$inferInsert>,
): void => {
  db.update(readBooks).set(change).where(eq(readBooks.readBookId, readBookId)).run();
};

export const selectReadBook = (db: Db, readBookId: number) =>
  db.select().from(readBooks).where(eq(readBooks.readBookId, readBookId)).get();

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
