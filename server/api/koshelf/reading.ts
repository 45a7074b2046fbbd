// Endpoints of reading statistics: totals, time series, periods, calendar, completions.
import type { Request } from 'express';
import { daysBetween, lastDayOf } from '../../base/days.ts';
import { invalid } from '../../base/errors.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import { ofScope, wholeRange, within } from '../../reading/history.ts';
import type { History, Range } from '../../reading/history.ts';
import type { Readings, View } from '../../reading/readings.ts';
import {
  calendarEvents,
  monthFigures,
  readPeriods,
  summarise,
  timeSeries,
} from '../../reading/statistics.ts';
import { koshelfEndpoint } from './auth.ts';
import type { DialectShape } from './dialect.ts';
import {
  CalendarAnswer,
  CalendarQuery,
  CompletionsAnswer,
  CompletionsQuery,
  MetricsAnswer,
  MetricsQuery,
  PeriodsAnswer,
  PeriodsQuery,
  SummaryAnswer,
  SummaryQuery,
} from './reading-schemas.ts';
import {
  presentCalendar,
  presentCompletionGroups,
  presentPeriod,
  presentRecap,
  presentSummary,
} from './present-reading.ts';

const READING = { method: 'get', tag: 'Reading', access: 'reader', cached: true } as const;
const SCOPES = ['all', 'books', 'comics'] as const;

export type ReadingParts = {
  readings: Readings;
  shape: DialectShape;
  /** Seconds of the darkest day of the heat map, null for the most of any day. */
  heatmapScaleMax: () => number | null;
};

/** Days of more than a century and a half: what a person has read, and no more than a moment to answer. */
const MOST_POINTS = 60_000;
const DAYS_OF = { total: Infinity, day: 1, week: 7, month: 28, year: 365 } as const;

/** Throws invalid for a range with more points than anybody looks at. */
function checkLength({ from, to }: Range, grouping: keyof typeof DAYS_OF): void {
  if (daysBetween(from, to) / DAYS_OF[grouping] < MOST_POINTS) return;
  throw invalid(`'from' and 'to' are too far apart for group_by '${grouping}'`);
}

/** Returns the endpoints. */
export function readingEndpoints({ readings, shape, heatmapScaleMax }: ReadingParts) {
  /** The owner's reading in the zone asked for. */
  const viewOf = (ownerId: string, tz: string | undefined): Promise<View> =>
    readings.view(ownerId, tz === '' ? undefined : tz);
  /** Streaks and ranges without an end are of today: a kept answer is one of its day, where the caller is. */
  const reading = {
    ...READING,
    cachedFor: ({ query: { tz } }: Request) =>
      readings.today(typeof tz === 'string' && isTimeZone(tz) ? tz : undefined),
  };
  /** The range asked for, else from the first reading day to today; and what lies in it. */
  const cut = (
    history: History,
    { from, to }: { from?: string | undefined; to?: string | undefined },
    today: string,
  ): { range: Range; part: History } => {
    const range = from === undefined || to === undefined ? wholeRange(history, today) : { from, to };
    return { range, part: within(history, range) };
  };

  return [
    koshelfEndpoint(
      {
        ...reading,
        path: '/reading/summary',
        summary: 'Returns totals and streaks of a range.',
        query: SummaryQuery,
        answers: { 200: SummaryAnswer },
      },
      async ({ caller, query }) => {
        const view = await viewOf(caller.ownerId, query.tz);
        const { range, part } = cut(ofScope(view.history, query.scope), query, view.today);
        return presentSummary(summarise(part, view.today), range, view, {
          shape,
          heatmapScaleMax: heatmapScaleMax(),
        });
      },
    ),
    koshelfEndpoint(
      {
        ...reading,
        path: '/reading/metrics',
        summary: 'Returns figures for each day, week, month or year of a range.',
        description: 'active_days is an addition. Periods without reading are there with zeros.',
        query: MetricsQuery,
        answers: { 200: MetricsAnswer },
      },
      async ({ caller, query }) => {
        const view = await viewOf(caller.ownerId, query.tz);
        const { range, part } = cut(ofScope(view.history, query.scope), query, view.today);
        checkLength(range, query.group_by);
        const points = timeSeries(part, range, query.group_by, shape.totalKey);
        return {
          metrics: query.metric,
          group_by: query.group_by,
          scope: query.scope,
          points: points.map((point) => ({
            key: point.key,
            ...Object.fromEntries(query.metric.map((metric) => [metric, point[metric]])),
          })),
        };
      },
    ),
    koshelfEndpoint(
      {
        ...reading,
        path: '/reading/available-periods',
        summary: 'Returns the periods that have reading or completions.',
        query: PeriodsQuery,
        answers: { 200: PeriodsAnswer },
      },
      async ({ caller, query }) => {
        const view = await viewOf(caller.ownerId, query.tz);
        const { part } = cut(ofScope(view.history, query.scope), query, view.today);
        const periods = readPeriods(part, query.group_by, query.source);
        const latest = periods.at(-1);
        return {
          source: query.source,
          group_by: query.group_by,
          periods: periods.map((period) => presentPeriod(period, query.source, shape)),
          ...(latest === undefined ? {} : { latest_key: latest.key }),
        };
      },
    ),
    koshelfEndpoint(
      {
        ...reading,
        path: '/reading/calendar',
        summary: 'Returns what was read on which days of a month.',
        query: CalendarQuery,
        answers: { 200: CalendarAnswer },
      },
      async ({ caller, query }) => {
        const { history } = await viewOf(caller.ownerId, query.tz);
        const figures = Object.fromEntries(
          SCOPES.map((scope) => [scope, monthFigures(ofScope(history, scope), query.month)]),
        ) as Record<(typeof SCOPES)[number], ReturnType<typeof monthFigures>>;
        return presentCalendar(
          query.month,
          calendarEvents(ofScope(history, query.scope), query.month),
          history,
          figures,
          shape,
        );
      },
    ),
    koshelfEndpoint(
      {
        ...reading,
        path: '/reading/completions',
        summary: 'Returns the books finished in a year or a range.',
        query: CompletionsQuery,
        answers: { 200: CompletionsAnswer },
      },
      async ({ caller, query }) => {
        const view = await viewOf(caller.ownerId, query.tz);
        const scoped = ofScope(view.history, query.scope);
        const range = rangeOf(query, scoped);
        const part = range === undefined ? scoped : within(scoped, range);
        const year = query.year ?? (query.from === undefined ? range?.from.slice(0, 4) : undefined);
        return {
          ...presentCompletionGroups(part, query.group_by),
          ...(query.include.includes('summary') ? { summary: presentRecap(part, range, shape) } : {}),
          ...(query.include.includes('share_assets') && year !== undefined
            ? {
                share_assets: {
                  story_url: `/assets/recap/${year}_share_story.webp`,
                  square_url: `/assets/recap/${year}_share_square.webp`,
                  banner_url: `/assets/recap/${year}_share_banner.webp`,
                },
              }
            : {}),
        };
      },
    ),
  ];

  /** The year or range asked for; without either the latest year with completions, or everything, by dialect. */
  function rangeOf(
    query: { year?: string | undefined; from?: string | undefined; to?: string | undefined },
    history: History,
  ): Range | undefined {
    if (query.from !== undefined && query.to !== undefined) return { from: query.from, to: query.to };
    const year =
      query.year ?? (shape.latestYearByDefault ? history.completions.at(-1)?.endDay.slice(0, 4) : undefined);
    return year === undefined ? undefined : { from: `${year}-01-01`, to: lastDayOf(`${year}-12`) };
  }
}
