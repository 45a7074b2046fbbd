import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testScenarios } from '../../support/scenario.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf, shelfReading } from './shelf.ts';
import type { Item } from './shelf.ts';

let server: TestServer;
let byTitle: Map<string, Item>;
const items = async (query: string): Promise<Item[]> =>
  (await server.data<{ items: Item[] }>(`/items${query}`)).items;

beforeAll(async () => {
  server = await startTestServer({ files: shelf, statistics: shelfReading });
  byTitle = new Map((await items('')).map((item) => [item.title, item]));
});
afterAll(() => server.close());

/** Titles from first to last; those in one list are equal to the sort and stand in the order of their ids. */
const orders: Record<string, { asc: (string | string[])[]; desc: (string | string[])[] }> = {
  title: {
    asc: ['alpha', ['Beta', 'beta'], 'comic', 'Éclair', 'zeta'],
    desc: ['zeta', 'Éclair', 'comic', ['Beta', 'beta'], 'alpha'],
  },
  author: {
    asc: ['alpha', 'zeta', 'Beta', 'beta', ['comic', 'Éclair']],
    desc: ['beta', 'Beta', 'zeta', 'alpha', ['comic', 'Éclair']],
  },
  status: {
    asc: ['zeta', 'alpha', ['Beta', 'comic'], ['Éclair', 'beta']],
    desc: [['Éclair', 'beta'], ['Beta', 'comic'], 'alpha', 'zeta'],
  },
  progress: {
    asc: ['comic', 'Beta', 'zeta', 'alpha', ['Éclair', 'beta']],
    desc: ['alpha', 'zeta', 'Beta', 'comic', ['Éclair', 'beta']],
  },
  rating: {
    asc: ['Beta', 'comic', 'alpha', ['zeta', 'Éclair', 'beta']],
    desc: ['alpha', 'comic', 'Beta', ['zeta', 'Éclair', 'beta']],
  },
  annotations: {
    asc: [['Éclair', 'beta', 'comic'], 'Beta', 'zeta', 'alpha'],
    desc: ['alpha', 'zeta', 'Beta', ['Éclair', 'beta', 'comic']],
  },
  last_open_at: {
    asc: ['alpha', 'Beta', 'zeta', ['Éclair', 'beta', 'comic']],
    desc: ['zeta', 'Beta', 'alpha', ['Éclair', 'beta', 'comic']],
  },
};
const defaultOrder = { title: 'asc', author: 'asc', status: 'asc' } as Record<string, 'asc' | undefined>;

const expected = (sort: string, order: 'asc' | 'desc', scope = 'all'): string[] =>
  orders[sort]![order].flatMap((place) => [place].flat().sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))).filter(
    (title) => scope === 'all' || (title === 'comic') === (scope === 'comics'),
  );
const idOf = (title: string): string => byTitle.get(title)!.id;
const titles = (list: Item[]): string[] => list.map((item) => item.title);

