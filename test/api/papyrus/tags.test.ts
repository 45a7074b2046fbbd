import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Series } from '../../../server/api/papyrus/shelves/series-schemas.ts';
import type { Tag } from '../../../server/api/papyrus/shelves/tag-schemas.ts';
import { at } from '../../support/clock.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const NOWHERE = '00000000-0000-7000-8000-000000000000';
const clock = at(NOW);
const volume = (title: string, index: string, ...more: string[]) =>
  makeEpub({ title, authors: ['Ann', ...more], series: { name: 'Sea', index } });
let server: TestServer;
let token: string;
let other: string;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'one.epub': volume('One', '1'), 'two.epub': volume('Two', '2') },
  });
  token = await server.claim();
  other = await server.signUp('other@example.org');
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const ok = async <Data>(method: string, path: string, body?: unknown, as = token): Promise<Data> => {
  const answer = await ask(method, path, body, as);
  expect([answer.status < 300, answer.status < 300 ? '' : answer.text]).toEqual([true, '']);
  return (answer.text === '' ? undefined : answer.json()) as Data;
};
const refusal = async (method: string, path: string, body?: unknown, as = token) => {
  const answer = await ask(method, path, body, as);
  const { code, details } = (answer.json() as Refusal).error;
  return [answer.status, code, ...Object.keys((details?.['fields'] as object | undefined) ?? {})];
};
let count = 0;
const newBook = (more: object = {}, as = token): Promise<Book> =>
  ok<Book>('POST', '/books', { title: `Book ${++count}`, author: 'A', ...more }, as);
const newTag = (body: object = {}, as = token): Promise<Tag> =>
  ok<Tag>('POST', '/tags', { name: `Tag ${++count}`, color: '#FF9800', ...body }, as);
const newSeries = (body: object = {}, as = token): Promise<Series> =>
  ok<Series>('POST', '/series', { name: `Series ${++count}`, ...body }, as);
const titles = (books: { title: string }[]) => books.map(({ title }) => title);

/** Asks as somebody else for a thing that is there and for one that is not: the answers must not differ. */
const looksMissing = async (
  paths: [method: string, path: (id: string) => string, body?: object][],
  id: string,
) => {
  for (const [method, path, body] of paths) {
    const [foreign, missing] = await Promise.all(
      [id, NOWHERE].map((each) => ask(method, path(each), body, other)),
    );
    expect([method, path(''), foreign!.status]).toEqual([method, path(''), 404]);
    expect(foreign!.text.replaceAll(id, NOWHERE)).toBe(missing!.text);
  }
};

describe('a tag', () => {
  it('has every key of the contract, and null clears its description', async () => {
    const tag = await newTag({ name: 'Fiction', color: '#aaBB00', description: 'D' });
    expect(tag).toEqual({
      tag_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Fiction',
      color: '#aaBB00',
      description: 'D',
      usage_count: 0,
      created_at: NOW,
    });
    const path = `/tags/${tag.tag_id}`;
    expect(await ok('GET', path)).toEqual(tag);
    expect(await ok('PATCH', path, { description: null })).toEqual({ ...tag, description: null });
    expect(await ok('PATCH', path, { name: 'FICTION' })).toMatchObject({ name: 'FICTION', color: '#aaBB00' });
    await ok('DELETE', path);
    expect((await ask('GET', path)).status).toBe(404);
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(51)],
    ['name', null],
    ['color', 'red'],
    ['color', null],
    ['color', '#1234567'],
    ['description', 5],
  ])('is refused with %s = %j', async (field, value) => {
    const wrong = [400, 'VALIDATION_ERROR', field];
    expect(await refusal('POST', '/tags', { name: 'N', color: '#000000', [field]: value })).toEqual(wrong);
    expect(await refusal('PATCH', `/tags/${(await newTag()).tag_id}`, { [field]: value })).toEqual(wrong);
  });

  it('needs a name and a colour', async () => {
    const [status, code, ...fields] = await refusal('POST', '/tags', {});
    expect([status, code, fields.map(String).sort()]).toEqual([400, 'VALIDATION_ERROR', ['color', 'name']]);
  });

  it('has a name of its own, whatever the case of its letters', async () => {
    await newTag({ name: 'Überall' });
    expect(await refusal('POST', '/tags', { name: 'überall', color: '#000000' })).toEqual([409, 'CONFLICT']);
    const { tag_id } = await newTag();
    expect(await refusal('PATCH', `/tags/${tag_id}`, { name: 'ÜBERALL' })).toEqual([409, 'CONFLICT']);
    expect((await newTag({ name: 'überall' }, other)).name).toBe('überall');
  });

  it('of somebody else is as one that is not there', async () => {
    const { tag_id } = await newTag();
    const path = (id: string) => `/tags/${id}`;
    await looksMissing(
      [
        ['GET', path],
        ['PATCH', path, { name: 'Mine' }],
        ['DELETE', path],
        ['GET', (id) => `/tags/${id}/books`],
      ],
      tag_id,
    );
    expect(await ok('GET', `/tags/${tag_id}`)).toMatchObject({ tag_id });
  });
});

