// Schemas of /api/reading (koshelf.md "Reading endpoints"). Checks speak KoShelf's own words, in its order.
import { z } from 'zod';
import { isDay } from '../../base/days.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import { listOfWords } from '../../http/openapi-parameters.ts';
import { METRICS } from '../../reading/statistics.ts';
import type { Metric } from '../../reading/statistics.ts';
import { inDialects } from './dialect.ts';
import { dayIn, dayOrMoment, includeList, koshelf, SCOPES } from './schemas.ts';

const Day = z.string().describe('YYYY-MM-DD');
const Seconds = z.int().describe('Seconds');
const Percent = z.int().describe('0–100');

const scope = z.enum(SCOPES, `scope must be one of: ${SCOPES.join(', ')}`).default('all');
const rangeFields = {
  from: z
    .string()
    .transform(dayIn)
    .optional()
    .meta(dayOrMoment('The first day, or a moment of it; together with to')),
  to: z
    .string()
    .transform(dayIn)
    .optional()
    .meta(dayOrMoment('The last day, or a moment of it; together with from')),
};
const tz = z
  .string()
  .optional()
  .meta({
    maxLength: 64,
    pattern: '^([A-Za-z][A-Za-z0-9_+/-]*)?$',
    format: 'time-zone',
    ...inDialects(
      { description: 'An IANA zone; UTC when absent and the server was given none' },
      { description: "An IANA zone; the server's when absent" },
    ),
  });

type Check = z.core.$RefinementCtx;
const complain = (context: Check, message: string, code?: string) =>
  context.addIssue({
    code: 'custom',
    message,
    input: undefined,
    ...(code === undefined ? {} : { params: { code } }),
  });

function checkRange(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  context: Check,
): void {
  if (from === undefined && to === undefined) return;
  if (from === undefined || to === undefined) complain(context, "'from' and 'to' must be provided together");
  else if (!isDay(from)) complain(context, "'from' must be a valid date in YYYY-MM-DD format");
  else if (!isDay(to)) complain(context, "'to' must be a valid date in YYYY-MM-DD format");
  else if (from > to) complain(context, "'from' must be less than or equal to 'to'");
}

function checkZone(zone: string | undefined, context: Check): void {
  if (zone === undefined || zone === '' || isTimeZone(zone)) return;
  complain(context, `'tz' must be a valid IANA timezone (e.g. 'America/New_York'), got '${zone}'`);
}

const required = (name: string) =>
  z
    .string({
      error: ({ input }) => (input === undefined ? `'${name}' is required` : `${name} must be given once`),
    })
    .min(1, `'${name}' is required`);

/** A required word out of a list, with the message KoShelf gives for others. */
const wordOf = <const Words extends readonly string[]>(name: string, words: Words) =>
  required(name)
    .transform((given, context): Words[number] => {
      const found = words.find((word) => word === given);
      if (found !== undefined) return found;
      context.addIssue(`'${name}' must be one of: ${words.join(', ')}; got '${given}'`);
      return z.NEVER;
    })
    .meta({ enum: [...words] });

export const SummaryQuery = z.object({ scope, ...rangeFields, tz }).superRefine((query, context) => {
  checkRange(query, context);
  checkZone(query.tz, context);
});

const streak = { days: z.int(), start_date: Day.optional() };
const Streak = z.object({ ...streak, end_date: Day.optional() });
const CurrentStreak = z.object({
  ...streak,
  end_date: Day.optional().meta(inDialects({}, undefined)),
});
/** The end of a range or a period: a moment in one dialect, a day in the other. */
const end = inDialects({ format: 'date-time' }, { format: 'date' });
export const SummaryAnswer = z
  .object({
    range: z.object({ from: z.string().meta(end), to: z.string().meta(end), tz: z.string() }),
    overview: z.object({
      reading_time_sec: Seconds,
      pages_read: z.int(),
      sessions: z.int(),
      completions: z.int(),
      items_completed: z.int(),
      longest_reading_time_in_day_sec: Seconds,
      most_pages_in_day: z.int(),
      average_session_duration_sec: Seconds.optional(),
      longest_session_duration_sec: Seconds.optional(),
    }),
    streaks: z.object({ current: CurrentStreak, longest: Streak }),
    heatmap_config: z.object({ max_scale_sec: Seconds.optional() }),
  })
  .register(koshelf, { id: 'ReadingSummary' });

