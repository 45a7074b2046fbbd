import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Json = Record<string, unknown>;
type Session = Json & { session_id: string; book_id: string | null; start_time: string };
type Figures = { reading_time_minutes: number; pages_read: number; sessions_count: number };
type Statistics = {
  period: Json;
  totals: Figures & Record<string, number>;
  daily_breakdown: (Figures & { date: string })[];
  books_breakdown: (Figures & { book_id: string | null; title: string })[];
};

// A Saturday.
const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
const epub = makeEpub({ title: 'Both', authors: ['Ann'] });
const sec = (iso: string) => Date.parse(iso) / 1000;
let server: TestServer;
let token: string;
let shared: string;
beforeAll(async () => {
  const start = sec('2026-03-10T20:00:00Z');
  server = await startTestServer({
    clock,
    files: { 'both.epub': epub },
    statistics: {
      books: [{ title: 'Both', authors: 'Ann', md5: koreaderChecksum(epub), pages: 100 }],
      // Half an hour on Tuesday evening, a page a minute.
      reads: Array.from({ length: 30 }, (_, page) => [1, page + 1, start + page * 60, 60, 100]),
    },
  });
  token = await server.claim();
  await server.settled();
  const { books } = (await ask('GET', '/books')).json() as { books: { book_id: string }[] };
  shared = books[0]!.book_id;
});
afterAll(() => server.close());

