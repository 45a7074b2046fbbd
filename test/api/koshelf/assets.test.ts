import sharp from 'sharp';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/client.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeFb2 } from '../../support/make-fb2.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { writeZip } from '../../support/zip-writer.ts';
import type { Item } from './shelf.ts';

let server: TestServer;
const ids: Record<string, string> = {};
const name = "It's (1) Ångström “quoted”.epub";
const bookBytes = makeEpub({ title: 'Covered' });

beforeAll(async () => {
  const cover = await sharp({ create: { width: 800, height: 1200, channels: 3, background: '#a04020' } })
    .jpeg()
    .toBuffer();
  server = await startTestServer({
    files: {
      'covered.epub': makeEpub({ title: 'With cover', cover }),
      [name]: bookBytes,
      'story.fb2.zip': writeZip([
        { name: 'story.fb2', content: makeFb2({ titleInfo: '<book-title>Packed</book-title>' }) },
      ]),
      'comic.cbz': makeCbz(['1.jpg']),
    },
  });
  for (const { title, id } of (await server.data<{ items: Item[] }>('/items')).items) ids[title] = id;
});
afterAll(() => server.close());

const file = (headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  server.get(`/assets/files/${ids['Covered']}.epub`, { headers, method });

describe('GET /assets/covers', () => {
  it('sends the cover as a WebP picture of at most 600 pixels height', async () => {
    const answer = await server.get(`/assets/covers/${ids['With cover']}.webp`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'image/webp']);
    const { format, width, height } = await sharp(answer.bytes).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 400, height: 600 });
  });

  it('answers 304 to whoever has the picture', async () => {
    const url = `/assets/covers/${ids['With cover']}.webp`;
    const { etag } = (await server.get(url)).headers;
    expect(etag).toMatch(/^".+"$/);
    expect((await server.get(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it.each([
    ['a book without cover', () => `${ids['Covered']}.webp`],
    ['an unknown book', () => '00000000-0000-7000-8000-000000000000.webp'],
    ['another ending', () => `${ids['With cover']}.png`],
    ['a path', () => '..%2F..%2Fpapyrus-shelf.sqlite'],
  ])('answers 404 for %s', async (_, path) => {
    const answer = await server.get(`/assets/covers/${path()}`);
    expect([answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([
      404,
      'not_found',
    ]);
  });
});

describe('GET /assets/files', () => {
  it('sends the book as it lies on the disk, under its own name', async () => {
    const answer = await file();
    expect(answer.status).toBe(200);
    expect(answer.bytes).toEqual(bookBytes);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/epub+zip',
      'content-length': String(bookBytes.length),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'last-modified': new Date(statSync(join(server.libraryDir, name)).mtimeMs).toUTCString(),
    });
    const [, encoded = ''] = /^attachment; filename\*=UTF-8''(.*)$/.exec(
      answer.headers['content-disposition'] ?? '',
    )!;
    expect(decodeURIComponent(encoded)).toBe(name);
    expect(encoded).not.toMatch(/['()"\s]/);
  });

  it('knows a packed FictionBook by the format the item tells', async () => {
    const answer = await server.get(`/assets/files/${ids['Packed']}.fb2`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-fictionbook+xml']);
    expect(answer.bytes).toEqual(readFileSync(join(server.libraryDir, 'story.fb2.zip')));
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, bookBytes.length],
    ['bytes=-7', bookBytes.length - 7, bookBytes.length],
    ['bytes=10-99999999', 10, bookBytes.length],
    ['bytes=-99999999', 0, bookBytes.length],
    ['BYTES=0-0', 0, 1],
  ])('sends the part %s', async (range, from, to) => {
    const answer = await file({ range });
    expect(answer.status).toBe(206);
    expect(answer.bytes).toEqual(bookBytes.subarray(from, to));
    expect(answer.headers['content-range']).toBe(`bytes ${from}-${to - 1}/${bookBytes.length}`);
    expect(answer.headers['content-length']).toBe(String(to - from));
  });

  it.each(['bytes=99999999-', 'bytes=5-2', 'bytes=-0', 'bytes=0-1,3-4', 'bytes=', 'bytes=a-b', 'bytes=-'])(
    'refuses the part %s and tells the size',
    async (range) => {
      const answer = await file({ range });
      expect([answer.status, answer.headers['content-range'], answer.text]).toEqual([
        416,
        `bytes */${bookBytes.length}`,
        '',
      ]);
    },
  );

  it('sends everything for a unit it does not know', async () => {
    expect((await file({ range: 'pages=1-2' })).status).toBe(200);
  });

  it('sends a part only while If-Range holds', async () => {
    const { etag = '', 'last-modified': modified = '' } = (await file()).headers;
    expect((await file({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await file({ range: 'bytes=0-1', 'if-range': modified })).status).toBe(206);
    expect((await file({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    expect((await file({ range: 'bytes=0-1', 'if-range': `W/${etag}` })).status).toBe(200);
  });

  it('answers conditions in the order RFC 9110 gives them', async () => {
    const { etag = '', 'last-modified': modified = '' } = (await file()).headers;
    const earlier = new Date(Date.parse(modified) - 1000).toUTCString();
    const status = async (headers: Record<string, string>) => (await file(headers)).status;
    expect(await status({ 'if-none-match': etag })).toBe(304);
    expect(await status({ 'if-none-match': '*' })).toBe(304);
    expect(await status({ 'if-none-match': `"x", W/${etag}` })).toBe(304);
    expect(await status({ 'if-none-match': '"x"', 'if-modified-since': modified })).toBe(200);
    expect(await status({ 'if-modified-since': modified })).toBe(304);
    expect(await status({ 'if-modified-since': earlier })).toBe(200);
    expect(await status({ 'if-match': etag })).toBe(200);
    expect(await status({ 'if-match': '"x"' })).toBe(412);
    expect(await status({ 'if-unmodified-since': earlier })).toBe(412);
    expect(await status({ 'if-unmodified-since': modified })).toBe(200);
    expect(await status({ 'if-match': '"x"', 'if-none-match': etag, range: 'bytes=0-1' })).toBe(412);
  });

  it('answers HEAD with the headers alone', async () => {
    const answer = await file({}, 'HEAD');
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([
      200,
      '',
      String(bookBytes.length),
    ]);
  });

  it.each([
    ['the format of another book', () => `${ids['Covered']}.pdf`],
    ['no format', () => ids['Covered']!],
    ['an unknown book', () => '00000000-0000-7000-8000-000000000000.epub'],
    ['a path', () => '..%2f..%2f..%2fetc%2fpasswd'],
  ])('answers 404 for %s', async (_, path) => {
    const answer = await server.get(`/assets/files/${path()}`);
    expect([answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([
      404,
      'not_found',
    ]);
  });

  it('answers 404 for a file that has gone, without words of its path', async () => {
    const path = join(server.libraryDir, 'comic.cbz');
    const url = `/assets/files/${ids['comic']}.cbz`;
    expect((await server.get(url)).status).toBe(200);
    rmSync(path);
    const answer = await server.get(url);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('comic');
  });
});