const MetricList = required('metric')
  .transform((list, context): Metric[] => {
    const metrics: Metric[] = [];
    for (const token of list.split(',').map((word) => word.trim())) {
      if (token === '') continue;
      const metric = METRICS.find((word) => word === token);
      if (metric === undefined) {
        context.addIssue(`'metric' must be one of: ${METRICS.join(', ')}; got '${token}'`);
        return z.NEVER;
      }
      if (!metrics.includes(metric)) metrics.push(metric);
    }
    if (metrics.length > 0) return metrics;
    context.addIssue("'metric' must contain at least one valid metric");
    return z.NEVER;
  })
  .meta(listOfWords(METRICS));
const totalKey = inDialects(
  { description: 'The first day of the period; "all-time" of all together' },
  { description: 'The first day of the period; "total" of all together' },
);
const GROUPINGS = ['total', 'day', 'week', 'month', 'year'] as const;

export const MetricsQuery = z
  .object({ scope, metric: MetricList, group_by: wordOf('group_by', GROUPINGS), ...rangeFields, tz })
  .superRefine((query, context) => {
    checkRange(query, context);
    checkZone(query.tz, context);
  });
export const MetricsAnswer = z
  .object({
    metrics: z.array(z.enum(METRICS)),
    group_by: z.enum(GROUPINGS),
    scope: z.enum(SCOPES),
    points: z.array(
      z.looseObject({ key: z.string().meta(totalKey) }).catchall(z.union([z.string(), z.number()])),
    ),
  })
  .register(koshelf, { id: 'ReadingMetrics' });

const SOURCES = ['reading_data', 'completions'] as const;
const PERIOD_GROUPINGS = ['week', 'month', 'year'] as const;
export const PeriodsQuery = z
  .object({
    source: wordOf('source', SOURCES),
    group_by: wordOf('group_by', PERIOD_GROUPINGS),
    scope,
    ...rangeFields,
    tz,
  })
  .superRefine((query, context) => {
    if (query.source === 'completions' && query.group_by === 'week') {
      complain(context, "source 'completions' does not support group_by 'week'; use 'month' or 'year'");
    }
    checkRange(query, context);
    checkZone(query.tz, context);
  });
export const PeriodsAnswer = z
  .object({
    source: z.enum(SOURCES),
    group_by: z.enum(PERIOD_GROUPINGS),
    periods: z.array(
      z.object({
        key: z.string(),
        start_date: z.string().meta(end),
        end_date: z.string().meta(end),
        reading_time_sec: Seconds.optional(),
        pages_read: z.int().optional(),
        completions: z
          .int()
          .optional()
          .meta(inDialects({ description: 'Of source completions' }, { needed: true })),
      }),
    ),
    latest_key: z.string().optional(),
  })
  .register(koshelf, { id: 'ReadingPeriods' });

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const isMonth = (text: string) => /^\d{4}-\d{2}$/.test(text) && isDay(`${text}-01`);
export const CalendarQuery = z
  .object({ month: required('month').meta({ pattern: MONTH.source, description: 'YYYY-MM' }), scope, tz })
  .superRefine((query, context) => {
    if (!isMonth(query.month)) complain(context, "'month' must be in YYYY-MM format", 'invalid_month_key');
    checkZone(query.tz, context);
  });
