import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Book } from '../../server/api/papyrus/books/schemas.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import type { Item, ItemAnswer } from './koshelf/shelf.ts';

const sea = makeEpub({ title: 'Sea', authors: ['Ann'], identifiers: ['urn:sea'], language: 'en' });
const sidecar = (summary: Record<string, string | number>, rest = {}) =>
  makeSidecar({
    partial_md5_checksum: koreaderChecksum(sea),
    percent_finished: 0.42,
    last_xpointer: '/body/p[42]',
    summary,
    annotations: [
      {
        datetime: '2026-01-05 10:15:00',
        drawer: 'lighten',
        page: '/body/p[1]',
        pos0: '/body/p[1]/text().0',
        pos1: '/body/p[1]/text().9',
        text: 'Waves',
      },
    ],
    ...rest,
  });

let server: TestServer;
let token: string;
beforeEach(async () => {
  server = await startTestServer({ files: { 'sea.epub': sea } });
  token = await server.claim();
});
afterEach(() => server.close());

const items = async (): Promise<Item[]> => (await server.data<{ items: Item[] }>('/items')).items;
const books = async (): Promise<Book[]> =>
  ((await server.papyrus('GET', '/books?sort=title', undefined, token)).json() as { books: Book[] }).books;
const theBook = async (): Promise<Book> => {
  const all = await books();
  expect(all).toHaveLength(1);
  return all[0]!;
};
const theItem = async (): Promise<ItemAnswer> => {
  const [item, ...others] = await items();
  expect(others).toEqual([]);
  return server.data<ItemAnswer>(`/items/${item!.id}?include=highlights`);
};
const patch = async (change: object): Promise<void> => {
  const answer = await server.papyrus('PATCH', `/books/${(await theBook()).book_id}`, change, token);
  expect(answer.status).toBe(200);
};

describe('one book behind two faces', () => {
  it('has the same id in both', async () => {
    expect((await theItem()).item.id).toBe((await theBook()).book_id);
  });

  it('is read in KoShelf as it was changed in Papyrus', async () => {
    await patch({
      title: 'The Sea',
      author: 'Anna',
      co_authors: ['Bob'],
      rating: 4,
      reading_status: 'completed',
      publisher: 'House',
      language: 'de',
      page_count: 77,
      description: '<p>Salt</p>',
      isbn13: '978-0-306-40615-7',
    });
    expect((await theItem()).item).toMatchObject({
      title: 'The Sea',
      authors: ['Anna', 'Bob'],
      rating: 4,
      status: 'complete',
      publisher: 'House',
      language: 'de',
      pages: 77,
      description: '<p>Salt</p>',
    });
    await patch({ rating: null, publisher: null, reading_status: 'paused' });
    const { item } = await theItem();
    expect(item.status).toBe('reading');
    expect(item).not.toHaveProperty('rating');
    expect(item).not.toHaveProperty('publisher');
  });

  it.each([
    ['reading', 'in_progress'],
    ['complete', 'completed'],
    ['abandoned', 'abandoned'],
  ])('is read in Papyrus as KOReader has it: %s', async (status, reading_status) => {
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ status, rating: 5, modified: '2026-01-31' }) });
    await server.rescan();
    expect(await theBook()).toMatchObject({
      rating: 5,
      reading_status,
      current_position: 0.42,
      current_cfi: '/body/p[42]',
      completed_at: status === 'complete' ? '2026-01-31T12:00:00.000Z' : null,
    });
    expect((await theItem()).item).toMatchObject({ rating: 5, status, progress_percentage: 42 });
  });

  it('shows in KoShelf no book on paper, which has neither file nor sidecar', async () => {
    const answer = await server.papyrus(
      'POST',
      '/books',
      { title: 'Paper', author: 'P', is_physical: true },
      token,
    );
    const { book_id } = answer.json() as Book;
    expect((await items()).map(({ title }) => title)).toEqual(['Sea']);
    expect((await server.koshelf(`/items/${book_id}`)).status).toBe(404);
    expect((await books()).map(({ title }) => title)).toEqual(['Paper', 'Sea']);
  });
});

