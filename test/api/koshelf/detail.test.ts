import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { testScenarios } from '../../support/scenario.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelfReading } from './shelf.ts';
import type { Item, ItemAnswer } from './shelf.ts';

const chapters = ['One', 'Two', 'Three', 'Four'].map((title) => ({ title, text: 'x'.repeat(500) }));
const files = {
  'beta.epub': makeEpub({
    title: 'Beta',
    authors: ['Émile Zola', 'A. Nother'],
    language: 'fr',
    publisher: 'Charpentier',
    description: '<p onclick="x()">A <b>fine</b> book<script>alert(1)</script></p>',
    subjects: ['Novel', 'Paris'],
    identifiers: ['isbn:9780306406157', 'urn:uuid:1', 'asin:B000000000'],
    series: { name: 'Rougon', index: '3' },
    chapters,
  }),
  'beta.sdr/metadata.epub.lua': makeSidecar({
    partial_md5_checksum: 'a'.repeat(32),
    doc_pages: 321,
    percent_finished: 0.4567,
    summary: { status: 'reading', rating: 2, note: 'Slow start.' },
    font_face: 'Bitter',
    copt_font_size: 22.5,
    copt_line_spacing: 110,
    copt_h_page_margins: [10, 12],
    copt_t_page_margin: 5,
    copt_b_page_margin: 7,
    copt_embedded_fonts: 1,
    hyphenation: true,
    floating_punctuation: 0,
    copt_word_spacing: [95, 75],
    annotations: [
      {
        datetime: '2026-01-05 10:15:00',
        datetime_updated: '2026-01-06 11:00:00',
        drawer: 'underscore',
        color: 'red',
        chapter: 'One',
        pageno: 3,
        page: '/body/p[1]',
        pos0: '/body/p[1]/text().0',
        pos1: '/body/p[1]/text().9',
        text: 'First words',
        note: 'Mine',
      },
      { datetime: '2026-01-05 10:20:00', page: '/body/p[5]', pageno: 5, text: 'in One' },
      {
        datetime: '2026-01-05 10:30:00',
        drawer: 'lighten',
        page: '/body/p[9]',
        pos0: '/body/p[9]/text().0',
        pos1: '/body/p[9]/text().4',
        text: 'More',
        pageno: 9,
      },
    ],
  }),
  'plain.epub': makeEpub({ title: 'Plain', chapters: [{ title: 'Only' }], nav: null }),
};

let server: TestServer;
let betaId: string;
let plainId: string;
const detail = (id: string, include: string): Promise<ItemAnswer> =>
  server.data(`/items/${id}?include=${encodeURIComponent(include)}`);

beforeAll(async () => {
  server = await startTestServer({ files, statistics: shelfReading });
  const { items } = await server.data<{ items: Item[] }>('/items');
  betaId = items.find(({ title }) => title === 'Beta')!.id;
  plainId = items.find(({ title }) => title === 'Plain')!.id;
});
afterAll(() => server.close());

