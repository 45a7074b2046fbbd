import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Shelf } from '../../../server/api/papyrus/shelves/schemas.ts';
import { at } from '../../support/clock.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const NOWHERE = '00000000-0000-7000-8000-000000000000';
const clock = at(NOW);
let server: TestServer;
let token: string;
let other: string;
beforeAll(async () => {
  server = await startTestServer({ clock });
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
let people = 0;
/** Somebody with nothing but the default shelves. */
const newPerson = (): Promise<string> => server.signUp(`shelf${++people}@example.org`);
let books = 0;
const newBook = async (as = token, more: object = {}): Promise<string> =>
  (await ok<Book>('POST', '/books', { title: `Book ${++books}`, author: 'A', ...more }, as)).book_id;
let names = 0;
const newShelf = async (body: object = {}, as = token): Promise<Shelf> =>
  await ok<Shelf>('POST', '/shelves', { name: `Shelf ${++names}`, ...body }, as);
const tree = async (query = '', as = token): Promise<Shelf[]> =>
  (await ok<{ shelves: Shelf[] }>('GET', `/shelves${query}`, undefined, as)).shelves;
const booksOn = async (shelf: string, query = '', as = token): Promise<string[]> =>
  (await ok<{ books: Book[] }>('GET', `/shelves/${shelf}/books${query}`, undefined, as)).books.map(
    ({ book_id }) => book_id,
  );
const put = (shelf: string, ids: string[], as = token) =>
  ok<{ added_count: number }>('POST', `/shelves/${shelf}/books`, { book_ids: ids }, as);
const outline = (shelves: Shelf[]): unknown[] =>
  shelves.map(({ name, children }) => (children.length === 0 ? name : [name, ...outline(children)]));

describe('default shelves', () => {
  it('are there for the owner and for whoever signs up', async () => {
    for (const person of [token, await newPerson()]) {
      const shelves = await tree('', person);
      expect(shelves.filter(({ is_default }) => is_default).map(({ name }) => name)).toEqual([
        'Currently Reading',
        'Want to Read',
        'Finished',
      ]);
    }
  });

  it('can be renamed, but neither removed nor made smart', async () => {
    const person = await newPerson();
    const [first] = await tree('', person);
    const path = `/shelves/${first!.shelf_id}`;
    expect(await refusal('DELETE', path, undefined, person)).toEqual([403, 'FORBIDDEN']);
    const renamed = await ok<Shelf>('PATCH', path, { name: 'Now' }, person);
    expect(renamed).toMatchObject({ name: 'Now', is_default: true });
    expect((await refusal('PATCH', path, { is_smart: true, smart_query: 'is:favorite' }, person))[0]).toBe(
      400,
    );
  });

  it('are kept out of the hands of whoever asks to be one', async () => {
    expect(await newShelf({ is_default: true })).toMatchObject({ is_default: false });
  });
});

describe('a shelf', () => {
  it('has every key of the contract', async () => {
    const shelf = await newShelf({ name: 'Bare' });
    expect(shelf).toEqual({
      shelf_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Bare',
      description: null,
      color: null,
      icon: null,
      is_default: false,
      is_smart: false,
      smart_query: null,
      sort_order: 0,
      parent_shelf_id: null,
      book_count: 0,
      children: [],
      created_at: NOW,
      updated_at: NOW,
    });
    expect(await ok('GET', `/shelves/${shelf.shelf_id}`)).toEqual(shelf);
  });

  it('changes the keys that are there, and null clears what may be missing', async () => {
    const full = { description: 'D', color: '#aaBB00', icon: 'book', sort_order: 7 };
    const { shelf_id: id } = await newShelf({ name: 'Full', ...full });
    const path = `/shelves/${id}`;
    expect(await ok('GET', path)).toMatchObject(full);
    expect(await ok('PATCH', path, { sort_order: 1 })).toMatchObject({ ...full, sort_order: 1 });
    const cleared = { description: null, color: null, icon: null };
    expect(await ok('PATCH', path, cleared)).toMatchObject({ ...cleared, sort_order: 1, name: 'Full' });
    for (const key of ['name', 'sort_order', 'is_smart']) {
      expect(await refusal('PATCH', path, { [key]: null })).toEqual([400, 'VALIDATION_ERROR', key]);
    }
  });

  it.each([
    ['name', ''],
    ['name', '  '],
    ['name', 'x'.repeat(101)],
    ['name', 7],
    ['color', 'red'],
    ['color', '#12345'],
    ['icon', 'x'.repeat(51)],
    ['sort_order', -1],
    ['sort_order', 1.5],
    ['parent_shelf_id', 'here'],
    ['parent_shelf_id', NOWHERE],
    ['is_smart', 'yes'],
    ['smart_query', 'x'.repeat(1001)],
    ['smart_query', 'is:favorite'],
  ])('is refused with %s = %j', async (field, value) => {
    expect(await refusal('POST', '/shelves', { name: 'Wrong', [field]: value })).toEqual([400, 'VALIDATION_ERROR', field]); // prettier-ignore
    const { shelf_id } = await newShelf();
    expect(await refusal('PATCH', `/shelves/${shelf_id}`, { [field]: value })).toEqual([400, 'VALIDATION_ERROR', field]); // prettier-ignore
  });

  it('has a name of its own at its level, whatever the case of its letters', async () => {
    const person = await newPerson();
    const top = await newShelf({ name: 'Äpfel' }, person);
    expect(await refusal('POST', '/shelves', { name: 'äpfel' }, person)).toEqual([409, 'CONFLICT']);
    expect(await refusal('POST', '/shelves', { name: 'finished' }, person)).toEqual([409, 'CONFLICT']);
    const below = await newShelf({ name: 'Äpfel', parent_shelf_id: top.shelf_id }, person);
    const second = await newShelf({ name: 'Birnen', parent_shelf_id: top.shelf_id }, person);
    expect(await refusal('PATCH', `/shelves/${second.shelf_id}`, { name: 'ÄPFEL' }, person)).toEqual([409, 'CONFLICT']); // prettier-ignore
    expect(await refusal('PATCH', `/shelves/${below.shelf_id}`, { parent_shelf_id: null }, person)).toEqual([409, 'CONFLICT']); // prettier-ignore
    expect(await ok('PATCH', `/shelves/${top.shelf_id}`, { name: 'ÄPFEL' }, person)).toMatchObject({ name: 'ÄPFEL' }); // prettier-ignore
    await newShelf({ name: 'Äpfel' }, other);
  });

  it('of somebody else is as one that is not there', async () => {
    const { shelf_id: id } = await newShelf();
    const bookId = await newBook(other);
    const requests: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['GET', '/books'],
      ['POST', '/books', { book_ids: [] }],
      ['POST', '/books/remove', { book_ids: [] }],
      ['POST', `/books/${bookId}`],
      ['DELETE', `/books/${bookId}`],
    ];
    for (const [method, path, body] of requests) {
      const [foreign, missing] = await Promise.all(
        [id, NOWHERE].map((shelf) => ask(method, `/shelves/${shelf}${path}`, body, other)),
      );
      expect([method, path, foreign!.status]).toEqual([method, path, 404]);
      expect(foreign!.text.replaceAll(id, NOWHERE)).toBe(missing!.text);
    }
    expect(await refusal('POST', '/shelves', { name: 'In', parent_shelf_id: id }, other)).toEqual([400, 'VALIDATION_ERROR', 'parent_shelf_id']); // prettier-ignore
    expect(await ok('GET', `/shelves/${id}`)).toMatchObject({ shelf_id: id });
  });
});

describe('shelves that stand in each other', () => {
  it('are a tree, each level by its order and then by name, or one flat list', async () => {
    const person = await newPerson();
    const b = await newShelf({ name: 'b', sort_order: 9 }, person);
    await newShelf({ name: 'a', sort_order: 9 }, person);
    const inB = await newShelf({ name: 'x', parent_shelf_id: b.shelf_id, sort_order: 1 }, person);
    await newShelf({ name: 'z', parent_shelf_id: b.shelf_id }, person);
    await newShelf({ name: 'deep', parent_shelf_id: inB.shelf_id }, person);
    expect(outline(await tree('', person))).toEqual([
      'Currently Reading',
      'Want to Read',
      'Finished',
      'a',
      ['b', 'z', ['x', 'deep']],
    ]);
    const flat = await tree('?flat=true', person);
    expect(flat.map(({ name }) => name).sort()).toEqual(['Currently Reading', 'Finished', 'Want to Read', 'a', 'b', 'deep', 'x', 'z']); // prettier-ignore
    expect(flat.every(({ children }) => children.length === 0)).toBe(true);
    const alone = await ok<Shelf>('GET', `/shelves/${b.shelf_id}`, undefined, person);
    expect(outline([alone])).toEqual([['b', 'z', ['x', 'deep']]]);
  });

  it('neither go in a circle nor too deep', async () => {
    const person = await newPerson();
    const chain: string[] = [];
    for (let level = 1; level <= 10; level++) {
      chain.push((await newShelf({ parent_shelf_id: chain.at(-1) ?? null }, person)).shelf_id);
    }
    const [top, second] = chain;
    const wrong = [400, 'VALIDATION_ERROR', 'parent_shelf_id'];
    expect(await refusal('POST', '/shelves', { name: '11', parent_shelf_id: chain.at(-1) }, person)).toEqual(
      wrong,
    );
    expect(await refusal('PATCH', `/shelves/${top}`, { parent_shelf_id: chain.at(-1) }, person)).toEqual(
      wrong,
    );
    expect(await refusal('PATCH', `/shelves/${top}`, { parent_shelf_id: top }, person)).toEqual(wrong);
    const { shelf_id: above } = await newShelf({}, person);
    expect(await refusal('PATCH', `/shelves/${top}`, { parent_shelf_id: above }, person)).toEqual(wrong);
    expect(await ok('PATCH', `/shelves/${second}`, { parent_shelf_id: above }, person)).toMatchObject({ parent_shelf_id: above }); // prettier-ignore
    expect(await ok('PATCH', `/shelves/${second}`, { parent_shelf_id: null }, person)).toMatchObject({ parent_shelf_id: null }); // prettier-ignore
  });

  it('go with the one they stand in, and never a default one', async () => {
    const person = await newPerson();
    const [reading] = await tree('', person);
    const top = await newShelf({}, person);
    const below = await newShelf({ parent_shelf_id: top.shelf_id }, person);
    await ok('PATCH', `/shelves/${reading!.shelf_id}`, { parent_shelf_id: below.shelf_id }, person);
    expect(await refusal('DELETE', `/shelves/${top.shelf_id}`, undefined, person)).toEqual([
      403,
      'FORBIDDEN',
    ]);
    await ok('PATCH', `/shelves/${reading!.shelf_id}`, { parent_shelf_id: null }, person);
    const book = await newBook(person, { shelf_ids: [below.shelf_id] });
    await ok('DELETE', `/shelves/${top.shelf_id}`, undefined, person);
    expect((await ask('GET', `/shelves/${below.shelf_id}`, undefined, person)).status).toBe(404);
    expect(await ok<Book>('GET', `/books/${book}`, undefined, person)).toMatchObject({ shelves: [] });
  });
});

describe('the books on a shelf', () => {
  it('are put there and taken away, each counted once', async () => {
    const { shelf_id: id } = await newShelf();
    const [a, b, c] = [await newBook(), await newBook(), await newBook()];
    expect(await put(id, [a, b, a])).toEqual({ added_count: 2 });
    expect(await put(id, [b, c])).toEqual({ added_count: 1 });
    expect(await booksOn(id, '?sort=shelf_order')).toEqual([a, b, c]);
    expect(await booksOn(id, '?sort=-shelf_order&limit=2')).toEqual([c, b]);
    expect(await ok('GET', `/shelves/${id}`)).toMatchObject({ book_count: 3 });
    const taken = await ok('POST', `/shelves/${id}/books/remove`, { book_ids: [a, a, NOWHERE] });
    expect(taken).toEqual({ removed_count: 1 });
    expect(await booksOn(id, '?sort=shelf_order')).toEqual([b, c]);
    await put(id, [a]);
    expect(await booksOn(id, '?sort=shelf_order')).toEqual([b, c, a]);
  });

  it('come and go one by one as often as somebody says so', async () => {
    const { shelf_id: id } = await newShelf();
    const book = await newBook();
    for (const path of [`/api/v1/shelves/${id}/books/${book}`, `/v1/shelves/${id}/books/${book}`]) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await server.get(path, { method: 'POST', headers })).status).toBe(204);
    }
    expect(await booksOn(id)).toEqual([book]);
    for (let times = 0; times < 2; times++) {
      expect((await ask('DELETE', `/shelves/${id}/books/${book}`)).status).toBe(204);
    }
    expect(await booksOn(id)).toEqual([]);
    expect((await ask('POST', `/shelves/${id}/books/${NOWHERE}`)).status).toBe(404);
    expect((await ask('POST', `/shelves/${id}/books/${await newBook(other)}`)).status).toBe(404);
  });

  it('are all the same person’s', async () => {
    const { shelf_id: id } = await newShelf();
    const [mine, theirs] = [await newBook(), await newBook(other)];
    for (const wrong of [theirs, NOWHERE]) {
      expect(await refusal('POST', `/shelves/${id}/books`, { book_ids: [mine, wrong] })).toEqual([400, 'VALIDATION_ERROR', 'book_ids']); // prettier-ignore
    }
    expect(await booksOn(id)).toEqual([]);
  });

  it('name their shelves, by hand and in the order of the shelves', async () => {
    const last = await newShelf({ sort_order: 90, color: '#112233' });
    const first = await newShelf({ sort_order: 80 });
    const book = await newBook(token, { shelf_ids: [last.shelf_id, first.shelf_id] });
    const summaries = [
      { shelf_id: first.shelf_id, name: first.name, color: null },
      { shelf_id: last.shelf_id, name: last.name, color: '#112233' },
    ];
    expect((await ok<Book>('GET', `/books/${book}`)).shelves).toEqual(summaries);
    const listed = await ok<{ books: Book[] }>('GET', `/books?shelf_id=${last.shelf_id}`);
    expect(listed.books.map(({ shelves }) => shelves)).toEqual([summaries]);
    const own = await ok<{ shelves: Shelf[] }>('GET', `/books/${book}/shelves`);
    expect(own.shelves.map(({ shelf_id }) => shelf_id)).toEqual([first.shelf_id, last.shelf_id]);
    await ok('PATCH', `/shelves/${first.shelf_id}`, { name: 'Another name' });
    expect((await ok<Book>('GET', `/books/${book}`)).shelves[0]).toMatchObject({ name: 'Another name' });
  });

  it('are set as a whole', async () => {
    const [a, b, theirs] = [await newShelf(), await newShelf(), await newShelf({}, other)];
    const book = await newBook(token, { shelf_ids: [a.shelf_id] });
    const set = (ids: string[]) =>
      ok<{ shelves: Shelf[] }>('PUT', `/books/${book}/shelves`, { shelf_ids: ids });
    expect((await set([b.shelf_id, b.shelf_id])).shelves.map(({ name }) => name)).toEqual([b.name]);
    expect(await refusal('PUT', `/books/${book}/shelves`, { shelf_ids: [a.shelf_id, theirs.shelf_id] })).toEqual([400, 'VALIDATION_ERROR', 'shelf_ids']); // prettier-ignore
    expect(await booksOn(b.shelf_id)).toEqual([book]);
    expect(await set([])).toEqual({ shelves: [] });
    expect((await ask('GET', `/books/${book}/shelves`, undefined, other)).status).toBe(404);
    expect((await ask('PUT', `/books/${book}/shelves`, { shelf_ids: [] }, other)).status).toBe(404);
  });

  it('move to another shelf when theirs is removed with all below it', async () => {
    const [top, target] = [await newShelf(), await newShelf()];
    const below = await newShelf({ parent_shelf_id: top.shelf_id });
    const [a, b, c] = [await newBook(), await newBook(), await newBook()];
    await put(target.shelf_id, [a]);
    await put(top.shelf_id, [a, b]);
    await put(below.shelf_id, [c]);
    const remove = (to: string) => `/shelves/${top.shelf_id}?move_books_to=${to}`;
    const wrong = [400, 'VALIDATION_ERROR', 'move_books_to'];
    for (const to of [NOWHERE, top.shelf_id, below.shelf_id, 'there']) {
      expect(await refusal('DELETE', remove(to))).toEqual(wrong);
    }
    await ok('DELETE', remove(target.shelf_id));
    expect(await booksOn(target.shelf_id, '?sort=shelf_order')).toEqual([a, b, c]);
  });

  it('are counted only where somebody asks', async () => {
    const person = await newPerson();
    const [reading] = await tree('', person);
    const below = await newShelf({ parent_shelf_id: reading!.shelf_id }, person);
    await newBook(person, { shelf_ids: [below.shelf_id] });
    const counts = async (query: string) => Object.fromEntries((await tree(query, person)).map(({ name, book_count }) => [name, book_count])); // prettier-ignore
    expect(await counts('?flat=true')).toEqual({ 'Currently Reading': null, 'Want to Read': null, Finished: null, [below.name]: null }); // prettier-ignore
    expect(await counts('?flat=true&include_books=true')).toEqual({ 'Currently Reading': 0, 'Want to Read': 0, Finished: 0, [below.name]: 1 }); // prettier-ignore
    expect(await counts('?include_books=true')).toEqual({ 'Currently Reading': 0, 'Want to Read': 0, Finished: 0 }); // prettier-ignore
    expect(await refusal('GET', '/shelves?flat=1', undefined, person)).toEqual([
      400,
      'VALIDATION_ERROR',
      'flat',
    ]);
  });

  it('are listed in pages, sorted and in the list of all books too', async () => {
    const { shelf_id: id } = await newShelf();
    const made: string[] = [];
    for (const title of ['b', 'c', 'a']) made.push(await newBook(token, { title, shelf_ids: [id] }));
    const [b, c, a] = made;
    expect(await booksOn(id, '?sort=title')).toEqual([a, b, c]);
    const page = await ok<{ pagination: object; books: Book[] }>(
      'GET',
      `/shelves/${id}/books?sort=-title&limit=2&page=2`,
    );
    expect(page.books.map(({ book_id }) => book_id)).toEqual([a]);
    expect(page.pagination).toEqual({ page: 2, limit: 2, total: 3, total_pages: 2, has_next: false, has_prev: true }); // prettier-ignore
    const all = (query: string) => ok<{ books: Book[] }>('GET', `/books?${query}`);
    const listed = async (query: string) => (await all(query)).books.map(({ book_id }) => book_id);
    expect(await listed(`shelf_id=${id}&sort=shelf_order`)).toEqual([b, c, a]);
    expect(await listed(`shelf_id=${NOWHERE}`)).toEqual([]);
    expect(await refusal('GET', '/books?sort=shelf_order')).toEqual([400, 'VALIDATION_ERROR', 'sort']);
    expect(await refusal('GET', `/shelves/${id}/books?sort=colour`)).toEqual([
      400,
      'VALIDATION_ERROR',
      'sort',
    ]);
  });

  it('go from their shelves when they are removed', async () => {
    const { shelf_id: id } = await newShelf();
    const book = await newBook(token, { shelf_ids: [id] });
    await ok('DELETE', `/books/${book}`);
    expect(await ok('GET', `/shelves/${id}`)).toMatchObject({ book_count: 0 });
  });
});

