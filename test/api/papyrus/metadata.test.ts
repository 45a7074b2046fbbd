import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/client.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

/** Both sources, as one server: what they answer, and what they were asked. */
let answers: { openLibrary: unknown; googleBooks: unknown };
let asked: URL[];
let sources: Server;
let server: TestServer;
let token: string;

beforeAll(async () => {
  sources = createServer((req, res) => {
    const url = new URL(req.url ?? '', 'http://sources');
    asked.push(url);
    const answer = url.pathname === '/search.json' ? answers.openLibrary : answers.googleBooks;
    if (answer === undefined) res.writeHead(503).end('busy');
    else res.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((done) => sources.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(sources.address() as AddressInfo).port}`;
  server = await startTestServer({
    options: { allowNetworks: ['127.0.0.1/32'] },
    ports: { metadataSources: { openLibrary: base, googleBooks: base } },
  });
  token = await server.signUp();
});
afterAll(async () => {
  await server.close();
  sources.close();
});
beforeEach(() => {
  asked = [];
  answers = { openLibrary: { docs: [] }, googleBooks: { kind: 'books#volumes', totalItems: 0 } };
});

const lookUp = (body: unknown): Promise<Answer> =>
  server.papyrus('POST', '/books/metadata/fetch', body, token);
const results = async (body: unknown) =>
  ((await lookUp(body)).json() as { results: Record<string, unknown>[] }).results;

const openWork = {
  title: 'The Left Hand of Darkness',
  author_name: ['Ursula K. Le Guin', 'Somebody Else'],
  isbn: ['9780441478125', '0441478123'],
  publisher: ['Ace'],
  language: ['eng', 'ger'],
  number_of_pages_median: 304,
  first_publish_year: 1969,
  cover_i: 10618463,
};
const volume = {
  volumeInfo: {
    title: 'The Left Hand of Darkness',
    subtitle: '50th Anniversary Edition',
    authors: ['Ursula K. Le Guin'],
    publisher: 'Penguin',
    publishedDate: '2019-04',
    description: '<b>Winter</b><script>alert(1)</script>',
    industryIdentifiers: [
      { type: 'ISBN_13', identifier: '9780143134985' },
      { type: 'ISBN_10', identifier: '0143134981' },
    ],
    pageCount: 368,
    language: 'en',
    imageLinks: { thumbnail: 'http://books.google.com/books/content?id=x&img=1' },
  },
};

describe('looking a book up elsewhere', () => {
  it('gives what both sources know, in our words', async () => {
    answers = { openLibrary: { docs: [openWork] }, googleBooks: { items: [volume] } };
    expect(await results({ title: 'Left Hand', author: 'Le "Guin"' })).toEqual([
      {
        source: 'open_library',
        title: 'The Left Hand of Darkness',
        author: 'Ursula K. Le Guin',
        isbn: '0441478123',
        isbn13: '9780441478125',
        publisher: 'Ace',
        publication_date: '1969-01-01',
        page_count: 304,
        description: null,
        cover_image_url: 'https://covers.openlibrary.org/b/id/10618463-L.jpg',
        language: 'en',
      },
      {
        source: 'google_books',
        title: 'The Left Hand of Darkness: 50th Anniversary Edition',
        author: 'Ursula K. Le Guin',
        isbn: '0143134981',
        isbn13: '9780143134985',
        publisher: 'Penguin',
        publication_date: '2019-04-01',
        page_count: 368,
        description: '<b>Winter</b>',
        cover_image_url: 'https://books.google.com/books/content?id=x&img=1',
        language: 'en',
      },
    ]);
    const [open, google] = asked.toSorted((a, b) => (a.pathname < b.pathname ? 1 : -1));
    expect(Object.fromEntries(open!.searchParams)).toMatchObject({
      title: 'Left Hand',
      author: 'Le "Guin"',
      limit: '10',
    });
    expect(google!.searchParams.get('q')).toBe('intitle:"Left Hand" inauthor:"Le  Guin "');
    expect(google!.searchParams.get('maxResults')).toBe('10');
  });

  it('asks by ISBN alone when there is one, without its hyphens, and names the edition that was asked for', async () => {
    answers.openLibrary = { docs: [openWork] };
    const [found] = await results({ isbn: 'ISBN 978-0-14-313498-5', title: 'ignored' });
    expect(found).toMatchObject({ isbn13: '9780143134985', isbn: '0441478123' });
    const queries = asked.map(({ searchParams }) => Object.fromEntries(searchParams));
    expect(queries).toContainEqual(expect.objectContaining({ isbn: '9780143134985', limit: '5' }));
    expect(queries).toContainEqual(expect.objectContaining({ q: 'isbn:9780143134985', maxResults: '5' }));
    expect(queries.some((query) => 'title' in query)).toBe(false);
  });

  it('leaves out a source that fails or talks nonsense', async () => {
    answers = { openLibrary: undefined, googleBooks: { items: [volume] } };
    expect((await results({ title: 'x' })).map(({ source }) => source)).toEqual(['google_books']);
    answers = { openLibrary: { docs: [openWork] }, googleBooks: '<html>' };
    expect((await results({ title: 'x' })).map(({ source }) => source)).toEqual(['open_library']);
    answers = { openLibrary: { docs: [{ title: 5 }] }, googleBooks: undefined };
    expect(await results({ title: 'x' })).toEqual([]);
  });

  it('takes nothing for granted: no dates that are none, no covers that are not protected', async () => {
    const { volumeInfo } = volume;
    answers.googleBooks = {
      items: [
        {
          volumeInfo: {
            title: 'A',
            publishedDate: '19??',
            language: 'x',
            imageLinks: { thumbnail: 'javascript:1' },
          },
        },
        { volumeInfo: { ...volumeInfo, publishedDate: '2019-02-31' } },
      ],
    };
    expect(await results({ title: 'x' })).toMatchObject([
      {
        author: null,
        publication_date: null,
        language: null,
        cover_image_url: null,
        isbn: null,
        page_count: null,
      },
      { publication_date: null },
    ]);
  });

  it('needs something to ask for, and somebody who asks', async () => {
    for (const body of [{}, { title: ' ' }, { isbn: null }, { title: 5 }])
      expect((await lookUp(body)).status).toBe(400);
    expect((await server.papyrus('POST', '/books/metadata/fetch', { title: 'x' })).status).toBe(401);
    expect(asked).toEqual([]);
  });
});
