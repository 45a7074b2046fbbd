import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const at = (iso: string) => Date.parse(`${iso}Z`) / 1000;
const clock = { now: () => new Date('2026-03-20T12:00:00Z') };
const novel = makeEpub({ title: 'Novel', authors: ['Ann'], series: { name: 'Saga', index: '2' } });
const comic = makeCbz(['1.png', '2.png']);

/** A page a minute from a moment on. */
const reading = (
  book: number,
  pages: number[],
  from: string,
  total: number,
): [number, number, number, number, number][] =>
  pages.map((page, index) => [book, page, at(from) + index * 60, 60, total]);
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const statistics = {
  books: [
    {
      title: 'Novel',
      authors: 'Ann\nBob',
      md5: koreaderChecksum(novel),
      pages: 50,
      last_open: at('2026-03-19T22:00:00'),
    },
    {
      title: 'Comic',
      authors: 'N/A',
      md5: koreaderChecksum(comic),
      pages: 20,
      last_open: at('2025-12-31T23:00:00'),
    },
    {
      title: 'Elsewhere',
      authors: 'Eve',
      md5: 'e'.repeat(32),
      pages: 30,
      last_open: at('2026-01-01T10:00:00'),
    },
  ],
  reads: [
    // The novel: begun on 18 March late in the evening, finished on the 19th.
    ...reading(1, upTo(20), '2026-03-18T23:50:00', 50),
    ...reading(1, upTo(50, 21), '2026-03-19T20:00:00', 50),
    // The comic on the last evening of the year, a book of no library on new year's morning.
    ...reading(2, upTo(20), '2025-12-31T20:00:00', 20),
    ...reading(3, upTo(5), '2026-01-01T09:00:00', 30),
  ],
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock, files: { 'novel.epub': novel, 'comic.cbz': comic }, statistics });
});
afterAll(() => server.close());

type Json = Record<string, unknown>;
const get = (path: string) => server.data<Json>(`/reading/${path}`);
const refusal = async (path: string) => {
  const answer = await server.koshelf(`/reading/${path}`);
  return { status: answer.status, ...(answer.json() as { error: Json }).error };
};

describe('GET /api/reading/summary', () => {
  it('adds up what all devices read', async () => {
    expect(await get('summary')).toEqual({
      range: { from: '2025-12-31T00:00:00Z', to: '2026-03-20T23:59:59Z', tz: 'UTC' },
      overview: {
        reading_time_sec: 75 * 60,
        pages_read: 75,
        sessions: 4,
        completions: 2,
        items_completed: 2,
        longest_reading_time_in_day_sec: 40 * 60,
        most_pages_in_day: 40,
        average_session_duration_sec: 1125,
        longest_session_duration_sec: 1800,
      },
      streaks: {
        current: { days: 2, start_date: '2026-03-18', end_date: '2026-03-19' },
        longest: { days: 2, start_date: '2026-03-18', end_date: '2026-03-19' },
      },
      heatmap_config: { max_scale_sec: 7200 },
    });
  });

  it('keeps books and comics apart, and what is in no library out of both', async () => {
    const timeOf = async (scope: string) =>
      ((await get(`summary?scope=${scope}`)).overview as Json).reading_time_sec;
    expect([await timeOf('all'), await timeOf('books'), await timeOf('comics')]).toEqual([4500, 3000, 1200]);
  });

  it('counts days where the caller is', async () => {
    const days = async (tz: string) =>
      (
        (await get(`metrics?metric=reading_time_sec&group_by=day&from=2026-03-18&to=2026-03-20&tz=${tz}`))
          .points as Json[]
      ).map((point) => point.reading_time_sec);
    expect(await days('UTC')).toEqual([600, 2400, 0]);
    expect(await days('America/New_York')).toEqual([1200, 1800, 0]);
    expect(await days('Asia/Tokyo')).toEqual([0, 1200, 1800]);
  });

  it.each([
    ['summary?scope=x', 'scope must be one of: all, books, comics'],
    ['summary?from=2026-01-01', "'from' and 'to' must be provided together"],
    ['summary?from=2026-02-30&to=2026-03-01', "'from' must be a valid date in YYYY-MM-DD format"],
    ['summary?from=2026-02-01&to=x', "'to' must be a valid date in YYYY-MM-DD format"],
    ['summary?from=2026-02-02&to=2026-02-01', "'from' must be less than or equal to 'to'"],
    [
      'summary?tz=Not/A/Zone',
      "'tz' must be a valid IANA timezone (e.g. 'America/New_York'), got 'Not/A/Zone'",
    ],
    ['metrics?group_by=day', "'metric' is required"],
    ['metrics?metric=&group_by=day', "'metric' is required"],
    ['metrics?metric=sessions', "'group_by' is required"],
    ['metrics?metric=%2C&group_by=day', "'metric' must contain at least one valid metric"],
    [
      'metrics?metric=sessions&group_by=hour',
      "'group_by' must be one of: total, day, week, month, year; got 'hour'",
    ],
    ['available-periods?group_by=week', "'source' is required"],
    [
      'available-periods?source=x&group_by=week',
      "'source' must be one of: reading_data, completions; got 'x'",
    ],
    [
      'available-periods?source=completions&group_by=week',
      "source 'completions' does not support group_by 'week'; use 'month' or 'year'",
    ],
    ['calendar', "'month' is required"],
    ['completions?group_by=week', "'group_by' must be one of: none, month; got 'week'"],
    ['completions?include=all', "unknown include token 'all'; valid tokens are: summary, share_assets"],
    [
      'completions?year=2026&from=2026-01-01',
      "'year' and 'from/to' are mutually exclusive; provide one or the other",
    ],
  ])('refuses %s in words', async (path, message) => {
    expect(await refusal(path)).toEqual({ status: 400, code: 'invalid_query', message });
  });

  it.each([
    ['calendar?month=2026-3', 'invalid_month_key', "'month' must be in YYYY-MM format"],
    ['calendar?month=2026-13', 'invalid_month_key', "'month' must be in YYYY-MM format"],
    ['completions?year=026', 'invalid_year', "'year' must be a valid four-digit year"],
    ['completions?year=0000', 'invalid_year', "'year' must be a valid four-digit year"],
  ])('refuses %s with a code of its own', async (path, code, message) => {
    expect(await refusal(path)).toEqual({ status: 400, code, message });
  });
});