describe('what a person wrote', () => {
  const edit = { title: 'My Sea', author: 'Me', rating: 1, publisher: null, description: 'Mine' };
  const kept = { title: 'My Sea', author: 'Me', rating: 1, publisher: null, description: 'Mine' };

  it('survives a file that says something else', async () => {
    await patch(edit);
    server.put({
      'sea.epub': makeEpub({
        title: 'Sea',
        authors: ['Ann', 'Zoë'],
        identifiers: ['urn:sea'],
        publisher: 'House',
        description: 'Theirs',
        language: 'fr',
      }),
    });
    await server.rescan();
    // What the person left alone follows the file.
    expect(await theBook()).toMatchObject({ ...kept, language: 'fr' });
  });

  it('survives a sidecar that comes later, and gives way to one that says something new', async () => {
    await patch({ rating: 1 });
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ rating: 5 }) });
    await server.rescan();
    expect((await theBook()).rating).toBe(1);
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ rating: 3 }) }, new Date().toISOString());
    await server.rescan();
    expect((await theBook()).rating).toBe(3);
  });

  it('survives a sidecar that is written again and says the same', async () => {
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ rating: 5, status: 'reading' }) });
    await server.rescan();
    await patch({ rating: 2, reading_status: 'completed' });
    server.put({
      'sea.sdr/metadata.epub.lua': sidecar({ rating: 5, status: 'reading' }, { percent_finished: 0.5 }),
    });
    await server.rescan();
    expect(await theBook()).toMatchObject({ rating: 2, reading_status: 'completed', current_position: 0.5 });
  });

  it('moves with the file, and so do book, sidecar and highlights', async () => {
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ rating: 5, status: 'reading' }) });
    await server.rescan();
    await patch(edit);
    const before = [(await theBook()).book_id, (await theItem()).highlights];
    server.rename('sea.epub', 'deep/down/ocean.epub');
    server.rename('sea.sdr', 'deep/down/ocean.sdr');
    await server.rescan();
    expect([(await theBook()).book_id, (await theItem()).highlights]).toEqual(before);
    expect(await theBook()).toMatchObject({ ...kept, file_path: expect.stringMatching(/\/ocean\.epub$/) });
  });

  it('stays with a book whose file is gone, and is there when the file comes back', async () => {
    await patch(edit);
    const { book_id } = await theBook();
    server.remove('sea.epub');
    await server.rescan();
    await server.letGo();
    expect(await items()).toEqual([]);
    expect(await theBook()).toMatchObject({ ...kept, book_id, file_path: null });
    server.put({ 'elsewhere.epub': sea });
    await server.rescan();
    expect(await theBook()).toMatchObject({
      ...kept,
      book_id,
      file_path: expect.stringMatching(/\/elsewhere\.epub$/),
    });
  });

  it('stays with a book whose file comes back edited under its name, beside the same sidecar', async () => {
    // Without what KOReader takes from the book, the book is called by the sidecar's name meanwhile.
    server.put({ 'sea.sdr/metadata.epub.lua': makeSidecar({ partial_md5_checksum: koreaderChecksum(sea), summary: { rating: 3 } }) }); // prettier-ignore
    await server.rescan();
    await patch({ is_favorite: true });
    const { book_id } = await theBook();
    server.remove('sea.epub');
    await server.rescan();
    const edited = makeEpub({ title: 'Sea', authors: ['Ann'], publisher: 'A Press' });
    server.put({ 'sea.epub': edited });
    await server.rescan();
    expect(await theBook()).toMatchObject({
      book_id,
      is_favorite: true,
      rating: 3,
      title: 'Sea',
      publisher: 'A Press',
    });
  });

  it('is no reason to keep a book nobody touched when its file goes', async () => {
    server.remove('sea.epub');
    await server.rescan();
    await server.letGo();
    expect([await items(), await books()]).toEqual([[], []]);
  });
});

