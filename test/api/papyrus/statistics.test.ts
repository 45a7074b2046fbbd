import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Json = Record<string, unknown>;
type Figures = { reading_time_minutes: number; pages_read: number; sessions_count: number };
type Statistics = {
  period: Json;
  totals: Figures & Record<string, number>;
  daily_breakdown: (Figures & { date: string })[];
  books_breakdown: (Figures & { book_id: string | null; title: string })[];
};

// A Saturday; the week began on the 9th.
const clock = at('2026-03-14T12:00:00Z');
const epub = makeEpub({ title: 'Both', authors: ['Ann'] });
const sec = (iso: string) => Date.parse(iso) / 1000;
/** Minutes of reading by KOReader, a page each. */
const pages = (book: number, iso: string, minutes: number): [number, number, number, number, number][] =>
  Array.from({ length: minutes }, (_, page) => [book, page + 1, sec(iso) + page * 60, 60, 300]);

let server: TestServer;
let owner: string;
let shared: string;
let people = 0;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'both.epub': epub },
    statistics: {
      books: [
        { title: 'Both', authors: 'Ann', md5: koreaderChecksum(epub), pages: 300 },
        { title: 'Elsewhere', authors: 'Bob', md5: 'f'.repeat(32), pages: 300 },
      ],
      reads: [
        ...pages(1, '2026-03-10T20:00:00Z', 30),
        ...pages(1, '2026-03-11T23:50:00Z', 20),
        ...pages(2, '2026-03-12T08:00:00Z', 45),
      ],
    },
  });
  owner = await server.claim();
  await server.settled();
  const { books } = (await ask('GET', '/books', undefined, owner)).json() as { books: { book_id: string }[] };
  shared = books[0]!.book_id;
});
afterAll(() => server.close());

