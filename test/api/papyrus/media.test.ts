import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Answer, Asked, Refusal } from '../../support/client.ts';
import { formOf } from '../../support/form.ts';
import type { FormFile } from '../../support/form.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type Asset = { asset_id: string; book_id: string; kind: string; sha256: string; size_bytes: number };
type Usage = { used_bytes: number; quota_bytes: number; available_bytes: number };

const QUOTA = 1024 * 1024;
const picture = (background: string, format: 'png' | 'jpeg' | 'webp' | 'gif' = 'png'): Promise<Buffer> =>
  sharp({ create: { width: 60, height: 90, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
let server: TestServer;
let token: string;
let web: Server;
let webUrl: string;
beforeAll(async () => {
  const red = await picture('#c33', 'jpeg');
  web = createServer((req, res) => {
    if (req.url === '/cover.jpg') res.setHeader('content-type', 'image/jpeg').end(red);
    else if (req.url === '/page') res.end('<html>no picture</html>');
    else res.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  server = await startTestServer({
    options: { storageQuota: 1, allowNetworks: ['127.0.0.0/8'] },
    files: { 'found.epub': makeEpub({ title: 'Found', authors: ['F'], cover: await picture('#36c') }) },
  });
  token = await server.claim();
});
afterAll(async () => {
  await server.close();
  web.close();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
let count = 0;
const person = () => server.signUp(`reader${++count}@example.org`);
const send = (path: string, asked: Asked = {}, as = token): Promise<Answer> =>
  server.get(`/api/v1${path}`, { ...asked, headers: { authorization: `Bearer ${as}`, ...asked.headers } });
const give = (file: FormFile | undefined, fields: Record<string, string>, as = token) =>
  send('/media', { method: 'POST', ...formOf(file, fields) }, as);
const given = async (file: FormFile, fields: Record<string, string>, as = token): Promise<Asset> => {
  const answer = await give(file, fields, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Asset;
};
const newBook = async (as = token): Promise<string> => {
  const answer = await server.papyrus('POST', '/books', { title: 'Mine', author: 'Me' }, as);
  return (answer.json() as Book).book_id;
};
const bookOf = async (id: string, as = token) =>
  (await server.papyrus('GET', `/books/${id}`, undefined, as)).json() as Book;
const usage = async (as = token) => (await send('/media/usage', {}, as)).json() as Usage;
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];
const epub = () => makeEpub({ title: `Book ${++count}`, authors: ['Ann'] });
const foundBook = async () => ((await send('/books?search=Found')).json() as { books: Book[] }).books[0]!;

describe('POST /media', () => {
  it('gives a book its file, with every key of the contract', async () => {
    const [bookId, bytes] = [await newBook(), epub()];
    const asset = await given({ name: 'A book.epub', bytes }, { book_id: bookId, kind: 'book_file' });
    expect(asset).toEqual({
      asset_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      owner_user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      book_id: bookId,
      kind: 'book_file',
      original_filename: 'A book.epub',
      content_type: 'application/epub+zip',
      extension: 'epub',
      size_bytes: bytes.length,
      sha256: sha256(bytes),
      storage_path: expect.stringMatching(/^books\/[0-9a-f-]{36}\/A book\.epub$/),
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(await bookOf(bookId)).toMatchObject({
      title: 'Mine',
      file_format: 'epub',
      file_hash: sha256(bytes),
    });
    const sent = await send(`/media/${asset.asset_id}`, { headers: { range: 'bytes=1-3' } });
    expect([sent.status, sent.bytes]).toEqual([206, bytes.subarray(1, 4)]);
    expect(sent.headers['content-disposition']).toContain('A%20book.epub');
  });

  it('takes the place of the one before, whose bytes go', async () => {
    const reader = await person();
    const bookId = await newBook(reader);
    const to = { book_id: bookId, kind: 'book_file' };
    const first = await given({ name: 'a.epub', bytes: epub() }, to, reader);
    const bytes = epub();
    const second = await given({ name: 'b.epub', bytes }, to, reader);
    expect((await send(`/media/${first.asset_id}`, {}, reader)).status).toBe(404);
    expect((await bookOf(bookId, reader)).file_hash).toBe(sha256(bytes));
    expect((await usage(reader)).used_bytes).toBe(bytes.length);
    const left = readdirSync(join(server.dataDir, 'files'), { recursive: true }).map(String);
    expect(left.some((path) => path.endsWith(first.sha256))).toBe(false);
    expect(left.some((path) => path.endsWith(second.sha256))).toBe(true);
  });

  it('says 409, and nothing else, when there is no room, and changes nothing', async () => {
    const reader = await person();
    const bookId = await newBook(reader);
    const to = { book_id: bookId, kind: 'book_file' };
    const text = (fill: string, size: number) => ({ name: 'a.txt', bytes: Buffer.alloc(size, fill) });
    await given(text('a', 600_000), to, reader);
    expect(refusal(await give(text('b', QUOTA + 1), to, reader))).toEqual([409, 'CONFLICT']);
    expect(await usage(reader)).toEqual({
      used_bytes: 600_000,
      quota_bytes: QUOTA,
      available_bytes: QUOTA - 600_000,
    });
    // The one before makes room for the one that takes its place.
    await given(text('c', 900_000), to, reader);
    const other = { book_id: await newBook(reader), kind: 'book_file' };
    expect((await give(text('d', 200_000), other, reader)).status).toBe(409);
    expect((await usage(reader)).used_bytes).toBe(900_000);
  });

  it('counts what no book has claimed yet, and says 413 where nothing was asked for a book', async () => {
    const reader = await person();
    const upload = (fill: string, size: number) =>
      send('/files/upload', { method: 'POST', ...formOf({ name: 'a.txt', bytes: Buffer.alloc(size, fill) }) }, reader); // prettier-ignore
    expect((await upload('u', 600_000)).status).toBe(201);
    expect((await usage(reader)).used_bytes).toBe(600_000);
    expect(refusal(await upload('v', 600_000))).toEqual([413, 'FILE_TOO_LARGE']);
    expect(refusal(await upload('w', QUOTA + 100_000))).toEqual([413, 'FILE_TOO_LARGE']);
    // The same bytes again are the same file.
    const again = await upload('u', 600_000);
    expect(again.status).toBe(201);
    const to = { book_id: await newBook(reader), kind: 'book_file' };
    expect(refusal(await give({ name: 'a.txt', bytes: Buffer.alloc(600_000, 'x') }, to, reader))[0]).toBe(
      409,
    );
    const { file_path } = again.json() as { file_path: string };
    const body = { title: 'T', author: 'A', file_path };
    expect((await server.papyrus('POST', '/books', body, reader)).status).toBe(201);
    expect((await usage(reader)).used_bytes).toBe(600_000);
  });

  it('lets only one of two at once have the last of the room', async () => {
    const reader = await person();
    const books = [await newBook(reader), await newBook(reader)];
    const answers = await Promise.all(
      books.map((book_id, n) =>
        give({ name: 'a.txt', bytes: Buffer.alloc(700_000, `${n}`) }, { book_id, kind: 'book_file' }, reader),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect((await usage(reader)).used_bytes).toBe(700_000);
  });

  it.each([
    ['an unknown book', 404, { book_id: '0190aaaa-0000-7000-8000-000000000000' }, {}],
    ['no book', 400, { book_id: undefined }, {}],
    ['another kind', 400, { kind: 'video' }, {}],
    ['another ending', 400, {}, { name: 'a.doc' }],
    ['a book that is none', 400, {}, { bytes: Buffer.from('no') }],
    ['an empty file', 400, {}, { bytes: new Uint8Array() }],
    ['a cover with another ending', 400, { kind: 'cover_image' }, { name: 'a.svg' }],
    ['a cover that is no picture', 400, { kind: 'cover_image' }, { name: 'a.png', bytes: Buffer.from('no') }],
  ])('refuses %s', async (_, status, fields, file) => {
    const all = { book_id: await newBook(), kind: 'book_file', ...fields };
    const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    const answer = await give({ name: 'a.epub', bytes: epub(), ...file }, said as Record<string, string>);
    expect(answer.status).toBe(status);
  });

  it("finds neither somebody else's book nor their file", async () => {
    const [bookId, reader] = [await newBook(), await person()];
    const to = { book_id: bookId, kind: 'book_file' };
    expect((await give({ name: 'a.epub', bytes: epub() }, to, reader)).status).toBe(404);
    const asset = await given({ name: 'a.epub', bytes: epub() }, to);
    expect((await send(`/media/${asset.asset_id}`, {}, reader)).status).toBe(404);
    expect((await send(`/media/${asset.asset_id}`, { method: 'DELETE' }, reader)).status).toBe(404);
    expect((await send(`/media/${asset.asset_id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await bookOf(bookId)).file_path).toBeNull();
  });
});

describe('covers', () => {
  const cover = (id: string, as = token) => send(`/books/${id}/cover`, {}, as);
  const put = (id: string, file: FormFile, as = token) =>
    send(`/books/${id}/cover`, { method: 'PUT', ...formOf(file) }, as);

  it('of the file are sent as they were drawn', async () => {
    const answer = await cover((await foundBook()).book_id);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'image/webp']);
  });

  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('given as %s are sent as they came', async (format) => {
    const [bookId, bytes] = [await newBook(), await picture('#383', format)];
    const answer = await put(bookId, { name: `c.${format}`, bytes });
    expect(answer.status).toBe(200);
    expect((answer.json() as Book).cover_image_url).toContain(bookId);
    const sent = await cover(bookId);
    expect([sent.headers['content-type'], sent.bytes.equals(bytes)]).toEqual([`image/${format}`, true]);
  });

  it('stay through a rescan, show in KoShelf, and give way to those of the file when they are deleted', async () => {
    const { book_id: id } = await foundBook();
    const before = (await server.get(`/assets/covers/${id}.webp`)).bytes;
    const asset = await given(
      { name: 'c.png', bytes: await picture('#fa0') },
      { book_id: id, kind: 'cover_image' },
    );
    await server.rescan();
    const shown = (await server.get(`/assets/covers/${id}.webp`)).bytes;
    expect(shown.equals(before)).toBe(false);
    expect((await send(`/media/${asset.asset_id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await server.get(`/assets/covers/${id}.webp`)).bytes.equals(before)).toBe(true);
  });

  it.each([
    ['in the body', (url: string) => ({ path: '', body: { url } })],
    ['in the address', (url: string) => ({ path: `?url=${encodeURIComponent(url)}`, body: undefined })],
  ])('are fetched from an address %s', async (_, form) => {
    const bookId = await newBook();
    const { path, body } = form(`${webUrl}/cover.jpg`);
    const answer = await server.papyrus('PUT', `/books/${bookId}/cover${path}`, body, token);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    expect((await cover(bookId)).bytes.equals(await picture('#c33', 'jpeg'))).toBe(true);
  });

  it.each(['/page', '/gone'])('are not made of what lies at %s', async (path) => {
    const bookId = await newBook();
    const answer = await server.papyrus('PUT', `/books/${bookId}/cover`, { url: webUrl + path }, token);
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect((await cover(bookId)).status).toBe(404);
  });

  it('at an address the person gave are to be found there', async () => {
    const created = await server.papyrus(
      'POST',
      '/books',
      { title: 'T', author: 'A', cover_image_url: 'https://example.org/c.jpg' },
      token,
    );
    const answer = await cover((created.json() as Book).book_id);
    expect([answer.status, answer.headers['location']]).toEqual([302, 'https://example.org/c.jpg']);
  });

  it('are refused when they are larger than 10 MB, no pictures, or for the book of somebody else', async () => {
    const bookId = await newBook();
    const large = { name: 'c.png', bytes: Buffer.alloc(10 * 1024 * 1024 + 1) };
    expect(refusal(await put(bookId, large))).toEqual([413, 'FILE_TOO_LARGE']);
    expect(refusal(await put(bookId, { name: 'c.png', bytes: Buffer.from('<svg/>') }))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
    const cut = (await picture('#000', 'jpeg')).subarray(0, 300);
    expect(refusal(await put(bookId, { name: 'c.jpg', bytes: cut }))).toEqual([400, 'VALIDATION_ERROR']);
    const reader = await person();
    expect((await put(bookId, { name: 'c.png', bytes: await picture('#111') }, reader)).status).toBe(404);
    expect((await cover(bookId, reader)).status).toBe(404);
    expect((await send(`/books/${bookId}/cover`, { method: 'PUT' })).status).toBe(400);
  });
});
