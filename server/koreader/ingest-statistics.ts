// Takes a statistics database into the catalogue, merged with those of the person's other devices. Runs inside writes.
import type { Db } from '../catalogue/db.ts';
import { createHash } from 'node:crypto';
import type { RawRead } from '../reading/derive.ts';
import { isIn } from '../reading/rules.ts';
import type { ReadingRules, TimeSpan } from '../reading/rules.ts';
import { deriveReadBook } from './derive-reading.ts';
import { changeCounter, hasFileBook, insertNewReadBooks, putPageReads } from './ingest-statistics.queries.ts';
import type { PageReads, StatisticsBook } from '../formats/koreader/statistics.ts';
import { rescale } from '../formats/koreader/page-stat.ts';
import { refreshBook } from '../library/intake.ts';
import { selectBookByChecksum } from '../library/intake.queries.ts';
import { selectRawReads } from '../reading/history.queries.ts';
import {
  putFileBook,
  readBookIdOf,
  selectFileBooks,
  selectReadBook,
  updateReadBook,
} from './statistics.queries.ts';
import type { FileBookRow } from './statistics.queries.ts';

/** Keeps what the file says of its books. Returns the catalogue's row of each of them; adds those it says anew to `changed`. */
export function takeInReadBooks(
  db: Db,
  { ownerId, fileId, changed }: { ownerId: string; fileId: string; changed?: Set<number> },
  books: readonly StatisticsBook[],
): Map<number, number> {
  const rows = new Map<number, number>();
  insertNewReadBooks(
    db,
    ownerId,
    books.map((book) => [keyOf(book), book.title]),
  );
  for (const book of books) {
    const readBookId = readBookIdOf(db, ownerId, keyOf(book), book.title);
    rows.set(book.sourceBookId, readBookId);
    const row = {
      fileId,
      readBookId,
      title: book.title,
      authors: book.authors,
      pages: book.pages === 0 ? null : book.pages,
      lastOpenAt: book.lastOpenSec === 0 ? null : new Date(book.lastOpenSec * 1000),
      notes: book.notes,
      highlights: book.highlights,
      totalReadSec: book.totalReadSec,
      totalReadPages: book.totalReadPages,
    };
    if (hasFileBook(db, row)) continue;
    putFileBook(db, row);
    changed?.add(readBookId);
  }
  return rows;
}

/**
 * Adds the page reads of a block from one row up to another; the same ones again change nothing. Adds the books that got
 * any to `changed`. Fastest when the reads of a book lie together.
 */
export function takeInPageReads(
  db: Db,
  rows: ReadonlyMap<number, number>,
  reads: PageReads,
  { from, to, changed }: { from: number; to: number; changed?: Set<number> } = {
    from: 0,
    to: reads.page.length,
  },
): void {
  const countChanges = changeCounter(db);
  let before = countChanges();
  for (let start = from, end = from; start < to; start = end) {
    const sourceBookId = reads.sourceBookId[start]!;
    while (end < to && reads.sourceBookId[end] === sourceBookId) end++;
    const readBookId = rows.get(sourceBookId);
    if (readBookId === undefined) continue;
    putPageReads(db, readBookId, reads, start, end);
    const after = countChanges();
    if (after > before) changed?.add(readBookId);
    before = after;
  }
}

/**
 * Works out a book's figures from all files and all its page reads, and finds its book in the library. The result does
 * not depend on the order the files came in. Returns false, and does nothing, for a book no file tells of.
 */
export function settleReadBook(db: Db, readBookId: number, rules: ReadingRules, now: Date): boolean {
  const before = selectReadBook(db, readBookId);
  const rows = selectFileBooks(db, readBookId);
  const merged = mergeFileBooks(rows, rules.possible());
  if (before === undefined || merged === undefined) return false;
  const bookId = before.bookId ?? selectBookByChecksum(db, before.ownerId, before.md5) ?? null;
  const reads = selectRawReads(db, readBookId);
  const lastOpenAt = merged.lastOpenAt ?? lastReadIn(reads, rules);
  const after = { ...merged, ...totalsOf(reads, merged), lastOpenAt, bookId };
  const changed = Object.entries(after).some(
    ([name, value]) => !same(before[name as keyof typeof before], value),
  );
  if (changed) updateReadBook(db, readBookId, after);
  deriveReadBook(db, readBookId, rules, { reads, isNoted: changed });
  if (changed && bookId !== null) refreshBook(db, before.ownerId, bookId, now);
  return true;
}