describe('a book that is removed in Papyrus', () => {
  const remove = async (query = '') => {
    const { book_id } = await theBook();
    expect((await server.papyrus('DELETE', `/books/${book_id}${query}`, undefined, token)).status).toBe(204);
  };

  it.each(['', '?delete_file=true'])('keeps its file on the disk: %s', async (query) => {
    await remove(query);
    expect(existsSync(join(server.libraryDir, 'sea.epub'))).toBe(true);
    expect([await items(), await books()]).toEqual([[], []]);
  });

  it('does not come back with a scan, with a touched file, or after a restart', async () => {
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar({ rating: 5 }) });
    await server.rescan();
    await remove();
    await server.rescan();
    server.put({ 'sea.epub': sea, 'sea.sdr/metadata.epub.lua': sidecar({ rating: 4 }) });
    await server.rescan();
    await server.restart();
    const { email, password } = { email: 'owner@example.org', password: 'Correct-Horse-7' };
    const again = await server.papyrus('POST', '/auth/login', { email, password });
    token = (again.json() as { access_token: string }).access_token;
    expect([await items(), await books()]).toEqual([[], []]);
  });

  it('comes back as a new book when other content is put in its place', async () => {
    const { book_id } = await theBook();
    await remove();
    server.put({ 'sea.epub': makeEpub({ title: 'Other', identifiers: ['urn:other'] }) });
    await server.rescan();
    const book = await theBook();
    expect(book).toMatchObject({ title: 'Other', file_path: expect.stringMatching(/\/sea\.epub$/) });
    expect(book.book_id).not.toBe(book_id);
  });
});

describe('reading and file, whichever comes first', () => {
  const statistics = {
    books: [{ title: 'Sea', md5: koreaderChecksum(sea), pages: 10, last_open: Date.UTC(2026, 1, 1) / 1000 }],
    reads: [[1, 1, Date.UTC(2026, 1, 1) / 1000, 60, 10]] as [number, number, number, number, number][],
  };
  const readSec = async (test: TestServer) => {
    const {
      items: [item],
    } = await test.data<{ items: Item[] }>('/items');
    const { statistics } = await test.data<ItemAnswer>(`/items/${item!.id}?include=statistics`);
    return statistics?.item_stats.total_reading_time_sec;
  };

  it('find each other by KOReader’s checksum when the file comes later', async () => {
    const test = await startTestServer({ statistics });
    try {
      test.put({ 'sea.epub': sea });
      await test.rescan();
      expect(await readSec(test)).toBe(60);
    } finally {
      await test.close();
    }
  });

  it('find each other when the reading comes later', async () => {
    const test = await startTestServer({
      files: { 'sea.epub': sea },
      statistics,
      options: { statistics: [] },
    });
    try {
      expect(await readSec(test)).toBeUndefined();
      await test.desk('POST', '/statistics-files', { path: test.statisticsPath });
      await test.settled();
      expect(await readSec(test)).toBe(60);
    } finally {
      await test.close();
    }
  });
});

describe('a highlight an app coloured', () => {
  it('is found in KoShelf under KOReader’s name of the colour it is shown in', async () => {
    const test = await startTestServer({ files: { 'sea.epub': sea } });
    try {
      const token = await test.claim();
      const { books } = (await test.papyrus('GET', '/books', undefined, token)).json() as {
        books: { book_id: string }[];
      };
      const mark = {
        selected_text: 'The sea',
        start_position: '1',
        end_position: '2',
        highlight_color: '#2196F3',
      };
      await test.papyrus('POST', `/books/${books[0]!.book_id}/annotations`, mark, token);
      const colored = async (color: string) =>
        (
          await test.data<{ annotations: { color: string }[] }>(`/annotations?color=${color}`)
        ).annotations.map((each) => each.color);
      expect(await colored('blue')).toEqual(['blue']);
      expect(await colored('red')).toEqual([]);
    } finally {
      await test.close();
    }
  });
});
