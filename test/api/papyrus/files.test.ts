import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Book } from '../../../server/api/papyrus/books/schemas.ts';
import type { Answer, Asked, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { formOf } from '../../support/form.ts';
import type { FormFile } from '../../support/form.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeFb2 } from '../../support/make-fb2.ts';
import { makeMobi } from '../../support/make-mobi.ts';
import { makePdf } from '../../support/make-pdf.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { writeZip } from '../../support/zip-writer.ts';

type FileInfo = {
  file_path: string;
  file_format: string;
  file_size: number;
  file_hash: string;
  storage_backend_id: string | null;
  uploaded_at: string | null;
};

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
let server: TestServer;
let token: string;
let stranger: string;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: { 'found.epub': makeEpub({ title: 'Found', authors: ['Finder'] }) },
  });
  token = await server.claim();
  stranger = await server.signUp();
});
afterAll(() => server.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
let count = 0;
const epub = (title = `Book ${++count}`) => makeEpub({ title, authors: ['Ann', 'Bob'], language: 'de' });
const send = (path: string, asked: Asked = {}, as = token): Promise<Answer> =>
  server.get(`/api/v1${path}`, { ...asked, headers: { authorization: `Bearer ${as}`, ...asked.headers } });
const upload = (file: FormFile | undefined, fields: Record<string, string> = {}, as = token) =>
  send('/files/upload', { method: 'POST', ...formOf(file, fields) }, as);
const uploaded = async (bytes: Uint8Array = epub(), name = 'a.epub', as = token): Promise<FileInfo> => {
  const answer = await upload({ name, bytes }, {}, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as FileInfo;
};
const create = (body: object, as = token) =>
  server.papyrus('POST', '/books', { title: 'Mine', author: 'Me', ...body }, as);
const created = async (body: object, as = token): Promise<Book> => {
  const answer = await create(body, as);
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Book;
};
const get = (path: string, as = token) => server.papyrus('GET', path, undefined, as);
const bookOf = async (id: string): Promise<Book> => (await get(`/books/${id}`)).json() as Book;
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];
const staged = () => readdirSync(join(server.dataDir, 'staging'));
const blobs = (): string[] => {
  const dir = join(server.dataDir, 'files');
  return existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map(({ name }) => name)
    : [];
};
const foundBook = async (): Promise<Book> => {
  const { books } = (await get('/books?search=Found')).json() as { books: Book[] };
  return books[0]!;
};

describe('POST /files/upload', () => {
  it('keeps the file under its hash and says what it is', async () => {
    const bytes = epub();
    const info = await uploaded(bytes);
    expect(info).toEqual({
      file_path: expect.stringMatching(/^books\/[0-9a-f-]{36}\/a\.epub$/),
      file_format: 'epub',
      file_size: bytes.length,
      file_hash: sha256(bytes),
      storage_backend_id: null,
      uploaded_at: NOW,
    });
    const path = join(server.dataDir, 'files', info.file_hash.slice(0, 2), info.file_hash);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(staged()).toEqual([]);
    expect((await get(`/files/info/${info.file_path}`)).json()).toEqual(info);
  });

  it('knows the same bytes again while no book has claimed them', async () => {
    const bytes = epub();
    const first = await uploaded(bytes);
    expect(await uploaded(bytes, 'other name.epub')).toEqual(first);
  });

  it.each([
    ['a file without bytes', { name: 'a.epub', bytes: new Uint8Array() }, 400, 'VALIDATION_ERROR'],
    ['a form without a file', undefined, 400, 'VALIDATION_ERROR'],
    ['a file in another field', { field: 'book', name: 'a.epub', bytes: epub() }, 400, 'VALIDATION_ERROR'],
    ['another kind of file', { name: 'a.exe', bytes: Buffer.from('MZ') }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a name without an ending', { name: 'epub', bytes: epub() }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a name of every object', { name: 'a.constructor', bytes: epub() }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text named as a book', { name: 'a.epub', bytes: Buffer.from('hello') }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a PDF named as an EPUB',
      { name: 'a.epub', bytes: Buffer.from('%PDF-1.4\n%%EOF') },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ] satisfies [string, FormFile | undefined, number, string][])(
    'refuses %s',
    async (_, file, status, code) => {
      const before = blobs();
      expect(refusal(await upload(file))).toEqual([status, code]);
      expect(staged()).toEqual([]);
      expect(blobs()).toEqual(before);
    },
  );

  it('refuses what is no form, and a form without a boundary', async () => {
    for (const type of ['application/epub+zip', 'multipart/form-data'])
      expect(
        refusal(
          await send('/files/upload', { method: 'POST', raw: epub(), headers: { 'content-type': type } }),
        ),
      ).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('refuses more than 2048 MB before the bytes come', async () => {
    const { headers } = formOf(undefined);
    const answer = await new Promise<number>((resolve, reject) => {
      const outgoing = request(`${server.url}/api/v1/files/upload`, {
        method: 'POST',
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          'content-length': String(2049 * 1024 * 1024),
        },
      });
      outgoing.on('response', (incoming) => {
        resolve(incoming.statusCode ?? 0);
        outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.flushHeaders();
    });
    expect(answer).toBe(413);
  });

  it('leaves nothing of an upload that is cut half way', async () => {
    const before = blobs();
    const { raw, headers } = formOf({ name: 'cut.epub', bytes: Buffer.alloc(400_000, 'x') });
    await new Promise<void>((resolve) => {
      const outgoing = request(`${server.url}/api/v1/files/upload`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${token}`, 'content-length': String(raw.length) },
      });
      outgoing.on('error', () => resolve());
      outgoing.write(raw.subarray(0, 200_000), () => setTimeout(() => outgoing.destroy(), 50));
    });
    await expect.poll(staged).toEqual([]);
    expect(blobs()).toEqual(before);
  });

  it('takes a form that lacks its end for cut', async () => {
    const { raw, headers } = formOf({ name: 'cut.epub', bytes: epub() });
    const answer = await send('/files/upload', { method: 'POST', raw: raw.subarray(0, -30), headers });
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect(staged()).toEqual([]);
  });

  it('needs a token', async () => {
    const answer = await server.get('/api/v1/files/upload', {
      method: 'POST',
      ...formOf({ name: 'a.epub', bytes: epub() }),
    });
    expect(answer.status).toBe(401);
  });

  it.each(['../../etc/passwd.epub', '..\\..\\boot.epub', 'a\u0000b\r\n.epub', `${'long'.repeat(200)}.epub`])(
    'takes the name %j for a name only',
    async (name) => {
      const info = await uploaded(epub(), name.replace(/[\r\n\0]/g, ' '));
      expect(info.file_path).toMatch(/^books\/[0-9a-f-]{36}\/[^/\\\p{Cc}]{1,255}\.epub$/u);
    },
  );
});

describe('a book that claims an uploaded file', () => {
  it('has the file, what the file says where the person said nothing, and its own words', async () => {
    const bytes = makeEpub({
      title: 'Not this',
      authors: ['Nor him'],
      publisher: 'House',
      description: 'So.',
      language: 'de',
    });
    const info = await uploaded(bytes, 'Some name.epub');
    const book = await created({
      title: 'My title',
      author: 'My author',
      description: null,
      file_path: info.file_path,
    });
    expect(book).toMatchObject({
      title: 'My title',
      author: 'My author',
      publisher: 'House',
      description: 'So.',
      language: 'de',
      file_path: info.file_path,
      file_format: 'epub',
      file_size: bytes.length,
      file_hash: info.file_hash,
      storage_backend_id: null,
    });
    expect(await bookOf(book.book_id)).toEqual(book);
  });

  it('is served by KoShelf too, with the table of contents and the checksum of the file', async () => {
    const bytes = epub();
    const { file_path } = await uploaded(bytes);
    const book = await created({ title: 'On both', file_path });
    const item = await server.data<{ id: string; title: string }>(`/items/${book.book_id}`);
    expect(JSON.stringify(item)).toContain('On both');
    const sent = await server.get(`/assets/files/${book.book_id}.epub`);
    expect([sent.status, sent.bytes.equals(bytes)]).toEqual([200, true]);
    expect(koreaderChecksum(bytes)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['file_path', { file_path: 'books/0190aaaa-0000-7000-8000-000000000000/a.epub' }],
    ['file_path', { file_path: '../../etc/passwd' }],
    ['file_hash', { file_hash: 'a'.repeat(64) }],
    ['file_size', { file_size: 1 }],
    ['file_format', { file_format: 'pdf' }],
    ['storage_backend_id', { storage_backend_id: '0190aaaa-0000-7000-8000-000000000000' }],
  ])('is refused and not made when its %s is wrong', async (field, wrong) => {
    const { file_path } = await uploaded();
    const before = ((await get('/books')).json() as { pagination: { total: number } }).pagination.total;
    const answer = await create({ file_path, ...wrong });
    expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR']);
    expect(Object.keys((answer.json() as Refusal).error.details?.['fields'] ?? {})).toEqual([field]);
    expect(((await get('/books')).json() as { pagination: { total: number } }).pagination.total).toBe(before);
  });

  it('cannot have the file of another book or of somebody else', async () => {
    const { file_path } = await uploaded();
    await created({ file_path });
    expect(refusal(await create({ file_path }))).toEqual([400, 'VALIDATION_ERROR']);
    const theirs = await uploaded(epub(), 'b.epub', stranger);
    expect(refusal(await create({ file_path: theirs.file_path }))).toEqual([400, 'VALIDATION_ERROR']);
    expect((await get(`/files/info/${theirs.file_path}`)).status).toBe(404);
  });

  it('shares the bytes with another book and with another person', async () => {
    const bytes = epub();
    const mine = await created({ file_path: (await uploaded(bytes)).file_path });
    const again = await created({ file_path: (await uploaded(bytes)).file_path });
    const theirs = await created(
      { file_path: (await uploaded(bytes, 'a.epub', stranger)).file_path },
      stranger,
    );
    expect(new Set([mine.file_path, again.file_path, theirs.file_path]).size).toBe(3);
    expect(blobs().filter((name) => name === sha256(bytes))).toHaveLength(1);
    for (const [book, as] of [
      [mine, token],
      [again, token],
      [theirs, stranger],
    ] as const) {
      expect((await server.papyrus('DELETE', `/books/${book.book_id}/file`, undefined, as)).status).toBe(204);
      expect(blobs().includes(sha256(bytes))).toBe(as === token);
    }
  });

  it('keeps a file whose inside cannot be read', async () => {
    // A whole archive that tells it is an EPUB, without the parts that make one.
    const broken = writeZip([{ name: 'mimetype', content: 'application/epub+zip', isStored: true }]);
    const info = await uploaded(broken);
    const book = await created({ title: 'Broken', file_path: info.file_path });
    expect(book).toMatchObject({ title: 'Broken', file_format: 'epub', file_hash: sha256(broken) });
    const { download_url } = (await get(`/books/${book.book_id}/file`)).json() as { download_url: string };
    expect((await server.get(new URL(download_url).pathname + new URL(download_url).search)).bytes).toEqual(
      broken,
    );
  });

  it('takes no half of a file', async () => {
    const fb2 = makeFb2({ titleInfo: '<book-title>Cut</book-title>' });
    const half = (bytes: Uint8Array | string) => Buffer.from(bytes).subarray(0, Math.floor(bytes.length / 2));
    const whole: [string, Uint8Array | string][] = [
      ['a.epub', epub()],
      ['a.cbz', makeCbz(['1.png', '2.png'])],
      ['a.fb2', fb2],
      ['a.fb2.zip', writeZip([{ name: 'a.fb2', content: fb2 }])],
      ['a.pdf', makePdf({ pages: 1 })],
      ['a.mobi', makeMobi({ fullName: 'Half', kf8: { fullName: 'Half' } })],
    ];
    const before = blobs().length;
    for (const [name, bytes] of whole) {
      const answer = await upload({ name, bytes: half(bytes) });
      expect([name, answer.status]).toEqual([name, 400]);
      expect((answer.json() as Refusal).error.message).toBe(
        'The end of the file is missing. Send the whole file.',
      );
    }
    expect(blobs()).toHaveLength(before);
    for (const [name, bytes] of whole)
      expect([name, (await upload({ name, bytes: Buffer.from(bytes) })).status]).toEqual([name, 201]);
  });

  it('takes no part of a file for the whole', async () => {
    const { raw, headers } = formOf({ name: 'a.epub', bytes: epub() });
    const answer = await send('/files/upload', {
      method: 'POST',
      raw,
      headers: { ...headers, 'content-range': `bytes 0-99/200` },
    });
    expect(answer.status).toBe(400);
    expect((answer.json() as Refusal).error.message).toBe(
      'Parts of files are not put together here. Send the whole file at once.',
    );
  });

  it('survives a scan', async () => {
    const { file_path } = await uploaded();
    const book = await created({ file_path });
    await server.rescan();
    expect(await bookOf(book.book_id)).toEqual(book);
  });
});

describe('a signed link', () => {
  const linkOf = async (bookId: string): Promise<{ path: string; expires_at: string }> => {
    const answer = (await get(`/books/${bookId}/file`)).json() as {
      download_url: string;
      expires_at: string;
    };
    const url = new URL(answer.download_url);
    expect(url.origin).toBe(server.url);
    return { path: url.pathname + url.search, expires_at: answer.expires_at };
  };

  it('is good for a quarter of an hour without a token', async () => {
    const bytes = epub();
    const book = await created({ file_path: (await uploaded(bytes, 'Émile.epub')).file_path });
    const { path, expires_at } = await linkOf(book.book_id);
    expect(expires_at).toBe('2026-03-14T12:15:00.000Z');
    const answer = await server.get(path);
    expect([answer.status, answer.bytes.equals(bytes)]).toEqual([200, true]);
    expect(answer.headers).toMatchObject({
      etag: `"${sha256(bytes)}"`,
      'accept-ranges': 'bytes',
      'content-type': 'application/epub+zip',
      'content-disposition': "attachment; filename*=UTF-8''%C3%89mile.epub",
    });
    clock.forward({ minutes: 15 });
    expect(refusal(await server.get(path))).toEqual([401, 'UNAUTHORIZED']);
    clock.forward({ minutes: -15 });
  });

  it('is for its file and its time only', async () => {
    const book = await created({ file_path: (await uploaded()).file_path });
    const other = await created({ file_path: (await uploaded()).file_path });
    const { path } = await linkOf(book.book_id);
    const wrong = [
      path.replace(book.file_path!.slice(0, 42), other.file_path!.slice(0, 42)),
      path.replace(/exp=\d+/, (exp) => `${exp}9`),
      path.replace(/sig=./, 'sig=_'),
      path.replace(/sig=.*/, 'sig='),
      path.replace(/exp=\d+&/, ''),
      path.replace(/[?].*/, ''),
    ];
    for (const each of wrong) expect([each, (await server.get(each)).status]).toEqual([each, 401]);
    expect((await server.get(path)).status).toBe(200);
  });

  it('works under the other mount, and where the request came', async () => {
    const book = await created({ file_path: (await uploaded()).file_path });
    const answer = await server.get(`/v1/books/${book.book_id}/file`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { download_url } = answer.json() as { download_url: string };
    expect(download_url).toContain(`${server.url}/v1/files/download/books/`);
  });

  it('leads to the file of a library folder as well', async () => {
    const book = await foundBook();
    const { path } = await linkOf(book.book_id);
    const answer = await server.get(path);
    expect([answer.status, sha256(answer.bytes)]).toEqual([200, book.file_hash]);
  });
});

describe('GET /files/download', () => {
  it('sends parts, says when nothing changed, and what there is not', async () => {
    const bytes = epub();
    const { file_path } = await uploaded(bytes);
    const ask = (headers: Record<string, string>, method = 'GET') =>
      send(`/files/download/${file_path}`, { method, headers });
    const part = await ask({ range: 'bytes=10-19' });
    expect([part.status, part.bytes, part.headers['content-range']]).toEqual([
      206,
      bytes.subarray(10, 20),
      `bytes 10-19/${bytes.length}`,
    ]);
    const last = await ask({ range: 'bytes=-5', 'if-range': `"${sha256(bytes)}"` });
    expect([last.status, last.bytes]).toEqual([206, bytes.subarray(-5)]);
    expect((await ask({ range: 'bytes=0-4', 'if-range': '"other"' })).status).toBe(200);
    expect((await ask({ range: `bytes=${bytes.length}-` })).status).toBe(416);
    expect((await ask({ 'if-none-match': `"${sha256(bytes)}"` })).status).toBe(304);
    const head = await ask({}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, String(bytes.length), '']);
  });

  it.each([
    'books%2F..%2F..%2Fsecrets.key',
    'books/../../secrets.key',
    '..%2f..%2fsecrets.key',
    'secrets.key',
    '%2Fetc%2Fpasswd',
    'books/',
    'covers/0190aaaa-0000-7000-8000-000000000000/a.png',
  ])('finds nothing at %s', async (path) => {
    expect((await send(`/files/download/${path}`)).status).toBe(404);
    expect((await send(`/files/info/${path}`)).status).toBe(404);
  });

  it('takes a key with an encoded slash for the same key, decoded once', async () => {
    const { file_path } = await uploaded();
    expect((await send(`/files/info/${encodeURIComponent(file_path)}`)).status).toBe(200);
    expect((await send(`/files/info/${encodeURIComponent(encodeURIComponent(file_path))}`)).status).toBe(404);
    expect((await send('/files/info/%E0%A4%A')).status).toBe(400);
  });

  it('ends early when the bytes on the disk are no longer those', async () => {
    const bytes = epub();
    const info = await uploaded(bytes);
    const { writeFileSync } = await import('node:fs');
    const damaged = Buffer.from(bytes);
    damaged[40] = damaged[40]! ^ 1;
    writeFileSync(join(server.dataDir, 'files', info.file_hash.slice(0, 2), info.file_hash), damaged);
    await expect(send(`/files/download/${info.file_path}`)).rejects.toThrow();
  });
});

describe('somebody else', () => {
  it('has no part in any of it', async () => {
    const book = await created({ file_path: (await uploaded()).file_path });
    const key = book.file_path!;
    for (const path of [`/books/${book.book_id}/file`, `/files/info/${key}`, `/files/download/${key}`])
      expect([path, (await get(path, stranger)).status]).toEqual([path, 404]);
  });
});

describe('deleting', () => {
  it('DELETE /books/{id}/file clears what the book says of it', async () => {
    const bytes = epub();
    const book = await created({ file_path: (await uploaded(bytes)).file_path });
    expect((await server.papyrus('DELETE', `/books/${book.book_id}/file`, undefined, token)).status).toBe(
      204,
    );
    expect(await bookOf(book.book_id)).toMatchObject({
      file_path: null,
      file_format: null,
      file_size: null,
      file_hash: null,
    });
    expect(blobs()).not.toContain(sha256(bytes));
    expect((await get(`/books/${book.book_id}/file`)).status).toBe(404);
    expect((await server.papyrus('DELETE', `/books/${book.book_id}/file`, undefined, token)).status).toBe(
      404,
    );
  });

  it('DELETE /files/{file_path} does the same by the key', async () => {
    const book = await created({ file_path: (await uploaded()).file_path });
    const path = `/files/${book.file_path}`;
    expect((await server.papyrus('DELETE', path, undefined, stranger)).status).toBe(404);
    expect((await server.papyrus('DELETE', path, undefined, token)).status).toBe(204);
    expect((await bookOf(book.book_id)).file_path).toBeNull();
    expect((await server.papyrus('DELETE', path, undefined, token)).status).toBe(404);
  });

  it('never touches a file of a library folder', async () => {
    const book = await foundBook();
    for (const path of [`/books/${book.book_id}/file`, `/files/${book.file_path}`])
      expect(refusal(await server.papyrus('DELETE', path, undefined, token))).toEqual([403, 'FORBIDDEN']);
    expect(existsSync(join(server.libraryDir, 'found.epub'))).toBe(true);
  });

  it('removes the file with its book at once when asked to', async () => {
    const bytes = epub();
    const book = await created({ file_path: (await uploaded(bytes)).file_path });
    const answer = await server.papyrus(
      'DELETE',
      `/books/${book.book_id}?delete_file=true`,
      undefined,
      token,
    );
    expect(answer.status).toBe(204);
    expect(blobs()).not.toContain(sha256(bytes));
  });

  it('removes the files of many books with them when asked to, and those of nobody else', async () => {
    const [bytes, kept] = [epub(), epub()];
    const file_path = (await uploaded(bytes)).file_path;
    const batch = await server.papyrus(
      'POST',
      '/books/batch',
      {
        books: [
          { title: 'First', author: 'A', file_path },
          { title: 'Too late', author: 'A', file_path },
        ],
      },
      token,
    );
    const { created: made, errors } = batch.json() as { created: Book[]; errors: { index: number }[] };
    expect(made).toMatchObject([{ title: 'First', file_hash: sha256(bytes) }]);
    expect(errors).toMatchObject([{ index: 1 }]);
    const theirs = await created(
      { file_path: (await uploaded(kept, 'k.epub', stranger)).file_path },
      stranger,
    );
    const body = { book_ids: [made[0]!.book_id, theirs.book_id], delete_files: true };
    const answer = await server.papyrus('DELETE', '/books/batch', body, token);
    expect(answer.json()).toMatchObject({ deleted_count: 1 });
    expect([blobs().includes(sha256(bytes)), blobs().includes(sha256(kept))]).toEqual([false, true]);
  });

  it('keeps it for thirty days after its book otherwise, and what nobody claimed for one', async () => {
    const [bytes, unclaimed] = [epub(), epub()];
    const book = await created({ file_path: (await uploaded(bytes)).file_path });
    await uploaded(unclaimed);
    expect((await server.papyrus('DELETE', `/books/${book.book_id}`, undefined, token)).status).toBe(204);
    const later = async (time: { hours: number }) => {
      clock.forward(time);
      await server.restart();
      return [bytes, unclaimed].map((each) => blobs().includes(sha256(each)));
    };
    expect(await later({ hours: 23 })).toEqual([true, true]);
    expect(await later({ hours: 1 })).toEqual([true, false]);
    expect(await later({ hours: 28 * 24 })).toEqual([true, false]);
    expect(await later({ hours: 24 })).toEqual([false, false]);
    const { jobs } = (await server.desk('GET', '/jobs')).json() as {
      jobs: { kind: string; state: string }[];
    };
    const collected = jobs.filter(({ kind }) => kind === 'collect-files');
    expect([collected.length, collected.every(({ state }) => state === 'done')]).toEqual([4, true]);
    expect(existsSync(join(server.libraryDir, 'found.epub'))).toBe(true);
  });
});
