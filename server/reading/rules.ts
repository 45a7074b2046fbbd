// How reading is counted: what a day is, which days count, when nobody can have read, and whether KOReader's word completes a book.
import type { Clock } from '../base/clock.ts';
import { addDays } from '../base/days.ts';
import { minutesOf, readingDays, startOfDay } from '../base/time-zone.ts';

/** What a person can set about it. */
export type ReadingClock = {
  /** IANA zone of reading days. */
  zone: string;
  /** When a reading day starts, HH:MM. */
  dayStart: string;
  /** Seconds and page views that make a day of a book one of reading, either of them; null for no such limit. */
  leastDaySec: number | null;
  leastDayPages: number | null;
  /** Whether a book is completed by KOReader's own "finished" where its pages do not show it. */
  finishedMark: boolean;
  /** Whether a page counts as so many stable ones, where KOReader made those up from the amount of text. */
  stablePages: boolean;
};

export type ReadingRules = Omit<ReadingClock, 'zone' | 'dayStart'> & {
  /** Names the reading day of a moment in Unix seconds. */
  dayOf: (sec: number) => string;
  /** The time in which somebody can have read, as it is now: clocks that were reset say other times. */
  possible: () => TimeSpan;
};

/** A stretch of time in Unix seconds, its end not in it. */
export type TimeSpan = { fromSec: number; beforeSec: number };

/** Nobody read with KOReader before there was one: its first release was made on 2013-03-25 (koreader/koreader#11). */
const FIRST_READING_SEC = Date.UTC(2013, 2, 25) / 1000;

/** Whether a moment in Unix seconds lies in a span. */
export const isIn = (sec: number, { fromSec, beforeSec }: TimeSpan): boolean =>
  sec >= fromSec && sec < beforeSec;

/** How reading is counted when nobody says anything: in UTC, days from midnight on, of half a minute at least. */
export const READING_DEFAULTS: ReadingClock = {
  zone: 'UTC',
  dayStart: '00:00',
  leastDaySec: 30,
  leastDayPages: null,
  finishedMark: true,
  stablePages: true,
};

/**
 * Returns the rules; those left out are the defaults. Reading is possible from KOReader's beginning to the end of tomorrow in
 * the zone of the rules: a device may be a day ahead.
 */
export function rulesOf(set: Partial<ReadingClock>, clock: Clock): ReadingRules {
  const { zone, dayStart, leastDaySec, leastDayPages, finishedMark, stablePages } = {
    ...READING_DEFAULTS,
    ...set,
  };
  const dayOf = readingDays(zone, minutesOf(dayStart));
  let span = { fromSec: FIRST_READING_SEC, beforeSec: -Infinity };
  let today = '';
  const possible = (): TimeSpan => {
    const now = dayOf(clock.now().getTime() / 1000);
    if (now !== today) {
      today = now;
      const end = startOfDay(addDays(now, 2), zone, minutesOf(dayStart));
      span = { fromSec: FIRST_READING_SEC, beforeSec: end.getTime() / 1000 };
    }
    return span;
  };
  return { dayOf, possible, leastDaySec, leastDayPages, finishedMark, stablePages };
}

/** Returns the rules of what a person set as it is whenever they are asked: `counts` may say something else by then. */
export function followRules(counts: Readonly<ReadingClock>, clock: Clock): ReadingRules {
  let { zone, dayStart } = counts;
  let days = rulesOf({ zone, dayStart }, clock);
  const now = () => {
    if (counts.zone !== zone || counts.dayStart !== dayStart) {
      ({ zone, dayStart } = counts);
      days = rulesOf({ zone, dayStart }, clock);
    }
    return days;
  };
  return {
    dayOf: (sec) => now().dayOf(sec),
    possible: () => now().possible(),
    get leastDaySec() {
      return counts.leastDaySec;
    },
    get leastDayPages() {
      return counts.leastDayPages;
    },
    get finishedMark() {
      return counts.finishedMark;
    },
    get stablePages() {
      return counts.stablePages;
    },
  };
}
