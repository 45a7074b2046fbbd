import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobList, RemovedBookList } from '../../../server/api/desk/schemas.ts';
import { aHighlight } from '../../support/builders.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({
    files: {
      'emma.epub': makeEpub({ title: 'Emma', authors: ['Austen'] }),
      'emma.sdr/metadata.epub.lua': makeSidecar({ annotations: [aHighlight(1)] }),
      'novels/persuasion.epub': makeEpub({ title: 'Persuasion', authors: ['Austen'] }),
      'kept.epub': makeEpub({ title: 'Kept', authors: ['Austen'] }),
    },
  });
  token = await server.claim();
});
afterAll(() => server.close());

type Book = { book_id: string; title: string; rating: number | null };
const books = async (): Promise<Book[]> =>
  ((await server.papyrus('GET', '/books?sort=title', undefined, token)).json() as { books: Book[] }).books;
const titles = async () => (await books()).map(({ title }) => title);
const remove = async (title: string): Promise<void> => {
  const { book_id: id } = (await books()).find((book) => book.title === title)!;
  expect((await server.papyrus('DELETE', `/books/${id}`, undefined, token)).status).toBe(204);
};
const removed = async () => (await server.desk('GET', '/removed-books')).json() as RemovedBookList;
const bringBack = (id: string | undefined) => server.desk('POST', `/removed-books/${String(id)}/bring-back`);

describe('removed books', () => {
  it('are none until somebody removes one', async () => {
    expect(await removed()).toEqual({ books: [], total: 0 });
  });

  it('are listed by their files, the last removed first, and stay away from scans', async () => {
    await remove('Emma');
    await remove('Persuasion');
    await server.rescan();
    expect(await titles()).toEqual(['Kept']);
    const { books: files, total } = await removed();
    expect(total).toBe(2);
    expect(files.map(({ name, folder }) => [name, folder])).toEqual([
      ['persuasion.epub', join(server.libraryDir, 'novels')],
      ['emma.epub', server.libraryDir],
    ]);
    expect(files[0]?.removed_at).toMatch(/Z$/);
  });

  it('come back with what KOReader says, for both faces, and are no longer listed', async () => {
    const [, emma] = (await removed()).books;
    const answer = await bringBack(emma?.file_id);
    expect([answer.status, (answer.json() as JobList).jobs.map(({ kind }) => kind)]).toEqual([202, ['scan-folder']]); // prettier-ignore
    await server.settled();
    expect(await titles()).toEqual(['Emma', 'Kept']);
    const { book_id: id } = (await books())[0]!;
    const marks = (await server.papyrus('GET', `/books/${id}/annotations`, undefined, token)).json();
    expect((marks as { annotations: { selected_text: string }[] }).annotations).toMatchObject([
      { selected_text: 'Line 1' },
    ]);
    const { items } = await server.data<{ items: { title: string }[] }>('/items');
    expect(items.map(({ title }) => title).toSorted((a, b) => a.localeCompare(b))).toEqual(['Emma', 'Kept']);
    expect((await removed()).books.map(({ name }) => name)).toEqual(['persuasion.epub']);
    expect((await bringBack(emma?.file_id)).status).toBe(404);
  });

  it('can be removed and brought back again', async () => {
    await remove('Emma');
    const [emma] = (await removed()).books;
    await bringBack(emma?.file_id);
    await server.settled();
    expect(await titles()).toEqual(['Emma', 'Kept']);
  });

  it('are forgotten when their file is gone, or was never in a folder', async () => {
    unlinkSync(join(server.libraryDir, 'novels/persuasion.epub'));
    await server.rescan();
    expect(await removed()).toEqual({ books: [], total: 0 });
    const made = await server.papyrus('POST', '/books', { title: 'Paper', author: 'A', is_physical: true }, token); // prettier-ignore
    expect(made.status).toBe(201);
    await remove('Paper');
    expect(await removed()).toEqual({ books: [], total: 0 });
    expect((await bringBack('00000000-0000-7000-8000-000000000000')).status).toBe(404);
    expect((await bringBack('x')).status).toBe(400);
  });
});
