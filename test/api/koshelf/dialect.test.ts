// Each difference between the API reference and KoShelf 2026.7 (koshelf.md "Two dialects"), asked of two servers over one library.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KOSHELF_DIALECTS } from '../../../server/config/settings.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from './shelf.ts';

type Json = Record<string, unknown>;
type Dialect = (typeof KOSHELF_DIALECTS)[number];
const servers = new Map<Dialect, TestServer>();

beforeAll(async () => {
  for (const koshelfDialect of KOSHELF_DIALECTS) {
    const parts = { clock: at('2026-02-10T20:00:00Z'), files: shelf, statistics: shelfReading };
    servers.set(koshelfDialect, await startTestServer({ ...parts, options: { koshelfDialect } }));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

/** What both dialects answer, the reference first. */
const both = async <Value>(of: (data: Json) => Value, path: string): Promise<Value[]> => {
  const answers: Value[] = [];
  for (const server of servers.values()) answers.push(of(await server.data<Json>(path)));
  return answers;
};
const list = (data: Json, key: string) => data[key] as Json[];

describe('the two dialects', () => {
  it('tell progress in percent, or as a part', async () => {
    expect(await both((data) => list(data, 'items')[0]?.progress_percentage, '/items?sort=progress')).toEqual(
      [100, 1],
    );
  });

  it('tell of the lock among the capabilities both', async () => {
    expect(await both((site) => [(site.capabilities as Json).auth_enabled, site.auth], '/site')).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
  });

  it('count the marks of an item in its detail, or in the list alone', async () => {
    for (const [dialect, server] of servers) {
      const { items } = await server.data<{ items: Json[] }>('/items?sort=annotations');
      const { item } = await server.data<{ item: Json }>(`/items/${String(items[0]?.id)}`);
      expect([items[0]?.annotation_count, item.annotation_count]).toEqual([
        3,
        dialect === 'reference' ? 3 : undefined,
      ]);
    }
  });

  it('name the one point of everything differently', async () => {
    const points = await both((data) => data.points, '/reading/metrics?metric=active_days&group_by=total');
    expect(points).toEqual([[{ key: 'all-time', active_days: 2 }], [{ key: 'total', active_days: 2 }]]);
  });

  it('begin and end ranges at moments, or on days', async () => {
    expect(await both((data) => data.range, '/reading/summary')).toEqual([
      { from: '2026-01-05T00:00:00Z', to: '2026-02-10T23:59:59Z', tz: 'UTC' },
      { from: '2026-01-05', to: '2026-02-10', tz: 'UTC' },
    ]);
  });

  it('end a streak that goes on with its last day, or with none', async () => {
    expect(await both((data) => (data.streaks as Json).current, '/reading/summary')).toEqual([
      { days: 1, start_date: '2026-02-10', end_date: '2026-02-10' },
      { days: 1, start_date: '2026-02-10' },
    ]);
  });

  it('bound periods by moments and count reading alone, or by days and count completions too', async () => {
    const path = '/reading/available-periods?source=reading_data&group_by=month';
    expect(await both((data) => list(data, 'periods')[0], path)).toEqual([
      { key: '2026-01', start_date: '2026-01-01T00:00:00Z', end_date: '2026-01-31T23:59:59Z', reading_time_sec: 1200, pages_read: 20 },
      { key: '2026-01', start_date: '2026-01-01', end_date: '2026-01-31', reading_time_sec: 1200, pages_read: 20, completions: 1 },
    ]); // prettier-ignore
  });

  it('tell when a book was read in the calendar, or on which days', async () => {
    const path = '/reading/calendar?month=2026-02';
    const spans = await both((data) => list(data, 'events').map(({ start, end }) => [start, end]), path);
    expect(spans).toEqual([[['2026-02-10T10:00:00Z', '2026-02-10T11:20:00Z']], [['2026-02-10', undefined]]]);
  });

  it('show the completions of the latest year with its pictures, or all of them without', async () => {
    const path = '/reading/completions?group_by=none&include=share_assets';
    const pictures = await both((data) => (data.share_assets as Json | undefined)?.story_url, path);
    expect(pictures).toEqual(['/assets/recap/2026_share_story.webp', undefined]);
    const range = '/reading/completions?group_by=none&include=share_assets&from=2026-01-01&to=2026-12-31';
    expect(await both((data) => data.share_assets, range)).toEqual([undefined, undefined]);
  });

  it('have codes of their own for a month and a year that are none, or the one for all queries', async () => {
    const codes: unknown[] = [];
    for (const server of servers.values()) {
      for (const path of ['calendar?month=2026-13', 'completions?year=0000', 'calendar']) {
        const { error } = (await server.koshelf(`/reading/${path}`)).json() as { error: Json };
        codes.push([error.code, error.message]);
      }
    }
    const [month, year] = ["'month' must be in YYYY-MM format", "'year' must be a valid four-digit year"];
    const missing = ['invalid_query', "'month' is required"];
    expect(codes).toEqual([
      ['invalid_month_key', month],
      ['invalid_year', year],
      missing,
      ['invalid_query', month],
      ['invalid_query', year],
      missing,
    ]);
  });

  it('agree where the reference leaves room: active days, counts of bookmarks, the envelope of everything', async () => {
    const { ['reference']: reference, ['koshelf-2026.7']: app } = Object.fromEntries(servers);
    const { items } = await reference!.data<{ items: Json[] }>('/items?sort=annotations');
    const { statistics } = await reference!.data<{ statistics: { item_stats: Json } }>(
      `/items/${String(items[0]?.id)}?include=statistics`,
    );
    expect(statistics.item_stats).toMatchObject({ highlights: 3, bookmarks: 0 });
    for (const server of [reference!, app!]) {
      const body = (await server.koshelf('/items')).json() as { meta: Json };
      expect(Object.keys(body)).toEqual(['data', 'meta']);
      expect(body.meta.generated_at).toMatch(/^2026-02-10T20:00:00/);
    }
  });
});

describe('completions of several years', () => {
  let reference: TestServer;
  let app: TestServer;
  const md5 = 'a'.repeat(32);
  /** Twenty pages of some seconds each, a day's reading to the end. */
  const read = (date: string, sec: number) =>
    Array.from({ length: 20 }, (_, page): [number, number, number, number, number] => [
      1, page + 1, Date.parse(`${date}T10:00:00Z`) / 1000 + page * sec, sec, 20,
    ]); // prettier-ignore

  beforeAll(async () => {
    const statistics = {
      books: [{ title: 'Again', md5, pages: 20 }],
      // Twice in May, for longer in June, and once the year before.
      reads: [
        ...read('2024-12-31', 60),
        ...read('2025-05-01', 10),
        ...read('2025-05-20', 10),
        ...read('2025-06-01', 90),
      ],
    };
    reference = await startTestServer({ clock: at('2026-03-01'), statistics });
    app = await startTestServer({
      clock: at('2026-03-01'),
      statistics,
      options: { koshelfDialect: 'koshelf-2026.7' },
    });
  });
  afterAll(async () => {
    await reference.close();
    await app.close();
  });

  it('are those of the latest year, or all; the best month has the most of them, or the most reading', async () => {
    const path = '/reading/completions?group_by=none&include=summary';
    const of = async (server: TestServer, query = '') => {
      const { items, summary } = await server.data<{ items: Json[]; summary: Json }>(path + query);
      return [items.map(({ end_date: day }) => day), summary.best_month];
    };
    const year = ['2025-06-01', '2025-05-20', '2025-05-01'];
    expect(await of(reference)).toEqual([year, '2025-05']);
    expect(await of(app)).toEqual([[...year, '2024-12-31'], '2025-06']);
    expect(await of(app, '&year=2025')).toEqual([year, '2025-06']);
  });
});

describe('a server that is told no zone', () => {
  it('counts days in UTC by the reference, and where it stands for KoShelf’s app', async () => {
    const zones: unknown[] = [];
    for (const koshelfDialect of KOSHELF_DIALECTS) {
      const server = await startTestServer({ options: { koshelfDialect, timeZone: undefined } });
      try {
        zones.push((await server.data<{ range: Json }>('/reading/summary')).range.tz);
      } finally {
        await server.close();
      }
    }
    expect(zones).toEqual(['UTC', new Intl.DateTimeFormat().resolvedOptions().timeZone]);
  });
});
