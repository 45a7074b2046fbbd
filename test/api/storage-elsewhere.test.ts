import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StorageBackend } from '../../server/storage/backend.ts';
import { StorageError } from '../../server/storage/backend.ts';
import { blobPath } from '../../server/storage/blobs.ts';
import { defineStorageKind } from '../../server/storage/kind.ts';
import { STORAGE_KINDS } from '../../server/storage/kinds.ts';
import type { Asked } from '../support/client.ts';
import { at } from '../support/clock.ts';
import { formOf } from '../support/form.ts';
import { makeCbz } from '../support/make-comic.ts';
import { makeEpub } from '../support/make-epub.ts';
import { openMemoryStorage } from '../support/memory-storage.ts';
import { openZip } from '../support/open-zip.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

/** Every reader of the files of books, against a place that is not this computer's disk. */
const clock = at('2026-03-14T12:00:00Z');
const memory = openMemoryStorage();
let isAway = false;
let opened: unknown;
const away: StorageBackend = {
  ...memory,
  read: (path, range) => (isAway ? gone() : memory.read(path, range)),
  stat: (path) => (isAway ? gone() : memory.stat(path)),
};
/** Not for a while only: nothing is asked again. */
const gone = () => Promise.reject(new StorageError('permission', 'The attic is locked.'));
/** In the place of the program's own, so that the API knows it. */
const attic = defineStorageKind({
  kind: 'webdav',
  label: 'The attic',
  options: z.looseObject({ server_url: z.url() }),
  secrets: ['username', 'password'],
  requiredSecrets: ['password'],
  keeps: 'elsewhere',
  open({ options, secret, basePath }) {
    opened = { url: options.server_url, password: secret('password'), basePath };
    return away;
  },
});

let server: TestServer;
let token: string;
let backendId: string;
beforeAll(async () => {
  const storageKinds = STORAGE_KINDS.map((kind) => (kind.kind === 'webdav' ? attic : kind));
  server = await startTestServer({ clock, ports: { storageKinds } });
  token = await server.claim();
  const backend = {
    backend_type: 'webdav',
    name: 'Attic',
    base_path: '/books',
    connection_config: { server_url: 'https://attic.example' },
    credentials: { username: 'ann', password: 'secret' },
  };
  ({ backend_id: backendId } = (await papyrus('POST', '/storage/backends', backend)) as { backend_id: string }); // prettier-ignore
});
afterAll(() => server.close());

