// What a person read of a book, page by page, in the layout the book has now.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { rescale } from '../formats/koreader/page-stat.ts';
import { hasPageReads, selectPageReads, selectReadBooks } from './activity.queries.ts';
import type { PageReadRow, ReadBookRow } from './activity.queries.ts';
import type { PageRead } from './sessions.ts';

/** Days with less reading than this are not reading days (KoShelf behaviour §3.4, its default). */
const LEAST_DAY_SEC = 30;

export type BookActivity = {
  /** Pages of the layout the reads below are given in. */
  pages: number;
  lastOpenAt: Date | null;
  totalReadSec: number;
  totalReadPages: number;
  /** Ordered by start, then page; all of some time. */
  reads: PageRead[];
};

export type Activity = ReturnType<typeof createActivity>;

/** Returns the verbs of reading activity; `dayOf` names the reading day of a moment in Unix seconds. */
export function createActivity({
  catalogue,
  dayOf,
}: {
  catalogue: Catalogue;
  dayOf: (sec: number) => string;
}) {
  return {
    /** Returns what the statistics know of a book, undefined when they do not know it. */
    ofBook(bookId: string): BookActivity | undefined {
      return catalogue.read((db) => {
        const rows = selectReadBooks(db, bookId);
        const [current] = rows;
        if (current === undefined) return undefined;
        const pages = current.pages ?? 0;
        const reads = rows.flatMap((row) =>
          selectPageReads(db, row.readBookId).flatMap((read) => inLayout(read, pages)),
        );
        return {
          pages,
          lastOpenAt: current.lastOpenAt,
          totalReadSec: sum(rows, 'totalReadSec'),
          totalReadPages: sum(rows, 'totalReadPages'),
          reads: withoutGlimpses(
            reads.sort((a, b) => a.startSec - b.startSec || a.page - b.page),
            dayOf,
          ),
        };
      });
    },

    /** Whether there is any reading at all. */
    any: (ownerId: string): boolean => catalogue.read((db) => hasPageReads(db, ownerId)),
  };
}

const sum = (rows: ReadBookRow[], field: 'totalReadSec' | 'totalReadPages') =>
  rows.reduce((total, row) => total + row[field], 0);

/** Rows without a page count are of databases that knew only one layout: they count as they are. */
function inLayout({ page, startSec, durationSec, totalPages }: PageReadRow, pages: number): PageRead[] {
  if (totalPages === 0 || pages === 0) return [{ page, startSec, durationSec }];
  const spread = rescale(page, totalPages, pages, durationSec);
  if (spread === undefined) return [];
  const { firstPage, lastPage, durationEach } = spread;
  return Array.from({ length: lastPage - firstPage + 1 }, (_, index) => ({
    page: firstPage + index,
    startSec,
    durationSec: durationEach,
  }));
}

/** Leaves out reads of no time and days with next to none. */
function withoutGlimpses(reads: PageRead[], dayOf: (sec: number) => string): PageRead[] {
  const secOfDay = new Map<string, number>();
  for (const { startSec, durationSec } of reads) {
    if (durationSec <= 0) continue;
    const day = dayOf(startSec);
    secOfDay.set(day, (secOfDay.get(day) ?? 0) + durationSec);
  }
  return reads.filter(
    ({ startSec, durationSec }) => durationSec > 0 && secOfDay.get(dayOf(startSec))! >= LEAST_DAY_SEC,
  );
}
