import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Refusal } from '../support/client.ts';
import { at } from '../support/clock.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;
const sec = (iso: string) => Date.parse(iso) / 1000;
const IN_2099 = sec('2099-01-01T00:00:00Z');
const epub = makeEpub({ title: 'Clock' });
const clock = at('2026-03-14T12:00:00Z');

let server: TestServer;
let token: string;
let bookId: string;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: {
      'clock.epub': epub,
      'clock.sdr/metadata.epub.lua': makeSidecar({
        partial_md5_checksum: koreaderChecksum(epub),
        doc_pages: 100,
        summary: { status: 'complete', modified: '2099-01-01' },
      }),
    },
    statistics: {
      books: [{ title: 'Clock', md5: koreaderChecksum(epub), pages: 100, last_open: IN_2099 }],
      reads: [
        ...Array.from({ length: 10 }, (_, page): [number, number, number, number, number] => [
          1, page + 1, sec('2026-01-10T10:00:00Z') + page * 60, 60, 100,
        ]), // prettier-ignore
        [1, 50, 0, 60, 100],
        [1, 51, 172_800, 60, 100],
        // The day before there was a KOReader, and the first moment after tomorrow.
        [1, 53, sec('2013-03-24T23:59:59Z'), 60, 100],
        [1, 54, sec('2026-03-16T00:00:00Z'), 60, 100],
        [1, 52, IN_2099, 60, 100],
      ],
    },
  });
  token = await server.claim();
  const { items } = await server.data<{ items: { id: string }[] }>('/items');
  bookId = items[0]!.id;
});
afterAll(() => server.close());

const get = (path: string) => server.data<Json>(`/reading/${path}`);
const papyrus = async <Data = Json>(path: string): Promise<Data> =>
  (await server.papyrus('GET', path, undefined, token)).json() as Data;