describe('GET /api/items/{id}', () => {
  it('shows everything that file and sidecar say of the item, in the order of the contract', async () => {
    const answer = await server.data<ItemAnswer>(`/items/${betaId}`);
    expect(Object.keys(answer)).toEqual(['item']);
    expect(Object.entries(answer.item)).toEqual([
      ['id', betaId],
      ['title', 'Beta'],
      ['authors', ['Émile Zola', 'A. Nother']],
      ['series', { name: 'Rougon', index: '3' }],
      ['status', 'reading'],
      ['progress_percentage', 45.67],
      ['rating', 2],
      ['annotation_count', 3],
      ['cover_url', `/assets/covers/${betaId}.webp`],
      ['content_type', 'book'],
      ['format', 'epub'],
      ['language', 'fr'],
      ['publisher', 'Charpentier'],
      ['description', '<p>A <b>fine</b> book</p>'],
      ['review_note', 'Slow start.'],
      ['pages', 321],
      ['search_base_path', '/books'],
      ['subjects', ['Novel', 'Paris']],
      [
        'identifiers',
        [
          {
            scheme: 'isbn',
            value: '9780306406157',
            display_scheme: 'ISBN',
            url: 'https://www.worldcat.org/isbn/9780306406157',
          },
          {
            scheme: 'asin',
            value: 'B000000000',
            display_scheme: 'Amazon',
            url: 'https://www.amazon.com/dp/B000000000',
          },
        ],
      ],
      ['has_metadata', true],
    ]);
  });

  it('leaves out what a plain file does not say', async () => {
    const { item } = await detail(plainId, '');
    expect(Object.keys(item)).toEqual([
      'id',
      'title',
      'authors',
      'status',
      'annotation_count',
      'cover_url',
      'content_type',
      'format',
      'language',
      'search_base_path',
      'subjects',
      'identifiers',
      'has_metadata',
    ]);
    expect(item).toMatchObject({ subjects: [], identifiers: [], has_metadata: false, status: 'unknown' });
  });

  it('includes highlights in the order of the text, with times in the zone of the server', async () => {
    const { highlights } = await detail(betaId, 'highlights');
    expect(highlights).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        chapter: 'One',
        datetime: '2026-01-05T10:15:00+00:00',
        datetime_updated: '2026-01-06 11:00:00',
        pageno: 3,
        text: 'First words',
        note: 'Mine',
        pos0: '/body/p[1]/text().0',
        pos1: '/body/p[1]/text().9',
        color: 'red',
        drawer: 'underscore',
      },
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        datetime: '2026-01-05T10:30:00+00:00',
        pageno: 9,
        text: 'More',
        pos0: '/body/p[9]/text().0',
        pos1: '/body/p[9]/text().4',
        drawer: 'lighten',
      },
    ]);
  });

  it('includes bookmarks, which have no drawer', async () => {
    const { bookmarks } = await detail(betaId, 'bookmarks');
    expect(bookmarks).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        datetime: '2026-01-05T10:20:00+00:00',
        pageno: 5,
        text: 'in One',
        pos0: '/body/p[5]',
      },
    ]);
  });

  it('includes statistics of marks and of sittings', async () => {
    const { statistics } = await detail(betaId, 'statistics');
    expect(statistics).toEqual({
      item_stats: {
        notes: 1,
        last_open_at: '2026-02-10T10:00:00+00:00',
        highlights: 2,
        bookmarks: 1,
        pages: 20,
        total_reading_time_sec: 2400,
      },
      session_stats: {
        session_count: 3,
        average_session_duration_sec: 800,
        longest_session_duration_sec: 1200,
        last_read_date: '2026-02-10',
        reading_speed: 30,
      },
    });
  });

  it('includes every reading to the end', async () => {
    const { completions } = await detail(betaId, 'completions');
    expect(completions).toEqual({
      entries: [
        {
          start_date: '2026-01-05',
          end_date: '2026-01-05',
          reading_time_sec: 1200,
          session_count: 1,
          pages_read: 20,
        },
        {
          start_date: '2026-02-10',
          end_date: '2026-02-10',
          reading_time_sec: 1200,
          session_count: 2,
          pages_read: 20,
        },
      ],
      total_completions: 2,
      last_completion_date: '2026-02-10',
    });
  });

  it('includes how the device shows the book', async () => {
    const { reader_presentation } = await detail(betaId, 'reader_presentation');
    expect(reader_presentation).toEqual({
      font_face: 'Bitter',
      font_size_pt: 22.5,
      line_spacing_percentage: 110,
      horizontal_margins: [10, 12],
      top_margin: 5,
      bottom_margin: 7,
      embedded_fonts: true,
      hyphenation: true,
      floating_punctuation: false,
      word_spacing: [95, 75],
    });
  });

  it('includes the table of contents with where in the book each chapter begins', async () => {
    const { chapters } = await detail(betaId, 'chapters');
    expect(chapters?.map(({ title }) => title)).toEqual(['One', 'Two', 'Three', 'Four']);
    expect(chapters?.[0]?.position).toBe(0);
    expect(chapters?.[2]?.position).toBeCloseTo(0.5, 2);
  });

  const parts = ['highlights', 'bookmarks', 'statistics', 'completions', 'reader_presentation', 'chapters'];

  it.each(parts.flatMap((first, index) => parts.slice(index + 1).map((second) => [first, second] as const)))(
    'includes %s and %s together and nothing else',
    async (first, second) => {
      expect(Object.keys(await detail(betaId, `${second}, ${first},,${first}`))).toEqual([
        'item',
        first,
        second,
      ]);
    },
  );

  it('includes everything for all, whatever follows it', async () => {
    expect(Object.keys(await detail(betaId, 'all'))).toEqual(['item', ...parts]);
    expect(Object.keys(await detail(betaId, 'all,unknown'))).toEqual(['item', ...parts]);
  });

  it('answers empty lists of marks where there are none, and leaves the rest out', async () => {
    const { item: _, ...rest } = await detail(plainId, 'all');
    expect(rest).toEqual({
      highlights: [],
      bookmarks: [],
      statistics: { item_stats: { notes: 0, highlights: 0, bookmarks: 0 } },
    });
  });

  it('keeps the ids of marks when the sidecar is read again', async () => {
    const before = (await detail(betaId, 'highlights')).highlights!.map(({ id }) => id);
    server.put({ 'beta.sdr/metadata.epub.lua': files['beta.sdr/metadata.epub.lua'] });
    await server.rescan();
    expect((await detail(betaId, 'highlights')).highlights!.map(({ id }) => id)).toEqual(before);
  });

  const unknown =
    'valid tokens are: highlights, bookmarks, statistics, completions, reader_presentation, chapters, all';
  testScenarios(
    () => server,
    () => ({}),
    [
      {
        url: '/api/items/none?include=foo,all',
        status: 400,
        code: 'invalid_query',
        message: `unknown include token 'foo'; ${unknown}`,
      },
      {
        url: '/api/items/none?include=Highlights',
        status: 400,
        code: 'invalid_query',
        message: `unknown include token 'Highlights'; ${unknown}`,
      },
      { url: '/api/items/none?include=all&include=all', status: 400, code: 'invalid_query' },
      {
        url: '/api/items/none?include=all',
        status: 404,
        code: 'not_found',
        message: 'requested resource was not found',
      },
      { url: '/api/items/00000000-0000-7000-8000-000000000000', status: 404, code: 'not_found' },
      { url: '/api/items/%00%F0%9F%93%9A', status: 404, code: 'not_found' },
      {
        title: 'finds no item under a very long id',
        url: `/api/items/${'a'.repeat(5000)}`,
        status: 404,
        code: 'not_found',
      },
      { url: '/api/items/%', status: 400, code: 'invalid_query' },
      { url: '/api/items/', status: 404, code: 'not_found' },
    ],
  );

  it('does not find an id written in capitals', async () => {
    expect((await server.koshelf(`/items/${betaId.toUpperCase()}`)).status).toBe(404);
  });
});