describe('the tags of a book', () => {
  it('are shown with it by name, listed and counted', async () => {
    const person = await server.signUp('tags@example.org');
    const [b, a] = [await newTag({ name: 'b' }, person), await newTag({ name: 'A' }, person)];
    const first = await newBook({ title: 'A', tag_ids: [b.tag_id, a.tag_id, a.tag_id] }, person);
    expect(first.tags).toEqual([a, b].map((tag) => ({ ...tag, usage_count: null })));
    await newBook({ title: 'B', tag_ids: [a.tag_id] }, person);
    const list = (query: string) => ok<{ tags: Tag[] }>('GET', `/tags${query}`, undefined, person);
    expect((await list('')).tags).toEqual(first.tags);
    expect((await list('?include_counts=true')).tags.map(({ name, usage_count }) => [name, usage_count])).toEqual([['A', 2], ['b', 1]]); // prettier-ignore
    expect(await ok('GET', `/tags/${a.tag_id}`, undefined, person)).toMatchObject({ usage_count: 2 });
    type List = { books: Book[]; pagination: { total: number } };
    const page = await ok<List>('GET', `/tags/${a.tag_id}/books?limit=1&sort=title`, undefined, person);
    expect([titles(page.books), page.pagination.total]).toEqual([[first.title], 2]);
    const filtered = await ok<List>('GET', `/books?tag_id=${b.tag_id}`, undefined, person);
    expect(filtered.books).toEqual([first]);
    expect((await ok<List>('GET', `/books?tag_id=${NOWHERE}`, undefined, person)).books).toEqual([]);
    await ok('DELETE', `/tags/${a.tag_id}`, undefined, person);
    expect((await ok<Book>('GET', `/books/${first.book_id}`, undefined, person)).tags).toMatchObject([{ name: 'b' }]); // prettier-ignore
  });

  it('are set as a whole, ten at most and all the same person’s', async () => {
    const { book_id } = await newBook();
    const tags = await Promise.all(Array.from({ length: 11 }, () => newTag()));
    const ids = tags.map(({ tag_id }) => tag_id);
    const path = `/books/${book_id}/tags`;
    const set = await ok<{ tags: Tag[] }>('PUT', path, { tag_ids: ids.slice(1) });
    expect(set.tags).toHaveLength(10);
    expect(await ok('GET', path)).toEqual(set);
    const theirs = await newTag({}, other);
    const wrong = [400, 'VALIDATION_ERROR', 'tag_ids'];
    for (const tag_ids of [ids, [theirs.tag_id], [NOWHERE], ['tag']]) {
      expect((await refusal('PUT', path, { tag_ids })).slice(0, 2)).toEqual(wrong.slice(0, 2));
      expect((await refusal('POST', '/books', { title: 'T', author: 'A', tag_ids })).slice(0, 2)).toEqual(wrong.slice(0, 2)); // prettier-ignore
    }
    expect(await refusal('PUT', path, {})).toEqual(wrong);
    expect(await ok('GET', path)).toEqual(set);
    expect(await ok('PUT', path, { tag_ids: [] })).toEqual({ tags: [] });
    await looksMissing(
      [
        ['GET', (id) => `/books/${id}/tags`],
        ['PUT', (id) => `/books/${id}/tags`, { tag_ids: [] }],
      ],
      book_id,
    );
  });
});