describe('pages read by a clock that was reset', () => {
  it('make no years, no streak and no days', async () => {
    const { periods } = (await get('available-periods?source=reading_data&group_by=year')) as {
      periods: Json[];
    };
    expect(periods.map(({ key }) => key)).toEqual(['2026']);
    const summary = (await get('summary')) as {
      range: Json;
      overview: Json;
      streaks: { current: Json; longest: Json };
    };
    expect(summary.range).toMatchObject({ from: '2026-01-10T00:00:00Z', to: '2026-03-14T23:59:59Z' });
    expect(summary.overview).toMatchObject({ reading_time_sec: 600, pages_read: 10, sessions: 1 });
    expect(summary.streaks).toMatchObject({ current: { days: 0 }, longest: { days: 1 } });
    const { points } = (await get('metrics?metric=active_days&group_by=day')) as { points: Json[] };
    expect(points.length).toBe(64);
    expect((await get('calendar?month=2099-01')).events).toEqual([]);
    expect((await get('calendar?month=1970-01')).events).toEqual([]);
  });

  it('make none in another zone either', async () => {
    const { periods } = (await get(
      'available-periods?source=reading_data&group_by=year&tz=Pacific/Auckland',
    )) as { periods: Json[] };
    expect(periods.map(({ key }) => key)).toEqual(['2026']);
  });

  it('make no page activity, no opening and no end of the book', async () => {
    const activity = await server.data<{ pages: { page: number }[] }>(`/items/${bookId}/page-activity`);
    expect(activity.pages.map(({ page }) => page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const detail = await server.data<{ statistics: { item_stats: Json }; completions: { entries: Json[] } }>(
      `/items/${bookId}?include=statistics,completions`,
    );
    expect(detail.statistics.item_stats.last_open_at).toMatch(/^2026-01-10T10:09:00/);
    // KOReader was told the book is finished, on a day its clock made up: it was with the last page.
    expect(detail.completions.entries).toMatchObject([{ start_date: '2026-01-10', end_date: '2026-01-10' }]);
    expect((await server.get('/assets/recap/2099_share_story.webp')).status).toBe(404);
  });

  it('make neither statistics nor sittings of the Papyrus API', async () => {
    const all = await papyrus<{ period: Json; totals: Json }>('/progress/statistics?period=all');
    expect(all.period).toMatchObject({ start_date: '2026-01-10', end_date: '2026-03-14' });
    expect(all.totals).toMatchObject({ reading_time_minutes: 10, sessions_count: 1 });
    const { sessions } = await papyrus<{ sessions: Json[] }>('/progress/sessions');
    expect(sessions.map(({ start_time: start }) => start)).toEqual(['2026-01-10T10:00:00.000Z']);
    const book = await papyrus(`/books/${bookId}`);
    expect(book.last_read_at).toBe('2026-01-10T10:09:00.000Z');
  });
});

describe('a session nobody can have had', () => {
  const refused = 'A session begins on a day between 25 March 2013 and tomorrow.';
  const times = (start: string) => ({
    start_time: start,
    end_time: new Date(Date.parse(start) + 60_000).toISOString(),
  });
  const list = async () => (await papyrus<{ sessions: Json[] }>('/progress/sessions')).sessions.length;

  it.each(['2099-01-01T10:00:00Z', '2026-03-16T00:00:00Z', '2013-03-24T23:59:59Z', '1970-01-01T00:00:00Z'])(
    'is refused when it is told: %s',
    async (start) => {
      const before = await list();
      const told = await server.papyrus(
        'POST',
        '/progress/sessions',
        { book_id: bookId, ...times(start) },
        token,
      );
      expect([told.status, (told.json() as Refusal).error.message]).toEqual([400, refused]);
      expect(await list()).toBe(before);
    },
  );

  it('is taken while it is tomorrow somewhere', async () => {
    const told = await server.papyrus(
      'POST',
      '/progress/sessions',
      { book_id: bookId, ...times('2026-03-15T23:59:59Z') },
      token,
    );
    expect(told.status).toBe(201);
    const { session_id: id } = told.json() as { session_id: string };
    expect((await server.papyrus('DELETE', `/progress/sessions/${id}`, undefined, token)).status).toBe(204);
  });

  it('is rejected when a device pushes it, and the rest of the push is taken', async () => {
    const session = (start: string) => ({
      entity_type: 'reading_session',
      entity_id: crypto.randomUUID(),
      operation: 'create',
      data: { book_id: bookId, ...times(start) },
      timestamp: '2026-03-14T11:00:00Z',
    });
    const changes = [session('2099-01-01T10:00:00Z'), session('2026-03-01T10:00:00Z')];
    const pushed = await server.papyrus('POST', '/sync/changes', { device_id: 'app', changes }, token);
    const { accepted, rejected } = pushed.json() as { accepted: Json[]; rejected: Json[] };
    expect(accepted.map(({ entity_id: id }) => id)).toEqual([changes[1]!.entity_id]);
    expect(rejected).toMatchObject([
      { entity_id: changes[0]!.entity_id, reason: expect.stringContaining('tomorrow') as string },
    ]);
  });

  it('moves no book when a device says over the stream that it read then', async () => {
    const batch = [
      {
        type: 'books',
        op: 'PATCH',
        id: bookId,
        data: { custom_metadata: JSON.stringify({ last_read_at: '2099-01-01T00:00:00Z' }) },
      },
    ];
    expect((await server.papyrus('POST', '/sync/powersync-upload', { batch }, token)).status).toBe(200);
    const { last_read_at: readAt } = await papyrus(`/books/${bookId}`);
    expect(readAt).toBe('2026-03-14T12:00:00.000Z');
  });

  it('is passed over when a library is brought in, and the rest comes in', async () => {
    const exported = await server.papyrus('POST', '/export/library', { format: 'json' }, token);
    const document = exported.json() as { reading_sessions: (Json & { session_id: string })[] };
    const [kept] = document.reading_sessions;
    document.reading_sessions = [
      {
        ...kept!,
        session_id: crypto.randomUUID(),
        started_at: '2099-01-01T10:00:00.000Z',
        ended_at: '2099-01-01T10:30:00.000Z',
      },
      {
        ...kept!,
        session_id: crypto.randomUUID(),
        started_at: '2026-02-01T10:00:00.000Z',
        ended_at: '2026-02-01T10:30:00.000Z',
      },
    ];
    const before = await list();
    const taken = await server.papyrus('POST', '/import/library', document, token);
    expect((taken.json() as { sections: Record<string, Json> }).sections.reading_sessions).toEqual({
      added: 1, updated: 0, kept: 0, skipped: 1,
    }); // prettier-ignore
    expect(await list()).toBe(before + 1);
  });
});