type PageActivity = {
  total_pages: number;
  pages: { page: number; total_duration: number; read_count: number }[];
  annotations: { page: number; kind: string }[];
};
const pages = (completion: string): Promise<PageActivity> =>
  server.data(`/items/${betaId}/page-activity${completion}`);
const twenty = (total_duration: number, read_count: number) =>
  Array.from({ length: 20 }, (_, index) => ({ page: index + 1, total_duration, read_count }));

describe('GET /api/items/{id}/page-activity', () => {
  it('adds up every page over the whole history, and tells where the marks are', async () => {
    const all = await pages('');
    expect(all).toEqual({
      total_pages: 20,
      pages: twenty(120, 2),
      annotations: [
        { page: 3, kind: 'note' },
        { page: 5, kind: 'bookmark' },
        { page: 9, kind: 'highlight' },
      ],
    });
    expect(await pages('?completion=all')).toEqual(all);
  });

  it.each([0, 1])('tells of reading number %i alone', async (completion) => {
    expect((await pages(`?completion=${completion}`)).pages).toEqual(twenty(60, 1));
  });

  it('tells of no pages for a reading that is not there', async () => {
    expect((await pages('?completion=2')).pages).toEqual([]);
  });

  const wrong = "completion must be 'all' or a non-negative integer index";
  testScenarios(
    () => server,
    () => ({}),
    [
      ...['', '-1', '1.5', 'ALL', '0x1', '%200', '99999999999999999999'].map((value) => ({
        url: `/api/items/none/page-activity?completion=${value}`,
        status: 400,
        code: 'invalid_query',
        message: wrong,
      })),
      { url: '/api/items/none/page-activity?completion=1&completion=1', status: 400, code: 'invalid_query' },
      { url: '/api/items/none/page-activity', status: 404, code: 'not_found' },
    ],
  );

  it('answers 404 for an item without reading', async () => {
    const answer = await server.koshelf(`/items/${plainId}/page-activity`);
    expect([answer.status, answer.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: 'requested resource was not found' } },
    ]);
  });
});
