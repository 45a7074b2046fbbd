import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Result = {
  kind: string;
  book_title: string;
  chapter_title: string | null;
  passage: number;
  snippets: { field: string; text: string; marks: { start: number; end: number }[] }[];
};

const sea = (text: string) =>
  makeEpub({
    title: 'The Sea',
    chapters: [
      { title: 'Harbour', text: 'A quiet evening.' },
      { title: 'Open water', text },
    ],
  });

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({
    files: {
      'sea.epub': sea('Wie der Köhlerfisch schwimmt, so schwimmt keiner.'),
      'plain.txt': `${'Filler and more filler. '.repeat(600)}Here the köhler burns his coal.`,
      'east.txt': '吾輩は猫である。名前はまだ無い。',
      'broken.epub': 'not a book at all',
    },
  });
  token = await server.claim();
});
afterAll(() => server.close());

const search = async (q: string, more = ''): Promise<Result[]> => {
  const answer = await server.papyrus(
    'GET',
    `/search?in=text&q=${encodeURIComponent(q)}${more}`,
    undefined,
    token,
  );
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return (answer.json() as { results: Result[] }).results;
};
const found = async (q: string): Promise<string[]> =>
  (await search(q)).map(({ book_title: title }) => title).toSorted();
const settings = async (): Promise<unknown> =>
  (await server.papyrus('GET', '/search/settings', undefined, token)).json();
const switchTo = async (on: boolean): Promise<void> => {
  const answer = await server.papyrus('PUT', '/search/settings', { book_text: on }, token);
  expect([answer.status, (answer.json() as { book_text: boolean }).book_text]).toEqual([200, on]);
  await server.settled();
};

describe('the search inside books', () => {
  it('is off until somebody wants it', async () => {
    expect(await settings()).toEqual({ book_text: false, files: 0, passages: 0, unreadable_files: 0 });
    expect(await found('kohler')).toEqual([]);
  });

  it('finds words by how they begin, with chapter and place, in every kind of text', async () => {
    await switchTo(true);
    expect(await settings()).toMatchObject({ book_text: true, files: 3, unreadable_files: 0 });
    expect(await found('KOHLER')).toEqual(['The Sea', 'plain']);
    expect(await found('fisch')).toEqual([]);
    expect(await found('kohlerfisch schwimmt')).toEqual(['The Sea']);
    expect(await found('quiet schwimmt')).toEqual([]);
    expect(await found('名前')).toEqual(['east']);
    expect(await found('前名')).toEqual([]);
    const [passage] = await search('schwimmt');
    expect(passage).toMatchObject({
      kind: 'text',
      book_title: 'The Sea',
      chapter_title: 'Open water',
      passage: 1,
    });
    const { text, marks } = passage!.snippets[0]!;
    expect(text).toBe('Open water Wie der Köhlerfisch schwimmt, so schwimmt keiner.');
    expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual(['schwimmt', 'schwimmt']);
    const [late] = (await search('coal')).filter(({ book_title: title }) => title === 'plain');
    expect(late!.passage).toBeGreaterThan(0);
    expect(late!.snippets[0]!.text).toMatch(/^….*Here the köhler burns his coal\.$/);
  });

  it('takes in what is new or changed, and only that', async () => {
    server.put({ 'sea.epub': sea('Der Hering.'), 'new.txt': 'Ein Hecht.' });
    await server.rescan();
    expect(await found('schwimmt')).toEqual([]);
    expect(await found('hering')).toEqual(['The Sea']);
    expect(await found('kohler')).toEqual(['plain']);
    expect(await found('hecht')).toEqual(['new']);
    server.remove('plain.txt');
    await server.rescan();
    expect(await found('kohler')).toEqual([]);
  });

  it('is there after a restart', async () => {
    await server.restart();
    const { email, password } = OWNER;
    const again = await server.papyrus('POST', '/auth/login', { email, password });
    token = (again.json() as { access_token: string }).access_token;
    expect(await found('hering')).toEqual(['The Sea']);
  });

  it('is another person’s own matter', async () => {
    const stranger = await server.signUp('stranger@example.org');
    const theirs = await server.papyrus('GET', '/search?in=text&q=hering', undefined, stranger);
    expect(theirs.json()).toMatchObject({ results: [], pagination: { total: 0 } });
    expect((await server.papyrus('GET', '/search/settings', undefined, stranger)).json()).toMatchObject({ book_text: false, files: 0 }); // prettier-ignore
    expect((await server.papyrus('PUT', '/search/settings', { book_text: 'yes' }, stranger)).status).toBe(
      400,
    );
    expect((await server.papyrus('PUT', '/search/settings', { book_text: true })).status).toBe(401);
  });

  it('keeps what is in when it is cancelled half way, and goes on with the rest when it is wanted again', async () => {
    const many = Array.from({ length: 40 }, (_, n) => [
      `many/${n}.txt`,
      `${`Filler number ${n}. `.repeat(3000)}A narwhal.`,
    ]);
    await switchTo(false);
    server.put(Object.fromEntries(many) as Record<string, string>);
    await server.rescan();
    await server.papyrus('PUT', '/search/settings', { book_text: true }, token);
    type Job = { job_id: string; kind: string; state: string };
    const job = async () =>
      ((await server.desk('GET', '/jobs')).json() as { jobs: Job[] }).jobs.find(
        ({ kind }) => kind === 'index-text',
      )!;
    const filesIn = async () => ((await settings()) as { files: number }).files;
    const whole = async () => (await search('narwhal', '&limit=100')).length;
    await expect.poll(whole, { interval: 5 }).toBeGreaterThan(0);
    expect((await server.desk('POST', `/jobs/${(await job()).job_id}/cancel`)).status).toBe(204);
    await server.settled();
    expect((await job()).state).toBe('cancelled');
    expect(await filesIn()).toBeLessThan(many.length);
    expect(await whole()).toBeGreaterThan(0);

    await switchTo(true);
    expect((await job()).state).toBe('done');
    expect(new Set((await search('narwhal', '&limit=100')).map(({ book_title: title }) => title)).size).toBe(
      many.length,
    );
    expect(await filesIn()).toBe(many.length + 3);
    for (const [name = ''] of many) server.remove(name);
    await server.rescan();
    await server.letGo();
    expect(await filesIn()).toBe(3);
  });

  it('leaves nothing behind when it is switched off', async () => {
    await switchTo(false);
    expect(await settings()).toEqual({ book_text: false, files: 0, passages: 0, unreadable_files: 0 });
    expect(await found('hering')).toEqual([]);
    await switchTo(true);
    expect(await found('hering')).toEqual(['The Sea']);
  });
});