describe('a smart shelf', () => {
  it('has the books its query finds, whenever it is read', async () => {
    const person = await newPerson();
    const shelf = await newShelf({ is_smart: true, smart_query: 'rating:>=4 author:kafka' }, person);
    expect(shelf).toMatchObject({ is_smart: true, smart_query: 'rating:>=4 author:kafka', book_count: 0 });
    const [a, b] = [
      await newBook(person, { author: 'Kafka', title: 'a' }),
      await newBook(person, { author: 'Kafka', title: 'b' }),
    ];
    const rate = (id: string, rating: number) => ok('PATCH', `/books/${id}`, { rating }, person);
    await rate(a, 5);
    await rate(b, 3);
    expect(await booksOn(shelf.shelf_id, '', person)).toEqual([a]);
    await rate(b, 4);
    expect(await booksOn(shelf.shelf_id, '?sort=-title', person)).toEqual([b, a]);
    expect(await ok('GET', `/shelves/${shelf.shelf_id}`, undefined, person)).toMatchObject({ book_count: 2 });
    const listed = await ok<{ books: Book[]; pagination: object }>('GET', `/books?shelf_id=${shelf.shelf_id}&sort=shelf_order&limit=1`, undefined, person); // prettier-ignore
    expect([listed.books.length, listed.pagination]).toEqual([1, expect.objectContaining({ total: 2 })]);
    const counts = await tree('?include_books=true', person);
    expect(counts.find(({ is_smart }) => is_smart)).toMatchObject({ book_count: 2 });
    expect(await booksOn(shelf.shelf_id, '', person)).toHaveLength(2);
    expect((await ok<Book>('GET', `/books/${a}`, undefined, person)).shelves).toEqual([]);
  });

  it('is not filled by hand', async () => {
    const { shelf_id: id } = await newShelf({ is_smart: true, smart_query: 'is:favorite' });
    const book = await newBook();
    const refused = async (method: string, path: string, body?: object) =>
      (await refusal(method, path, body)).slice(0, 2);
    const wrong = [400, 'VALIDATION_ERROR'];
    expect(await refused('POST', `/shelves/${id}/books`, { book_ids: [book] })).toEqual(wrong);
    expect(await refused('POST', `/shelves/${id}/books/remove`, { book_ids: [book] })).toEqual(wrong);
    expect(await refused('POST', `/shelves/${id}/books/${book}`)).toEqual(wrong);
    expect(await refused('DELETE', `/shelves/${id}/books/${book}`)).toEqual(wrong);
    expect(await refused('PUT', `/books/${book}/shelves`, { shelf_ids: [id] })).toEqual(wrong);
    expect(await refusal('POST', '/books', { title: 'T', author: 'A', shelf_ids: [id] })).toEqual([...wrong, 'shelf_ids']); // prettier-ignore
    expect(await refusal('POST', '/shelves', { name: 'In it', parent_shelf_id: id })).toEqual([...wrong, 'parent_shelf_id']); // prettier-ignore
    const plain = await newShelf();
    expect((await refusal('DELETE', `/shelves/${plain.shelf_id}?move_books_to=${id}`))[0]).toBe(400);
    expect(await ok('GET', `/shelves/${plain.shelf_id}`)).toMatchObject({ name: plain.name });
  });

  it('needs a query that can be read, and says where it cannot', async () => {
    expect(await refusal('POST', '/shelves', { name: 'No query', is_smart: true })).toEqual([400, 'VALIDATION_ERROR', 'smart_query']); // prettier-ignore
    const answer = await ask('POST', '/shelves', { name: 'Bad', is_smart: true, smart_query: 'rating:much' });
    expect(answer.status).toBe(400);
    expect((answer.json() as Refusal).error.details).toMatchObject({
      position: expect.any(Number) as number,
      fields: { smart_query: expect.any(String) as string },
    });
  });

  it('forgets its books when a shelf becomes one, and its query when it is none any more', async () => {
    const { shelf_id: id } = await newShelf();
    const book = await newBook(token, { shelf_ids: [id] });
    const path = `/shelves/${id}`;
    expect(await ok('PATCH', path, { is_smart: true, smart_query: 'title:nothing' })).toMatchObject({ book_count: 0 }); // prettier-ignore
    expect((await ok<Book>('GET', `/books/${book}`)).shelves).toEqual([]);
    expect(await ok('PATCH', path, { color: '#000000' })).toMatchObject({ smart_query: 'title:nothing' });
    expect(await ok('PATCH', path, { is_smart: false })).toMatchObject({ is_smart: false, smart_query: null, book_count: 0 }); // prettier-ignore
    const parent = await newShelf();
    await newShelf({ parent_shelf_id: parent.shelf_id });
    expect(await refusal('PATCH', `/shelves/${parent.shelf_id}`, { is_smart: true, smart_query: 'is:rated' })).toEqual([400, 'VALIDATION_ERROR', 'is_smart']); // prettier-ignore
  });

  it('can ask for other shelves, but not in a circle', async () => {
    const person = await newPerson();
    const hand = await newShelf({ name: 'Hand' }, person);
    const first = await newShelf({ name: 'One', is_smart: true, smart_query: 'shelf:Hand' }, person);
    const second = await newShelf({ name: 'Two', is_smart: true, smart_query: 'shelf:One' }, person);
    const book = await newBook(person, { shelf_ids: [hand.shelf_id] });
    expect(await booksOn(second.shelf_id, '', person)).toEqual([book]);
    const path = `/shelves/${first.shelf_id}`;
    for (const change of [{ smart_query: 'shelf:Two' }, { smart_query: 'shelf:One' }]) {
      expect(await refusal('PATCH', path, change, person)).toEqual([400, 'VALIDATION_ERROR', 'smart_query']);
    }
    expect(await booksOn(second.shelf_id, '', person)).toEqual([book]);
  });
});
