import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Result = {
  kind: string;
  id: string;
  book_id: string;
  book_title: string;
  chapter_title: string | null;
  passage: number | null;
  snippets: { field: string; text: string; marks: { start: number; end: number }[] }[];
};
type List = { results: Result[]; pagination: Record<string, unknown> };

const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
let token: string;
let stranger: string;
let dune: string;
let emma: string;

const ask = (method: string, path: string, body?: unknown, as = token): Promise<Answer> =>
  server.papyrus(method, path, body, as);
const made = async <Data>(path: string, body: object, as = token): Promise<Data> => {
  const answer = await ask('POST', path, body, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Data;
};
const search = async (q: string, within = 'books', more = '', as = token): Promise<List> => {
  const answer = await ask('GET', `/search?q=${encodeURIComponent(q)}&in=${within}${more}`, undefined, as);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  return answer.json() as List;
};
/** The snippet with the found words in brackets. */
const shown = ({ text, marks }: Result['snippets'][number]): string =>
  marks.reduceRight(
    (all, { start, end }) => `${all.slice(0, start)}[${all.slice(start, end)}]${all.slice(end)}`,
    text,
  );

beforeAll(async () => {
  server = await startTestServer({ clock });
  token = await server.signUp('searcher@example.org');
  stranger = await server.signUp('stranger@example.org');
  const book = async (body: object, as?: string) => (await made<{ book_id: string }>('/books', body, as)).book_id;
  dune = await book({ title: 'Dune', author: 'Frank Herbert', description: '<p>Spice &amp; <b>sand</b></p>' });
  emma = await book({ title: 'Emma', author: 'Jane Austen', subtitle: 'A novel without sand' });
  await book({ title: 'Sand', author: 'Wolfgang Herrndorf' });
  await book({ title: 'Sand', author: 'Somebody else' }, stranger);
  const mark = { start_position: 'a', end_position: 'b' };
  await made(`/books/${dune}/annotations`, { ...mark, selected_text: 'Ich darf mich nicht fürchten.', note: 'Über die Angst', chapter_title: 'Eins' });
  clock.forward({ minutes: 1 });
  await made(`/books/${emma}/annotations`, { ...mark, selected_text: `${'long '.repeat(60)}fürchten ${'tail '.repeat(60)}` });
  await made(`/books/${dune}/notes`, { title: 'Würmer', content: '# Sandwürmer\nsehr *lang*' });
}); // prettier-ignore
afterAll(() => server.close());

describe('GET /search', () => {
  it('finds books by every word, those with it in the title first, and says where', async () => {
    const { results, pagination } = await search('SAND');
    expect(results.map(({ book_title: title }) => title)).toEqual(['Sand', 'Dune', 'Emma']);
    expect(results.map(({ snippets }) => snippets.map((each) => `${each.field}: ${shown(each)}`))).toEqual([
      ['title: [Sand]'],
      ['description: Spice & [sand]'],
      ['subtitle: A novel without [sand]'],
    ]);
    expect(pagination).toMatchObject({ page: 1, total: 3, total_pages: 1 });
    expect((await search('sand herbert')).results.map(({ id }) => id)).toEqual([dune]);
    expect((await search('sand zola')).results).toEqual([]);
    expect((await search('e')).results).toHaveLength(3);
  });

  it('finds highlights in their text, note and chapter', async () => {
    const { results } = await search('FURCHTEN', 'annotations');
    expect(results.map(({ book_title: title, kind }) => [title, kind])).toEqual([
      ['Dune', 'annotation'],
      ['Emma', 'annotation'],
    ]);
    expect(shown(results[0]!.snippets[0]!)).toBe('Ich darf mich nicht [fürchten].');
    const cut = shown(results[1]!.snippets[0]!);
    expect(cut).toMatch(/^…long .*long \[fürchten\] tail .*tail…$/);
    expect(cut.length).toBeLessThan(260);
    const [both] = (await search('angst eins', 'annotations')).results;
    expect(both?.chapter_title).toBe('Eins');
    expect(both?.snippets.map((each) => [each.field, shown(each)])).toEqual([
      ['chapter_title', '[Eins]'],
      ['note', 'Über die [Angst]'],
    ]);
    expect((await search('ub', 'annotations')).results).toHaveLength(1);
  });

  it('finds notes in title and content, as they were written', async () => {
    const { results } = await search('wurmer lang', 'notes');
    expect(results.map(({ kind, book_id: id }) => [kind, id])).toEqual([['note', dune]]);
    expect(results[0]!.snippets.map((each) => [each.field, shown(each)])).toEqual([
      ['title', '[Würmer]'],
      ['content', '# Sand[würmer] sehr *[lang]*'],
    ]);
  });

  it('follows what is changed and removed', async () => {
    const note = await made<{ note_id: string }>(`/books/${emma}/notes`, {
      title: 'Kurz',
      content: 'Pferde',
    });
    expect((await search('pferde', 'notes')).results).toHaveLength(1);
    await ask('PATCH', `/notes/${note.note_id}`, { content: 'Esel' });
    expect((await search('pferde', 'notes')).results).toEqual([]);
    expect((await search('esel', 'notes')).results).toHaveLength(1);
    await ask('DELETE', `/notes/${note.note_id}`);
    expect((await search('esel', 'notes')).results).toEqual([]);
  });

  it('is cut into pages', async () => {
    const pages = await Promise.all(
      [1, 2, 3].map((page) => search('sand', 'books', `&limit=2&page=${page}`)),
    );
    expect(pages.map(({ results }) => results.map(({ book_title: title }) => title))).toEqual([['Sand', 'Dune'], ['Emma'], []]); // prettier-ignore
    expect(pages[1]!.pagination).toEqual({ page: 2, limit: 2, total: 3, total_pages: 2, has_next: false, has_prev: true }); // prettier-ignore
  });

  it('knows nothing of what is somebody else’s', async () => {
    expect((await search('sand', 'books', '', stranger)).results).toHaveLength(1);
    for (const within of ['annotations', 'notes', 'text'])
      expect((await search('sand', within, '', stranger)).results, within).toEqual([]);
  });

  it('takes signs for text and blanks for nothing', async () => {
    for (const within of ['books', 'annotations', 'notes', 'text']) {
      for (const q of ['"', '%', '_', '"a" OR "b"', 'NEAR(a b)', "'; --", '(((', '-', '^a', '\\', '?', 'a"b'])
        expect((await search(q, within)).results, `${within} ${q}`).toEqual([]);
      expect((await search('  ', within)).results).toEqual([]);
    }
  });

  it.each([
    '?in=books',
    '?q=a&in=shelves',
    `?q=${'x'.repeat(501)}`,
    '?q=%00',
    '?q=a&page=0',
    '?q=a&limit=101',
  ])('is refused with %s', async (query) => {
    expect((await ask('GET', `/search${query}`)).status).toBe(400);
  });

  it('asks who is there', async () => {
    expect((await server.papyrus('GET', '/search?q=a')).status).toBe(401);
  });
});
