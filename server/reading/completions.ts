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
  /** The reads it is made of: places in the list it was found in, the end not among them. */
  reads: { from: number; to: number };
};

/** Parts of a book (koshelf.md "Completions"): it was begun early, ended late, and most of it was seen. */
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
  const places = reads.flatMap(({ durationSec }, place) => (durationSec > 0 ? [place] : []));
  const rows = places.map((place) => reads[place]!);
  if (!(pages > 0)) return [];
  const early = Math.trunc(pages * EARLY);
  const restart = Math.trunc(pages * RESTART);
  const validFrom = completeFrom(rows, pages);

  const starts = [0];
  let sawEarly = false;
  rows.forEach((row, index) => {
    const previous = index > starts.at(-1)! ? rows[index - 1] : undefined;
    const startsAgain =
      previous !== undefined &&
      row.page <= restart &&
      previous.page > early &&
      sawEarly &&
      validFrom[index] === true;
    if (startsAgain) {
      starts.push(index);
      sawEarly = false;
    }
    sawEarly ||= row.page <= early;
  });
  return starts.flatMap((from, number) => {
    const progression = rows.slice(from, starts[number + 1]);
    const isWhole = starts.length === 1 ? validFrom[0] : completeFrom(progression, pages)[0];
    if (isWhole !== true) return [];
    const reading = untilLastNewPage(progression);
    const to = from + reading.length;
    return [describe(reading, { from: places[from]!, to: places[to - 1]! + 1 }, dayOf)];
  });
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

function describe(
  rows: readonly PageRead[],
  reads: Completion['reads'],
  dayOf: (sec: number) => string,
): Completion {
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
    reads,
  };
}
