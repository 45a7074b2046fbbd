import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { at } from '../../support/clock.ts';
import { koreaderChecksum, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type List = {
  books: Book[];
  pagination: Record<'page' | 'limit' | 'total' | 'total_pages', number> & {
    has_next: boolean;
    has_prev: boolean;
  };
};

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
const epub = makeEpub({
  title: 'From a file',
  authors: ['Ann', 'Bob'],
  series: { name: 'Sea', index: '2.5' },
});
let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ clock, files: { 'file.epub': epub } });
  token = await server.claim();
});
afterAll(() => server.close());

let people = 0;
/** The token of somebody without books. */
const newPerson = (): Promise<string> => server.signUp(`person${++people}@example.org`);
const create = (body: object, as = token): Promise<Answer> => server.papyrus('POST', '/books', body, as);
const created = async (body: object = {}, as = token): Promise<Book> => {
  const answer = await create({ title: 'T', author: 'A', ...body }, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Book;
};
const get = async (id: string): Promise<Book> =>
  (await server.papyrus('GET', `/books/${id}`, undefined, token)).json() as Book;
const patch = (id: string, body: object): Promise<Answer> =>
  server.papyrus('PATCH', `/books/${id}`, body, token);
const list = async (query: string, as = token): Promise<List> => {
  const answer = await server.papyrus('GET', `/books${query}`, undefined, as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as List;
};
const titles = async (query: string, as?: string): Promise<string[]> =>
  (await list(query, as)).books.map(({ title }) => title);
const fieldsOf = (answer: Answer): string[] => {
  expect([answer.status, (answer.json() as Refusal).error.code]).toEqual([400, 'VALIDATION_ERROR']);
  return Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {});
};

/** Every key of the contract, as it is for a book of which nothing is known but title and author. */
const bare = {
  book_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  title: 'T',
  subtitle: null,
  author: 'A',
  co_authors: [],
  isbn: null,
  isbn13: null,
  publication_date: null,
  publisher: null,
  language: 'en',
  page_count: null,
  description: null,
  cover_image_url: null,
  series_id: null,
  series_name: null,
  series_number: null,
  file_path: null,
  file_format: null,
  file_size: null,
  file_hash: null,
  storage_backend_id: null,
  is_physical: false,
  physical_location: null,
  lent_to: null,
  lent_at: null,
  is_favorite: false,
  rating: null,
  reading_status: 'not_started',
  current_page: null,
  current_position: null,
  current_cfi: null,
  started_at: null,
  completed_at: null,
  added_at: NOW,
  last_read_at: null,
  custom_metadata: {},
  is_ocr_processed: false,
  ocr_confidence: null,
  updated_at: NOW,
  shelves: [],
  tags: [],
};

describe('POST /books', () => {
  it('adds a book of title and author, with every key of the contract', async () => {
    const book = await created();
    expect(book).toEqual(bare);
    expect(await get(book.book_id)).toEqual(book);
  });

  it('keeps everything that is said of it', async () => {
    const facts = {
      title: 'Paper',
      subtitle: 'A history',
      author: 'Ann',
      co_authors: ['Bob', 'Cid'],
      publication_date: '1999-12-31',
      publisher: 'House',
      language: 'de',
      page_count: 321,
      description: '<p>Fine</p>',
      cover_image_url: 'https://example.org/c.jpg',
      series_number: 2.5,
      is_physical: true,
      physical_location: 'Attic',
      custom_metadata: { shelf: { row: 3 }, tags: ['x', null] },
    };
    const book = await created({ ...facts, isbn: 'ISBN 0-306-40615-2', isbn13: '978-0-306-40615-7' });
    expect(book).toEqual({
      ...bare,
      ...facts,
      isbn: '0306406152',
      isbn13: '9780306406157',
      // A number alone, without a series, is kept as it was given.
      series_number: 2.5,
    });
  });

  it('takes null for everything that may be missing', async () => {
    const nothing = Object.fromEntries(
      [
        'subtitle co_authors isbn isbn13 publication_date publisher language page_count description cover_image_url',
        'series_id series_number is_physical physical_location custom_metadata shelf_ids tag_ids',
      ]
        .join(' ')
        .split(' ')
        .map((key) => [key, null]),
    );
    expect(await created(nothing)).toEqual(bare);
  });

  it('takes an ISBN as it is printed, even with a wrong check digit', async () => {
    expect((await created({ isbn: '1234567890' })).isbn).toBe('1234567890');
  });

  it('keeps no script in a description', async () => {
    const { description } = await created({
      description: '<p onclick="x()">Text<script>alert(1)</script> <a href="javascript:x()">link</a></p>',
    });
    expect(description).not.toMatch(/script|onclick/);
    expect(description).toContain('Text');
  });

  it('ignores keys it does not know and those a client cannot set', async () => {
    expect(await created({ book_id: 'x', owner_id: 'y', rating: 9, added_at: 'then', unknown: {} })).toEqual(
      bare,
    );
  });
});

const wrong: [field: string, value: unknown][] = [
  ['title', ''],
  ['title', '   '],
  ['title', null],
  ['title', 7],
  ['title', 'x'.repeat(501)],
  ['title', 'a\0b'],
  ['title', '\ud800'],
  ['author', ''],
  ['author', null],
  ['author', 'x'.repeat(256)],
  ['subtitle', 'x'.repeat(501)],
  ['co_authors', 'Ann'],
  ['co_authors.1', ['Ann', '']],
  ['co_authors', Array.from({ length: 101 }, () => 'A')],
  ['isbn', '1'.repeat(33)],
  ['isbn13', 9780306406157],
  ['publication_date', '1999'],
  ['publication_date', '1999-02-30'],
  ['publication_date', '31.12.1999'],
  ['publisher', 'x'.repeat(256)],
  ['language', 'x'.repeat(17)],
  ['page_count', -1],
  ['page_count', 1.5],
  ['page_count', '300'],
  ['description', 'x'.repeat(100_001)],
  ['cover_image_url', 'ftp://example.org/c.jpg'],
  ['cover_image_url', 'javascript:alert(1)'],
  ['cover_image_url', 'nowhere'],
  ['series_id', 'Sea'],
  ['series_id', '00000000-0000-7000-8000-000000000000'],
  ['series_number', -1_000_001],
  ['series_number', 'two'],
  ['is_physical', 'yes'],
  ['physical_location', 'x'.repeat(256)],
  ['custom_metadata', 'text'],
  ['custom_metadata', [1]],
  ['custom_metadata', { big: 'x'.repeat(70_000) }],
];

describe('a book with something wrong in it', () => {
  const brief = (value: unknown) => JSON.stringify(value).slice(0, 40);
  const named = (rows: [string, unknown][]) =>
    rows.map(([field, value]) => ({ field, value, shown: brief(value) }));

  it.each(named(wrong))('is not added: $field $shown', async ({ field, value }) => {
    const [key = ''] = field.split('.');
    const before = (await list('?limit=1')).pagination.total;
    expect(fieldsOf(await create({ title: 'T', author: 'A', [key]: value }))).toEqual([field]);
    expect((await list('?limit=1')).pagination.total).toBe(before);
  });

  const more: [string, unknown][] = [
    ['is_physical', null],
    ['lent_to', 'x'.repeat(256)],
    ['lent_at', '2026-03-14'],
    ['is_favorite', null],
    ['is_favorite', 1],
    ['rating', 0],
    ['rating', 6],
    ['rating', 3.5],
    ['rating', '4'],
    ['reading_status', 'reading'],
    ['reading_status', null],
    ['custom_metadata', null],
  ];
  it.each(named([...wrong, ...more]))('is not changed: $field $shown', async ({ field, value }) => {
    const [key = ''] = field.split('.');
    const book = await created();
    expect(fieldsOf(await patch(book.book_id, { subtitle: 'New', [key]: value }))).toEqual([field]);
    expect(await get(book.book_id)).toEqual(book);
  });

  it('names every field that is wrong, and some of them in its sentence', async () => {
    const answer = await create({ title: '', author: 5, page_count: -1, language: 9 });
    expect(fieldsOf(answer).sort()).toEqual(['author', 'language', 'page_count', 'title']);
    expect((answer.json() as Refusal).error.message).toMatch(/^The request is not valid\. .*title/);
  });

  it('is refused without title and author', async () => {
    expect(fieldsOf(await create({})).sort()).toEqual(['author', 'title']);
  });

  it('is refused with shelves and tags that do not exist', async () => {
    const id = '00000000-0000-7000-8000-000000000000';
    const answer = await create({ title: 'T', author: 'A', shelf_ids: [id], tag_ids: [id] });
    expect(fieldsOf(answer)).toEqual(['shelf_ids', 'tag_ids']);
  });
});

describe('PATCH /books/{book_id}', () => {
  it('changes the keys that are there and leaves the others', async () => {
    const book = await created({ subtitle: 'Old', co_authors: ['B', 'C'], page_count: 10 });
    clock.forward({ minutes: 1 });
    const answer = await patch(book.book_id, { title: 'New', rating: 4, is_favorite: true });
    expect(answer.status).toBe(200);
    const changed = {
      ...book,
      title: 'New',
      rating: 4,
      is_favorite: true,
      updated_at: clock.now().toISOString(),
    };
    expect(answer.json()).toEqual(changed);
    expect(await get(book.book_id)).toEqual(changed);
    expect((await patch(book.book_id, {})).json()).toMatchObject({
      title: 'New',
      subtitle: 'Old',
      page_count: 10,
    });
  });

  const clearable = {
    subtitle: 'S',
    isbn: '0306406152',
    isbn13: '9780306406157',
    publication_date: '1999-12-31',
    publisher: 'P',
    language: 'de',
    page_count: 10,
    description: 'D',
    cover_image_url: 'https://example.org/c.jpg',
    series_number: 3,
    physical_location: 'Attic',
    rating: 5,
    lent_to: 'Eve',
  };
  it.each(Object.entries(clearable))('clears %s with null and nothing else', async (key, value) => {
    const { book_id: id } = await created();
    const full = (await patch(id, clearable)).json() as Book;
    expect(full).toMatchObject({ [key]: value });
    const cleared = (await patch(id, { [key]: null })).json() as Book;
    expect(cleared).toEqual({ ...full, [key]: null, ...(key === 'lent_to' ? { lent_at: null } : {}) });
  });

  it('changes the author and the co-authors each without the other', async () => {
    const { book_id: id } = await created({ co_authors: ['B', 'C'] });
    expect((await patch(id, { author: 'Z' })).json()).toMatchObject({ author: 'Z', co_authors: ['B', 'C'] });
    expect((await patch(id, { co_authors: ['D'] })).json()).toMatchObject({ author: 'Z', co_authors: ['D'] });
    expect((await patch(id, { co_authors: null })).json()).toMatchObject({ author: 'Z', co_authors: [] });
  });

  it('notes when a book is lent and forgets it when it is back', async () => {
    const { book_id: id } = await created({ is_physical: true });
    clock.forward({ minutes: 1 });
    const lent = clock.now().toISOString();
    expect((await patch(id, { lent_to: 'Eve' })).json()).toMatchObject({ lent_to: 'Eve', lent_at: lent });
    clock.forward({ minutes: 1 });
    expect((await patch(id, { lent_to: 'Eve' })).json()).toMatchObject({ lent_at: lent });
    const back = { lent_to: null };
    expect((await patch(id, back)).json()).toMatchObject({ lent_to: null, lent_at: null });
    const told = { lent_to: 'Eve', lent_at: '2026-01-02T03:04:05+02:00' };
    expect((await patch(id, told)).json()).toMatchObject({ lent_at: '2026-01-02T01:04:05.000Z' });
  });

  it('keeps the times of reading in step with its status', async () => {
    const { book_id: id } = await created();
    const to = async (reading_status: string): Promise<Partial<Book>> => {
      clock.forward({ minutes: 1 });
      const { started_at, completed_at, ...book } = (await patch(id, { reading_status })).json() as Book;
      expect(book.reading_status).toBe(reading_status);
      return { started_at, completed_at };
    };
    const started = await to('in_progress');
    const start = clock.now().toISOString();
    expect(started).toEqual({ started_at: start, completed_at: null });
    expect(await to('paused')).toEqual(started);
    expect(await to('completed')).toEqual({ started_at: start, completed_at: clock.now().toISOString() });
    const end = clock.now().toISOString();
    expect(await to('completed')).toEqual({ started_at: start, completed_at: end });
    expect(await to('in_progress')).toEqual({ started_at: start, completed_at: null });
    expect(await to('abandoned')).toEqual({ started_at: start, completed_at: null });
    expect(await to('not_started')).toEqual({ started_at: null, completed_at: null });
  });
});

describe('DELETE /books/{book_id}', () => {
  it('removes the book once and for all', async () => {
    const { book_id: id } = await created();
    const remove = () => server.papyrus('DELETE', `/books/${id}`, undefined, token);
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
    expect((await server.papyrus('GET', `/books/${id}`, undefined, token)).status).toBe(404);
    expect((await patch(id, { title: 'Again' })).status).toBe(404);
  });

  it('wants true or false for delete_file', async () => {
    const { book_id: id } = await created();
    const remove = (query: string) => server.papyrus('DELETE', `/books/${id}?${query}`, undefined, token);
    expect(fieldsOf(await remove('delete_file=1'))).toEqual(['delete_file']);
    expect((await remove('delete_file=true')).status).toBe(204);
  });
});

describe('a book with a file', () => {
  it('tells of its file and series, and where its cover is', async () => {
    const [book] = (await list('?search=from+a+file')).books;
    expect(book).toMatchObject({
      title: 'From a file',
      author: 'Ann',
      co_authors: ['Bob'],
      series_name: 'Sea',
      series_number: 2.5,
      file_path: expect.stringMatching(/^books\/[0-9a-f-]{36}\/file\.epub$/),
      file_format: 'epub',
      file_size: epub.length,
      file_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      is_physical: false,
    });
    expect(book!.series_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(koreaderChecksum(epub)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shows the new name of a file that was renamed, also to those who asked before', async () => {
    const name = async () => (await list('?search=from+a+file')).books[0]!.file_path?.split('/').at(-1);
    expect(await name()).toBe('file.epub');
    server.rename('file.epub', 'renamed.epub');
    await server.rescan();
    expect(await name()).toBe('renamed.epub');
  });
});

/** Six books that every sort puts in another order; the fifth and the sixth are alike but for their title. */
const six = [
  { title: 'Émile', author: 'brown', page_count: 300, publication_date: '1850-01-01', series_number: 10 },
  { title: 'apple', author: 'Ärmel', page_count: 100, publication_date: '1990-01-01', series_number: 2 },
  { title: 'Zebra', author: 'Adams', page_count: 200, publication_date: '1700-01-01', series_number: 1 },
  { title: 'ban', author: 'Carter', page_count: 50, publication_date: '2001-01-01', series_number: 2.5 },
  { title: 'Same one', author: 'X' },
  { title: 'same two', author: 'X' },
];
const changes: Record<string, object> = {
  Émile: { rating: 3, reading_status: 'completed', is_favorite: true },
  apple: { rating: 5, reading_status: 'in_progress' },
  Zebra: { rating: 1, reading_status: 'paused' },
  ban: { rating: 2, reading_status: 'abandoned' },
};

describe('GET /books', () => {
  let reader: string;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    reader = await newPerson();
    for (const book of six) {
      clock.forward({ minutes: 1 });
      const { book_id, title } = await created(book, reader);
      ids[title] = book_id;
    }
    for (const [title, change] of Object.entries(changes)) {
      clock.forward({ minutes: 1 });
      await server.papyrus('PATCH', `/books/${ids[title]}`, change, reader);
    }
  });
  const same = () => ['Same one', 'same two'].sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));

  const orders: Record<string, string[]> = {
    title: ['apple', 'ban', 'Émile', 'Same one', 'same two', 'Zebra'],
    author: ['Zebra', 'apple', 'Émile', 'ban', '='],
    added_at: ['Émile', 'apple', 'Zebra', 'ban', 'Same one', 'same two'],
    updated_at: ['Same one', 'same two', 'Émile', 'apple', 'Zebra', 'ban'],
    publication_date: ['Zebra', 'Émile', 'apple', 'ban', '='],
    rating: ['Zebra', 'ban', 'Émile', 'apple', '='],
    page_count: ['ban', 'apple', 'Zebra', 'Émile', '='],
    series_number: ['Zebra', 'apple', 'ban', 'Émile', '='],
    started_at: ['apple', '?'],
    completed_at: ['Émile', '?'],
    reading_status: ['ban', 'Émile', 'apple', '=', 'Zebra'],
    'reading_status,-title': ['ban', 'Émile', 'apple', 'same two', 'Same one', 'Zebra'],
    'author,-title': ['Zebra', 'apple', 'Émile', 'ban', 'same two', 'Same one'],
    '-is_favorite,title': ['Émile', 'apple', 'ban', 'Same one', 'same two', 'Zebra'],
    last_read_at: ['?'],
    current_position: ['?'],
    progress: ['?'],
    file_size: ['?'],
  };
  /** "=" stands for the two that are alike, "?" for all the others; both in the order of their ids, up or down. */
  const spelled = (order: string[], { downwards = false } = {}): string[] => {
    const directed = (titles: string[]) => (downwards ? titles.toReversed() : titles);
    const rest = Object.keys(ids)
      .filter((title) => !order.includes(title))
      .sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
    return order.flatMap((title) =>
      title === '=' ? directed(same()) : title === '?' ? directed(rest) : [title],
    );
  };

  it.each(Object.entries(orders))('sorts by %s', async (sort, order) => {
    expect(await titles(`?sort=${sort}`, reader)).toEqual(spelled(order));
  });

  it.each(Object.entries(orders).filter(([sort]) => !/[,-]/.test(sort)))(
    'sorts by -%s the other way round, but unknown values last',
    async (sort, order) => {
      const known = order.filter((title) => title !== '=' && title !== '?').reverse();
      // Every book has a status; of other fields the two that are alike have none.
      const expected =
        sort === 'reading_status'
          ? ['Zebra', '=', ...known.slice(1)]
          : sort === 'author'
            ? ['=', ...known]
            : [...known, ...order.filter((title) => title === '=' || title === '?')];
      expect(await titles(`?sort=-${sort}`, reader)).toEqual(spelled(expected, { downwards: true }));
    },
  );

  it('lists the newest first when no order is asked for', async () => {
    expect(await titles('', reader)).toEqual(orders['added_at']!.toReversed());
  });

  it.each(['size', '-', '', 'title,,rating', 'title;rating', 'constructor', '__proto__', 'TITLE'])(
    'refuses the order "%s"',
    async (sort) => {
      const answer = await server.papyrus(
        'GET',
        `/books?sort=${encodeURIComponent(sort)}`,
        undefined,
        reader,
      );
      expect(fieldsOf(answer)).toEqual(['sort']);
    },
  );

  it.each([
    ['reading status', 'status=completed', ['Émile']],
    ['being a favourite', 'is_favorite=true', ['Émile']],
    ['being none', 'is_favorite=false&sort=title', ['apple', 'ban', 'Same one', 'same two', 'Zebra']],
    ['being on paper', 'is_physical=true', []],
    ['a series nobody knows', 'series_id=00000000-0000-7000-8000-000000000000', []],
    ['two of them', 'status=completed&is_favorite=false', []],
    ['a word of the title, without case and accents', 'search=EMILE', ['Émile']],
    ['a part of the author', 'search=arme', ['apple']],
    ['all words, wherever they are', 'search=two+x+same', ['same two']],
    ['words that are not all there', 'search=two+one', []],
    ['characters that mean something to SQL', `search=${encodeURIComponent('%_\'"')}`, []],
    ['an empty search', 'search=+&sort=title&limit=1', ['apple']],
  ])('filters by %s', async (_, query, expected) => {
    expect(await titles(`?${query}`, reader)).toEqual(expected);
  });

  it('filters by a series and by what is on paper', async () => {
    const { series_id } = (await list('?search=from+a+file')).books[0]!;
    expect(await titles(`?series_id=${series_id}`)).toEqual(['From a file']);
    expect(await titles('?is_physical=true&search=attic')).toEqual([]);
    expect(await titles('?search=history')).toEqual(['Paper']);
    expect(await titles('?search=sea')).toContain('From a file');
    expect(await titles('?search=9780306406157')).toContain('Paper');
    expect(await titles('?search=fine')).toContain('Paper');
  });

  it.each([
    [
      '?limit=4&sort=title',
      4,
      { page: 1, limit: 4, total: 6, total_pages: 2, has_next: true, has_prev: false },
    ],
    [
      '?limit=4&page=2&sort=title',
      2,
      { page: 2, limit: 4, total: 6, total_pages: 2, has_next: false, has_prev: true },
    ],
    ['?limit=3&page=2', 3, { page: 2, limit: 3, total: 6, total_pages: 2, has_next: false, has_prev: true }],
    ['?page=9', 0, { page: 9, limit: 20, total: 6, total_pages: 1, has_next: false, has_prev: true }],
    ['?limit=100', 6, { page: 1, limit: 100, total: 6, total_pages: 1, has_next: false, has_prev: false }],
    [
      '?status=completed',
      1,
      { page: 1, limit: 20, total: 1, total_pages: 1, has_next: false, has_prev: false },
    ],
  ])('cuts the list into pages: %s', async (query, count, pagination) => {
    const page = await list(query, reader);
    expect(page.books).toHaveLength(count);
    expect(page.pagination).toEqual(pagination);
  });

  it('shows every book once over all pages', async () => {
    const pages = await Promise.all(
      [1, 2, 3].map((page) => titles(`?sort=rating&limit=2&page=${page}`, reader)),
    );
    expect(pages.flat()).toEqual(spelled(orders['rating']!));
  });

  it.each([
    ['page', '0'],
    ['page', '-1'],
    ['page', '1.5'],
    ['page', 'one'],
    ['page', ''],
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1e1'],
    ['limit', '%20'],
    ['status', 'reading'],
    ['series_id', 'sea'],
    ['is_favorite', '1'],
    ['is_physical', 'TRUE'],
    ['search', 'x'.repeat(501)],
    ['search', '%00'],
  ])('refuses %s=%s', async (field, value) => {
    expect(fieldsOf(await server.papyrus('GET', `/books?${field}=${value}`, undefined, reader))).toEqual([
      field,
    ]);
  });

  it('refuses a name that is there twice', async () => {
    expect(fieldsOf(await server.papyrus('GET', '/books?page=1&page=2', undefined, reader))).toEqual([
      'page',
    ]);
  });

  it('answers 304 to whoever has the list, and never with the list of another person', async () => {
    const ask = (as: string, etag?: string) =>
      server.get('/api/v1/books?sort=title', {
        headers: { authorization: `Bearer ${as}`, ...(etag === undefined ? {} : { 'if-none-match': etag }) },
      });
    const { etag } = (await ask(reader)).headers;
    expect((await ask(reader, etag)).status).toBe(304);
    expect((await ask(token, etag)).status).toBe(200);
    await server.papyrus('PATCH', `/books/${ids['ban']}`, { rating: 4 }, reader);
    expect((await ask(reader, etag)).status).toBe(200);
  });
});