let people = 0;
const newPerson = (): Promise<string> => server.signUp(`person${++people}@example.org`);
const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const found = async <Found>(path: string, as = token): Promise<Found> => {
  const answer = await ask('GET', path, undefined, as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Found;
};
const statistics = (query: string, as = token) => found<Statistics>(`/progress/statistics${query}`, as);
const sessions = async (query = '', as = token) =>
  (await found<{ sessions: Session[]; pagination: Json }>(`/progress/sessions${query}`, as)).sessions;
const newBook = async (as: string, body: object = {}): Promise<string> => {
  const answer = await ask('POST', '/books', { title: 'T', author: 'A', ...body }, as);
  return (answer.json() as { book_id: string }).book_id;
};
const tell = (body: object, as = token) => ask('POST', '/progress/sessions', body, as);
const told = async (body: object, as = token): Promise<Session> => {
  const answer = await tell(body, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Session;
};
const refusal = (answer: Answer) => {
  const { error } = answer.json() as Refusal;
  return [answer.status, error.code, Object.keys(error.details?.['fields'] ?? {})];
};
const STRANGE = '00000000-0000-7000-8000-00000000abcd';

describe('progress of a book', () => {
  let reader: string;
  beforeAll(async () => {
    reader = await newPerson();
  });
  const put = async (id: string, body: object): Promise<Json> => {
    const answer = await ask('PUT', `/books/${id}/progress`, body, reader);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    const progress = answer.json() as Json;
    expect(await found(`/books/${id}/progress`, reader)).toEqual(progress);
    return progress;
  };

  it('is nowhere in a new book, with every key there', async () => {
    const id = await newBook(reader);
    expect(await found(`/books/${id}/progress`, reader)).toEqual({
      book_id: id,
      reading_status: 'not_started',
      current_page: null,
      current_position: null,
      current_cfi: null,
      started_at: null,
      completed_at: null,
      last_read_at: null,
      total_reading_time_minutes: 0,
      sessions_count: 0,
    });
  });

  it('begins the book with the first position, and the page follows', async () => {
    const id = await newBook(reader, { page_count: 200 });
    expect(await put(id, { current_position: 0.25, current_cfi: 'epubcfi(/6/4)' })).toMatchObject({
      reading_status: 'in_progress',
      current_page: 50,
      current_position: 0.25,
      current_cfi: 'epubcfi(/6/4)',
      started_at: NOW,
      completed_at: null,
      last_read_at: NOW,
    });
    expect(await put(id, { current_page: 100 })).toMatchObject({ current_position: 0.5, current_page: 100 });
    expect(await put(id, { current_page: 900 })).toMatchObject({ current_position: 1, current_page: 900 });
  });

  it('completes the book at its end, once, and the other faces of the server say so too', async () => {
    const id = await newBook(reader);
    expect(await put(id, { current_position: 1 })).toMatchObject({
      reading_status: 'completed',
      started_at: NOW,
      completed_at: NOW,
      current_position: 1,
      current_page: null,
    });
    clock.forward({ minutes: 1 });
    expect(await put(id, { current_position: 1 })).toMatchObject({ completed_at: NOW });
    expect(await found(`/books/${id}`, reader)).toMatchObject({
      reading_status: 'completed',
      completed_at: NOW,
    });
    expect(await put(id, { reading_status: 'in_progress', current_position: 0.1 })).toMatchObject({
      completed_at: null,
      current_position: 0.1,
    });
  });

  it('follows a status that is said rather than the position', async () => {
    const id = await newBook(reader);
    expect(await put(id, { reading_status: 'paused', current_position: 0.5 })).toMatchObject({
      reading_status: 'paused',
      current_position: 0.5,
    });
    expect(await put(id, { current_position: 0.6 })).toMatchObject({ reading_status: 'in_progress' });
    expect(await put(id, { reading_status: 'not_started', current_position: 0.7 })).toMatchObject({
      reading_status: 'not_started',
      current_position: null,
      started_at: null,
    });
    expect(await put(id, { reading_status: 'abandoned' })).toMatchObject({ reading_status: 'abandoned' });
    expect(await put(id, { current_position: 0.2 })).toMatchObject({ reading_status: 'abandoned' });
    expect(await put(id, { current_position: null, current_cfi: null })).toMatchObject({
      current_position: null,
      current_cfi: null,
    });
  });

  it.each([
    [{}, []],
    [{ current_position: 1.1 }, ['current_position']],
    [{ current_position: -0.1 }, ['current_position']],
    [{ current_page: -1 }, ['current_page']],
    [{ current_page: 1.5 }, ['current_page']],
    [{ reading_status: 'reading' }, ['reading_status']],
    [{ reading_status: null }, ['reading_status']],
    [{ current_cfi: 'x\0' }, ['current_cfi']],
  ])('refuses %j', async (body, fields) => {
    const id = await newBook(reader);
    expect(refusal(await ask('PUT', `/books/${id}/progress`, body, reader))).toEqual([
      400,
      'VALIDATION_ERROR',
      fields,
    ]);
  });

  it.each([
    ['GET', undefined],
    ['PUT', { current_position: 0.5 }],
  ])('of another person is not there: %s', async (method, body) => {
    for (const id of [shared, STRANGE])
      expect(refusal(await ask(method, `/books/${id}/progress`, body, reader))).toEqual([
        404,
        'NOT_FOUND',
        [],
      ]);
  });
});

describe('reading sessions', () => {
  let reader: string;
  let book: string;
  beforeAll(async () => {
    reader = await newPerson();
    book = await newBook(reader, { title: 'Walden', page_count: 300 });
  });

  it('are kept as they were told, with whole minutes', async () => {
    const session = await told(
      {
        book_id: book,
        start_time: '2026-03-13T20:00:00+01:00',
        end_time: '2026-03-13T19:31:59Z',
        start_position: 0.1,
        end_position: 0.2,
        device_type: 'phone',
        device_name: 'Pocket',
      },
      reader,
    );
    expect(session).toEqual({
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: book,
      book_title: 'Walden',
      start_time: '2026-03-13T19:00:00.000Z',
      end_time: '2026-03-13T19:31:59.000Z',
      start_position: 0.1,
      end_position: 0.2,
      pages_read: 30,
      duration_minutes: 31,
      device_type: 'phone',
      device_name: 'Pocket',
      created_at: clock.now().toISOString(),
    });
    expect(await found(`/progress/sessions/${session.session_id}`, reader)).toEqual(session);
    expect(await found(`/books/${book}/progress`, reader)).toMatchObject({
      reading_status: 'in_progress',
      current_position: 0.2,
      current_page: 60,
      started_at: '2026-03-13T19:00:00.000Z',
      last_read_at: '2026-03-13T19:31:59.000Z',
      total_reading_time_minutes: 31,
      sessions_count: 1,
    });
  });

  it('of long ago move nothing, and none moves a book back', async () => {
    await told(
      {
        book_id: book,
        start_time: '2026-03-01T10:00:00Z',
        end_time: '2026-03-01T11:00:00Z',
        end_position: 0.9,
      },
      reader,
    );
    expect(await found(`/books/${book}/progress`, reader)).toMatchObject({
      current_position: 0.2,
      total_reading_time_minutes: 91,
    });
    await told(
      { book_id: book, start_time: '2026-03-14T08:00:00Z', end_position: 0.15, pages_read: 4 },
      reader,
    );
    expect(await found(`/books/${book}/progress`, reader)).toMatchObject({
      current_position: 0.2,
      last_read_at: '2026-03-14T08:00:00.000Z',
      sessions_count: 3,
    });
  });

  it('are listed newest first, by book, by day, a page at a time', async () => {
    const starts = (list: Session[]) => list.map(({ start_time }) => start_time.slice(0, 10));
    expect(starts(await sessions('', reader))).toEqual(['2026-03-14', '2026-03-13', '2026-03-01']);
    expect(starts(await sessions('?sort=start_time', reader))).toEqual([
      '2026-03-01',
      '2026-03-13',
      '2026-03-14',
    ]);
    expect(starts(await sessions('?start_date=2026-03-02', reader))).toEqual(['2026-03-14', '2026-03-13']);
    expect(starts(await sessions('?end_date=2026-03-13', reader))).toEqual(['2026-03-13', '2026-03-01']);
    expect(starts(await sessions('?end_date=2026-03-12&start_date=2026-03-02', reader))).toEqual([]);
    // In Kiritimati it was the 14th already.
    expect(starts(await sessions('?start_date=2026-03-14&tz=Pacific/Kiritimati', reader))).toEqual([
      '2026-03-14',
      '2026-03-13',
    ]);
    expect(await sessions(`?book_id=${STRANGE}`, reader)).toEqual([]);
    const page = await found<{ sessions: Session[]; pagination: Json }>(
      '/progress/sessions?limit=2&page=2',
      reader,
    );
    expect(starts(page.sessions)).toEqual(['2026-03-01']);
    expect(page.pagination).toEqual({
      page: 2,
      limit: 2,
      total: 3,
      total_pages: 2,
      has_next: false,
      has_prev: true,
    });
  });

  it('completes a book at its end', async () => {
    const id = await newBook(reader);
    await told(
      { book_id: id, start_time: '2026-03-12T10:00:00Z', end_time: '2026-03-12T11:00:00Z', end_position: 1 },
      reader,
    );
    expect(await found(`/books/${id}`, reader)).toMatchObject({
      reading_status: 'completed',
      completed_at: '2026-03-12T11:00:00.000Z',
    });
  });

  it('can be removed, and what they counted with them', async () => {
    const { session_id } = await told(
      { book_id: book, start_time: '2026-02-01T10:00:00Z', end_time: '2026-02-01T10:30:00Z' },
      reader,
    );
    const february = '?start_date=2026-02-01&end_date=2026-02-28';
    expect((await statistics(february, reader)).totals).toMatchObject({
      reading_time_minutes: 30,
      sessions_count: 1,
    });
    expect((await ask('DELETE', `/progress/sessions/${session_id}`, undefined, reader)).status).toBe(204);
    expect((await statistics(february, reader)).totals).toMatchObject({
      reading_time_minutes: 0,
      sessions_count: 0,
    });
    expect(refusal(await ask('DELETE', `/progress/sessions/${session_id}`, undefined, reader))).toEqual([
      404,
      'NOT_FOUND',
      [],
    ]);
  });

  it('go with their book', async () => {
    const other = await newPerson();
    const id = await newBook(other);
    const { session_id } = await told(
      { book_id: id, start_time: '2026-03-14T10:00:00Z', end_time: '2026-03-14T11:00:00Z' },
      other,
    );
    expect((await statistics('', other)).totals.reading_time_minutes).toBe(60);
    await ask('DELETE', `/books/${id}`, undefined, other);
    expect((await statistics('', other)).totals.reading_time_minutes).toBe(0);
    expect((await ask('GET', `/progress/sessions/${session_id}`, undefined, other)).status).toBe(404);
  });

  it('of another person are not there', async () => {
    const [mine] = await sessions('', reader);
    for (const id of [mine!.session_id, STRANGE]) {
      expect(refusal(await ask('GET', `/progress/sessions/${id}`))).toEqual([404, 'NOT_FOUND', []]);
      expect(refusal(await ask('DELETE', `/progress/sessions/${id}`))).toEqual([404, 'NOT_FOUND', []]);
    }
    expect(await sessions(`?book_id=${book}`)).toEqual([]);
  });

  it.each([
    [{ book_id: STRANGE }, ['book_id']],
    [{ book_id: 'x' }, ['book_id']],
    [{ start_time: '2026-03-14T10:00:00' }, ['start_time']],
    [{ start_time: undefined }, ['start_time']],
    [{ end_time: '2026-03-14T09:59:59Z' }, ['end_time']],
    [{ end_time: '2026-03-15T10:00:01Z' }, ['end_time']],
    [{ start_position: 2 }, ['start_position']],
    [{ end_position: -1 }, ['end_position']],
    [{ pages_read: -1 }, ['pages_read']],
    [{ pages_read: 1.5 }, ['pages_read']],
    [{ device_name: 'x'.repeat(256) }, ['device_name']],
  ])('are refused with %j', async (body, fields) => {
    const answer = await tell({ book_id: book, start_time: '2026-03-14T10:00:00Z', ...body }, reader);
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR', fields]);
  });

  it('are refused for a book of another person', async () => {
    const answer = await tell({ book_id: shared, start_time: '2026-03-14T10:00:00Z' }, reader);
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR', ['book_id']]);
  });

  it.each([
    'page=0',
    'limit=101',
    'book_id=x',
    'start_date=2026-02-30',
    'end_date=today',
    'tz=Mars',
    'sort=title',
  ])('are not listed by %s', async (query) => {
    const answer = await ask('GET', `/progress/sessions?${query}`, undefined, reader);
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR', [query.split('=')[0]]]);
  });
});

describe("KOReader's reading", () => {
  it('is among the sessions, read-only, under ids that stay', async () => {
    const [session] = await sessions(`?book_id=${shared}`);
    expect(session).toEqual({
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: shared,
      book_title: 'Both',
      start_time: '2026-03-10T20:00:00.000Z',
      end_time: '2026-03-10T20:30:00.000Z',
      start_position: null,
      end_position: null,
      pages_read: null,
      duration_minutes: 30,
      device_type: 'e-ink',
      device_name: 'KOReader',
      created_at: '2026-03-10T20:30:00.000Z',
    });
    const path = `/progress/sessions/${session!.session_id}`;
    expect(await found(path)).toEqual(session);
    expect(refusal(await ask('DELETE', path))).toEqual([403, 'FORBIDDEN', []]);
    const stranger = await newPerson();
    expect(refusal(await ask('GET', path, undefined, stranger))).toEqual([404, 'NOT_FOUND', []]);
    expect(refusal(await ask('DELETE', path, undefined, stranger))).toEqual([404, 'NOT_FOUND', []]);
    await server.rescan();
    expect(await found(path)).toEqual(session);
  });

  const koshelf = async () => {
    const range = 'from=2026-03-01&to=2026-03-31&tz=UTC';
    const { overview } = await server.data<{ overview: Json }>(`/reading/summary?${range}`);
    return overview;
  };
  const both = async () => (await statistics(`?period=month&book_id=${shared}`)).totals;

  it('and what other devices tell of the same sitting count once, in both faces', async () => {
    expect(await both()).toMatchObject({ reading_time_minutes: 30, pages_read: 30, sessions_count: 1 });
    const before = await koshelf();
    const again = await told({
      book_id: shared,
      start_time: '2026-03-10T20:01:00Z',
      end_time: '2026-03-10T20:29:00Z',
      pages_read: 28,
    });
    expect(await both()).toMatchObject({ reading_time_minutes: 30, pages_read: 30, sessions_count: 1 });
    expect(await koshelf()).toEqual(before);
    expect(await sessions(`?book_id=${shared}`)).toHaveLength(2);
    await told({
      book_id: shared,
      start_time: '2026-03-10T20:20:00Z',
      end_time: '2026-03-10T21:00:00Z',
      pages_read: 40,
    });
    expect(await both()).toMatchObject({ reading_time_minutes: 60, pages_read: 60, sessions_count: 2 });
    expect(await found(`/books/${shared}/progress`)).toMatchObject({
      total_reading_time_minutes: 60,
      sessions_count: 2,
    });
    expect(await koshelf()).not.toEqual(before);
    await ask('DELETE', `/progress/sessions/${again.session_id}`);
    expect(await both()).toMatchObject({ reading_time_minutes: 60, pages_read: 60, sessions_count: 2 });
  });
});
