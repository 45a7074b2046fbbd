// How reading is counted: what a day is, which days count, and whether KOReader's word completes a book.
import { minutesOf, readingDays } from '../base/time-zone.ts';

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
};

export type ReadingRules = Omit<ReadingClock, 'zone' | 'dayStart'> & {
  /** Names the reading day of a moment in Unix seconds. */
  dayOf: (sec: number) => string;
};

/** How reading is counted when nobody says anything: in UTC, days from midnight on, of half a minute at least. */
export const READING_DEFAULTS: ReadingClock = {
  zone: 'UTC',
  dayStart: '00:00',
  leastDaySec: 30,
  leastDayPages: null,
  finishedMark: true,
};

/** Returns the rules; those left out are the defaults. */
export function rulesOf(set: Partial<ReadingClock>): ReadingRules {
  const { zone, dayStart, leastDaySec, leastDayPages, finishedMark } = { ...READING_DEFAULTS, ...set };
  return { dayOf: readingDays(zone, minutesOf(dayStart)), leastDaySec, leastDayPages, finishedMark };
}
