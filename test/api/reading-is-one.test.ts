import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../support/clock.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { makeStatistics } from '../support/make-statistics.ts';
import type { StatisticsReadRow } from '../support/make-statistics.ts';
import { koreaderChecksum, OWNER, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;
const sec = (iso: string) => Date.parse(iso) / 1000;
/** A page a minute from a moment on, in a layout of 100. */
const pages = (book: number, from: number, to: number, start: string): StatisticsReadRow[] =>
  Array.from({ length: to - from + 1 }, (_, index) => [book, from + index, sec(start) + index * 60, 60, 100]);

const OLD = 'b'.repeat(32);
const epub = makeEpub({ title: 'Real Title', authors: ['Real Author'] });
const sidecar = makeSidecar({
  partial_md5_checksum: OLD,
  doc_pages: 100,
  percent_finished: 0.99,
  doc_props: { title: 'Late', authors: 'Ann Author' },
  summary: { status: 'reading', modified: '2026-01-12' },
});
/** Pages 1 to 50 under the book's old checksum, the rest two days later under the new one. */
const statistics = {
  books: [
    { title: 'x', authors: 'N/A', md5: OLD, pages: 100, last_open: sec('2026-01-10T11:00:00Z') },
    {
      title: 'x',
      authors: 'N/A',
      md5: koreaderChecksum(epub),
      pages: 100,
      last_open: sec('2026-01-12T11:00:00Z'),
    },
  ],
  reads: [...pages(1, 1, 50, '2026-01-10T10:00:00Z'), ...pages(2, 51, 99, '2026-01-12T10:00:00Z')],
};

/** Everything the two faces say of the reading of the only book there is. */
async function toldOf(server: TestServer, token: string, zone = '') {
  const get = (path: string) => server.data<Json>(`/reading/${path}${zone === '' ? '' : `&tz=${zone}`}`);
  const papyrus = async (path: string) =>
    (await server.papyrus('GET', path, undefined, token)).json() as Json;
  const { items } = await server.data<{ items: { id: string }[] }>('/items');
  const detail = await server.data<{
    completions?: { total_completions: number };
    statistics: { item_stats: Json; session_stats: Json };
  }>(`/items/${items[0]!.id}?include=completions,statistics`);
  const { groups } = (await get('completions?year=2026')) as { groups: { items: Json[] }[] };
  const calendar = (await get('calendar?month=2026-01')) as {
    events: Json[];
    items: Record<string, Json>;
    stats_by_scope: { all: Json };
  };
  const { overview } = (await get('summary?scope=all')) as { overview: Json };
  const tz = zone === '' ? '' : `&tz=${zone}`;
  const figures = (await papyrus(`/progress/statistics?period=all${tz}`)) as {
    totals: Json;
    books_breakdown: Json[];
  };
  return {
    items: items.length,
    detail: [
      detail.completions?.total_completions,
      detail.statistics.item_stats.total_reading_time_sec,
      detail.statistics.session_stats.session_count,
    ],
    completed: groups.flatMap((group) =>
      group.items.map(({ title, authors, pages_read: read }) => [title, authors, read]),
    ),
    calendar: Object.values(calendar.items).map(({ title, authors }) => [title, authors]),
    events: calendar.events.map(({ reading_time_sec: time, pages_read: read }) => [time, read]),
    itemsRead: calendar.stats_by_scope.all.items_read,
    summary: [
      overview.completions,
      overview.items_completed,
      overview.reading_time_sec,
      overview.pages_read,
      overview.sessions,
    ],
    papyrus: [
      figures.totals.books_completed,
      figures.totals.reading_time_minutes,
      figures.totals.sessions_count,
    ],
    breakdown: figures.books_breakdown.map(({ title }) => title),
  };
}
const ONE = {
  items: 1,
  detail: [1, 5940, 2],
  completed: [['Real Title', ['Real Author'], 99]],
  calendar: [['Real Title', ['Real Author']]],
  events: [[3000, 50], [2940, 49]],
  itemsRead: 1,
  summary: [1, 1, 5940, 99, 2],
  papyrus: [1, 99, 2],
  breakdown: ['Real Title'],
}; // prettier-ignore

describe('a book that was read under two checksums', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer({
      clock: at('2026-01-20T12:00:00Z'),
      files: { 'x.epub': epub, 'x.sdr/metadata.epub.lua': sidecar },
      statistics,
    });
    token = await server.claim();
  });
  afterAll(() => server.close());

  it('is one book, finished once, in both faces, under the names the library has for it', async () => {
    expect(await toldOf(server, token)).toEqual(ONE);
  });

  it('is so in any other zone', async () => {
    expect(await toldOf(server, token, 'Pacific/Auckland')).toEqual(ONE);
  });

  it('is so after it was read on under the old checksum, after another start', async () => {
    const db = makeStatistics(`${server.dataDir}/more.sqlite3`, {
      books: [{ ...statistics.books[0]!, last_open: sec('2026-01-15T11:00:00Z') }],
      reads: [[1, 100, sec('2026-01-15T10:00:00Z'), 60, 100]],
    });
    db.close();
    await server.restart({ statistics: [server.statisticsPath, `${server.dataDir}/more.sqlite3`] });
    const { email, password } = OWNER;
    const signedIn = await server.papyrus('POST', '/auth/login', { email, password });
    const { access_token: fresh } = signedIn.json() as { access_token: string };
    const told = await toldOf(server, fresh);
    expect([told.completed, told.summary, told.itemsRead]).toEqual([
      [['Real Title', ['Real Author'], 100]],
      [1, 1, 6000, 100, 3],
      1,
    ]);
    expect(await toldOf(server, fresh, 'Asia/Kolkata')).toEqual(told);
  });
});