const papyrus = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const answer = await server.papyrus(method, path, body, token);
  expect([path, answer.status < 300, answer.text]).toEqual([path, true, answer.text]);
  return answer.text === '' ? undefined : answer.json();
};
const send = (path: string, asked: Asked = {}) =>
  server.get(`/api/v1${path}`, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const scratch = () => readdirSync(join(server.dataDir, 'scratch'));
const isThere = async (bytes: Uint8Array) =>
  (await memory.stat(blobPath(sha256(bytes)))) !== undefined &&
  !existsSync(join(server.dataDir, 'files', blobPath(sha256(bytes))));

type Uploaded = { file_path: string; storage_backend_id: string | null };
async function upload(name: string, bytes: Uint8Array): Promise<Uploaded> {
  const answer = await send('/files/upload', { method: 'POST', ...formOf({ name, bytes }) });
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.json() as Uploaded;
}
async function bookOf(name: string, bytes: Uint8Array): Promise<{ bookId: string; key: string }> {
  const { file_path: key, storage_backend_id: where } = await upload(name, bytes);
  expect([where, await isThere(bytes)]).toEqual([backendId, true]);
  const book = await papyrus('POST', '/books', { title: name, author: 'Ann', file_path: key });
  return { bookId: (book as { book_id: string }).book_id, key };
}
const epub = (text: string) => makeEpub({ title: 'Attic', chapters: [{ title: 'One', text }] });

describe('a file at a place elsewhere', () => {
  const bytes = epub('The candle went out.');
  let bookId: string;
  let key: string;
  beforeAll(async () => {
    ({ bookId, key } = await bookOf('attic.epub', bytes));
  });

  it('was opened with its options, its secrets and its folder', async () => {
    const { password, ...rest } = opened as { password: Promise<string> };
    expect([rest, await password]).toEqual([{ url: 'https://attic.example', basePath: '/books' }, 'secret']);
  });

  it('is sent by Papyrus, whole and in part', async () => {
    const path = `/files/download/${encodeURIComponent(key)}`;
    expect(sha256((await send(path)).bytes)).toBe(sha256(bytes));
    const part = await send(path, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.bytes.equals(bytes.subarray(10, 20))]).toEqual([206, true]);
    expect((await send(`/books/${bookId}/file`)).status).toBe(200);
  });

  it('is an asset of KoShelf, whole and in part', async () => {
    const path = `/assets/files/${bookId}.epub`;
    const whole = await server.get(path);
    expect([whole.status, sha256(whole.bytes)]).toEqual([200, sha256(bytes)]);
    const part = await server.get(path, { headers: { range: 'bytes=-5' } });
    expect([part.status, part.bytes.equals(bytes.subarray(-5))]).toEqual([206, true]);
    const { etag = '' } = whole.headers;
    expect((await server.get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('is in the archive of books', async () => {
    const answer = await send('/export/books', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      raw: JSON.stringify({ book_ids: [bookId] }),
    });
    const entries = await openZip(answer.bytes);
    const [name] = [...entries.keys()].filter((each) => each.endsWith('.epub'));
    expect(sha256(entries.get(name!)!)).toBe(sha256(bytes));
    const manifest = JSON.parse(entries.get('manifest.json')!.toString()) as {
      books: { missing: unknown }[];
    };
    expect(manifest.books.map(({ missing }) => missing)).toEqual([null]);
  });

  it('is searched inside, and leaves no copy', async () => {
    await papyrus('PUT', '/search/settings', { book_text: true });
    await server.settled();
    const { results } = (await papyrus('GET', '/search?in=text&q=candle')) as { results: { book_title: string }[] }; // prettier-ignore
    expect(results.map(({ book_title: title }) => title)).toEqual(['attic.epub']);
    expect(scratch()).toEqual([]);
  });

  it('gives its next picture when the first is none', async () => {
    const picture = await sharp({ create: { width: 40, height: 60, channels: 3, background: '#00f' } }).png().toBuffer(); // prettier-ignore
    const noise = await sharp(Buffer.from(Array.from({ length: 7200 }, (_, index) => (index * 7919) % 251)), {
      raw: { width: 40, height: 60, channels: 3 },
    })
      .png()
      .toBuffer();
    const cutOff = noise.subarray(0, noise.length / 2);
    const comic = makeCbz([
      { name: '1.png', content: cutOff },
      { name: '2.png', content: picture },
    ]);
    const { bookId: comicId } = await bookOf('comic.cbz', comic);
    expect((await server.get(`/assets/covers/${comicId}.webp`)).status).toBe(404);
    expect((await server.get(`/assets/covers/${comicId}.webp`)).status).toBe(200);
    expect(scratch()).toEqual([]);
  });

  it('can be claimed by a device that syncs, and is then sent', async () => {
    const other = epub('A device came by.');
    const { file_path: path } = await upload('device.epub', other);
    const id = randomUUID();
    const change = {
      entity_type: 'book',
      entity_id: id,
      operation: 'create',
      data: { title: 'Device', author: 'Ann', file_path: path },
      timestamp: clock.now().toISOString(),
    };
    await papyrus('POST', '/sync/changes', { device_id: 'phone', changes: [change] });
    expect(sha256((await server.get(`/assets/files/${id}.epub`)).bytes)).toBe(sha256(other));
  });

  it('is told of by the place in its own words when it cannot be had', async () => {
    isAway = true;
    try {
      const answer = await send(`/files/download/${encodeURIComponent(key)}`);
      expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('The attic is locked.')]);
      // KoShelf has no status of its own for it.
      const asset = await server.get(`/assets/files/${bookId}.epub`);
      expect([asset.status, asset.text]).toEqual([500, expect.stringContaining('The attic is locked.')]);
      const archive = await send('/export/books', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        raw: JSON.stringify({ book_ids: [bookId] }),
      });
      const manifest = JSON.parse((await openZip(archive.bytes)).get('manifest.json')!.toString()) as { books: { missing: unknown }[] }; // prettier-ignore
      expect(manifest.books.map(({ missing }) => missing)).toEqual(['The attic is locked.']);
    } finally {
      isAway = false;
    }
  });

  it('whose place is locked keeps no other text from being searched', async () => {
    const [first, second] = [epub('A locked word.'), epub('An open word.')];
    await bookOf('locked.epub', first);
    isAway = true;
    try {
      await papyrus('PATCH', `/storage/backends/${backendId}`, { is_active: false });
      const { file_path: path, storage_backend_id: where } = await upload('open.epub', second);
      expect(where).toBeNull();
      await papyrus('POST', '/books', { title: 'open.epub', author: 'Ann', file_path: path });
      await papyrus('PUT', '/search/settings', { book_text: false });
      await server.settled();
      await papyrus('PUT', '/search/settings', { book_text: true });
      await server.settled();
      const found = async (word: string) =>
        ((await papyrus('GET', `/search?in=text&q=${word}`)) as { results: object[] }).results.length;
      expect([await found('locked'), await found('open')]).toEqual([0, 1]);
      isAway = false;
      await papyrus('PUT', '/search/settings', { book_text: true });
      await server.settled();
      expect(await found('locked')).toBe(1);
    } finally {
      isAway = false;
      await papyrus('PATCH', `/storage/backends/${backendId}`, { is_active: true });
      await papyrus('POST', `/storage/backends/${backendId}/set-primary`);
    }
  });

  it('holds on to its place, and goes from there alone', async () => {
    const same = epub('Twice.');
    const { key: first } = await bookOf('first.epub', same);
    const form = formOf({ name: 'second.epub', bytes: same });
    const others = await server.signUp('other@example.org');
    const theirs = await server.get('/api/v1/files/upload', {
      method: 'POST',
      raw: form.raw,
      headers: { ...form.headers, authorization: `Bearer ${others}` },
    });
    expect((theirs.json() as Uploaded).storage_backend_id).toBeNull();
    const refused = await server.papyrus('DELETE', `/storage/backends/${backendId}`, undefined, token);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('lie at this storage')]);
    await papyrus('DELETE', `/files/${encodeURIComponent(first)}`);
    expect(await memory.stat(blobPath(sha256(same)))).toBeUndefined();
    expect(existsSync(join(server.dataDir, 'files', blobPath(sha256(same))))).toBe(true);
  });
});
