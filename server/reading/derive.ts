// Works a book's reading out of its page reads: days, sessions, completions. Pure.
import { rescale } from '../formats/koreader/page-stat.ts';
import { findCompletions } from './completions.ts';
import type { Completion } from './completions.ts';
import { findSessions } from './sessions.ts';
import { isIn } from './rules.ts';
import type { ReadingRules } from './rules.ts';
import type { PageRead, Session } from './sessions.ts';

/** A page read as the device counted it, in the layout it had then. */
export type RawRead = PageRead & { totalPages: number };

/** What the sidecar of a book adds to its page reads. */
export type BookLayout = {
  /** Pages of today's layout, 0 when nobody says. */
  pages: number;
  /** Pages a person set aside (KOReader's hidden flows). */
  hiddenPages: number;
  /** Stable pages for each page of the layout. */
  pageFactor: number;
  /** The reading day KOReader was told the book is finished. */
  finishedOn: string | undefined;
};

export type ReadDay = { day: string; readSec: number; pages: number };
export type FoundCompletion = Completion & { source: 'pages' | 'mark' };
export type Reading = {
  /** In today's layout, ordered by start, then page; all of some time, on reading days. */
  reads: PageRead[];
  days: ReadDay[];
  sessions: (Session & { day: string })[];
  completions: FoundCompletion[];
};

/**
 * Returns a book's reading, as far as somebody can have read then. Pages are counted by visits and rounded once for each day, so that days add up to months and
 * years exactly; a session belongs to the day it began.
 */
export function deriveReading(raw: readonly RawRead[], layout: BookLayout, rules: ReadingRules): Reading {
  const span = rules.possible();
  const possible = raw.filter(({ startSec }) => isIn(startSec, span));
  const reads = withoutGlimpses(inLayout(possible, layout.pages), rules);
  const days = new Map<string, { readSec: number; visits: number }>();
  for (const { startSec, durationSec } of reads) {
    const day = rules.dayOf(startSec);
    const sum = days.get(day) ?? { readSec: 0, visits: 0 };
    sum.readSec += durationSec;
    sum.visits++;
    days.set(day, sum);
  }
  return {
    reads,
    days: [...days].map(([day, { readSec, visits }]) => ({
      day,
      readSec,
      pages: scaled(visits, layout.pageFactor),
    })),
    sessions: findSessions(reads).map((session) => ({ ...session, day: rules.dayOf(session.startSec) })),
    completions: completionsOf(reads, layout, rules),
  };
}

/** Pages of the layout as stable pages, rounded half up; nothing sensible is nothing (koshelf.md "Pages"). */
export function scaled(pages: number, factor: number): number {
  const value = pages * factor;
  return Number.isFinite(value) && value > 0 ? Math.floor(value + 0.5) : 0;
}

/** Page reads spread over the pages of today's layout, as KOReader's own view does it. */
function inLayout(raw: readonly RawRead[], pages: number): PageRead[] {
  const reads: PageRead[] = [];
  for (const { page, startSec, durationSec, totalPages } of raw) {
    // Databases of before v2020.11 know one layout only.
    const spread =
      totalPages === 0 || pages === 0 ? undefined : rescale(page, totalPages, pages, durationSec);
    if (spread === undefined) reads.push({ page, startSec, durationSec });
    else {
      for (let each = spread.firstPage; each <= spread.lastPage; each++) {
        reads.push({ page: each, startSec, durationSec: spread.durationEach });
      }
    }
  }
  return reads.sort((a, b) => a.startSec - b.startSec || a.page - b.page);
}

/** Leaves out reads of no time, and days with fewer pages and less time than a day needs (koshelf.md "What counts as reading"). */
function withoutGlimpses(reads: PageRead[], rules: ReadingRules): PageRead[] {
  const { dayOf, leastDaySec, leastDayPages } = rules;
  const secOfDay = new Map<string, number>();
  const pagesOfDay = new Map<string, number>();
  for (const { startSec, durationSec } of reads) {
    if (durationSec <= 0) continue;
    const day = dayOf(startSec);
    secOfDay.set(day, (secOfDay.get(day) ?? 0) + durationSec);
    pagesOfDay.set(day, (pagesOfDay.get(day) ?? 0) + 1);
  }
  const isReadingDay = (day: string): boolean =>
    (leastDaySec === null && leastDayPages === null) ||
    (leastDaySec !== null && secOfDay.get(day)! >= leastDaySec) ||
    (leastDayPages !== null && pagesOfDay.get(day)! >= leastDayPages);
  return reads.filter(({ startSec, durationSec }) => durationSec > 0 && isReadingDay(dayOf(startSec)));
}

function completionsOf(reads: PageRead[], layout: BookLayout, rules: ReadingRules): FoundCompletion[] {
  const found: FoundCompletion[] = findCompletions(reads, layout.pages - layout.hiddenPages, rules.dayOf).map(
    (completion) => ({
      ...completion,
      source: 'pages',
    }),
  );
  const { finishedOn } = layout;
  const [first] = reads;
  if (!rules.finishedMark || found.length > 0 || finishedOn === undefined || first === undefined)
    return found;
  // KOReader was told "finished" though not every page was seen: short books, skipped notes, another device.
  const until = reads.filter(({ startSec }) => rules.dayOf(startSec) <= finishedOn);
  const rows = until.length === 0 ? reads : until;
  const last = rows.at(-1)!;
  const startDay = rules.dayOf(first.startSec);
  const lastDay = rules.dayOf(last.startSec);
  return [
    {
      startDay,
      // A day before the first page or after tomorrow is a clock's that was reset: it was finished with the last page then.
      endDay: finishedOn < startDay || finishedOn > lastPossibleDay(rules) ? lastDay : finishedOn,
      startSec: first.startSec,
      endSec: last.startSec + last.durationSec,
      readingSec: rows.reduce((sum, row) => sum + row.durationSec, 0),
      sessionCount: findSessions(rows).length,
      pagesRead: new Set(rows.map((row) => row.page)).size,
      reads: { from: 0, to: rows.length },
      source: 'mark',
    },
  ];
}

const lastPossibleDay = ({ dayOf, possible }: ReadingRules): string => dayOf(possible().beforeSec - 1);
