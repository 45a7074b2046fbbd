import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('GET /api/site', () => {
  it('tells of an empty library', async () => {
    const answer = await server.koshelf('/site');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect((answer.json() as { data: unknown }).data).toEqual({
      title: 'Papyrus Shelf',
      language: 'en_US',
      capabilities: {
        has_books: false,
        has_comics: false,
        has_reading_data: false,
        has_files: true,
        auth_enabled: false,
        has_writeback: false,
      },
    });
  });

  it('tells of books, comics and reading as soon as there are some', async () => {
    server.put({ 'a.epub': makeEpub({ title: 'A' }) });
    await server.rescan();
    expect(await capabilities()).toMatchObject({ has_books: true, has_comics: false });
    server.put({ 'c.cbz': makeCbz(['1.jpg']) });
    await server.rescan();
    expect(await capabilities()).toMatchObject({
      has_books: true,
      has_comics: true,
      has_reading_data: false,
    });
  });
});

const capabilities = async () =>
  (await server.data<{ capabilities: Record<string, boolean> }>('/site')).capabilities;
