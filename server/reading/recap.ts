// A year of reading in seven figures, for the share images.
import { boundsOf, daysBetween } from '../base/days.ts';
import { within } from './history.ts';
import type { History } from './history.ts';
import type { YearRecap } from './share-images/figures.ts';
import { findStreaks, longestStreak } from './streaks.ts';

/** Returns the years in which a book was finished, in order. */
export const yearsOf = (history: History): number[] =>
  [...new Set(history.completions.map(({ endDay }) => Number(endDay.slice(0, 4))))].sort((a, b) => a - b);

/** Returns the figures of a year; the best month is the one with most reading. */
export function recapOf(history: History, year: number): YearRecap {
  const bounds = boundsOf(String(year).padStart(4, '0'), 'year');
  const part = within(history, bounds);
  const secOfMonth = new Map<number, number>();
  for (const { day, readSec } of part.days) {
    const month = Number(day.slice(5, 7));
    secOfMonth.set(month, (secOfMonth.get(month) ?? 0) + readSec);
  }
  const [best] = [...secOfMonth].sort(([a, left], [b, right]) => right - left || a - b);
  const days = [...new Set(part.days.map(({ day }) => day))];
  return {
    year,
    completions: part.completions.length,
    readSec: part.days.reduce((sum, { readSec }) => sum + readSec, 0),
    activeDays: days.length,
    daysInYear: daysBetween(bounds.from, bounds.to) === 365 ? 366 : 365,
    longestStreakDays: longestStreak(findStreaks(days))?.days ?? 0,
    bestMonth: best?.[0],
  };
}