describe('a series', () => {
  it('has every key of the contract, and null clears what may be missing', async () => {
    const full = { description: 'D', author: 'Ann', total_books: 7, is_complete: true };
    const series = await newSeries({ name: 'Full', ...full });
    const shown = { series_id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'Full', ...full, book_count: 0, created_at: NOW, updated_at: NOW }; // prettier-ignore
    expect(series).toEqual(shown);
    const path = `/series/${series.series_id}`;
    expect(await ok('GET', path)).toEqual({ ...series, books: [] });
    const cleared = { description: null, author: null, total_books: null };
    expect(await ok('PATCH', path, cleared)).toEqual({ ...series, ...cleared });
    expect(await refusal('PATCH', path, { is_complete: null })).toEqual([400, 'VALIDATION_ERROR', 'is_complete']); // prettier-ignore
    expect(await newSeries({ is_complete: null })).toMatchObject({ is_complete: false, total_books: null });
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(256)],
    ['name', null],
    ['author', 'x'.repeat(256)],
    ['total_books', -1],
    ['total_books', 1.5],
    ['is_complete', 'yes'],
  ])('is refused with %s = %j', async (field, value) => {
    const wrong = [400, 'VALIDATION_ERROR', field];
    expect(await refusal('POST', '/series', { name: 'N', [field]: value })).toEqual(wrong);
    expect(await refusal('PATCH', `/series/${(await newSeries()).series_id}`, { [field]: value })).toEqual(
      wrong,
    );
  });

  it('has a name of its own, whatever the case of its letters', async () => {
    await newSeries({ name: 'Ödland' });
    expect(await refusal('POST', '/series', { name: 'ödland' })).toEqual([409, 'CONFLICT']);
    expect(await refusal('PATCH', `/series/${(await newSeries()).series_id}`, { name: 'ÖDLAND' })).toEqual([409, 'CONFLICT']); // prettier-ignore
    expect((await newSeries({ name: 'ödland' }, other)).name).toBe('ödland');
  });

  it('of somebody else is as one that is not there', async () => {
    const { series_id } = await newSeries();
    const path = (id: string) => `/series/${id}`;
    await looksMissing([['GET', path], ['PATCH', path, { name: 'Mine' }], ['DELETE', path]], series_id); // prettier-ignore
    expect(await refusal('POST', '/books', { title: 'T', author: 'A', series_id }, other)).toEqual([400, 'VALIDATION_ERROR', 'series_id']); // prettier-ignore
  });

  it('shows its books by their number and then by title, those without a number last', async () => {
    const { series_id } = await newSeries();
    const book = (title: string, series_number?: number) => newBook({ title, series_id, series_number });
    await book('ten', 10);
    await book('z');
    const two = await book('two', 2);
    await book('A');
    const { books, book_count } = await ok<{ books: Book[]; book_count: number }>(
      'GET',
      `/series/${series_id}`,
    );
    expect([titles(books), book_count]).toEqual([['two', 'ten', 'A', 'z'], 4]);
    expect(books[0]).toEqual({
      book_id: two.book_id,
      title: 'two',
      author: 'A',
      cover_image_url: null,
      reading_status: 'not_started',
      current_position: null,
      is_favorite: false,
      rating: null,
    });
  });

  it('of scanned books is found by the scan, renamed and removed for good', async () => {
    const list = async (query = '') => (await ok<{ series: Series[] }>('GET', `/series${query}`)).series;
    const sea = (await list('?include_books=true')).find(({ name }) => name === 'Sea');
    expect(sea).toMatchObject({ book_count: 2 });
    expect((await list()).find(({ name }) => name === 'Sea')).toMatchObject({ book_count: null });
    const path = `/series/${sea!.series_id}`;
    const books = async () => (await ok<{ books: Book[] }>('GET', '/books?sort=title&search=ann')).books;
    const shown = async () => (await books()).map(({ series_name, series_number }) => [series_name, series_number]); // prettier-ignore

    await ok('PATCH', path, { name: 'Ocean' });
    expect(await shown()).toEqual([['Ocean', 1], ['Ocean', 2]]); // prettier-ignore
    expect((await ok<{ books: Book[] }>('GET', '/books?search=ocean')).books).toHaveLength(2);
    server.put({ 'one.epub': volume('One', '1', 'Bob') });
    await server.rescan();
    expect(await shown()).toEqual([['Ocean', 1], ['Ocean', 2]]); // prettier-ignore

    await ok('DELETE', path);
    expect(await shown()).toEqual([[null, null], [null, null]]); // prettier-ignore
    server.put({ 'two.epub': volume('Two', '2', 'Cid') });
    await server.rescan();
    expect((await books()).map(({ co_authors }) => co_authors)).toEqual([['Bob'], ['Cid']]);
    expect(await shown()).toEqual([[null, null], [null, null]]); // prettier-ignore
  });
});
