import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../support/client.ts';
import type { Answer } from '../support/client.ts';
import { at } from '../support/clock.ts';
import { makeEpub } from '../support/make-epub.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

let server: TestServer;
let token: string;
let bookId: string;
const text = 'It was a dark and stormy night; the rain fell in torrents. '.repeat(200);
const read = makeEpub({ title: 'Read' });

beforeAll(async () => {
  const start = Date.parse('2026-02-01T10:00:00Z') / 1000;
  server = await startTestServer({
    clock: at('2026-03-14T12:00:00Z'),
    files: {
      'read.epub': read,
      'plain.txt': text,
      ...Object.fromEntries(
        Array.from({ length: 30 }, (_, n) => [
          `${n}.epub`,
          makeEpub({ title: `Book ${n}`, identifiers: [`urn:${n}`] }),
        ]),
      ),
    },
    statistics: {
      books: [{ md5: koreaderChecksum(read), pages: 20 }],
      reads: Array.from({ length: 20 }, (_, page) => [1, page + 1, start + page * 60, 60, 20]),
    },
  });
  token = await server.claim();
  const { items } = await server.data<{ items: { id: string; title: string }[] }>('/items');
  bookId = items.find(({ title }) => title === 'plain')!.id;
});
afterAll(() => server.close());

const get = (
  path: string,
  accept: string | undefined,
  headers: Record<string, string> = {},
  method = 'GET',
) =>
  server.get(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(accept === undefined ? {} : { 'accept-encoding': accept }),
      ...headers,
    },
  });
const unpacked = ({ headers, bytes }: Answer): Buffer => {
  const coding = headers['content-encoding'];
  return coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes;
};
const codingOf = (answer: Answer) => answer.headers['content-encoding'];

const TEXTS = [
  ['kept JSON of KoShelf', () => '/api/items'],
  ['kept JSON of Papyrus', () => '/api/v1/books'],
  ['JSON made anew', () => '/api/openapi.json'],
  ['a long answer', () => '/api/v1/sync/changes?since=1970-01-01T00:00:00Z'],
  ['a page', () => '/docs/'],
  ['a drawing', () => '/assets/recap/2026_share_story.svg'],
] as const;

describe('an answer of more than a kilobyte', () => {
  it.each(TEXTS)('is sent packed as its reader likes it: %s', async (_what, path) => {
    const plain = await get(path(), undefined);
    expect([plain.status, codingOf(plain)]).toEqual([200, undefined]);
    expect(plain.headers.vary).toMatch(/accept-encoding/i);
    for (const [accept, coding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['identity', undefined],
      ['*;q=0, identity', undefined],
    ] as const) {
      const answer = await get(path(), accept);
      expect([accept, answer.status, codingOf(answer)]).toEqual([accept, 200, coding]);
      expect(answer.headers.vary).toMatch(/accept-encoding/i);
      if (coding !== undefined) expect(answer.bytes.length).toBeLessThan(plain.bytes.length);
      // What is made anew tells when it was made.
      const same = (bytes: Buffer) =>
        bytes.toString().replace(/"(generated_at|server_timestamp)":"[^"]*"/, '');
      expect(same(unpacked(answer))).toBe(same(plain.bytes));
    }
  });

  it.each(['/api/items', '/api/v1/books', '/assets/recap/2026_share_story.svg'])(
    'is not sent again while it is the same, whatever it was packed as: %s',
    async (path) => {
      const [plain, packed] = [await get(path, undefined), await get(path, 'br')];
      expect(packed.headers.etag).toBe(`W/${plain.headers.etag}`);
      for (const tag of [plain.headers.etag!, packed.headers.etag!])
        for (const accept of [undefined, 'br', 'gzip']) {
          const answer = await get(path, accept, { 'if-none-match': tag });
          expect([answer.status, answer.bytes.length, codingOf(answer)]).toEqual([304, 0, undefined]);
        }
    },
  );

  it('has a head without a body', async () => {
    for (const path of ['/api/items', '/docs/', '/api/v1/books']) {
      const answer = await get(path, 'br', {}, 'HEAD');
      expect([answer.status, answer.bytes.length]).toEqual([200, 0]);
    }
  });
});

describe('never packed', () => {
  const PACK = 'gzip, deflate, br';

  it('is a small answer', async () => {
    for (const path of ['/api/health', '/health', '/api/site', '/api/items/unknown'])
      expect(codingOf(await get(path, PACK))).toBeUndefined();
  });

  it('is a file to be saved, or a part of one', async () => {
    const whole = await get(`/assets/files/${bookId}.txt`, PACK);
    expect([whole.status, codingOf(whole), whole.headers['accept-ranges'], whole.text]).toEqual([
      200,
      undefined,
      'bytes',
      text,
    ]);
    const part = await get(`/assets/files/${bookId}.txt`, PACK, { range: 'bytes=0-1999' });
    expect([part.status, codingOf(part), part.text]).toEqual([206, undefined, text.slice(0, 2000)]);
    const drawing = await get('/assets/recap/2026_share_story.svg', PACK, { range: 'bytes=0-1999' });
    expect([drawing.status, codingOf(drawing), drawing.bytes.length]).toEqual([206, undefined, 2000]);
    const exported = await server.get('/api/v1/export/library', {
      method: 'POST',
      body: { format: 'json' },
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': PACK },
    });
    expect([exported.status, codingOf(exported)]).toEqual([200, undefined]);
  });

  it('is what is packed already', async () => {
    const picture = await get('/assets/recap/2026_share_story.webp', PACK);
    expect([picture.status, codingOf(picture)]).toEqual([200, undefined]);
  });

  it('is a stream that is read as it comes', async () => {
    const stream = await listen(`${server.url}/api/events/stream`, { 'accept-encoding': PACK });
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(await stream.next()).toMatchObject({ event: 'data_changed' });
    stream.close();
  });
});
