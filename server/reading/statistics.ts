// Totals, time series, periods and the calendar of a reading history. Pure: every chart is a sum over the same days.
import { boundsOf, lastDayOf, periodOf, periodsIn } from '../base/days.ts';
import type { Grouping } from '../base/days.ts';
import type { History, HistoryDay, HistorySession, Range } from './history.ts';
import { currentStreak, findStreaks, isNextDay, longestStreak } from './streaks.ts';
import type { Streak } from './streaks.ts';

export const METRICS = [
  'reading_time_sec',
  'pages_read',
  'sessions',
  'completions',
  'average_session_duration_sec',
  'longest_session_duration_sec',
  'active_days',
] as const;
export type Metric = (typeof METRICS)[number];

export type Summary = {
  readSec: number;
  pages: number;
  sessions: number;
  completions: number;
  booksCompleted: number;
  mostSecInDay: number;
  mostPagesInDay: number;
  averageSessionSec: number | undefined;
  longestSessionSec: number | undefined;
  currentStreak: Streak | undefined;
  longestStreak: Streak | undefined;
};

type Sums = { day: string; readSec: number; pages: number };

/** Returns the totals of a history. */
export function summarise(history: History, today: string): Summary {
  const days = perDay(history.days);
  const streaks = findStreaks(days.map(({ day }) => day));
  const sessions = sessionFigures(history.sessions);
  return {
    readSec: sumOf(days, 'readSec'),
    pages: sumOf(days, 'pages'),
    sessions: history.sessions.length,
    completions: history.completions.length,
    booksCompleted: new Set(history.completions.map(({ readBookId }) => readBookId)).size,
    mostSecInDay: most(days.map(({ readSec }) => readSec)),
    mostPagesInDay: most(days.map(({ pages }) => pages)),
    averageSessionSec: sessions?.averageSec,
    longestSessionSec: sessions?.longestSec,
    currentStreak: currentStreak(streaks, today),
    longestStreak: longestStreak(streaks),
  };
}

/** The sums over all books, a row for each day. */
function perDay(rows: readonly HistoryDay[]): Sums[] {
  const days: Sums[] = [];
  let current: Sums | undefined;
  for (const { day, readSec, pages } of rows) {
    if (current?.day === day) {
      current.readSec += readSec;
      current.pages += pages;
    } else days.push((current = { day, readSec, pages }));
  }
  return days;
}

export type Point = { key: string } & Record<Metric, number>;

/** Returns every metric of every period of the range, periods without reading as zeros, in order. */
export function timeSeries(history: History, range: Range, grouping: Grouping, totalKey: string): Point[] {
  const keyOf = (day: string) => (grouping === 'total' ? totalKey : periodOf(day, grouping));
  const keys = grouping === 'total' ? [totalKey] : periodsIn(range.from, range.to, grouping);
  const days = Map.groupBy(perDay(history.days), ({ day }) => keyOf(day));
  const sessions = Map.groupBy(history.sessions, ({ day }) => keyOf(day));
  const completions = Map.groupBy(history.completions, ({ endDay }) => keyOf(endDay));
  return keys.map((key) => {
    const read = days.get(key) ?? [];
    const sat = sessions.get(key) ?? [];
    const figures = sessionFigures(sat);
    return {
      key,
      reading_time_sec: sumOf(read, 'readSec'),
      pages_read: sumOf(read, 'pages'),
      sessions: sat.length,
      completions: completions.get(key)?.length ?? 0,
      average_session_duration_sec: figures?.averageSec ?? 0,
      longest_session_duration_sec: figures?.longestSec ?? 0,
      active_days: read.length,
    };
  });
}

export type Period = Range & { key: string; readSec: number; pages: number; completions: number };