export type MergedBook = {
  title: string;
  authors: string | null;
  pages: number | null;
  lastOpenAt: Date | null;
  notes: number | null;
  highlights: number | null;
  totalReadSec: number;
  totalReadPages: number;
};

/**
 * Merges what the files say of one checksum (KOReader's merge, then koshelf.md "Several databases", "One row a checksum"): the row opened last
 * names the book and its pages; figures of the same title and authors on several devices are the larger ones, those of
 * different titles add up. An opening at a time outside of `possible` counts as none. Undefined without rows.
 */
function mergeFileBooks(said: readonly FileBookRow[], possible: TimeSpan): MergedBook | undefined {
  const rows = said.map((row) =>
    row.lastOpenAt === null || isIn(row.lastOpenAt.getTime() / 1000, possible)
      ? row
      : { ...row, lastOpenAt: null },
  );
  const [latest] = rows.toSorted(
    (a, b) =>
      (b.lastOpenAt?.getTime() ?? 0) - (a.lastOpenAt?.getTime() ?? 0) ||
      (b.pages ?? 0) - (a.pages ?? 0) ||
      (a.title < b.title ? -1 : a.title > b.title ? 1 : (a.authors ?? '') < (b.authors ?? '') ? -1 : 1),
  );
  if (latest === undefined) return undefined;
  const largest = (
    of: readonly FileBookRow[],
    field: 'notes' | 'highlights' | 'totalReadSec' | 'totalReadPages',
  ) => of.reduce((most, row) => Math.max(most, row[field] ?? 0), 0);
  const named = [...Map.groupBy(rows, (row) => JSON.stringify([row.title, row.authors ?? ''])).values()];
  return {
    title: latest.title,
    authors: latest.authors,
    pages: latest.pages,
    lastOpenAt: latest.lastOpenAt,
    notes: largest(rows, 'notes'),
    highlights: largest(rows, 'highlights'),
    totalReadSec: named.reduce((sum, group) => sum + largest(group, 'totalReadSec'), 0),
    totalReadPages: named.reduce((sum, group) => sum + largest(group, 'totalReadPages'), 0),
  };
}

/** When the last page was opened of those somebody can have read: what a clock that was reset says instead is nothing. */
function lastReadIn(reads: readonly RawRead[], { possible }: ReadingRules): Date | null {
  const span = possible();
  const last = reads.findLast(({ startSec }) => isIn(startSec, span));
  return last === undefined ? null : new Date(last.startSec * 1000);
}

/** Where there are page reads, they are the truth about the totals (KOReader recomputes them after every merge). */
function totalsOf(reads: readonly RawRead[], { pages }: MergedBook): Partial<MergedBook> {
  if (reads.length === 0) return {};
  const seen = new Set<number>();
  let totalReadSec = 0;
  for (const { page, totalPages, durationSec } of reads) {
    const spread =
      totalPages === 0 || pages === null ? undefined : rescale(page, totalPages, pages, durationSec);
    const { firstPage, lastPage, durationEach } = spread ?? {
      firstPage: page,
      lastPage: page,
      durationEach: durationSec,
    };
    for (let each = firstPage; each <= lastPage; each++) {
      seen.add(each);
      totalReadSec += durationEach;
    }
  }
  return { totalReadSec, totalReadPages: seen.size };
}

/** Rows of old versions have no checksum: their title and authors stand in for it. */
const keyOf = (book: StatisticsBook) =>
  book.md5 !== ''
    ? book.md5
    : `named:${createHash('sha256').update(`${book.title}\0${book.authors}`).digest('hex').slice(0, 32)}`;

const same = (a: unknown, b: unknown) =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : (a ?? null) === (b ?? null);
