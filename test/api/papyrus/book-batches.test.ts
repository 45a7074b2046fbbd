import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import { at } from '../../support/clock.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const NOWHERE = '00000000-0000-7000-8000-000000000000';
let server: TestServer;
let token: string;
let other: string;
beforeAll(async () => {
  server = await startTestServer({ clock: at(NOW) });
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
const refusal = async (method: string, body: unknown) => {
  const answer = await ask(method, '/books/batch', body);
  const { code, details } = (answer.json() as Refusal).error;
  return [answer.status, code, ...Object.keys((details?.['fields'] as object | undefined) ?? {})];
};
let count = 0;
const newBook = async (as = token): Promise<string> =>
  (await ok<Book>('POST', '/books', { title: `Book ${++count}`, author: 'A' }, as)).book_id;
const get = (id: string) => ok<Book>('GET', `/books/${id}`);
const newTag = async (as = token): Promise<string> =>
  (await ok<{ tag_id: string }>('POST', '/tags', { name: `Tag ${++count}`, color: '#000000' }, as)).tag_id;
const newShelf = async (body: object = {}, as = token): Promise<string> =>
  (await ok<{ shelf_id: string }>('POST', '/shelves', { name: `Shelf ${++count}`, ...body }, as)).shelf_id;
const missing = (id: string) => ({
  book_id: id,
  error: { error: { code: 'NOT_FOUND', message: 'There is no such book.', details: { book_id: id } } },
});
const many = (n: number) => Array.from({ length: n }, () => NOWHERE);
const total = async () =>
  (await ok<{ pagination: { total: number } }>('GET', '/books?limit=1')).pagination.total;

describe('POST /books/batch', () => {
  type Created = { created: Book[]; errors: { index: number; error: Refusal }[] };

  it('adds the books that are right and tells what is wrong with the others', async () => {
    const shelf = await newShelf();
    const books = [
      { title: 'One', author: 'A', shelf_ids: [shelf] },
      { title: '', author: 'A' },
      { title: 'Three', author: 'B', tag_ids: [NOWHERE] },
      'four',
      { title: 'Five', author: 'C' },
    ];
    const answer = await ask('POST', '/books/batch', { books });
    expect(answer.status).toBe(201);
    const { created, errors } = answer.json() as Created;
    expect(created.map(({ title, shelves }) => [title, shelves.length])).toEqual([['One', 1], ['Five', 0]]); // prettier-ignore
    expect(created[0]).toEqual(await get(created[0]!.book_id));
    expect(errors.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(errors.map(({ error }) => error.error.code)).toEqual(Array(3).fill('VALIDATION_ERROR'));
    expect(errors[0]!.error.error.details).toHaveProperty(['fields', 'title']);
    expect(errors[1]!.error.error.details).toHaveProperty(['fields', 'tag_ids']);
  });

  it('refuses a list in which no book is right, and says why for each', async () => {
    const answer = await ask('POST', '/books/batch', { books: [{ title: 'T' }, {}] });
    expect(answer.status).toBe(400);
    const { code, details } = (answer.json() as Refusal).error;
    expect(code).toBe('VALIDATION_ERROR');
    expect((details!['errors'] as { index: number }[]).map(({ index }) => index)).toEqual([0, 1]);
  });

  it('takes 1 to 50 books', async () => {
    const before = await total();
    for (const books of [
      [],
      Array.from({ length: 51 }, () => ({ title: 'T', author: 'A' })),
      'books',
      null,
    ]) {
      expect(await refusal('POST', { books })).toEqual([400, 'VALIDATION_ERROR', 'books']);
    }
    expect(await total()).toBe(before);
    const { created } = await ok<Created>('POST', '/books/batch', { books: Array.from({ length: 50 }, (_, i) => ({ title: `${i}`, author: 'A' })) }); // prettier-ignore
    expect(created.map(({ title }) => title)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  });
});

describe('PATCH /books/batch', () => {
  const change = (body: object) =>
    ok<{ updated_count: number; errors: unknown[] }>('PATCH', '/books/batch', body);

  it('changes status, favourite and rating of every book once, with what a status brings along', async () => {
    const ids = [await newBook(), await newBook()];
    const updates = { reading_status: 'completed', is_favorite: true, rating: 5 };
    expect(await change({ book_ids: [...ids, ids[0]], updates })).toEqual({ updated_count: 2, errors: [] });
    for (const id of ids) expect(await get(id)).toMatchObject({ ...updates, completed_at: NOW });
    await change({ book_ids: ids, updates: { rating: null } });
    expect(await get(ids[1]!)).toMatchObject({ rating: null, is_favorite: true });
  });

  it('adds and removes tags and shelves and leaves the others', async () => {
    const [id, keep, drop, add] = [await newBook(), await newTag(), await newTag(), await newTag()];
    const [old, fresh] = [await newShelf(), await newShelf()];
    await ok('PUT', `/books/${id}/tags`, { tag_ids: [keep, drop] });
    await ok('PUT', `/books/${id}/shelves`, { shelf_ids: [old] });
    const done = await change({ book_ids: [id], add_tag_ids: [add], remove_tag_ids: [drop, NOWHERE], add_shelf_ids: [fresh], remove_shelf_ids: [old, NOWHERE] }); // prettier-ignore
    expect(done).toEqual({ updated_count: 1, errors: [] });
    const book = await get(id);
    expect(book.tags.map(({ tag_id }) => tag_id).sort()).toEqual([keep, add].sort());
    expect(book.shelves.map(({ shelf_id }) => shelf_id)).toEqual([fresh]);
  });

  it('leaves a book alone that would carry more than ten tags', async () => {
    const tags = await Promise.all(Array.from({ length: 11 }, () => newTag()));
    const [full, empty] = [await newBook(), await newBook()];
    await ok('PUT', `/books/${full}/tags`, { tag_ids: tags.slice(0, 10) });
    const done = await change({ book_ids: [full, empty], add_tag_ids: [tags[10]], updates: { rating: 4 } });
    expect(done).toMatchObject({ updated_count: 1, errors: [{ book_id: full }] });
    expect((await get(full)).rating).toBeNull();
    expect(await get(empty)).toMatchObject({ rating: 4, tags: [{ tag_id: tags[10] }] });
    const swapped = { book_ids: [full], add_tag_ids: [tags[10]], remove_tag_ids: [tags[0]] };
    expect(await change(swapped)).toEqual({ updated_count: 1, errors: [] });
  });

  it('names books that are not there, and those of others no differently', async () => {
    const [mine, theirs] = [await newBook(), await newBook(other)];
    const done = await change({ book_ids: [theirs, mine, NOWHERE], updates: { rating: 1 } });
    expect(done).toEqual({ updated_count: 1, errors: [missing(theirs), missing(NOWHERE)] });
    expect((await ok<Book>('GET', `/books/${theirs}`, undefined, other)).rating).toBeNull();
  });

  it('wants tags and shelves that are there and filled by hand', async () => {
    const id = await newBook();
    const smart = await newShelf({ is_smart: true, smart_query: 'is:rated' });
    for (const [field, value] of [
      ['add_tag_ids', NOWHERE],
      ['add_tag_ids', await newTag(other)],
      ['add_shelf_ids', NOWHERE],
      ['add_shelf_ids', await newShelf({}, other)],
      ['add_shelf_ids', smart],
      ['remove_shelf_ids', smart],
    ] as const) {
      const body = { book_ids: [id], updates: { rating: 2 }, [field]: [value] };
      expect(await refusal('PATCH', body)).toEqual([400, 'VALIDATION_ERROR', field]);
    }
    expect((await get(id)).rating).toBeNull();
  });

  it.each([
    ['book_ids', { book_ids: [] }],
    ['book_ids', { book_ids: many(101) }],
    ['book_ids', {}],
    ['updates.rating', { book_ids: [NOWHERE], updates: { rating: 6 } }],
    ['updates.is_favorite', { book_ids: [NOWHERE], updates: { is_favorite: null } }],
    ['updates.reading_status', { book_ids: [NOWHERE], updates: { reading_status: 'reading' } }],
    ['add_tag_ids.0', { book_ids: [NOWHERE], add_tag_ids: ['x'] }],
  ])('refuses a wrong %s', async (field, body) => {
    expect(await refusal('PATCH', body)).toEqual([400, 'VALIDATION_ERROR', field]);
  });
});

describe('DELETE /books/batch', () => {
  it('removes the books that are there and names the others', async () => {
    const [a, b, theirs] = [await newBook(), await newBook(), await newBook(other)];
    const body = { book_ids: [a, theirs, b, a, NOWHERE], delete_files: true };
    expect(await ok('DELETE', '/books/batch', body)).toEqual({
      deleted_count: 2,
      errors: [missing(theirs), missing(NOWHERE)],
    });
    for (const id of [a, b]) expect((await ask('GET', `/books/${id}`)).status).toBe(404);
    expect((await ask('GET', `/books/${theirs}`, undefined, other)).status).toBe(200);
  });

  it('wants 1 to 100 ids and a yes or no', async () => {
    for (const book_ids of [[], many(101), NOWHERE]) {
      expect(await refusal('DELETE', { book_ids })).toEqual([400, 'VALIDATION_ERROR', 'book_ids']);
    }
    const answer = await refusal('DELETE', { book_ids: [NOWHERE], delete_files: 'yes' });
    expect(answer).toEqual([400, 'VALIDATION_ERROR', 'delete_files']);
  });
});
