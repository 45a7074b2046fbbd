import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Annotation = Record<string, unknown> & { annotation_id: string; selected_text: string };
type List = { annotations: Annotation[]; pagination: Record<string, unknown> };

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
const sea = makeEpub({ title: 'Sea', authors: ['Ann'] });
const sidecar = makeSidecar({
  partial_md5_checksum: koreaderChecksum(sea),
  percent_finished: 0.4,
  annotations: [
    aHighlight(1, { text: 'Waves' }),
    aHighlight(2, { text: 'Foam', note: 'Salt', color: 'red', pageno: 1 }),
    aHighlight(3, { text: 'Undated', color: undefined, datetime: 'then' }),
    aHighlight(4, { text: 'Named by hand', color: 'lagoon', pos1: undefined, pageno: undefined }),
    aBookmark(5),
  ],
});

let server: TestServer;
let token: string;
let stranger: string;
let seaId: string;
let paper: string;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'sea.epub': sea, 'sea.sdr/metadata.epub.lua': sidecar },
  });
  token = await server.claim();
  stranger = await server.signUp('stranger@example.org');
  const books = (await server.papyrus('GET', '/books', undefined, token)).json() as {
    books: { book_id: string }[];
  };
  seaId = books.books[0]!.book_id;
  paper = await aBook('Paper');
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const ok = async <Data>(answer: Promise<Answer>, status = 200): Promise<Data> => {
  const given = await answer;
  expect([given.status, given.status === status ? '' : given.text]).toEqual([status, '']);
  return (given.text === '' ? undefined : given.json()) as Data;
};
const aBook = async (title: string, as = token): Promise<string> =>
  (await ok<{ book_id: string }>(ask('POST', '/books', { title, author: 'A' }, as), 201)).book_id;
const mark = (body: object = {}) => ({
  selected_text: 'A line',
  start_position: 'epubcfi(/6/4!/4/2/1:0)',
  end_position: 'epubcfi(/6/4!/4/2/1:6)',
  ...body,
});
const created = (bookId: string, body: object = {}, as = token): Promise<Annotation> =>
  ok<Annotation>(ask('POST', `/books/${bookId}/annotations`, mark(body), as), 201);
const list = (query = '', as = token): Promise<List> =>
  ok<List>(ask('GET', `/annotations${query}`, undefined, as));
const texts = async (query: string): Promise<string[]> =>
  (await list(query)).annotations.map((each) => each.selected_text);
const refused = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
const fieldsOf = (answer: Answer): string[] =>
  Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {});

describe('what KOReader marked', () => {
  it('has every key of the contract, its positions untouched and its colour as hex', async () => {
    const { annotations, pagination } = await list(`?book_id=${seaId}&sort=page_number`);
    expect(pagination).toEqual({
      page: 1,
      limit: 20,
      total: 4,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    });
    const waves = annotations.find((each) => each.selected_text === 'Waves');
    expect(waves).toEqual({
      annotation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: seaId,
      book_title: 'Sea',
      selected_text: 'Waves',
      note: null,
      highlight_color: '#FFFF33',
      start_position: '/body/p[1].0',
      end_position: '/body/p[1].9',
      chapter_title: 'One',
      chapter_index: null,
      page_number: 1,
      created_at: '2024-01-01T10:00:00.000Z',
      updated_at: NOW,
    });
    expect(annotations.find((each) => each.selected_text === 'Foam')).toMatchObject({
      highlight_color: '#FF3300',
      note: 'Salt',
    });
  });

  it('has the contract’s colour without a known one, null without an end or a page, and its last change for a time', async () => {
    const { annotations } = await list(`?book_id=${seaId}`);
    const named = annotations.find((each) => each.selected_text === 'Named by hand');
    expect(named).toMatchObject({ highlight_color: '#FFEB3B', end_position: null, page_number: null });
    const undated = annotations.find((each) => each.selected_text === 'Undated');
    expect(undated).toMatchObject({ highlight_color: '#FFEB3B', created_at: NOW });
  });

  it('is in the order of the text in its book, and newest first otherwise', async () => {
    const inBook = await ok<List>(ask('GET', `/books/${seaId}/annotations`));
    expect(inBook.annotations.map((each) => each.selected_text)).toEqual([
      'Waves',
      'Foam',
      'Undated',
      'Named by hand',
    ]);
    expect(await texts(`?book_id=${seaId}`)).toEqual(['Undated', 'Named by hand', 'Foam', 'Waves']);
  });
});

