// A million page reads as columns of numbers, put in order by book, start and page.

/** Columns of equal length; a row is one view of one page. */
export type PageReads = {
  sourceBookId: Int32Array;
  /** From 1, in the layout of that moment; KOReader has 0 where it did not know the page. */
  page: Int32Array;
  /** Unix seconds. */
  startSec: Float64Array;
  durationSec: Int32Array;
  /** Pages of the layout of that moment; 0 in databases of before v2020.11, which do not say. */
  totalPages: Int32Array;
};

/** Returns columns of zeros for a number of rows. */
export function allocatePageReads(rows: number): PageReads {
  return {
    sourceBookId: new Int32Array(rows),
    page: new Int32Array(rows),
    startSec: new Float64Array(rows),
    durationSec: new Int32Array(rows),
    totalPages: new Int32Array(rows),
  };
}

/** Returns the row numbers of the first `rows` reads ordered by book, start and page. */
export function orderPageReads(reads: PageReads, rows: number): Uint32Array {
  const { sourceBookId, page, startSec } = reads;
  const { order, ends } = groupByBook(sourceBookId, rows);
  const at = (column: Int32Array | Float64Array, row: number): number => column[row] ?? 0;
  const compare = (a: number, b: number): number =>
    at(startSec, a) - at(startSec, b) || at(page, a) - at(page, b) || a - b;
  let start = 0;
  for (const end of ends) {
    const group = order.subarray(start, end);
    // KOReader adds rows as they happen, so most books are in order as they lie.
    if (!isOrdered(group, compare)) group.sort(compare);
    start = end;
  }
  return order;
}

/** Returns the rows of the given numbers as columns of their own. */
export function pickPageReads(reads: PageReads, rows: Uint32Array): PageReads {
  const picked = allocatePageReads(rows.length);
  rows.forEach((row, place) => {
    picked.sourceBookId[place] = reads.sourceBookId[row] ?? 0;
    picked.page[place] = reads.page[row] ?? 0;
    picked.startSec[place] = reads.startSec[row] ?? 0;
    picked.durationSec[place] = reads.durationSec[row] ?? 0;
    picked.totalPages[place] = reads.totalPages[row] ?? 0;
  });
  return picked;
}

/** Row numbers grouped by ascending book id, each group in row order, and where each group ends. */
function groupByBook(bookIds: Int32Array, rows: number): { order: Uint32Array; ends: number[] } {
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row += 1) {
    const id = bookIds[row] ?? 0;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const ends: number[] = [];
  const next = new Map<number, number>();
  let total = 0;
  for (const [id, count] of [...counts].sort(([a], [b]) => a - b)) {
    next.set(id, total);
    total += count;
    ends.push(total);
  }
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const id = bookIds[row] ?? 0;
    const place = next.get(id) ?? 0;
    order[place] = row;
    next.set(id, place + 1);
  }
  return { order, ends };
}

function isOrdered(rows: Uint32Array, compare: (a: number, b: number) => number): boolean {
  for (let i = 1; i < rows.length; i += 1) {
    if (compare(rows[i - 1] ?? 0, rows[i] ?? 0) > 0) return false;
  }
  return true;
}
