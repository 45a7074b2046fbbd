// What a person read in a period: the sums the Papyrus API shows. Pure: every figure is a sum over the same days.
import { invalid } from '../base/errors.ts';
import { addDays, daysBetween, mondayOf } from '../base/days.ts';
import { within, wholeRange } from './history.ts';
import type { History, HistoryDay, HistorySession, Range } from './history.ts';
import { currentStreak, findStreaks, longestStreak } from './streaks.ts';

export const PERIODS = ['today', 'week', 'month', 'year', 'all', 'custom'] as const;
export type PeriodName = (typeof PERIODS)[number];
export type PeriodAsked = {
  period?: PeriodName | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/** A hundred years of days, one row each, are the most an answer has. */
const MOST_DAYS = 36_600;

export type Figures = { minutes: number; pages: number; sessions: number };
export type PeriodStatistics = Range &
  Figures & {
    /** To the cent of a minute, 0 without sessions. */
    averageSessionMinutes: number;
    readingDays: number;
    /** Days, over all time. */
    currentStreak: number;
    longestStreak: number;
    /** Every day of the range, in order. */
    days: (Figures & { day: string })[];
    /** Books read in the range, the longest read first, then by title. */
    books: (Figures & { bookId: string | null; title: string })[];
  };

/**
 * Returns the range of days a period means today: calendar weeks (from Monday), months and years up to today, or from the
 * first day of reading to the last. Two dates without a period are a custom one. Throws invalid.
 */
export function rangeOf({ period, from, to }: PeriodAsked, history: History, today: string): Range {
  switch (period ?? (from === undefined && to === undefined ? 'month' : 'custom')) {
    case 'today':
      return { from: today, to: today };
    case 'week':
      return { from: mondayOf(today), to: today };
    case 'month':
      return { from: `${today.slice(0, 7)}-01`, to: today };
    case 'year':
      return { from: `${today.slice(0, 4)}-01-01`, to: today };
    case 'all': {
      const range = wholeRange(history, today);
      const earliest = addDays(range.to, -MOST_DAYS);
      return { from: range.from < earliest ? earliest : range.from, to: range.to };
    }
    case 'custom': {
      if (from === undefined || to === undefined)
        throw wrong(
          from === undefined ? 'start_date' : 'end_date',
          'A custom period needs its first and its last day.',
        );
      if (from > to) throw wrong('end_date', 'A period cannot end before it begins.');
      if (daysBetween(from, to) > MOST_DAYS)
        throw wrong('start_date', 'A period has a hundred years at most.');
      return { from, to };
    }
  }
}

/**
 * Returns what was read in a range. Minutes are rounded once for each day of a book: days and books add up to the total
 * exactly.
 */
export function statisticsOf(history: History, range: Range, today: string): PeriodStatistics {
  const part = within(history, range);
  const totals = figuresOf(part.days, part.sessions);
  const streaks = findStreaks(history.days.filter(isReading).map(({ day }) => day));
  const byDay = Map.groupBy(part.days, ({ day }) => day);
  const sessionsByDay = Map.groupBy(part.sessions, ({ day }) => day);
  const days = [];
  for (let day = range.from; day <= range.to; day = addDays(day, 1))
    days.push({ day, ...figuresOf(byDay.get(day) ?? [], sessionsByDay.get(day) ?? []) });
  return {
    ...range,
    ...totals,
    averageSessionMinutes:
      totals.sessions === 0 ? 0 : Math.round((totals.minutes / totals.sessions) * 100) / 100,
    readingDays: days.filter(({ minutes, pages }) => minutes > 0 || pages > 0).length,
    currentStreak: currentStreak(streaks, today)?.days ?? 0,
    longestStreak: longestStreak(streaks)?.days ?? 0,
    days,
    books: booksOf(part),
  };
}

/** Minutes of a day of a book, rounded half up. */
export const minutesOf = ({ readSec }: { readSec: number }): number => Math.floor((readSec + 30) / 60);

const isReading = (day: HistoryDay) => minutesOf(day) > 0 || day.pages > 0;

const figuresOf = (days: readonly HistoryDay[], sessions: readonly HistorySession[]): Figures => ({
  minutes: days.reduce((sum, day) => sum + minutesOf(day), 0),
  pages: days.reduce((sum, { pages }) => sum + pages, 0),
  sessions: sessions.length,
});

function booksOf({ books, days, sessions }: History): PeriodStatistics['books'] {
  const keyOf = ({ readBookId }: { readBookId: number }) =>
    books.get(readBookId)?.bookId ?? `statistics ${readBookId}`;
  const read = Map.groupBy(days, keyOf);
  const sat = Map.groupBy(sessions, keyOf);
  const found = [...new Set([...read.keys(), ...sat.keys()])].map((key) => {
    const [first] = [...(read.get(key) ?? []), ...(sat.get(key) ?? [])];
    const book = books.get(first?.readBookId ?? 0);
    return {
      key,
      bookId: book?.bookId ?? null,
      title: book?.title ?? '',
      ...figuresOf(read.get(key) ?? [], sat.get(key) ?? []),
    };
  });
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return found
    .sort(
      (a, b) =>
        b.minutes - a.minutes || b.pages - a.pages || compare(a.title, b.title) || compare(a.key, b.key),
    )
    .map(({ key: _key, ...book }) => book);
}

const wrong = (field: string, message: string) =>
  invalid(message, { details: { fields: { [field]: message } } });