describe('GET /api/reading/metrics', () => {
  it('has a point for every month of the range, in order, with what was asked for', async () => {
    const answer = await get(
      'metrics?metric=reading_time_sec,sessions,completions,active_days,sessions&group_by=month',
    );
    expect(answer).toEqual({
      metrics: ['reading_time_sec', 'sessions', 'completions', 'active_days'],
      group_by: 'month',
      scope: 'all',
      points: [
        { key: '2025-12', reading_time_sec: 1200, sessions: 1, completions: 1, active_days: 1 },
        { key: '2026-01', reading_time_sec: 300, sessions: 1, completions: 0, active_days: 1 },
        { key: '2026-02', reading_time_sec: 0, sessions: 0, completions: 0, active_days: 0 },
        { key: '2026-03', reading_time_sec: 3000, sessions: 2, completions: 1, active_days: 2 },
      ],
    });
  });

  it('has one point for everything', async () => {
    expect((await get('metrics?metric=pages_read&group_by=total')).points).toEqual([
      { key: 'all-time', pages_read: 75 },
    ]);
  });

  it('names weeks by their Monday', async () => {
    const { points } = await get('metrics?metric=pages_read&group_by=week&from=2026-03-12&to=2026-03-18');
    expect(points).toEqual([
      { key: '2026-03-09', pages_read: 0 },
      { key: '2026-03-16', pages_read: 10 },
    ]);
  });
});

describe('GET /api/reading/available-periods', () => {
  it('lists the periods with reading, with the bounds of the whole period', async () => {
    expect(await get('available-periods?source=reading_data&group_by=month')).toEqual({
      source: 'reading_data',
      group_by: 'month',
      periods: [
        {
          key: '2025-12',
          start_date: '2025-12-01T00:00:00Z',
          end_date: '2025-12-31T23:59:59Z',
          reading_time_sec: 1200,
          pages_read: 20,
        },
        {
          key: '2026-01',
          start_date: '2026-01-01T00:00:00Z',
          end_date: '2026-01-31T23:59:59Z',
          reading_time_sec: 300,
          pages_read: 5,
        },
        {
          key: '2026-03',
          start_date: '2026-03-01T00:00:00Z',
          end_date: '2026-03-31T23:59:59Z',
          reading_time_sec: 3000,
          pages_read: 50,
        },
      ],
      latest_key: '2026-03',
    });
  });

  it('lists the years with completions', async () => {
    const { periods, latest_key: latest } = await get('available-periods?source=completions&group_by=year');
    expect((periods as Json[]).map(({ key, completions }) => [key, completions])).toEqual([
      ['2025', 1],
      ['2026', 1],
    ]);
    expect(latest).toBe('2026');
  });
});

