import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Goal } from '../../../server/api/papyrus/reading/goal-schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
const epub = makeEpub({ title: 'Both', authors: ['Ann'] });
const start = Date.parse('2026-03-10T20:00:00Z') / 1000;
let server: TestServer;
let owner: string;
let reader: string;
let book: string;
let people = 0;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'both.epub': epub },
    statistics: {
      books: [{ title: 'Both', authors: 'Ann', md5: koreaderChecksum(epub), pages: 100 }],
      reads: Array.from({ length: 30 }, (_, page) => [1, page + 1, start + page * 60, 60, 100]),
    },
  });
  owner = await server.claim();
  await server.settled();
  reader = await server.signUp('reader@example.org');
  book = await newBook();
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = reader): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const newBook = async (): Promise<string> =>
  ((await ask('POST', '/books', { title: 'T', author: 'A' })).json() as { book_id: string }).book_id;
const wanted = {
  title: 'March',
  goal_type: 'reading_time',
  target_value: 100,
  time_period: 'monthly',
  start_date: '2026-03-01',
  end_date: '2026-03-31',
};
const made = async (body: object = {}, as = reader): Promise<Goal> => {
  const answer = await ask('POST', '/goals', { ...wanted, ...body }, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Goal;
};
const goal = async (id: string, as = reader): Promise<Goal> =>
  (await ask('GET', `/goals/${id}`, undefined, as)).json() as Goal;
const list = async (query = '', as = reader): Promise<Goal[]> =>
  ((await ask('GET', `/goals${query}`, undefined, as)).json() as { goals: Goal[] }).goals;
const read = async (date: string, minutes: number, pages_read?: number): Promise<string> => {
  const start_time = `${date}T10:00:00Z`;
  const end_time = new Date(Date.parse(start_time) + minutes * 60_000).toISOString();
  const answer = await ask('POST', '/progress/sessions', { book_id: book, start_time, end_time, pages_read });
  return (answer.json() as { session_id: string }).session_id;
};
const refusal = (answer: Answer) => {
  const { error } = answer.json() as Refusal;
  return [answer.status, error.code, Object.keys(error.details?.['fields'] ?? {})];
};

describe('goals', () => {
  it('are there with every key', async () => {
    const other = await server.signUp(`person${++people}@example.org`);
    const one = await made({ description: 'An hour a week' }, other);
    expect(one).toEqual({
      goal_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title: 'March',
      description: 'An hour a week',
      goal_type: 'reading_time',
      target_value: 100,
      current_value: 0,
      progress_percentage: 0,
      time_period: 'monthly',
      start_date: '2026-03-01',
      end_date: '2026-03-31',
      is_active: true,
      is_completed: false,
      completed_at: null,
      created_at: NOW,
      updated_at: NOW,
    });
    expect(await goal(one.goal_id, other)).toEqual(one);
    expect(await list('', other)).toEqual([one]);
    const elsewhere = await server.get('/v1/goals', { headers: { authorization: `Bearer ${other}` } });
    expect(elsewhere.json()).toEqual({ goals: [one] });
  });

  it('follow reading by themselves, what was read before them too', async () => {
    await read('2026-03-02', 30, 12);
    const minutes = await made();
    const pages = await made({ goal_type: 'pages_count', target_value: 36 });
    const day = await made({ time_period: 'daily', start_date: '2026-03-03', end_date: '2026-03-03' });
    expect([minutes.current_value, pages.current_value, day.current_value]).toEqual([30, 12, 0]);
    expect(pages.progress_percentage).toBe(33.33);
    const session = await read('2026-03-03', 45, 30);
    await read('2026-04-01', 60, 30);
    expect((await goal(minutes.goal_id)).current_value).toBe(75);
    expect(await goal(pages.goal_id)).toMatchObject({
      current_value: 42,
      progress_percentage: 100,
      is_completed: true,
      completed_at: NOW,
    });
    expect((await goal(day.goal_id)).current_value).toBe(45);
    await ask('DELETE', `/progress/sessions/${session}`);
    expect(await goal(pages.goal_id)).toMatchObject({
      current_value: 12,
      is_completed: false,
      completed_at: null,
    });
    expect((await goal(day.goal_id)).current_value).toBe(0);
  });

  it('count the books completed in their days', async () => {
    const books = await made({
      goal_type: 'books_count',
      target_value: 12,
      time_period: 'yearly',
      start_date: '2026-01-01',
      end_date: '2026-12-31',
    });
    const february = await made({
      goal_type: 'books_count',
      start_date: '2026-02-01',
      end_date: '2026-02-28',
    });
    const finished = [await newBook(), await newBook(), await newBook(), await newBook(), await newBook()];
    await Promise.all(finished.map((id) => ask('PATCH', `/books/${id}`, { reading_status: 'completed' })));
    expect(await goal(books.goal_id)).toMatchObject({ current_value: 5, progress_percentage: 41.67 });
    await ask('PUT', `/books/${finished[0]}/progress`, { reading_status: 'in_progress' });
    await ask('DELETE', `/books/${finished[1]}`);
    expect((await goal(books.goal_id)).current_value).toBe(3);
    expect((await goal(february.goal_id)).current_value).toBe(0);
  });

  it("count KOReader's reading", async () => {
    expect(await made({}, owner)).toMatchObject({ current_value: 30 });
    expect(await made({ goal_type: 'pages_count' }, owner)).toMatchObject({ current_value: 30 });
  });

  it('can be set by hand, and later reading adds to it', async () => {
    const days = { start_date: '2026-03-05', end_date: '2026-03-06' };
    const { goal_id } = await made(days);
    await read('2026-03-05', 20);
    const put = (body: object) => ask('PUT', `/goals/${goal_id}/progress`, body);
    clock.forward({ minutes: 1 });
    const set = (await put({ current_value: 50, note: 'on paper' })).json() as Goal;
    expect(set).toMatchObject({
      current_value: 50,
      progress_percentage: 50,
      updated_at: '2026-03-14T12:01:00.000Z',
    });
    await read('2026-03-06', 30);
    expect((await goal(goal_id)).current_value).toBe(80);
    expect((await put({ current_value: 100 })).json()).toMatchObject({ is_completed: true });
    expect((await put({ current_value: 0 })).json()).toMatchObject({ current_value: 0, is_completed: false });
    await read('2026-03-06', 60);
    expect((await goal(goal_id)).current_value).toBe(30);
    for (const body of [{}, { current_value: -1 }, { current_value: 1.5 }, { current_value: null }])
      expect(refusal(await put(body))).toEqual([400, 'VALIDATION_ERROR', ['current_value']]);
  });

  it('keep their value while they are inactive', async () => {
    const days = { start_date: '2026-03-07', end_date: '2026-03-07' };
    const { goal_id } = await made(days);
    await read('2026-03-07', 25);
    const patch = async (body: object) => (await ask('PATCH', `/goals/${goal_id}`, body)).json() as Goal;
    expect(await patch({ is_active: false })).toMatchObject({ is_active: false, current_value: 25 });
    await ask('POST', '/progress/sessions', {
      book_id: book,
      start_time: '2026-03-07T15:00:00Z',
      end_time: '2026-03-07T15:10:00Z',
    });
    expect((await goal(goal_id)).current_value).toBe(25);
    const set = await ask('PUT', `/goals/${goal_id}/progress`, { current_value: 27 });
    expect((set.json() as Goal).current_value).toBe(27);
    expect(await patch({ is_active: true })).toMatchObject({ is_active: true, current_value: 27 });
  });

  it('change by what is given', async () => {
    const { goal_id } = await made({ description: 'x', start_date: '2026-03-02', end_date: '2026-03-02' });
    const patch = (body: object) => ask('PATCH', `/goals/${goal_id}`, body);
    expect((await patch({ title: 'New', target_value: 30, description: null })).json()).toMatchObject({
      title: 'New',
      target_value: 30,
      description: null,
      current_value: 30,
      is_completed: true,
    });
    expect((await patch({ target_value: 31 })).json()).toMatchObject({
      is_completed: false,
      completed_at: null,
    });
    expect((await patch({})).json()).toMatchObject({ title: 'New', target_value: 31 });
    for (const [body, field] of [
      [{ end_date: '2026-03-01' }, 'end_date'],
      [{ end_date: null }, 'end_date'],
      [{ target_value: 0 }, 'target_value'],
      [{ title: ' ' }, 'title'],
      [{ is_active: 'yes' }, 'is_active'],
    ] as const)
      expect(refusal(await patch(body))).toEqual([400, 'VALIDATION_ERROR', [field]]);
  });

  it('that are over stay completed', async () => {
    const { goal_id } = await made({ target_value: 20, start_date: '2026-02-10', end_date: '2026-02-10' });
    const session = await read('2026-02-10', 20);
    expect(await goal(goal_id)).toMatchObject({ is_completed: true });
    await ask('DELETE', `/progress/sessions/${session}`);
    expect(await goal(goal_id)).toMatchObject({ current_value: 0, is_completed: true });
  });

  it('are listed by what they are, those that end first before the others', async () => {
    const other = await server.signUp(`person${++people}@example.org`);
    const may = await made({ title: 'May', end_date: '2026-05-31' }, other);
    const march = await made({ title: 'March' }, other);
    const done = await made({ title: 'Done', end_date: '2026-04-30' }, other);
    await ask('PUT', `/goals/${done.goal_id}/progress`, { current_value: 100 }, other);
    await ask('PATCH', `/goals/${may.goal_id}`, { is_active: false }, other);
    const titles = async (query: string) => (await list(query, other)).map(({ title }) => title);
    expect(await titles('')).toEqual(['March', 'Done', 'May']);
    expect(await titles('?is_active=true')).toEqual(['March', 'Done']);
    expect(await titles('?is_active=false')).toEqual(['May']);
    expect(await titles('?is_completed=true')).toEqual(['Done']);
    expect(await titles('?is_completed=false&is_active=true')).toEqual(['March']);
    expect(refusal(await ask('GET', '/goals?is_active=1'))).toEqual([400, 'VALIDATION_ERROR', ['is_active']]);
    expect((await ask('DELETE', `/goals/${march.goal_id}`, undefined, other)).status).toBe(204);
    expect(await titles('')).toEqual(['Done', 'May']);
  });

  it.each([
    ['title', { title: '' }],
    ['title', { title: 'x'.repeat(256) }],
    ['goal_type', { goal_type: 'chapters' }],
    ['target_value', { target_value: 0 }],
    ['target_value', { target_value: undefined }],
    ['time_period', { time_period: 'hourly' }],
    ['start_date', { start_date: '2026-13-01' }],
    ['end_date', { end_date: '2026-02-28' }],
  ])('are refused for their %s: %j', async (field, body) => {
    expect(refusal(await ask('POST', '/goals', { ...wanted, ...body }))).toEqual([
      400,
      'VALIDATION_ERROR',
      [field],
    ]);
  });

  it('of another person are not there', async () => {
    const { goal_id } = await made({}, owner);
    for (const id of [goal_id, '00000000-0000-7000-8000-00000000abcd'])
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PATCH', '', { title: 'Mine' }],
        ['PUT', '/progress', { current_value: 1 }],
        ['DELETE', '', undefined],
      ] as const)
        expect(refusal(await ask(method, `/goals/${id}${path}`, body))).toEqual([404, 'NOT_FOUND', []]);
    expect((await goal(goal_id, owner)).title).toBe('March');
  });
});
