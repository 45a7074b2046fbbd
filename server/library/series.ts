// Series: books that belong together, found in files or made by a person. A series of somebody else is not there.
import type { Db } from '../catalogue/db.ts';
import { conflict, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { updateBook } from './books.queries.ts';
import type { BookRow } from './books.queries.ts';
import { sameName } from '../shelves/names.ts';
import {
  deleteSeries,
  insertSeries,
  selectBooksInSeries,
  selectSeriesCounts,
  selectSeriesRow,
  selectSeriesRows,
  updateSeries,
} from './series.queries.ts';
import type { SeriesRow } from './series.queries.ts';

export type NewSeries = {
  name: string;
  description?: string | null;
  author?: string | null;
  totalBooks?: number | null;
  isComplete?: boolean;
};
export type SeriesChange = Partial<NewSeries>;
/** `bookCount` is undefined where nobody asked for it. */
export type SeriesRecord = SeriesRow & { bookCount?: number | undefined };

export type AllSeries = ReturnType<typeof createSeries>;

/** Returns the verbs of series. */
export function createSeries({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, seriesId: string): SeriesRecord & { books: BookRow[] } =>
    catalogue.read((db) => {
      const row = find(db, ownerId, seriesId);
      const books = selectBooksInSeries(db, seriesId).filter((book) => book.absentSince === null);
      return { ...row, bookCount: books.length, books };
    });

  return {
    /** Returns a series with its books by their number, then by title. Throws not_found. */
    get,

    /** Returns the owner's series by name, with the number of their books when `counted`. */
    list: (ownerId: string, { counted }: { counted: boolean }): SeriesRecord[] =>
      catalogue.read((db) => {
        const rows = selectSeriesRows(db, ownerId);
        if (!counted) return rows;
        const counts = selectSeriesCounts(db, ownerId);
        return rows.map((row) => ({ ...row, bookCount: counts.get(row.seriesId) ?? 0 }));
      }),

    /** Adds a series. Throws conflict for a name that is taken, whatever its case. */
    create(ownerId: string, series: NewSeries, deviceId: string): SeriesRecord {
      const seriesId = catalogue.write({ deviceId }, (db) => addSeries(db, ownerId, series, clock.now()));
      return get(ownerId, seriesId);
    },

    /** Changes what is given; books keep a new name of their series over a rescan. Throws not_found, conflict. */
    change(ownerId: string, seriesId: string, change: SeriesChange, deviceId: string): SeriesRecord {
      catalogue.write({ deviceId }, (db) => changeSeries(db, ownerId, seriesId, change, clock.now()));
      return get(ownerId, seriesId);
    },

    /** Removes the series; its books stay, without series and number, over a rescan too. Throws not_found. */
    remove(ownerId: string, seriesId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => removeSeries(db, ownerId, seriesId, clock.now()));
    },
  };
}

/** Adds a series within a write and returns its id, the one given if any. Throws conflict. */
export function addSeries(
  db: Db,
  ownerId: string,
  { seriesId, ...series }: NewSeries & { seriesId?: string },
  now: Date,
): string {
  refuseTaken(db, ownerId, series.name);
  const id = seriesId ?? newId(now);
  insertSeries(db, { ...series, seriesId: id, ownerId, createdAt: now, updatedAt: now });
  return id;
}

/** Changes what is given within a write. Throws not_found, conflict. */
export function changeSeries(
  db: Db,
  ownerId: string,
  seriesId: string,
  change: SeriesChange,
  now: Date,
): void {
  const before = find(db, ownerId, seriesId);
  const { name } = change;
  if (name !== undefined) refuseTaken(db, ownerId, name, seriesId);
  updateSeries(db, seriesId, { ...change, updatedAt: now });
  if (name === undefined || name === before.name) return;
  // A rescan that still reads the old name must not take them out of it.
  for (const book of selectBooksInSeries(db, seriesId)) {
    updateBook(db, book.bookId, {
      origins: { ...book.origins, seriesId: 'person' },
      updatedAt: now,
    });
  }
}

/** Removes the series within a write. Throws not_found. */
export function removeSeries(db: Db, ownerId: string, seriesId: string, now: Date): void {
  find(db, ownerId, seriesId);
  for (const book of selectBooksInSeries(db, seriesId)) {
    updateBook(db, book.bookId, {
      seriesId: null,
      seriesIndex: null,
      origins: { ...book.origins, seriesId: 'person', seriesIndex: 'person' },
      updatedAt: now,
    });
  }
  deleteSeries(db, seriesId);
}

function find(db: Db, ownerId: string, seriesId: string): SeriesRow {
  const row = selectSeriesRow(db, ownerId, seriesId);
  if (row === undefined) throw notFound('series', seriesId);
  return row;
}

function refuseTaken(db: Db, ownerId: string, name: string, exceptId?: string): void {
  const taken = selectSeriesRows(db, ownerId).find(
    (row) => row.seriesId !== exceptId && sameName(row.name, name),
  );
  if (taken !== undefined) throw conflict(`There is already a series called "${taken.name}".`);
}
