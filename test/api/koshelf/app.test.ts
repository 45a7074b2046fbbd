import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import type { Item, ItemAnswer } from './shelf.ts';

type Json = Record<string, unknown>;
const OLD = 'a'.repeat(32);
let epub: Buffer;
let server: TestServer;
let items: Item[];

const picture = (background: string) =>
  sharp({ create: { width: 60, height: 90, channels: 3, background } })
    .jpeg()
    .toBuffer();
const book = async (background: string) =>
  makeEpub({ title: 'Sea', identifiers: ['urn:sea'], cover: await picture(background) });

beforeAll(async () => {
  epub = await book('#a04020');
  const reads = Array.from({ length: 50 }, (_, page): [number, number, number, number, number] => [
    1, page + 1, Date.parse('2026-03-10T20:00:00Z') / 1000 + page * 60, 60, 50,
  ]); // prettier-ignore
  server = await startTestServer({
    clock: at('2026-03-14T12:00:00Z'),
    options: { writeback: true },
    files: {
      'sea.epub': epub,
      'sea.sdr/metadata.epub.lua': makeSidecar({
        partial_md5_checksum: OLD,
        summary: { status: 'reading' },
        annotations: [
          {
            datetime: '2026-03-01 10:00:00',
            drawer: 'lighten',
            page: '/body/p[1]',
            pos0: '/body/p[1]/text().0',
            pos1: '/body/p[1]/text().9',
            text: 'Words',
          },
        ],
      }),
      'away.epub': makeEpub({ title: 'Away', identifiers: ['urn:away'] }),
      'away.sdr/metadata.epub.lua': makeSidecar({
        summary: { status: 'reading' },
        doc_props: { title: 'Away' },
      }),
    },
    statistics: { books: [{ md5: koreaderChecksum(epub), pages: 50 }], reads },
  });
  server.remove('away.epub');
  await server.rescan();
  ({ items } = await server.data<{ items: Item[] }>('/items'));
});
afterAll(() => server.close());