const MonthFigures = z.object({
  items_read: z.int(),
  pages_read: z.int(),
  reading_time_sec: Seconds,
  active_days_percentage: Percent,
});
export const CalendarAnswer = z
  .object({
    month: z.string(),
    events: z.array(
      z.object({
        item_ref: z.string(),
        start: z.string().meta(end),
        end: z
          .string()
          .optional()
          .meta(
            inDialects(
              { format: 'date-time', needed: true },
              {
                format: 'date',
                description: 'The day after the last; absent when it is the day after the first',
              },
            ),
          ),
        reading_time_sec: Seconds,
        pages_read: z.int(),
      }),
    ),
    items: z.record(
      z.string(),
      z.object({
        title: z.string(),
        authors: z.array(z.string()),
        content_type: z.enum(['book', 'comic']),
        item_id: z.string().optional(),
        item_cover: z.string().optional(),
      }),
    ),
    stats_by_scope: z.object({ all: MonthFigures, books: MonthFigures, comics: MonthFigures }),
  })
  .register(koshelf, { id: 'ReadingCalendar' });

const INCLUDES = ['summary', 'share_assets'] as const;
const GROUPED = ['none', 'month'] as const;
export const CompletionsQuery = z
  .object({
    scope,
    tz,
    year: z
      .string()
      .optional()
      .meta({
        pattern: '^(?!0000)\\d{4}$',
        ...inDialects(
          { description: 'YYYY; the latest with completions when there is no range either' },
          { description: 'YYYY; all completions when there is no range either' },
        ),
      }),
    ...rangeFields,
    group_by: z
      .string()
      .default('month')
      .transform((given, context): (typeof GROUPED)[number] => {
        const found = GROUPED.find((word) => word === given);
        if (found !== undefined) return found;
        context.addIssue(`'group_by' must be one of: ${GROUPED.join(', ')}; got '${given}'`);
        return z.NEVER;
      })
      .meta({ enum: [...GROUPED] }),
    include: includeList(INCLUDES).describe('Comma-separated: summary, share_assets'),
  })
  .superRefine((query, context) => {
    checkZone(query.tz, context);
    const { year, from, to } = query;
    if (year !== undefined && (from !== undefined || to !== undefined)) {
      complain(context, "'year' and 'from/to' are mutually exclusive; provide one or the other");
    } else if (year !== undefined && !(/^\d{4}$/.test(year) && Number(year) > 0)) {
      complain(context, "'year' must be a valid four-digit year", 'invalid_year');
    } else checkRange(query, context);
  });
const CompletedItem = z.object({
  title: z.string(),
  authors: z.array(z.string()),
  start_date: Day,
  end_date: Day,
  reading_time_sec: Seconds,
  session_count: z.int(),
  pages_read: z.int(),
  calendar_length_days: z.int().optional(),
  average_speed: z.number().optional().describe('Pages an hour'),
  average_session_duration_sec: Seconds.optional(),
  rating: z.int().optional(),
  review_note: z.string().optional(),
  series: z.string().optional(),
  item_id: z.string().optional(),
  item_cover: z.string().optional(),
  content_type: z.enum(['book', 'comic']).optional(),
});
export const CompletionsAnswer = z
  .object({
    groups: z
      .array(
        z.object({
          key: z.string(),
          items_finished: z.int(),
          reading_time_sec: Seconds,
          items: z.array(CompletedItem),
        }),
      )
      .optional(),
    items: z.array(CompletedItem).optional(),
    summary: z
      .object({
        total_items: z.int(),
        total_reading_time_sec: Seconds,
        longest_session_duration_sec: Seconds,
        average_session_duration_sec: Seconds,
        active_days: z.int(),
        active_days_percentage: Percent,
        longest_streak_days: z.int(),
        best_month: z
          .string()
          .optional()
          .meta(
            inDialects(
              { description: 'YYYY-MM, the month with the most completions' },
              { description: 'YYYY-MM, the month with the most reading' },
            ),
          ),
      })
      .optional(),
    share_assets: z
      .object({ story_url: z.string(), square_url: z.string(), banner_url: z.string() })
      .optional(),
  })
  .register(koshelf, { id: 'ReadingCompletions' });
