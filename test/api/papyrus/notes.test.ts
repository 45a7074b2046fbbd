import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Note = Record<string, unknown> & { note_id: string; title: string };
type List = { notes: Note[]; pagination: Record<string, unknown> };

const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
let token: string;
let stranger: string;
let paper: string;
let atlas: string;
let made: Record<'first' | 'second' | 'pinned' | 'other', Note>;

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const ok = async <Data>(answer: Promise<Answer>, status = 200): Promise<Data> => {
  const given = await answer;
  expect([given.status, given.status === status ? '' : given.text]).toEqual([status, '']);
  return (given.text === '' ? undefined : given.json()) as Data;
};
const aBook = async (title: string): Promise<string> =>
  (await ok<{ book_id: string }>(ask('POST', '/books', { title, author: 'A' }), 201)).book_id;
const created = (bookId: string, body: object): Promise<Note> => {
  clock.forward({ minutes: 1 });
  return ok<Note>(ask('POST', `/books/${bookId}/notes`, body), 201);
};
const titles = async (path: string): Promise<string[]> =>
  (await ok<List>(ask('GET', path))).notes.map(({ title }) => title);
const refused = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
const fieldsOf = (answer: Answer): string[] =>
  Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {});

beforeAll(async () => {
  server = await startTestServer({ clock });
  token = await server.claim();
  stranger = await server.signUp('stranger@example.org');
  paper = await aBook('Paper');
  atlas = await aBook('Atlas');
  made = {
    first: await created(paper, { title: 'Café', content: '# Über *alles*' }),
    second: await created(paper, { title: 'beta', content: 'Second', unknown: 1 }),
    pinned: await created(paper, { title: 'Pinned', content: '', is_pinned: true }),
    other: await created(atlas, { title: 'alpha', content: 'Maps' }),
  };
});
afterAll(() => server.close());

describe('POST /books/{book_id}/notes', () => {
  it('adds a note with every key of the contract', async () => {
    expect(made.first).toEqual({
      note_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: paper,
      book_title: 'Paper',
      title: 'Café',
      content: '# Über *alles*',
      is_pinned: false,
      created_at: '2026-03-14T12:01:00.000Z',
      updated_at: '2026-03-14T12:01:00.000Z',
    });
    expect(await ok(ask('GET', `/notes/${made.first.note_id}`))).toEqual(made.first);
  });

  it.each<[string, unknown]>([
    ['title', undefined],
    ['title', '  '],
    ['title', 'x'.repeat(256)],
    ['title', null],
    ['content', undefined],
    ['content', null],
    ['content', 'a\0b'],
    ['is_pinned', 'yes'],
  ])('refuses %s of %j', async (field, value) => {
    const answer = await ask('POST', `/notes/books/${paper}`, { title: 'T', content: 'C', [field]: value });
    expect(refused(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});

describe('lists of notes', () => {
  it.each([
    ['/notes', ['Pinned', 'alpha', 'beta', 'Café']],
    [`/notes?book_id=BOOK`, ['Pinned', 'beta', 'Café']],
    ['/notes?is_pinned=true', ['Pinned']],
    ['/notes?is_pinned=false&sort=title', ['alpha', 'beta', 'Café']],
    ['/notes?sort=book_title,-title', ['alpha', 'Pinned', 'Café', 'beta']],
    ['/notes?sort=-created_at', ['alpha', 'Pinned', 'beta', 'Café']],
    ['/notes?search=cafe%20UBER', ['Café']],
    ['/notes?search=paper', []],
    ['/notes?limit=2&page=2', ['beta', 'Café']],
    ['/notes?book_id=00000000-0000-4000-8000-000000000000', []],
    ['/books/BOOK/notes', ['Pinned', 'beta', 'Café']],
    ['/notes/books/BOOK?sort=created_at&limit=1', ['Café']],
  ])('%s', async (path, expected) => {
    expect(await titles(path.replace('BOOK', paper))).toEqual(expected);
  });

  it('say how long they are', async () => {
    const { pagination } = await ok<List>(ask('GET', `/books/${paper}/notes?limit=2`));
    expect(pagination).toEqual({
      page: 1,
      limit: 2,
      total: 3,
      total_pages: 2,
      has_next: true,
      has_prev: false,
    });
  });

  it.each(['is_pinned=1', 'sort=colour', 'book_id=x', 'limit=0'])('refuse %s', async (query) => {
    expect(refused(await ask('GET', `/notes?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
  });
});

describe('PATCH and DELETE /notes/{note_id}', () => {
  it('change what is given, and take the note away', async () => {
    const note = await created(atlas, { title: 'Draft', content: 'One' });
    const path = `/notes/${note.note_id}`;
    clock.forward({ minutes: 1 });
    const changed = await ok<Note>(ask('PATCH', path, { content: 'Two', book_id: paper }));
    expect(changed).toEqual({ ...note, content: 'Two', updated_at: clock.now().toISOString() });
    expect(await ok(ask('PATCH', path, {}))).toEqual(changed);
    expect(await ok(ask('PATCH', path, { title: 'Done', is_pinned: true }))).toMatchObject({
      title: 'Done',
      content: 'Two',
      is_pinned: true,
    });
    for (const field of ['title', 'content', 'is_pinned'])
      expect(fieldsOf(await ask('PATCH', path, { [field]: null }))).toEqual([field]);
    await ok(ask('DELETE', path), 204);
    expect(refused(await ask('GET', path))).toEqual([404, 'NOT_FOUND']);
  });

  it('are nothing to somebody else, nor is the book', async () => {
    const path = `/notes/${made.first.note_id}`;
    for (const [method, body] of [['GET'], ['PATCH', { title: 'x' }], ['DELETE']] as [string, object?][])
      expect(refused(await ask(method, path, body, stranger))).toEqual([404, 'NOT_FOUND']);
    const note = { title: 'T', content: 'C' };
    for (const base of [`/books/${paper}/notes`, `/notes/books/${paper}`]) {
      expect(refused(await ask('GET', base, undefined, stranger))).toEqual([404, 'NOT_FOUND']);
      expect(refused(await ask('POST', base, note, stranger))).toEqual([404, 'NOT_FOUND']);
    }
    expect((await ok<List>(ask('GET', '/notes', undefined, stranger))).notes).toEqual([]);
    expect(await ok(ask('GET', path))).toEqual(made.first);
  });

  it('goes with its book', async () => {
    const book = await aBook('Short-lived');
    const note = await created(book, { title: 'T', content: 'C' });
    await ok(ask('DELETE', `/books/${book}`), 204);
    expect(refused(await ask('GET', `/notes/${note.note_id}`))).toEqual([404, 'NOT_FOUND']);
  });
});
