// Finds out from the pages read when a book was read to its end, once or several times. Pure.
import { findSessions } from './sessions.ts';
import type { PageRead } from './sessions.ts';

export type Completion = {
  /** Reading days, YYYY-MM-DD. */
  startDay: string;
  endDay: string;
  startSec: number;
  endSec: number;
  readingSec: number;
  sessionCount: number;
  /** Different pages. */
  pagesRead: number;
};

/** Parts of a book (KoShelf behaviour §3.8): it was begun early, ended late, and most of it was seen. */
const EARLY = 0.2;
const RESTART = 0.05;
const LATE = 0.98;
const SEEN = 0.78;

/**
 * Returns every reading from beginning to end, oldest first. `reads` of one book, ordered by start; `pages` is what the
 * book has in their layout; `dayOf` names the reading day of a moment.
 */
export function findCompletions(
  reads: readonly PageRead[],
  pages: number,
  dayOf: (sec: number) => string,
): Completion[] {
  const rows = reads.filter(({ durationSec }) => durationSec > 0);
  if (!(pages > 0)) return [];
  const early = Math.trunc(pages * EARLY);
  const restart = Math.trunc(pages * RESTART);
  const validFrom = completeFrom(rows, pages);

  const progressions: PageRead[][] = [];
  let current: PageRead[] = [];
  let sawEarly = false;
  rows.forEach((row, index) => {
    const previous = current.at(-1);
    const startsAgain =
      previous !== undefined &&
      row.page <= restart &&
      previous.page > early &&
      sawEarly &&
      validFrom[index] === true;
    if (startsAgain) {
      progressions.push(current);
      current = [];
      sawEarly = false;
    }
    current.push(row);
    sawEarly ||= row.page <= early;
  });
  progressions.push(current);
  return progressions
    .filter((progression) =>
      progression.length === rows.length
        ? validFrom[0] === true
        : completeFrom(progression, pages)[0] === true,
    )
    .map((progression) => describe(untilLastNewPage(progression), dayOf));
}

/** A look into a finished book shows nothing new and moves no date: the reading ended with the last new page. */
function untilLastNewPage(rows: readonly PageRead[]): readonly PageRead[] {
  const seen = new Set<number>();
  let last = 0;
  rows.forEach(({ page }, index) => {
    if (!seen.has(page)) last = index;
    seen.add(page);
  });
  return rows.slice(0, last + 1);
}

/** For each row: whether it and all after it make a complete reading. One pass from the end. */
function completeFrom(rows: readonly PageRead[], pages: number): boolean[] {
  const early = Math.trunc(pages * EARLY);
  const late = Math.trunc(pages * LATE);
  const seen = new Set<number>();
  let sawEarly = false;
  let sawLate = false;
  const complete: boolean[] = Array.from({ length: rows.length });
  for (let index = rows.length - 1; index >= 0; index--) {
    const { page } = rows[index]!;
    seen.add(page);
    sawEarly ||= page <= early;
    sawLate ||= page >= late;
    complete[index] = sawEarly && sawLate && seen.size / pages >= SEEN;
  }
  return complete;
}

function describe(rows: readonly PageRead[], dayOf: (sec: number) => string): Completion {
  const startSec = rows.reduce((least, row) => Math.min(least, row.startSec), Infinity);
  const endSec = rows.reduce((most, row) => Math.max(most, row.startSec + row.durationSec), -Infinity);
  return {
    startDay: dayOf(startSec),
    endDay: dayOf(endSec),
    startSec,
    endSec,
    readingSec: rows.reduce((sum, row) => sum + row.durationSec, 0),
    sessionCount: findSessions(rows).length,
    pagesRead: new Set(rows.map((row) => row.page)).size,
  };
}