describe('POST /books/{book_id}/annotations', () => {
  it('adds a highlight to a book on paper, in the contract’s colour unless one is given', async () => {
    const made = await created(paper);
    expect(made).toEqual({
      annotation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: paper,
      book_title: 'Paper',
      selected_text: 'A line',
      note: null,
      highlight_color: '#FFEB3B',
      start_position: 'epubcfi(/6/4!/4/2/1:0)',
      end_position: 'epubcfi(/6/4!/4/2/1:6)',
      chapter_title: null,
      chapter_index: null,
      page_number: null,
      created_at: NOW,
      updated_at: NOW,
    });
    expect(await ok(ask('GET', `/annotations/${made.annotation_id}`))).toEqual(made);
    await ok(ask('DELETE', `/annotations/${made.annotation_id}`), 204);
  });

  it('keeps everything that is said, at both mounts and under both spellings', async () => {
    const facts = {
      note: 'Why?',
      highlight_color: '#e91e63',
      chapter_title: 'Two',
      chapter_index: 2,
      page_number: 14,
    };
    const path = `/v1/annotations/books/${paper}`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await server.get(path, { method: 'POST', body: mark(facts), headers });
    const made = answer.json() as Annotation;
    expect([answer.status, made]).toMatchObject([201, facts]);
    const { annotations } = (await server.get(path, { headers })).json() as List;
    expect(annotations).toEqual([made]);
    await ok(ask('DELETE', `/annotations/${made.annotation_id}`), 204);
  });

  it.each<[string, unknown]>([
    ['selected_text', undefined],
    ['selected_text', ''],
    ['selected_text', 7],
    ['selected_text', 'a\0b'],
    ['start_position', undefined],
    ['start_position', ''],
    ['start_position', 'x'.repeat(2001)],
    ['end_position', null],
    ['highlight_color', 'yellow'],
    ['highlight_color', '#FFF'],
    ['highlight_color', null],
    ['chapter_title', 'x'.repeat(256)],
    ['chapter_index', -1],
    ['page_number', 1.5],
    ['page_number', '3'],
    ['note', 'x'.repeat(100_001)],
  ])('refuses %s of %j', async (field, value) => {
    const answer = await ask('POST', `/books/${paper}/annotations`, mark({ [field]: value }));
    expect(refused(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('takes null for everything that may be missing, and ignores what it does not know', async () => {
    const nothing = { note: null, chapter_title: null, chapter_index: null, page_number: null };
    const made = await created(paper, { ...nothing, annotation_id: 'x', unknown: 1 });
    expect(made).toMatchObject(nothing);
    await ok(ask('DELETE', `/annotations/${made.annotation_id}`), 204);
  });
});

describe('PATCH /annotations/{annotation_id}', () => {
  it('changes note and colour and nothing else; null and blanks clear the note', async () => {
    const made = await created(paper, { note: 'One' });
    const path = `/annotations/${made.annotation_id}`;
    clock.forward({ minutes: 1 });
    const changed = await ok<Annotation>(
      ask('PATCH', path, { note: 'Two', selected_text: 'No', start_position: 'no' }),
    );
    expect(changed).toEqual({ ...made, note: 'Two', updated_at: '2026-03-14T12:01:00.000Z' });
    expect(await ok(ask('PATCH', path, { highlight_color: '#2196f3' }))).toMatchObject({
      note: 'Two',
      highlight_color: '#2196f3',
    });
    expect(await ok(ask('PATCH', path, { note: null }))).toMatchObject({ note: null });
    expect(await ok(ask('PATCH', path, { note: '  ' }))).toMatchObject({ note: null });
    const last = await ok<Annotation>(ask('GET', path));
    expect(await ok(ask('PATCH', path, {}))).toEqual(last);
    expect(fieldsOf(await ask('PATCH', path, { highlight_color: null }))).toEqual(['highlight_color']);
    expect(fieldsOf(await ask('PATCH', path, { note: 5 }))).toEqual(['note']);
    await ok(ask('DELETE', path), 204);
  });
});

describe('a highlight that is not yours', () => {
  it('is not there, whatever is asked of it, and neither is its book', async () => {
    const made = await created(paper);
    const path = `/annotations/${made.annotation_id}`;
    const nobodys = '/annotations/00000000-0000-4000-8000-000000000000';
    for (const [method, body] of [['GET'], ['PATCH', { note: 'x' }], ['DELETE']] as [string, object?][]) {
      const theirs = await ask(method, path, body, stranger);
      const nothing = await ask(method, nobodys, body, stranger);
      expect(refused(theirs)).toEqual([404, 'NOT_FOUND']);
      expect(theirs.text.replace(made.annotation_id, '')).toBe(
        nothing.text.replace('00000000-0000-4000-8000-000000000000', ''),
      );
    }
    for (const base of [`/books/${paper}/annotations`, `/annotations/books/${paper}`]) {
      expect(refused(await ask('GET', base, undefined, stranger))).toEqual([404, 'NOT_FOUND']);
      expect(refused(await ask('POST', base, mark(), stranger))).toEqual([404, 'NOT_FOUND']);
    }
    expect((await list('', stranger)).annotations).toEqual([]);
    expect((await list(`?book_id=${paper}`, stranger)).pagination).toMatchObject({ total: 0 });
    expect(await ok(ask('GET', path))).toEqual(made);
    await ok(ask('DELETE', path), 204);
    expect(refused(await ask('DELETE', path))).toEqual([404, 'NOT_FOUND']);
  });

  it('is asked for with a token and a well-formed id', async () => {
    expect((await server.papyrus('GET', '/annotations')).status).toBe(401);
    expect(refused(await ask('GET', '/annotations/7'))).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused(await ask('GET', '/books/7/annotations'))).toEqual([400, 'VALIDATION_ERROR']);
  });
});

describe('GET /annotations', () => {
  it.each([
    ['color=yellow', ['Undated', 'Named by hand', 'Waves']],
    ['color=%23FFFF33', ['Waves']],
    ['color=%23ffeb3b', ['Undated', 'Named by hand']],
    ['color=RED', ['Foam']],
    ['color=pink', []],
    ['color=nonsense', []],
    ['search=WAVES', ['Waves']],
    ['search=salt%20foam', ['Foam']],
    ['search=one%20sea%20waves', ['Waves']],
    ['search=nowhere', []],
    ['from=2024-01-02&to=2024-01-02', ['Foam']],
    ['from=2024-01-02T10:00:01Z&to=2024-01-04T10:00:00Z', ['Named by hand']],
    ['to=2024-01-01', ['Waves']],
    ['sort=created_at', ['Waves', 'Foam', 'Named by hand', 'Undated']],
    ['sort=page_number,-created_at', ['Foam', 'Waves', 'Undated', 'Named by hand']],
    ['sort=-page_number,created_at', ['Undated', 'Waves', 'Foam', 'Named by hand']],
  ])('narrows and sorts by %s', async (query, expected) => {
    expect(await texts(`?book_id=${seaId}&${query}`)).toEqual(expected);
  });

  it('cuts the list into pages, with the count of the whole', async () => {
    const page = await list(`?book_id=${seaId}&limit=3&page=2&sort=created_at`);
    expect(page.annotations.map((each) => each.selected_text)).toEqual(['Undated']);
    expect(page.pagination).toEqual({
      page: 2,
      limit: 3,
      total: 4,
      total_pages: 2,
      has_next: false,
      has_prev: true,
    });
    const found = await list(`?book_id=${seaId}&search=one&limit=1&page=9`);
    expect([found.annotations, found.pagination['total']]).toEqual([[], 4]);
  });

  it.each([
    'page=0',
    'limit=101',
    'limit=x',
    'book_id=7',
    'from=yesterday',
    'to=2024-02-30',
    'sort=colour',
    'sort=',
  ])('refuses %s', async (query) => {
    expect(refused(await ask('GET', `/annotations?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