describe('GET /api/reading/calendar', () => {
  it('shows the run of days with a book as the moments it began and ended, and the month of each scope', async () => {
    const answer = await get('calendar?month=2026-03');
    const ref = koreaderChecksum(novel);
    const { item_id: id } = (answer.items as Record<string, Json>)[ref] ?? {};
    expect(answer).toEqual({
      month: '2026-03',
      events: [
        {
          item_ref: ref,
          start: '2026-03-18T23:50:00Z',
          end: '2026-03-19T20:30:00Z',
          reading_time_sec: 3000,
          pages_read: 50,
        },
      ],
      items: { [ref]: { title: 'Novel', authors: ['Ann'], content_type: 'book', item_id: id } },
      stats_by_scope: {
        all: { items_read: 1, pages_read: 50, reading_time_sec: 3000, active_days_percentage: 6 },
        books: { items_read: 1, pages_read: 50, reading_time_sec: 3000, active_days_percentage: 6 },
        comics: { items_read: 0, pages_read: 0, reading_time_sec: 0, active_days_percentage: 0 },
      },
    });
    expect((await server.koshelf(`/items/${String(id)}`)).status).toBe(200);
  });

  it('links nothing that is in no library', async () => {
    const { items } = await get('calendar?month=2026-01');
    expect(items).toEqual({
      ['e'.repeat(32)]: { title: 'Elsewhere', authors: ['Eve'], content_type: 'book' },
    });
  });
});

describe('GET /api/reading/completions', () => {
  it('shows the latest year with completions by months', async () => {
    const { groups } = (await get('completions')) as { groups: Json[] };
    expect(groups).toEqual([
      {
        key: '2026-03',
        items_finished: 1,
        reading_time_sec: 3000,
        items: [
          expect.objectContaining({
            title: 'Novel', start_date: '2026-03-18', end_date: '2026-03-19', reading_time_sec: 3000, session_count: 2,
            pages_read: 50, calendar_length_days: 2, average_speed: 60, average_session_duration_sec: 1500, series: 'Saga #2',
          }), // prettier-ignore
        ],
      },
    ]);
  });

  it('lists a range, newest first, with its summary', async () => {
    const answer = (await get(
      'completions?from=2025-01-01&to=2026-12-31&group_by=none&include=summary,share_assets',
    )) as { items: Json[] } & Json;
    // The comic goes by its name in the library, whatever the statistics call it.
    expect(answer.items.map(({ title }) => title)).toEqual(['Novel', 'comic']);
    expect(answer.summary).toEqual({
      total_items: 2,
      total_reading_time_sec: 4500,
      longest_session_duration_sec: 1800,
      average_session_duration_sec: 1125,
      active_days: 4,
      active_days_percentage: 1,
      longest_streak_days: 2,
      best_month: '2025-12',
    });
    expect(answer.share_assets).toBeUndefined();
  });

  it('tells what is asked for each time, whatever was asked before', async () => {
    const keysOf = async (include: string): Promise<string[]> =>
      Object.keys(await get(`completions?year=2026${include}`)).sort();
    const orders = [
      ['', ['groups']],
      ['&include=summary', ['groups', 'summary']],
      ['&include=share_assets', ['groups', 'share_assets']],
      ['&include=summary,share_assets', ['groups', 'share_assets', 'summary']],
      ['&include=share_assets%2C%20summary,summary', ['groups', 'share_assets', 'summary']],
      ['&include=', ['groups']],
    ] as const;
    for (const [include, keys] of [...orders, ...orders.toReversed()])
      expect(await keysOf(include)).toEqual(keys);
  });

  it('links pictures of a year that are there', async () => {
    const { share_assets: assets } = (await get('completions?year=2026&include=share_assets')) as {
      share_assets: Record<string, string>;
    };
    expect(Object.keys(assets)).toEqual(['story_url', 'square_url', 'banner_url']);
    const answer = await server.get(assets.banner_url ?? '');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'image/webp']);
    expect((await server.get('/assets/recap/1999_share_story.webp')).status).toBe(404);
  });
});

describe('reading without statistics', () => {
  it('is empty, not an error', async () => {
    const empty = await startTestServer({ clock });
    try {
      const data = async (path: string) => await empty.data<Json>(`/reading/${path}`);
      expect((await data('summary')).streaks).toEqual({ current: { days: 0 }, longest: { days: 0 } });
      expect((await data('available-periods?source=reading_data&group_by=year')).periods).toEqual([]);
      expect((await data('completions')).groups).toEqual([]);
      expect((await data('calendar?month=2026-03')).events).toEqual([]);
    } finally {
      await empty.close();
    }
  });
});
