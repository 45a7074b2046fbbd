import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { AnnotationsAnswer } from '../../../server/api/koshelf/schemas.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';
import { testScenarios } from '../../support/scenario.ts';
import { cookieIn, startTestServer } from '../../support/server.ts';
import type { Files, TestServer } from '../../support/server.ts';
import type { Item, ItemAnswer } from './shelf.ts';

type AnnotationsAnswer = z.infer<typeof AnnotationsAnswer>;

type Mark = Record<string, LuaContent | undefined>;
const mark = (n: number, datetime: string | undefined, text: string, more: Mark = {}): Mark => ({
  datetime,
  page: `/body/p[${n}]`,
  pos0: `/body/p[${n}]/text().0`,
  pos1: `/body/p[${n}]/text().9`,
  drawer: 'lighten',
  color: 'yellow',
  pageno: n,
  text,
  ...more,
});
const BOOKMARK = { drawer: undefined, color: undefined, pos0: undefined, pos1: undefined };
const sidecar = (digit: string, annotations: Mark[]) =>
  makeSidecar({ partial_md5_checksum: digit.repeat(32), annotations });

const ocean = [
  mark(1, '2026-01-05 10:00:00', 'Ocean one', { chapter: 'Été', note: 'Déjà vu' }),
  mark(2, '2026-01-05 23:30:00', 'Ocean two', { ...BOOKMARK, chapter: 'Hiver' }),
  mark(3, '2026-01-06 00:30:00', 'Océan three', {
    color: 'red',
    drawer: 'underscore',
    datetime_updated: '2026-03-01 09:00:00',
  }),
];
const files: Files = {
  'ocean.epub': makeEpub({ title: 'Océan', authors: ['Émile Zola', 'A. Nother'], identifiers: ['urn:1'] }),
  'ocean.sdr/metadata.epub.lua': sidecar('a', ocean),
  'zeta.epub': makeEpub({ title: 'zeta', authors: ['Adams'], identifiers: ['urn:2'] }),
  'zeta.sdr/metadata.epub.lua': sidecar('b', [
    mark(1, '2026-02-01 08:00:00', 'Zeta late', { color: 'red' }),
    mark(2, '2026-01-05 10:00:00', 'Zeta tie', { note: 'vu' }),
    mark(3, undefined, 'Zeta timeless', { color: undefined }),
  ]),
  'comic.cbz': makeCbz(['1.jpg', '2.jpg']),
  'comic.sdr/metadata.cbz.lua': sidecar('c', [mark(1, '2026-01-20 12:00:00', 'Page 1', BOOKMARK)]),
  'unread.epub': makeEpub({ title: 'Unread', identifiers: ['urn:4'] }),
};

const listOf = (server: TestServer, query = '', headers = {}): Promise<AnnotationsAnswer> =>
  server.data(`/annotations${query}`, { headers });
const textsOf = async (server: TestServer, query = ''): Promise<(string | undefined)[]> =>
  (await listOf(server, query)).annotations.map(({ text }) => text);

let server: TestServer;
let items: Map<string, string>;
beforeAll(async () => {
  server = await startTestServer({ files });
  const list = await server.data<{ items: Item[] }>('/items');
  items = new Map(list.items.map(({ title, id }) => [title, id]));
});
afterAll(() => server.close());