const newPerson = (): Promise<string> => server.signUp(`person${++people}@example.org`);
const ask = (method: string, path: string, body: unknown, as: string): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const statistics = async (query: string, as: string): Promise<Statistics> => {
  const answer = await ask('GET', `/progress/statistics${query}`, undefined, as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as Statistics;
};
const newBook = async (as: string, title: string): Promise<string> =>
  ((await ask('POST', '/books', { title, author: 'A' }, as)).json() as { book_id: string }).book_id;
const tell = async (as: string, book_id: string, start: string, minutes: number, pages_read?: number) => {
  const end_time = new Date(Date.parse(start) + minutes * 60_000).toISOString();
  const answer = await ask(
    'POST',
    '/progress/sessions',
    { book_id, start_time: start, end_time, pages_read },
    as,
  );
  expect(answer.status).toBe(201);
};
const sumOf = (rows: Figures[]) => {
  const of = (field: keyof Figures) => rows.reduce((total, row) => total + row[field], 0);
  return {
    reading_time_minutes: of('reading_time_minutes'),
    pages_read: of('pages_read'),
    sessions_count: of('sessions_count'),
  };
};
const figures = (minutes: number, pages_read: number, sessions_count: number) => ({
  reading_time_minutes: minutes,
  pages_read,
  sessions_count,
});

describe('statistics of a period', () => {
  let reader: string;
  let emma: string;
  let walden: string;
  beforeAll(async () => {
    reader = await newPerson();
    emma = await newBook(reader, 'Emma');
    walden = await newBook(reader, 'Walden');
    await tell(reader, emma, '2025-12-31T23:30:00Z', 60, 50);
    await tell(reader, emma, '2026-02-28T10:00:00Z', 20);
    await tell(reader, emma, '2026-03-08T10:00:00Z', 30, 10);
    await tell(reader, emma, '2026-03-09T10:00:00Z', 31.9, 11);
    await tell(reader, walden, '2026-03-10T10:00:00Z', 45, 20);
    await tell(reader, walden, '2026-03-10T18:00:00Z', 15);
    await tell(reader, walden, '2026-03-13T22:30:00Z', 10, 5);
    await ask('PUT', `/books/${walden}/progress`, { reading_status: 'completed' }, reader);
  });

  it('are there with every figure', async () => {
    expect(await statistics('?period=week', reader)).toEqual({
      period: { start_date: '2026-03-09', end_date: '2026-03-14' },
      totals: {
        ...figures(101, 36, 4),
        books_completed: 1,
        average_session_minutes: 25.25,
        reading_days: 3,
        current_streak: 1,
        longest_streak: 3,
      },
      daily_breakdown: [
        { date: '2026-03-09', ...figures(31, 11, 1) },
        { date: '2026-03-10', ...figures(60, 20, 2) },
        { date: '2026-03-11', ...figures(0, 0, 0) },
        { date: '2026-03-12', ...figures(0, 0, 0) },
        { date: '2026-03-13', ...figures(10, 5, 1) },
        { date: '2026-03-14', ...figures(0, 0, 0) },
      ],
      books_breakdown: [
        { book_id: walden, title: 'Walden', ...figures(70, 25, 3) },
        { book_id: emma, title: 'Emma', ...figures(31, 11, 1) },
      ],
    });
  });

  it.each([
    ['?period=today', '2026-03-14', '2026-03-14', 0],
    ['?period=week', '2026-03-09', '2026-03-14', 4],
    ['', '2026-03-01', '2026-03-14', 5],
    ['?period=month', '2026-03-01', '2026-03-14', 5],
    ['?period=year', '2026-01-01', '2026-03-14', 6],
    ['?period=all', '2025-12-31', '2026-03-14', 7],
    ['?start_date=2026-03-08&end_date=2026-03-09', '2026-03-08', '2026-03-09', 2],
    ['?period=custom&start_date=2026-03-10&end_date=2026-03-10', '2026-03-10', '2026-03-10', 2],
    ['?period=today&start_date=2026-03-08&end_date=2026-03-09', '2026-03-14', '2026-03-14', 0],
    ['?period=week&tz=Pacific/Kiritimati', '2026-03-09', '2026-03-15', 5],
    ['?period=today&tz=Pacific/Kiritimati', '2026-03-15', '2026-03-15', 0],
    [
      '?period=custom&start_date=2026-03-14&end_date=2026-03-14&tz=Europe/Berlin',
      '2026-03-14',
      '2026-03-14',
      0,
    ],
    [
      '?period=custom&start_date=2026-03-14&end_date=2026-03-14&tz=Asia/Kolkata',
      '2026-03-14',
      '2026-03-14',
      1,
    ],
  ])('%s are from %s to %s', async (query, start_date, end_date, sessions) => {
    const { period, totals, daily_breakdown, books_breakdown } = await statistics(query, reader);
    expect(period).toEqual({ start_date, end_date });
    expect(totals.sessions_count).toBe(sessions);
    expect(daily_breakdown.at(0)?.date).toBe(start_date);
    expect(daily_breakdown.at(-1)?.date).toBe(end_date);
    const { reading_time_minutes, pages_read, sessions_count } = totals;
    const all = { reading_time_minutes, pages_read, sessions_count };
    expect([sumOf(daily_breakdown), sumOf(books_breakdown)]).toEqual([all, all]);
  });

  it('are counted in the zone of your preferences unless you ask for another', async () => {
    const traveller = await newPerson();
    const book = await newBook(traveller, 'Far');
    await tell(traveller, book, '2026-03-13T22:30:00Z', 10);
    const changed = await ask('PUT', '/users/me/preferences', { timezone: 'Asia/Kolkata' }, traveller);
    const days = async (query = '') =>
      (await statistics(`?period=week${query}`, traveller)).daily_breakdown
        .filter(({ sessions_count }) => sessions_count > 0)
        .map(({ date }) => date);
    expect(await days('&tz=UTC')).toEqual(['2026-03-13']);
    expect(changed.status).toBe(200);
    expect(await days()).toEqual(['2026-03-14']);
  });

  it('are of one book, or of a shelf', async () => {
    expect((await statistics(`?period=week&book_id=${emma}`, reader)).totals).toMatchObject({
      ...figures(31, 11, 1),
      books_completed: 0,
      longest_streak: 2,
    });
    expect((await statistics(`?period=week&book_id=${walden}`, reader)).totals).toMatchObject({
      ...figures(70, 25, 3),
      books_completed: 1,
    });
    for (const query of [`book_id=${shared}`, 'shelf_id=00000000-0000-7000-8000-00000000abcd'])
      expect((await statistics(`?period=all&${query}`, reader)).totals).toMatchObject({
        ...figures(0, 0, 0),
        average_session_minutes: 0,
        longest_streak: 0,
      });
  });

  it('are of the books a shelf has, put there or found by its query', async () => {
    const shelf = async (body: object) =>
      ((await ask('POST', '/shelves', { name: 'S', ...body }, reader)).json() as { shelf_id: string })
        .shelf_id;
    const plain = await shelf({ name: 'Plain' });
    await ask('POST', `/shelves/${plain}/books`, { book_ids: [emma] }, reader);
    const smart = await shelf({ name: 'Smart', is_smart: true, smart_query: 'title:walden' });
    const of = async (query: string, as = reader) => (await statistics(`?period=week&${query}`, as)).totals;
    expect(await of(`shelf_id=${plain}`)).toMatchObject({ ...figures(31, 11, 1), books_completed: 0 });
    expect(await of(`shelf_id=${smart}`)).toMatchObject({ ...figures(70, 25, 3), books_completed: 1 });
    expect(await of(`shelf_id=${smart}&book_id=${emma}`)).toMatchObject(figures(0, 0, 0));
    expect(await of(`shelf_id=${plain}`, owner)).toMatchObject(figures(0, 0, 0));
  });

  it.each([
    ['period=decade', 'period'],
    ['period=custom', 'start_date'],
    ['period=custom&start_date=2026-01-01', 'end_date'],
    ['end_date=2026-01-01', 'start_date'],
    ['start_date=2026-01-02&end_date=2026-01-01', 'end_date'],
    ['start_date=0001-01-01&end_date=2026-01-01', 'start_date'],
    ['start_date=2026-02-30&end_date=2026-03-01', 'start_date'],
    ['tz=Mars/Olympus', 'tz'],
    ['book_id=1', 'book_id'],
    ['shelf_id=1', 'shelf_id'],
  ])('are refused for %s', async (query, field) => {
    const answer = await ask('GET', `/progress/statistics?${query}`, undefined, reader);
    const { error } = answer.json() as Refusal;
    expect([answer.status, error.code, Object.keys(error.details?.['fields'] ?? {})]).toEqual([
      400,
      'VALIDATION_ERROR',
      [field],
    ]);
  });
});

describe('one stream of reading in both faces', () => {
  const papyrus = async () => (await statistics('?period=month&tz=UTC', owner)).totals;
  type Points = { points: { key: string; reading_time_sec: number; pages_read: number; sessions: number }[] };
  const koshelf = async (grouping: string) =>
    (
      await server.data<Points>(
        `/reading/metrics?from=2026-03-01&to=2026-03-14&tz=UTC&group_by=${grouping}&metric=reading_time_sec,pages_read,sessions`,
      )
    ).points;
  const sums = async (grouping: string) => {
    const points = await koshelf(grouping);
    const of = (field: 'reading_time_sec' | 'pages_read' | 'sessions') =>
      points.reduce((total, point) => total + point[field], 0);
    return figures(of('reading_time_sec') / 60, of('pages_read'), of('sessions'));
  };

  it("has KOReader's reading, of books that are not in the library too", async () => {
    expect(await papyrus()).toMatchObject({
      ...figures(95, 95, 3),
      reading_days: 3,
      current_streak: 0,
      longest_streak: 3,
    });
    const { books_breakdown } = await statistics('?period=month', owner);
    expect(books_breakdown).toEqual([
      { book_id: shared, title: 'Both', ...figures(50, 50, 2) },
      { book_id: null, title: 'Elsewhere', ...figures(45, 45, 1) },
    ]);
  });

  it('counts once what is told twice, and everything the same in days, weeks, months and years', async () => {
    await tell(owner, shared, '2026-03-10T20:05:00Z', 20, 20);
    expect(await papyrus()).toMatchObject(figures(95, 95, 3));
    await tell(owner, shared, '2026-03-10T20:10:00Z', 40, 40);
    await tell(owner, shared, '2026-03-13T09:00:00Z', 25, 12);
    for (const grouping of ['total', 'day', 'week', 'month', 'year'])
      expect([grouping, await sums(grouping)]).toEqual([grouping, figures(140, 127, 5)]);
    expect(await papyrus()).toMatchObject({ ...figures(140, 127, 5), current_streak: 4 });
  });

  it('is the same in another zone', async () => {
    const { totals } = await statistics('?period=month&tz=America/New_York', owner);
    expect(totals).toMatchObject(figures(140, 127, 5));
  });

  it('shows a book read on several devices as one in the calendar', async () => {
    const { events, items } = await server.data<{ events: Json[]; items: Record<string, Json> }>(
      '/reading/calendar?month=2026-03&tz=UTC',
    );
    expect(new Set(Object.values(items).map(({ title }) => title))).toEqual(new Set(['Both', 'Elsewhere']));
    expect(Object.keys(items)).toHaveLength(2);
    // Half an hour and twenty minutes more, ten and ten around midnight, twenty-five the day after.
    expect(
      events.map(({ start, reading_time_sec }) => [String(start).slice(0, 10), reading_time_sec]),
    ).toEqual([
      ['2026-03-10', 95 * 60],
      ['2026-03-12', 45 * 60],
    ]);
  });

  it('of another person is theirs', async () => {
    expect((await statistics('?period=all', await newPerson())).totals).toMatchObject(figures(0, 0, 0));
  });
});