describe('the query of a list', () => {
  it('is the query language, together with every other filter', async () => {
    const as = await newPerson();
    await created(
      { title: 'Dune', author: 'Frank Herbert', publication_date: '1965-08-01', page_count: 412 },
      as,
    );
    await created({ title: 'Emma', author: 'Jane Austen', is_physical: true }, as);
    await created({ title: 'Dune Messiah', author: 'Frank Herbert', custom_metadata: { mood: 'grim' } }, as);
    const ask = (query: string) => titles(`?sort=title&query=${encodeURIComponent(query)}`, as);
    expect(await ask('author:herbert pages:>400')).toEqual(['Dune']);
    expect(await ask('(dune OR emma) -meta.mood:grim')).toEqual(['Dune', 'Emma']);
    expect(await ask('year:none')).toEqual(['Dune Messiah', 'Emma']);
    expect(await ask('')).toHaveLength(3);
    expect(await titles('?query=is:physical&search=jane&is_physical=true', as)).toEqual(['Emma']);
    const { pagination } = await list('?query=dune&limit=1', as);
    expect([pagination.total, pagination.total_pages]).toEqual([2, 2]);
  });

  it('is refused with its place when it cannot be read', async () => {
    const answer = await server.papyrus('GET', '/books?query=rating%3A5%20colour%3Ared', undefined, token);
    expect(answer.status).toBe(400);
    const { error } = answer.json() as Refusal;
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.details).toEqual({ position: 9 });
    expect(error.message).toContain('there is no field "colour"');
    const long = await server.papyrus('GET', `/books?query=${'a'.repeat(1001)}`, undefined, token);
    expect(fieldsOf(long)).toEqual(['query']);
  });

  it('counts ages from the moment it is asked, whatever was answered before', async () => {
    await server.signUp('aging@example.org');
    const signIn = async () => {
      const credentials = { email: 'aging@example.org', password: OWNER.password };
      return ((await server.papyrus('POST', '/auth/login', credentials)).json() as { access_token: string })
        .access_token;
    };
    await created({ title: 'Fresh' }, await signIn());
    clock.forward({ hours: 23, minutes: 50 });
    const as = await signIn();
    expect(await titles('?query=added:<1d', as)).toEqual(['Fresh']);
    clock.forward({ minutes: 20 });
    expect(await titles('?query=added:<1d', as)).toEqual([]);
    clock.forward({ hours: -24, minutes: -10 });
  });

  it('finds a new book, and a changed one by its new words', async () => {
    const as = await newPerson();
    const { book_id: id } = await created({ title: 'Erewhon' }, as);
    expect(await titles('?query=rewho', as)).toEqual(['Erewhon']);
    await server.papyrus('PATCH', `/books/${id}`, { title: 'Utopia' }, as);
    expect(await titles('?query=rewho', as)).toEqual([]);
    expect(await titles('?search=topi', as)).toEqual(['Utopia']);
  });
});