/** Returns the periods with reading or with completions, in order, with the bounds of the whole period. */
export function readPeriods(
  history: History,
  grouping: Exclude<Grouping, 'total'>,
  source: 'reading_data' | 'completions',
): Period[] {
  const days = Map.groupBy(source === 'reading_data' ? history.days : [], ({ day }) =>
    periodOf(day, grouping),
  );
  const completions = Map.groupBy(history.completions, ({ endDay }) => periodOf(endDay, grouping));
  if (source === 'reading_data' && days.size === 0) return [];
  return [...new Set([...days.keys(), ...completions.keys()])].sort().map((key) => ({
    key,
    ...boundsOf(key, grouping),
    readSec: sumOf(days.get(key) ?? [], 'readSec'),
    pages: sumOf(days.get(key) ?? [], 'pages'),
    completions: completions.get(key)?.length ?? 0,
  }));
}

/** A run of consecutive days with one book. */
export type CalendarEvent = Range & {
  readBookId: number;
  readSec: number;
  pages: number;
  /** When the first session of the run began and the last one ended, Unix seconds. */
  startedSec: number;
  endedSec: number;
};

/** Returns the runs that touch a month, whole, by first day, then title, then book. */
export function calendarEvents(history: History, month: string): CalendarEvent[] {
  const first = `${month}-01`;
  const last = lastDayOf(month);
  const touched = new Set(
    history.days.filter(({ day }) => day >= first && day <= last).map(({ readBookId }) => readBookId),
  );
  const sat = new Map<string, { startedSec: number; endedSec: number }>();
  for (const { readBookId, day, startedSec, endedSec } of history.sessions) {
    if (!touched.has(readBookId)) continue;
    const span = sat.get(`${readBookId} ${day}`);
    if (span === undefined) sat.set(`${readBookId} ${day}`, { startedSec, endedSec });
    else span.endedSec = Math.max(span.endedSec, endedSec);
  }
  const events: CalendarEvent[] = [];
  const open = new Map<number, CalendarEvent>();
  for (const { readBookId, day, readSec, pages } of history.days) {
    if (!touched.has(readBookId)) continue;
    const current = open.get(readBookId);
    // A day can be without a session of its own: one that began the evening before went on past midnight.
    const span = sat.get(`${readBookId} ${day}`);
    if (current !== undefined && isNextDay(current.to, day)) {
      current.to = day;
      current.endedSec = Math.max(current.endedSec, span?.endedSec ?? 0);
      current.readSec += readSec;
      current.pages += pages;
    } else {
      const event = {
        readBookId,
        from: day,
        to: day,
        readSec,
        pages,
        startedSec: span?.startedSec ?? 0,
        endedSec: span?.endedSec ?? 0,
      };
      open.set(readBookId, event);
      events.push(event);
    }
  }
  const titleOf = ({ readBookId }: CalendarEvent) => history.books.get(readBookId)?.title ?? '';
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return events
    .filter(({ from, to }) => to >= first && from <= last)
    .sort(
      (a, b) => compare(a.from, b.from) || compare(titleOf(a), titleOf(b)) || a.readBookId - b.readBookId,
    );
}

export type MonthFigures = { books: number; pages: number; readSec: number; activeDaysPercent: number };

/** Returns what was read within a month; the percentage is of all its days, rounded. */
export function monthFigures(history: History, month: string): MonthFigures {
  const last = lastDayOf(month);
  const days = history.days.filter(({ day }) => day >= `${month}-01` && day <= last);
  const active = new Set(days.map(({ day }) => day)).size;
  return {
    books: new Set(days.map(({ readBookId }) => readBookId)).size,
    pages: sumOf(days, 'pages'),
    readSec: sumOf(days, 'readSec'),
    activeDaysPercent: Math.round((100 * active) / Number(last.slice(8))),
  };
}

/** Returns average (whole seconds, cut) and longest of the sessions, undefined without any. */
export function sessionFigures(
  sessions: readonly HistorySession[],
): { averageSec: number; longestSec: number } | undefined {
  if (sessions.length === 0) return undefined;
  const total = sessions.reduce((sum, { readSec }) => sum + readSec, 0);
  return {
    averageSec: Math.trunc(total / sessions.length),
    longestSec: most(sessions.map(({ readSec }) => readSec)),
  };
}

const sumOf = (days: readonly Omit<Sums, 'day'>[], field: 'readSec' | 'pages') =>
  days.reduce((sum, day) => sum + day[field], 0);
const most = (values: readonly number[]) => values.reduce((largest, value) => Math.max(largest, value), 0);