describe('GET /api/items', () => {
  const cases = Object.keys(orders).flatMap((sort) =>
    (['asc', 'desc'] as const).flatMap((order) =>
      ['all', 'books', 'comics'].map((scope) => ({ sort, order, scope })),
    ),
  );
  it.each(cases)('sorts $scope by $sort $order, unknown values last, ties by id', async (query) => {
    const { sort, order, scope } = query;
    const found = await items(`?sort=${sort}&order=${order}&scope=${scope}`);
    expect(titles(found)).toEqual(expected(sort, order, scope));
  });

  it.each(Object.keys(orders))('sorts by %s in its own direction when none is asked for', async (sort) => {
    expect(titles(await items(`?sort=${sort}`))).toEqual(expected(sort, defaultOrder[sort] ?? 'desc'));
  });

  it('lists everything by title when nothing is asked for', async () => {
    expect(titles(await items(''))).toEqual(expected('title', 'asc'));
  });

  it('shows of each item what is known of it, in the order of the contract', async () => {
    const zeta = byTitle.get('zeta')!;
    expect(Object.entries(zeta)).toEqual([
      ['id', zeta.id],
      ['title', 'zeta'],
      ['authors', ['austen']],
      ['series', { name: 'Letters', index: '2.5' }],
      ['status', 'abandoned'],
      ['progress_percentage', 90],
      ['annotation_count', 2],
      ['cover_url', `/assets/covers/${zeta.id}.webp`],
      ['content_type', 'book'],
    ]);
    expect(zeta.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('leaves out what is not known instead of answering null', async () => {
    const eclair = byTitle.get('Éclair')!;
    expect(Object.keys(eclair)).toEqual([
      'id',
      'title',
      'authors',
      'status',
      'annotation_count',
      'cover_url',
      'content_type',
    ]);
    expect(eclair).toMatchObject({ authors: [], status: 'unknown', annotation_count: 0 });
    expect((await server.koshelf('/items')).text).not.toContain('null');
  });

  it('wraps the list with the version and the time of the answer', async () => {
    const { meta, ...rest } = (await server.koshelf('/items')).json() as {
      meta: { version: string; generated_at: string };
      data: unknown;
    };
    expect(Object.keys(rest)).toEqual(['data']);
    expect(Object.keys(meta)).toEqual(['version', 'generated_at']);
    expect(meta.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(new Date(meta.generated_at).toISOString()).toBe(meta.generated_at);
  });

  it('answers 304 while nothing changed, and anew after a change', async () => {
    const first = await server.koshelf('/items?sort=rating');
    const etag = first.headers.etag!;
    const again = await server.koshelf('/items?sort=rating', { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect(again.headers.etag).toBe(etag);
    const weak = await server.koshelf('/items?sort=rating', {
      headers: { 'if-none-match': `"other", W/${etag}` },
    });
    expect(weak.status).toBe(304);
    const token = await server.claim();
    await server.papyrus('PATCH', `/books/${idOf('Éclair')}`, { rating: 1 }, token);
    const changed = await server.koshelf('/items?sort=rating', { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(titles((changed.json() as { data: { items: Item[] } }).data.items).slice(0, 4)).toEqual([
      'alpha',
      'comic',
      'Beta',
      'Éclair',
    ]);
  });

  testScenarios(
    () => server,
    () => ({}),
    [
      {
        url: '/api/items?scope=',
        status: 400,
        code: 'invalid_query',
        message: 'scope must be one of: all, books, comics',
      },
      {
        url: '/api/items?scope=Books',
        status: 400,
        code: 'invalid_query',
        message: 'scope must be one of: all, books, comics',
      },
      {
        url: '/api/items?sort=size&order=up',
        status: 400,
        code: 'invalid_query',
        message: 'sort must be one of: title, author, status, progress, rating, annotations, last_open_at',
      },
      {
        url: '/api/items?order=up',
        status: 400,
        code: 'invalid_query',
        message: 'order must be one of: asc, desc',
      },
      {
        url: '/api/items?order=up&scope=x&sort=y',
        status: 400,
        code: 'invalid_query',
        message: 'scope must be one of: all, books, comics',
      },
      { url: '/api/items?scope=all&scope=all', status: 400, code: 'invalid_query' },
      { url: '/api/items?sort=title&sort=rating', status: 400, code: 'invalid_query' },
      { url: '/api/items?colour=red&scope=all', status: 200 },
    ],
  );
});

describe('GET /api/items without unread books', () => {
  it('lists and finds only what KOReader has opened', async () => {
    const reading = await startTestServer({ files: shelf, options: { includeUnread: false } });
    try {
      const found = (await reading.data<{ items: Item[] }>('/items')).items;
      expect(titles(found)).toEqual(['alpha', 'Beta', 'comic', 'zeta']);
    } finally {
      await reading.close();
    }
  });
});
