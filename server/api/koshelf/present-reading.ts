// Reading statistics out, KoShelf's words.
import type { z } from 'zod';
import { addDays, daysBetween } from '../../base/days.ts';
import type { History, HistoryBook, HistoryCompletion, Range } from '../../reading/history.ts';
import type { View } from '../../reading/readings.ts';
import { sessionFigures } from '../../reading/statistics.ts';
import type { CalendarEvent, MonthFigures, Period, Summary } from '../../reading/statistics.ts';
import { scaled } from '../../reading/derive.ts';
import { findStreaks, longestStreak } from '../../reading/streaks.ts';
import type { Streak } from '../../reading/streaks.ts';
import type { DialectShape } from './dialect.ts';
import { coverUrl } from './present.ts';
import type { CalendarAnswer, CompletionsAnswer, PeriodsAnswer, SummaryAnswer } from './reading-schemas.ts';

const startOf = (day: string, shape: DialectShape) => (shape.rangesAsInstants ? `${day}T00:00:00Z` : day);
const endOf = (day: string, shape: DialectShape) => (shape.rangesAsInstants ? `${day}T23:59:59Z` : day);

/** Returns the totals; a streak that goes on has no end. */
export const presentSummary = (
  summary: Summary,
  range: Range,
  view: View,
  { shape, heatmapScaleMax }: { shape: DialectShape; heatmapScaleMax: number | null },
): z.infer<typeof SummaryAnswer> => ({
  range: { from: startOf(range.from, shape), to: endOf(range.to, shape), tz: view.zone },
  overview: {
    reading_time_sec: summary.readSec,
    pages_read: summary.pages,
    sessions: summary.sessions,
    completions: summary.completions,
    items_completed: summary.booksCompleted,
    longest_reading_time_in_day_sec: summary.mostSecInDay,
    most_pages_in_day: summary.mostPagesInDay,
    ...(summary.averageSessionSec === undefined
      ? {}
      : { average_session_duration_sec: summary.averageSessionSec }),
    ...(summary.longestSessionSec === undefined
      ? {}
      : { longest_session_duration_sec: summary.longestSessionSec }),
  },
  streaks: {
    current: presentStreak(summary.currentStreak, shape.currentStreakEnds),
    longest: presentStreak(summary.longestStreak, true),
  },
  heatmap_config: heatmapScaleMax === null ? {} : { max_scale_sec: heatmapScaleMax },
});

const presentStreak = (streak: Streak | undefined, withEnd: boolean) =>
  streak === undefined
    ? { days: 0 }
    : { days: streak.days, start_date: streak.from, ...(withEnd ? { end_date: streak.to } : {}) };

/** Returns a period; what it counts depends on what was asked for. */
export const presentPeriod = (
  period: Period,
  source: 'reading_data' | 'completions',
  shape: DialectShape,
): z.infer<typeof PeriodsAnswer>['periods'][number] => ({
  key: period.key,
  start_date: startOf(period.from, shape),
  end_date: endOf(period.to, shape),
  ...(source === 'reading_data' ? { reading_time_sec: period.readSec, pages_read: period.pages } : {}),
  ...(source === 'completions' || shape.completionsInReadingPeriods
    ? { completions: period.completions }
    : {}),
});

/** Returns a month: its events with the books they are of. */
export function presentCalendar(
  month: string,
  events: CalendarEvent[],
  history: History,
  figures: Record<'all' | 'books' | 'comics', MonthFigures>,
  shape: DialectShape,
): z.infer<typeof CalendarAnswer> {
  const refOf = (readBookId: number) => history.books.get(readBookId)?.md5 ?? String(readBookId);
  const used = [...new Set(events.map(({ readBookId }) => readBookId))].sort((a, b) =>
    refOf(a) < refOf(b) ? -1 : 1,
  );
  return {
    month,
    events: events.map((event) => ({
      item_ref: refOf(event.readBookId),
      ...presentSpan(event, shape),
      reading_time_sec: event.readSec,
      pages_read: event.pages,
    })),
    items: Object.fromEntries(
      used.map((readBookId) => {
        const book = history.books.get(readBookId);
        return [
          refOf(readBookId),
          {
            title: book?.title ?? '',
            authors: authorsOf(book),
            content_type: book?.contentType ?? 'book',
            ...catalogueLinks(book),
          },
        ];
      }),
    ),
    stats_by_scope: {
      all: presentFigures(figures.all),
      books: presentFigures(figures.books),
      comics: presentFigures(figures.comics),
    },
  };
}

/** The reference tells moments; KoShelf's app wants days, the end exclusive and left out when it is the same day. */
function presentSpan(event: CalendarEvent, shape: DialectShape): { start: string; end?: string } {
  if (shape.eventsAsInstants) {
    return { start: instant(event.startedSec), end: instant(event.endedSec) };
  }
  return event.from === event.to ? { start: event.from } : { start: event.from, end: addDays(event.to, 1) };
}