describe('GET /api/annotations', () => {
  it('lists the marks of all items, newest first, those of unknown time last', async () => {
    const { annotations, pagination } = await listOf(server);
    const texts = annotations.map(({ text }) => text);
    expect(texts.slice(0, 4)).toEqual(['Zeta late', 'Page 1', 'Océan three', 'Ocean two']);
    // Made at the same moment: by id.
    const tied = annotations.slice(4, 6);
    expect(new Set(tied.map(({ text }) => text))).toEqual(new Set(['Ocean one', 'Zeta tie']));
    expect(tied[0]!.id < tied[1]!.id).toBe(true);
    expect(texts.slice(6)).toEqual(['Zeta timeless']);
    expect(pagination).toEqual({
      page: 1,
      limit: 20,
      total: 7,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    });
  });

  it('shows each as the item does, with its kind and its item', async () => {
    const id = items.get('Océan')!;
    const detail = await server.data<ItemAnswer>(`/items/${id}?include=highlights,bookmarks`);
    const { annotations } = await listOf(server, `?item_id=${id}&sort=item`);
    const item = {
      id,
      title: 'Océan',
      authors: ['Émile Zola', 'A. Nother'],
      cover_url: `/assets/covers/${id}.webp`,
    };
    const [first, last] = detail.highlights!;
    expect(annotations).toEqual([
      { ...first, type: 'highlight', item },
      { ...detail.bookmarks![0], type: 'bookmark', item },
      { ...last, type: 'highlight', item },
    ]);
    expect(annotations[2]).toMatchObject({
      datetime: '2026-01-06T00:30:00+00:00',
      datetime_updated: '2026-03-01 09:00:00',
      drawer: 'underscore',
      color: 'red',
      pageno: 3,
    });
  });

  it.each([
    ['?order=asc', ['Ocean two', 'Océan three', 'Page 1', 'Zeta late', 'Zeta timeless'], 2],
    ['?sort=updated', ['Océan three', 'Zeta late', 'Page 1', 'Ocean two'], 0],
    [
      '?sort=item',
      ['Page 1', 'Ocean one', 'Ocean two', 'Océan three', 'Zeta late', 'Zeta tie', 'Zeta timeless'],
      0,
    ],
    [
      '?sort=item&order=desc',
      ['Zeta late', 'Zeta tie', 'Zeta timeless', 'Ocean one', 'Ocean two', 'Océan three', 'Page 1'],
      0,
    ],
  ])('sorts by %s', async (query, expected, after) => {
    expect((await textsOf(server, query)).slice(after, after + expected.length)).toEqual(expected);
  });

  it.each([
    ['scope=comics', ['Page 1']],
    ['scope=books&type=bookmark', ['Ocean two']],
    ['type=bookmark', ['Page 1', 'Ocean two']],
    ['color=red', ['Zeta late', 'Océan three']],
    ['drawer=underscore', ['Océan three']],
    ['has_note=true&drawer=lighten&color=yellow&scope=books&q=deja', ['Ocean one']],
    ['has_note=false&type=highlight', ['Zeta late', 'Océan three', 'Zeta timeless']],
    ['from=2026-01-06', ['Zeta late', 'Page 1', 'Océan three']],
    ['from=2026-01-06&to=2026-01-06', ['Océan three']],
    ['from=2026-01-07&to=2026-01-19', []],
    ['color=green', []],
    ['item_id=00000000-0000-7000-8000-000000000000', []],
  ])('narrows the list by %s', async (query, expected) => {
    const { annotations, pagination } = await listOf(server, `?${query}`);
    expect(annotations.map(({ text }) => text)).toEqual(expected);
    expect(pagination.total).toBe(expected.length);
  });

  it.each([
    ['OCEAN', 'in text and title', ['Océan three', 'Ocean two', 'Ocean one']],
    ['three', 'in the text', ['Océan three']],
    ['hiver', 'in the chapter of a bookmark', ['Ocean two']],
    ['dejà VU', 'in the note', ['Ocean one']],
    ['emile tie', 'nowhere together', []],
    ['nother ETE', 'in author and chapter', ['Ocean one']],
    ['zeta', 'in a title', ['Zeta late', 'Zeta tie', 'Zeta timeless']],
    ['adams   late', 'in author and text', ['Zeta late']],
    ['.*', 'as they are', []],
    ['" or 1=1 --', 'as they are', []],
  ])('finds "%s" %s', async (words, _where, expected) => {
    const { annotations, pagination } = await listOf(server, `?q=${encodeURIComponent(words)}`);
    expect(annotations.map(({ text }) => text)).toEqual(expected);
    expect(pagination.total).toBe(expected.length);
  });

  it('takes blanks for no search', async () => {
    expect((await listOf(server, '?q=%20')).pagination.total).toBe(7);
  });

  it.each(['sort=created', 'sort=updated', 'sort=item', 'sort=item&order=desc', 'order=asc', 'q=a'])(
    'gives with %s on its pages together what one page has',
    async (query) => {
      const whole = await listOf(server, `?${query}`);
      const pages: AnnotationsAnswer[] = [];
      for (let page = 1; page <= 3; page++) {
        pages.push(await listOf(server, `?${query}&page=${page}&limit=3`));
      }
      expect(whole.annotations.length).toBeGreaterThan(3);
      expect(pages.flatMap(({ annotations }) => annotations)).toEqual(whole.annotations);
      const total = whole.annotations.length;
      const total_pages = Math.ceil(total / 3);
      expect(pages.map(({ pagination }) => pagination)).toEqual(
        [1, 2, 3].map((page) => ({
          page,
          limit: 3,
          total,
          total_pages,
          has_next: page < total_pages,
          has_prev: page > 1,
        })),
      );
    },
  );

  it('answers a page beyond the last with none, and with the same count', async () => {
    for (const query of ['', '&q=ocean', '&sort=item']) {
      const { annotations, pagination } = await listOf(server, `?page=999999999&limit=100${query}`);
      expect(annotations).toEqual([]);
      expect(pagination).toMatchObject({
        total: query === '&q=ocean' ? 3 : 7,
        has_next: false,
        has_prev: true,
      });
    }
  });

  testScenarios(() => server, () => ({}), [
    ['scope=all&scope=books', 'scope must be one of: all, books, comics'],
    ['scope=magazines', 'scope must be one of: all, books, comics'],
    ['type=note', 'type must be one of: highlight, bookmark'],
    ['q=a&q=b', 'q must be given once'],
    [`q=${'x'.repeat(201)}`, 'q must have at most 200 characters'],
    ['item_id=', 'item_id must be the id of an item'],
    ['item_id=1&item_id=2', 'item_id must be given once'],
    ['color=pink', 'color must be one of: red, orange, yellow, green, olive, cyan, blue, purple, gray'],
    ['drawer=', 'drawer must be one of: lighten, underscore, strikeout, invert'],
    ['has_note=1', 'has_note must be one of: true, false'],
    ['from=2026-02-30', "'from' must be a valid date in YYYY-MM-DD format"],
    ['to=tomorrow', "'to' must be a valid date in YYYY-MM-DD format"],
    ['from=2026-01-01&from=2026-01-02', 'from must be given once'],
    ['from=2026-01-02&to=2026-01-01', "'from' must be less than or equal to 'to'"],
    ['sort=title', 'sort must be one of: created, updated, item'],
    ['order=down', 'order must be one of: asc, desc'],
    ['page=0', 'page must be a whole number from 1 to 999999999'],
    ['page=-1', 'page must be a whole number from 1 to 999999999'],
    ['page=1.5', 'page must be a whole number from 1 to 999999999'],
    ['page=1&page=2', 'page must be given once'],
    ['page=1000000000', 'page must be a whole number from 1 to 999999999'],
    ['limit=101', 'limit must be a whole number from 1 to 100'],
    ['limit=0', 'limit must be a whole number from 1 to 100'],
    ['limit=', 'limit must be a whole number from 1 to 100'],
  ].map(([query, message = '']) => ({
    title: `refuses ${query!.slice(0, 40)}`,
    url: `/api/annotations?${query}`,
    status: 400,
    code: 'invalid_query',
    message,
  }))); // prettier-ignore

  it('takes the first and the last years there are', async () => {
    expect((await listOf(server, '?from=0000-01-01&to=9999-12-31')).pagination.total).toBe(6);
  });

  it('is answered from memory while nothing changes, and with 304 to who has it', async () => {
    const first = await server.koshelf('/annotations?q=ocean');
    const etag = first.headers.etag!;
    expect((await server.koshelf('/annotations?q=ocean')).headers.etag).toBe(etag);
    expect((await server.koshelf('/annotations?q=zeta')).headers.etag).not.toBe(etag);
    const again = await server.koshelf('/annotations?q=ocean', { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});

describe('the list of annotations follows the library', () => {
  let changing: TestServer;
  beforeAll(async () => {
    changing = await startTestServer({ files });
  });
  afterAll(() => changing.close());

  it('shows no mark that was deleted on the device, none of a removed book, none of another person', async () => {
    expect((await listOf(changing)).pagination.total).toBe(7);
    changing.put({ 'ocean.sdr/metadata.epub.lua': sidecar('a', ocean.slice(0, 2)) });
    await changing.rescan();
    expect(await textsOf(changing, '?q=ocean')).toEqual(['Ocean two', 'Ocean one']);

    const stranger = await changing.signUp('stranger@example.org');
    expect((await changing.papyrus('GET', '/books', undefined, stranger)).json()).toMatchObject({
      books: [],
    });

    const owner = await changing.claim();
    const id = (await listOf(changing, '?q=zeta')).annotations[0]!.item.id;
    expect((await changing.papyrus('DELETE', `/books/${id}`, undefined, owner)).status).toBe(204);
    expect(await textsOf(changing, '?sort=item')).toEqual(['Page 1', 'Ocean one', 'Ocean two']);

    changing.remove('ocean.epub');
    changing.remove('ocean.sdr');
    await changing.rescan();
    expect(await textsOf(changing)).toEqual(['Page 1']);
    expect((await listOf(changing, '?q=ocean')).pagination.total).toBe(0);
  });
});

describe('the list of annotations of a locked library of another dialect and zone', () => {
  let locked: TestServer;
  beforeAll(async () => {
    locked = await startTestServer({
      files,
      options: {
        koshelfPassword: 'open sesame',
        koshelfDialect: 'koshelf-2026.7',
        timeZone: 'Europe/Berlin',
        dayStart: '04:00',
      },
    });
  });
  afterAll(() => locked.close());

  it('answers nobody without a session', async () => {
    for (const query of ['', '?page=0']) {
      const answer = await locked.koshelf(`/annotations${query}`);
      expect([answer.status, answer.json()]).toEqual([
        401,
        { error: { code: 'unauthorized', message: 'unauthorized' } },
      ]);
    }
  });

  it('counts days as the reading statistics do: a mark made at half past midnight is of the day before', async () => {
    const login = await locked.koshelf('/auth/login', { method: 'POST', body: { password: 'open sesame' } });
    const headers = { cookie: cookieIn(login) };
    const { annotations } = await listOf(
      locked,
      '?from=2026-01-05&to=2026-01-05&order=asc&type=highlight',
      headers,
    );
    expect(annotations).toHaveLength(3);
    expect(new Set(annotations.map(({ text }) => text))).toEqual(
      new Set(['Ocean one', 'Océan three', 'Zeta tie']),
    );
    expect(annotations.at(-1)).toMatchObject({ datetime: '2026-01-06T00:30:00+01:00' });
    expect((await listOf(locked, '?from=2026-01-06&to=2026-01-19', headers)).annotations).toEqual([]);
  });
});
