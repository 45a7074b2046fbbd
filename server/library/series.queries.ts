// The SQL of series.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, sql } from 'drizzle-orm';
import { books, series } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';
import { newId } from '../base/ids.ts';
import type { BookRow } from './books.queries.ts';

export type SeriesRow = typeof series.$inferSelect;

const ofOwner = (db: Db) =>
  db
    .select()
    .from(series)
    .where(eq(series.ownerId, sql.placeholder('ownerId')))
    .orderBy(sql`folded(${series.name})`, asc(series.seriesId))
    .prepare();
/** The owner's series by name. */
export const selectSeriesRows = (db: Db, ownerId: string): SeriesRow[] => query(db, ofOwner).all({ ownerId });

const byId = (db: Db) =>
  db
    .select()
    .from(series)
    .where(
      and(eq(series.ownerId, sql.placeholder('ownerId')), eq(series.seriesId, sql.placeholder('seriesId'))),
    )
    .prepare();
export const selectSeriesRow = (db: Db, ownerId: string, seriesId: string): SeriesRow | undefined =>
  query(db, byId).get({ ownerId, seriesId });

/** The name of one of the owner's series. */
export const selectSeriesName = (db: Db, ownerId: string, seriesId: string): string | undefined =>
  selectSeriesRow(db, ownerId, seriesId)?.name;

export const insertSeries = (db: Db, row: typeof series.$inferInsert): void => {
  insertRow(db, series, row);
};

export const updateSeries = (db: Db, seriesId: string, change: Partial<SeriesRow>): void =>
  updateRow(db, series, series.seriesId, seriesId, change);

export const deleteSeries = (db: Db, seriesId: string): void => {
  statement(db.$client, 'delete from series where series_id = ?').run(seriesId);
};

/** The series of this name, made if need be. Names differ by more than case. */
export function seriesNamed(db: Db, ownerId: string, name: string, now: Date): string {
  const found = statement(
    db.$client,
    'select series_id as id from series where owner_id = ? and lower(name) = lower(?)',
  ).get(ownerId, name) as { id: string } | undefined;
  if (found !== undefined) return found.id;
  const seriesId = newId(now);
  insertSeries(db, { seriesId, ownerId, name, createdAt: now, updatedAt: now });
  return seriesId;
}

/** How many books each of the owner's series has; those without a book are left out. */
export const selectSeriesCounts = (db: Db, ownerId: string): Map<string, number> =>
  new Map(
    statement(
      db.$client,
      `select series_id, count(*) from books
       where owner_id = ? and absent_since is null and series_id is not null group by series_id`,
    )
      .raw()
      .all(ownerId) as [string, number][],
  );

const inSeries = (db: Db) =>
  db
    .select()
    .from(books)
    .where(eq(books.seriesId, sql.placeholder('seriesId')))
    .orderBy(sql`cast(${books.seriesIndex} as real) asc nulls last`, asc(books.sortTitle), asc(books.bookId))
    .prepare();
/** The books of a series by their number, then by title; books without a number last. */
export const selectBooksInSeries = (db: Db, seriesId: string): BookRow[] =>
  query(db, inSeries).all({ seriesId });