describe('a checksum that finds its book after the reading was taken in', () => {
  it('joins the reading of the book, and keeps it when the book goes', async () => {
    const server = await startTestServer({ clock: at('2026-01-20T12:00:00Z'), statistics });
    const token = await server.claim();
    const years = () => server.data<{ groups: Json[] }>('/reading/completions?year=2026');
    const figures = async () => (await server.data<{ overview: Json }>('/reading/summary')).overview;
    const total = { reading_time_sec: 5940, pages_read: 99, sessions: 2 };
    expect((await years()).groups).toEqual([]);
    expect(await figures()).toMatchObject({ ...total, completions: 0 });
    server.put({ 'x.epub': epub, 'x.sdr/metadata.epub.lua': sidecar });
    await server.rescan();
    expect(await toldOf(server, token)).toEqual(ONE);

    const { books } = (await server.papyrus('GET', '/books', undefined, token)).json() as {
      books: { book_id: string }[];
    };
    const gone = await server.papyrus('DELETE', `/books/${books[0]!.book_id}`, undefined, token);
    expect(gone.status).toBe(204);
    expect(await figures()).toMatchObject({ ...total, completions: 0 });
    await server.close();
  });
});

describe('the pages of one reading to the end', () => {
  it('take as long together as the reading did, whatever was looked at meanwhile', async () => {
    const server = await startTestServer({
      clock: at('2026-01-20T12:00:00Z'),
      files: { 'x.epub': epub },
      statistics: {
        books: [{ md5: koreaderChecksum(epub), pages: 100 }],
        reads: [
          ...pages(1, 1, 99, '2026-01-10T10:00:00Z'),
          // The last page lies open for ten minutes; another device looks the first ones up meanwhile.
          [1, 100, sec('2026-01-10T12:00:00Z'), 600, 100],
          ...pages(1, 40, 44, '2026-01-10T12:01:00Z'),
          ...pages(1, 1, 100, '2026-01-12T10:00:00Z'),
        ],
      },
    });
    const { items } = await server.data<{ items: { id: string }[] }>('/items');
    const path = `/items/${items[0]!.id}`;
    const { completions } = await server.data<{ completions: { entries: Json[] } }>(
      `${path}?include=completions`,
    );
    const times = [];
    for (const index of [0, 1]) {
      const activity = await server.data<{ pages: { total_duration: number }[] }>(
        `${path}/page-activity?completion=${index}`,
      );
      times.push(activity.pages.reduce((sum, page) => sum + page.total_duration, 0));
    }
    expect(times).toEqual([99 * 60 + 600, 6000]);
    expect(completions.entries.map(({ reading_time_sec: time }) => time)).toEqual(times);
    await server.close();
  });
});
