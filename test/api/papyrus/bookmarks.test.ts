import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBookmark, aHighlight } from '../../support/builders.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Bookmark = Record<string, unknown> & { bookmark_id: string; position: string };

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
const sea = makeEpub({ title: 'Sea' });
let server: TestServer;
let token: string;
let stranger: string;
let seaId: string;
let paper: string;
beforeAll(async () => {
  const annotations = [
    aHighlight(1),
    aBookmark(2, { note: 'Here' }),
    aBookmark(3, { page: undefined, pageno: undefined, chapter: undefined, datetime: undefined }),
  ];
  const content = { partial_md5_checksum: koreaderChecksum(sea), annotations };
  const files = { 'sea.epub': sea, 'sea.sdr/metadata.epub.lua': makeSidecar(content) };
  server = await startTestServer({ clock, files });
  token = await server.claim();
  stranger = await server.signUp('stranger@example.org');
  const { books } = await ok<{ books: { book_id: string }[] }>(ask('GET', '/books'));
  seaId = books[0]!.book_id;
  paper = (await ok<{ book_id: string }>(ask('POST', '/books', { title: 'P', author: 'A' }), 201)).book_id;
});
afterAll(() => server.close());

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const ok = async <Data>(answer: Promise<Answer>, status = 200): Promise<Data> => {
  const given = await answer;
  expect([given.status, given.status === status ? '' : given.text]).toEqual([status, '']);
  return (given.text === '' ? undefined : given.json()) as Data;
};
const listed = async (path: string, as = token): Promise<Bookmark[]> =>
  (await ok<{ bookmarks: Bookmark[] }>(ask('GET', path, undefined, as))).bookmarks;
const refused = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];

describe('bookmarks', () => {
  it('of KOReader have every key, whatever the device told', async () => {
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(await listed(`/books/${seaId}/bookmarks`)).toEqual([
      {
        bookmark_id: id,
        book_id: seaId,
        position: '/body/p[2].0',
        page_number: 2,
        chapter_title: 'One',
        note: 'Here',
        color: '#FF5722',
        created_at: '2024-01-02T10:00:00.000Z',
      },
      {
        bookmark_id: id,
        book_id: seaId,
        position: null,
        page_number: null,
        chapter_title: null,
        note: null,
        color: '#FF5722',
        created_at: NOW,
      },
    ]);
  });

  it('are made, changed and removed, under both spellings', async () => {
    const facts = { page_number: 7, chapter_title: 'Two', note: 'N', color: '#00ff00' };
    const made = await ok<Bookmark>(
      ask('POST', `/bookmarks/books/${paper}`, { position: 'cfi', ...facts }),
      201,
    );
    expect(made).toEqual({
      bookmark_id: made.bookmark_id,
      book_id: paper,
      position: 'cfi',
      ...facts,
      created_at: NOW,
    });
    const path = `/bookmarks/${made.bookmark_id}`;
    expect(await ok(ask('GET', path))).toEqual(made);
    expect(await listed(`/bookmarks/books/${paper}`)).toEqual([made]);
    expect(await ok(ask('PATCH', path, { note: null, position: 'no' }))).toEqual({ ...made, note: null });
    expect(await ok(ask('PATCH', path, { color: '#112233' }))).toEqual({
      ...made,
      note: null,
      color: '#112233',
    });
    expect(refused(await ask('PATCH', path, { color: null }))[0]).toBe(400);
    await ok(ask('DELETE', path), 204);
    expect(refused(await ask('DELETE', path))).toEqual([404, 'NOT_FOUND']);
  });

  it('take the part read for a position and say it as text', async () => {
    const made = await ok<Bookmark>(ask('POST', `/books/${paper}/bookmarks`, { position: 0.25 }), 201);
    expect(made).toMatchObject({ position: '0.25', page_number: null, note: null, color: '#FF5722' });
    await ok(ask('DELETE', `/bookmarks/${made.bookmark_id}`), 204);
  });

  it.each<[string, unknown]>([
    ['position', undefined],
    ['position', ''],
    ['position', 1.5],
    ['position', -0.1],
    ['note', 'x'.repeat(501)],
    ['color', 'green'],
    ['page_number', -1],
    ['chapter_title', 'x'.repeat(256)],
  ])('refuse %s of %j', async (field, value) => {
    const answer = await ask('POST', `/books/${paper}/bookmarks`, { position: 'p', [field]: value });
    expect(refused(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect(Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {})).toEqual([field]);
  });

  it('are listed in all books, newest first, or in one', async () => {
    clock.forward({ minutes: 1 });
    const made = await ok<Bookmark>(ask('POST', `/books/${paper}/bookmarks`, { position: 'p' }), 201);
    expect((await listed('/bookmarks')).map((each) => each.position)).toEqual(['p', null, '/body/p[2].0']);
    expect(await listed(`/bookmarks?book_id=${paper}`)).toEqual([made]);
    expect(await listed('/bookmarks?book_id=00000000-0000-4000-8000-000000000000')).toEqual([]);
    expect(refused(await ask('GET', '/bookmarks?book_id=7'))).toEqual([400, 'VALIDATION_ERROR']);
    expect(await listed('/bookmarks', stranger)).toEqual([]);
    for (const [method, body] of [['GET'], ['PATCH', { note: 'x' }], ['DELETE']] as [string, object?][]) {
      const answer = await ask(method, `/bookmarks/${made.bookmark_id}`, body, stranger);
      expect(refused(answer)).toEqual([404, 'NOT_FOUND']);
    }
    for (const base of [`/books/${paper}/bookmarks`, `/bookmarks/books/${paper}`]) {
      expect(refused(await ask('GET', base, undefined, stranger))).toEqual([404, 'NOT_FOUND']);
      expect(refused(await ask('POST', base, { position: 'p' }, stranger))).toEqual([404, 'NOT_FOUND']);
    }
    await ok(ask('DELETE', `/bookmarks/${made.bookmark_id}`), 204);
  });
});