const sea = () => items.find(({ title }) => title === 'Sea')!;
const send = (method: string, path: string, raw: string | undefined, type?: string) =>
  server.koshelf(path, {
    method,
    ...(raw === undefined ? {} : { raw }),
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
const outcome = async (asked: ReturnType<typeof send>) => {
  const answer = await asked;
  return [answer.status, answer.status === 204 ? '' : (answer.json() as Refusal).error.code];
};

describe('a book without its file', () => {
  it('has no format to read it in', async () => {
    const away = items.find(({ title }) => title === 'Away')!;
    expect((await server.data<ItemAnswer>(`/items/${away.id}`)).item.format).toBe('unknown');
    expect((await server.data<ItemAnswer>(`/items/${sea().id}`)).item.format).toBe('epub');
  });
});

describe("KoShelf's own ids", () => {
  const same = () => [OLD, koreaderChecksum(epub), OLD.toUpperCase()];

  it('find the item, its pages, its marks, its cover and its file', async () => {
    for (const id of same()) {
      const { item } = await server.data<ItemAnswer>(`/items/${id}`);
      expect([item.id, item.title]).toEqual([sea().id, 'Sea']);
      expect((await server.data<{ pages: Json[] }>(`/items/${id}/page-activity`)).pages).toHaveLength(50);
      const { annotations } = await server.data<{ annotations: Json[] }>(`/annotations?item_id=${id}`);
      expect(annotations.map(({ text }) => text)).toEqual(['Words']);
      expect((await server.get(`/assets/covers/${id}.webp`)).headers['content-type']).toBe('image/webp');
      expect((await server.get(`/assets/files/${id}.epub`)).bytes.equals(epub)).toBe(true);
    }
  });

  it('are changed as the item is', async () => {
    expect(await outcome(send('PATCH', `/items/${OLD}`, '{"rating":3}', 'application/json'))).toEqual([
      204,
      '',
    ]);
    expect((await server.data<ItemAnswer>(`/items/${sea().id}`)).item.rating).toBe(3);
  });

  it('are unknown when nobody was ever known by them', async () => {
    const unknown = 'd'.repeat(32);
    for (const path of [
      `/api/items/${unknown}`,
      `/assets/covers/${unknown}.webp`,
      `/assets/files/${unknown}.epub`,
    ])
      expect((await server.get(path)).status).toBe(404);
    expect(
      (await server.data<{ annotations: Json[] }>(`/annotations?item_id=${unknown}`)).annotations,
    ).toEqual([]);
    expect(await outcome(send('PATCH', `/items/${unknown}`, '{}', 'application/json'))).toEqual([
      404,
      'not_found',
    ]);
  });
});

describe('a change', () => {
  it.each([
    ['PATCH', () => `/items/${sea().id}`],
    ['PATCH', () => `/items/${sea().id}/annotations/${sea().id}`],
  ])('of nothing at all is 400, of another type 415: %s', async (method, path) => {
    expect(await outcome(send(method, path(), undefined))).toEqual([400, 'invalid_query']);
    expect(await outcome(send(method, path(), '', 'application/json'))).toEqual([400, 'invalid_query']);
    expect(await outcome(send(method, path(), '', 'text/plain'))).toEqual([400, 'invalid_query']);
    expect(await outcome(send(method, path(), '{"rating":5}', 'text/plain'))).toEqual([415, 'invalid_query']);
    expect(await outcome(send(method, path(), '{"rating":5}'))).toEqual([415, 'invalid_query']);
    expect(await outcome(send(method, path(), 'rating=5', 'application/x-www-form-urlencoded'))).toEqual([
      415, 'invalid_query',
    ]); // prettier-ignore
    expect((await server.data<ItemAnswer>(`/items/${sea().id}`)).item.rating).not.toBe(5);
  });
});

describe('the ends of a range', () => {
  it('are taken back as they were given', async () => {
    const { periods } = await server.data<{ periods: { start_date: string; end_date: string }[] }>(
      '/reading/available-periods?source=reading_data&group_by=week',
    );
    const [{ start_date: from, end_date: to } = { start_date: '', end_date: '' }] = periods;
    expect([from, to]).toEqual(['2026-03-09T00:00:00Z', '2026-03-15T23:59:59Z']);
    const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
    const days = 'from=2026-03-09&to=2026-03-15';
    for (const path of [
      '/reading/summary?',
      '/reading/metrics?metric=pages_read&group_by=day&',
      '/reading/completions?',
      '/reading/available-periods?source=reading_data&group_by=month&',
      '/annotations?',
    ])
      expect(await server.data(path + query)).toEqual(await server.data(path + days));
    const { range } = await server.data<{ range: Json }>(`/reading/summary?${days}`);
    expect(range).toMatchObject({ from, to });
  });

  it.each([
    '2026-03-09T25:00:00Z',
    '2026-03-09T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-03-09 00:00:00Z',
    '09.03.2026',
  ])('are refused when they are no day: %s', async (from) => {
    const answer = await server.koshelf(`/reading/summary?from=${encodeURIComponent(from)}&to=2026-03-15`);
    expect([answer.status, (answer.json() as Refusal).error.message]).toEqual([
        400, "'from' must be a valid date in YYYY-MM-DD format",
      ]); // prettier-ignore
  });
});

describe('the address of a cover', () => {
  const keeping = async (path: string) => (await server.get(path)).headers['cache-control'];

  it('says which picture it is, which may be kept for a year, until there is another', async () => {
    const before = sea().cover_url;
    expect(before).toMatch(/^\/assets\/covers\/[0-9a-f-]{36}\.webp\?v=[0-9a-f]{12}$/);
    expect(await keeping(before)).toBe('private, max-age=31536000, immutable');
    const { annotations } = await server.data<{ annotations: { item: Item }[] }>('/annotations');
    expect(annotations[0]!.item.cover_url).toBe(before);

    server.put({ 'sea.epub': await book('#2040a0') });
    await server.rescan();
    const { item } = await server.data<ItemAnswer>(`/items/${sea().id}`);
    expect(item.cover_url).not.toBe(before);
    expect(await keeping(item.cover_url)).toBe('private, max-age=31536000, immutable');
    // What was there before is shown as what it is now, and never kept under the old address.
    expect(await keeping(before)).toBe('private, no-cache');
    expect(await keeping(`/assets/covers/${sea().id}.webp`)).toBe('private, no-cache');
    expect(await keeping(`/assets/covers/${sea().id}.webp?v=`)).toBe('private, no-cache');
  });
});