const instant = (sec: number) => `${new Date(sec * 1000).toISOString().slice(0, 19)}Z`;

const presentFigures = (figures: MonthFigures) => ({
  items_read: figures.books,
  pages_read: figures.pages,
  reading_time_sec: figures.readSec,
  active_days_percentage: figures.activeDaysPercent,
});

/** Returns the completions, newest first, as a list or in their months. */
export function presentCompletionGroups(
  history: History,
  grouping: 'none' | 'month',
): Pick<z.infer<typeof CompletionsAnswer>, 'groups' | 'items'> {
  const items = history.completions.toReversed();
  const presented = (completions: readonly HistoryCompletion[]) =>
    completions.map((completion) => presentCompleted(completion, history.books.get(completion.readBookId)));
  if (grouping === 'none') return { items: presented(items) };
  const months = [...Map.groupBy(items, ({ endDay }) => endDay.slice(0, 7))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    groups: months.map(([key, completions]) => ({
      key,
      items_finished: completions.length,
      // All reading of the month, not only that of the finished books.
      reading_time_sec: history.days.reduce(
        (sum, { day, readSec }) => (day.startsWith(key) ? sum + readSec : sum),
        0,
      ),
      items: presented(completions),
    })),
  };
}

type CompletedItem = NonNullable<z.infer<typeof CompletionsAnswer>['items']>[number];

function presentCompleted(completion: HistoryCompletion, book: HistoryBook | undefined): CompletedItem {
  const { readSec, sessionCount } = completion;
  const pages = scaled(completion.pages, completion.pageFactor);
  const item: CompletedItem = {
    title: book?.title ?? '',
    authors: authorsOf(book),
    start_date: completion.startDay,
    end_date: completion.endDay,
    reading_time_sec: readSec,
    session_count: sessionCount,
    pages_read: pages,
    calendar_length_days: Math.abs(daysBetween(completion.startDay, completion.endDay)) + 1,
  };
  if (pages > 0 && readSec > 0) item.average_speed = pages / (readSec / 3600);
  if (sessionCount > 0) item.average_session_duration_sec = Math.trunc(readSec / sessionCount);
  if (book?.rating != null) item.rating = book.rating;
  if (book?.reviewNote != null) item.review_note = book.reviewNote;
  if (book?.seriesName != null)
    item.series = book.seriesIndex === null ? book.seriesName : `${book.seriesName} #${book.seriesIndex}`;
  Object.assign(item, catalogueLinks(book));
  item.content_type = book?.contentType ?? 'book';
  return item;
}

/** Returns the figures of a year's recap. Without a range the days from the first to the last reading count. */
export function presentRecap(
  history: History,
  range: Range | undefined,
  shape: DialectShape,
): NonNullable<z.infer<typeof CompletionsAnswer>['summary']> {
  const days = [...new Set(history.days.map(({ day }) => day))];
  const span = range ?? (days.length === 0 ? undefined : { from: days[0]!, to: days.at(-1)! });
  const total = span === undefined ? 0 : daysBetween(span.from, span.to) + 1;
  const sessions = sessionFigures(history.sessions);
  const best = bestMonth(history, shape);
  return {
    total_items: history.completions.length,
    total_reading_time_sec: history.days.reduce((sum, { readSec }) => sum + readSec, 0),
    longest_session_duration_sec: sessions?.longestSec ?? 0,
    average_session_duration_sec: sessions?.averageSec ?? 0,
    active_days: days.length,
    active_days_percentage: total === 0 ? 0 : Math.round((100 * days.length) / total),
    longest_streak_days: longestStreak(findStreaks(days))?.days ?? 0,
    ...(best === undefined ? {} : { best_month: best }),
  };
}

/** The month with most completions, or with most reading, by dialect; of equal ones the first. */
function bestMonth(history: History, shape: DialectShape): string | undefined {
  const sums = new Map<string, number>();
  const add = (day: string, amount: number) =>
    sums.set(day.slice(0, 7), (sums.get(day.slice(0, 7)) ?? 0) + amount);
  if (shape.bestMonthByCompletions) for (const { endDay } of history.completions) add(endDay, 1);
  else for (const { day, readSec } of history.days) add(day, readSec);
  let best: [string, number] | undefined;
  for (const entry of [...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (best === undefined || entry[1] > best[1]) best = entry;
  return best?.[0];
}

/** KOReader writes one author a line. */
const authorsOf = (book: HistoryBook | undefined): string[] =>
  (book?.authors ?? '')
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Links to the library, for books that are in it. */
function catalogueLinks(book: HistoryBook | undefined): { item_id?: string; item_cover?: string } {
  if (book?.bookId == null) return {};
  return {
    item_id: book.bookId,
    ...(book.coverHash === null ? {} : { item_cover: coverUrl({ ...book, bookId: book.bookId }) }),
  };
}
