// The stream of books with the public client SDK as the client.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { openDevice } from '../../support/stream-device.ts';
import type { Device } from '../../support/stream-device.ts';

let server: TestServer;
let owner: string;
const devices: Device[] = [];
beforeAll(async () => {
  server = await startTestServer({
    files: { 'found.epub': makeEpub({ title: 'Found', authors: ['Ada', 'Ben'] }) },
    ports: { streamPace: { gatherMs: 10, quietMs: 200, slice: 300, compactAbove: (books) => books + 50 } },
  });
  owner = await server.claim();
});
afterEach(async () => {
  for (const device of devices.splice(0)) await device.close();
});
afterAll(() => server.close());

const signUp = () => server.signUp(`${randomUUID()}@example.org`);
async function device(token: string): Promise<Device> {
  const opened = await openDevice(server, token);
  devices.push(opened);
  return opened;
}
async function connected(token: string): Promise<Device> {
  const opened = await device(token);
  await opened.connect();
  return opened;
}
const add = (on: Device, title: string, id: string = randomUUID()) =>
  on
    .run('insert into books (id, title, author, reading_status, is_favorite) values (?, ?, ?, ?, ?)', [
      id,
      title,
      'Ada',
      'unread',
      0,
    ])
    .then(() => id);
const get = async (token: string, id: string) =>
  (await server.papyrus('GET', `/books/${id}`, undefined, token)).json() as Record<string, unknown>;

describe('two devices of one person', () => {
  it('have the same books, wherever one was added, changed or removed', async () => {
    const token = await signUp();
    const [phone, tablet] = [await connected(token), await connected(token)];
    const id = await add(phone, 'From the phone');
    const [row] = await tablet.until((rows) => rows.length === 1);
    expect(row).toMatchObject({
      id,
      title: 'From the phone',
      author: 'Ada',
      reading_status: 'not_started',
      is_favorite: 0,
    });

    await tablet.run('update books set rating = 4, is_favorite = 1 where id = ?', [id]);
    await phone.until(([book]) => book?.['rating'] === 4 && book['is_favorite'] === 1);
    expect(await get(token, id)).toMatchObject({ rating: 4, is_favorite: true, author: 'Ada' });

    await phone.run('delete from books where id = ?', [id]);
    await tablet.until((rows) => rows.length === 0);
    expect((await server.papyrus('GET', `/books/${id}`, undefined, token)).status).toBe(404);
  });

  it('bring together what was changed while one was away', async () => {
    const token = await signUp();
    const [phone, tablet] = [await connected(token), await connected(token)];
    const id = await add(phone, 'Before');
    await tablet.until((rows) => rows.length === 1);

    await tablet.disconnect();
    await tablet.run('update books set title = ? where id = ?', ['Renamed on the way', id]);
    const other = await add(tablet, 'Added on the way');
    await phone.run('update books set rating = 5 where id = ?', [id]);
    await phone.until(([book]) => book?.['rating'] === 5);
    await tablet.connect();

    const both = (rows: unknown[]) => rows.length === 2;
    const wanted = [
      { id: other, title: 'Added on the way', rating: null },
      { id, title: 'Renamed on the way', rating: 5 },
    ];
    for (const each of [phone, tablet]) {
      const rows = await each.until(
        (now) => both(now) && now[1]?.['title'] === 'Renamed on the way' && now[1]['rating'] === 5,
      );
      expect(rows).toMatchObject(wanted);
    }
  });

  it('clear a value as well as set one, and keep what the app did not mean to clear', async () => {
    const token = await signUp();
    const phone = await connected(token);
    const created = await server.papyrus(
      'POST',
      '/books',
      {
        title: 'Kept',
        author: 'Ada',
        co_authors: ['Ben'],
        subtitle: 'Going',
        is_physical: true,
        physical_location: 'Attic',
      },
      token,
    );
    const { book_id: id } = created.json() as { book_id: string };
    await phone.until((rows) => rows.length === 1);
    await phone.run('update books set subtitle = null, is_favorite = 1 where id = ?', [id]);
    await phone.until(() => phone.sent.length === 1);
    expect(phone.sent[0]!.batch[0]).toMatchObject({
      op: 'PATCH',
      data: { subtitle: null, custom_metadata: {}, co_authors: [] },
    });
    await expect
      .poll(() => get(token, id), { timeout: 5_000 })
      .toMatchObject({
        subtitle: null,
        is_favorite: true,
        co_authors: ['Ben'],
        is_physical: true,
        physical_location: 'Attic',
      });
  });

  it('tell nothing to somebody else', async () => {
    const [mine, theirs] = [await signUp(), await signUp()];
    const [phone, strange] = [await connected(mine), await connected(theirs)];
    await add(phone, 'Mine');
    await expect.poll(() => phone.sent.length).toBe(1);
    await strange.db.waitForFirstSync();
    const known = await add(strange, 'Theirs');
    await strange.until((rows) => rows.length === 1 && rows[0]?.['id'] === known);
    expect(await strange.rows()).toHaveLength(1);
  });
});

describe('the stream', () => {
  it('brings what was scanned from a folder, with its file and its authors, and changes made in the other APIs', async () => {
    const phone = await connected(owner);
    const [row] = await phone.until((rows) => rows.length === 1);
    const custom = JSON.parse(String(row!['custom_metadata'])) as Record<string, unknown>;
    expect([row!['title'], row!['author'], JSON.parse(String(row!['co_authors']))]).toEqual([
      'Found',
      'Ada',
      ['Ben'],
    ]);
    expect(custom).toMatchObject({ file_format: 'epub', is_physical: false });
    expect(custom['file_hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(row!['file_media_id']).toMatch(/^[0-9a-f-]{36}$/);

    await server.papyrus('PATCH', `/books/${String(row!['id'])}`, { rating: 3 }, owner);
    await phone.until(([book]) => book?.['rating'] === 3);
    server.put({ 'second.epub': makeEpub({ title: 'Second', authors: ['Cy'] }) });
    await server.rescan();
    await phone.until((rows) => rows.length === 2);
  });

  it('takes 2,000 books in one request and gives them to a new device', async () => {
    const token = await signUp();
    const [phone, tablet] = [await connected(token), await connected(token)];
    await phone.db.writeTransaction(async (tx) => {
      for (let n = 0; n < 2_000; n++) {
        await tx.execute('insert into books (id, title, author) values (uuid(), ?, ?)', [
          `Volume ${n}`,
          'Ada',
        ]);
      }
    });
    await tablet.until((rows) => rows.length === 2_000, 30_000);
    expect(phone.sent.map(({ batch }) => batch.length)).toEqual([2_000]);
    const late = await connected(token);
    await late.until((rows) => rows.length === 2_000, 30_000);
  }, 60_000);

  it('begins a new bucket when too many changes have piled up, for those who listen and those who come back', async () => {
    const token = await signUp();
    const [phone, tablet, away] = [await connected(token), await connected(token), await connected(token)];
    const id = await add(phone, 'Read on');
    for (const each of [tablet, away]) await each.until((rows) => rows.length === 1);
    await away.disconnect();
    const bucketsOf = async (of: Device) =>
      (await of.db.getAll<{ name: string }>('select name from ps_buckets'))
        .map(({ name }) => name)
        .filter((name) => name.startsWith('books-'));
    expect(await bucketsOf(tablet)).toEqual(['books-1']);
    for (let page = 1; page <= 60; page++) {
      await server.papyrus('PUT', `/books/${id}/progress`, { current_page: page }, token);
    }
    await tablet.until(([book]) => book?.['current_page'] === 60);
    await expect.poll(() => bucketsOf(tablet)).toEqual(['books-2']);
    await away.connect();
    await away.until(([book]) => book?.['current_page'] === 60);
    await expect.poll(() => bucketsOf(away)).toEqual(['books-2']);
    await away.run('update books set rating = 2 where id = ?', [id]);
    await tablet.until(([book]) => book?.['rating'] === 2);
  });

  it('keeps a device that was away for long from blocking: what is out of range is brought into it', async () => {
    const token = await signUp();
    const phone = await connected(token);
    const id = randomUUID();
    await phone.run(
      'insert into books (id, title, rating, current_position, reading_status, page_count, custom_metadata) values (?, ?, ?, ?, ?, ?, ?)',
      [
        id,
        'x'.repeat(600),
        99,
        7,
        'whatever',
        -3,
        JSON.stringify({ is_physical: false, started_at: '2026-07-01T10:00:00.123456' }),
      ],
    );
    await expect.poll(() => phone.sent.length).toBe(1);
    await expect
      .poll(() => get(token, id))
      .toMatchObject({
        rating: 5,
        current_position: 1,
        page_count: 0,
        started_at: '2026-07-01T10:00:00.123Z',
      });
    expect(String((await get(token, id))['title'])).toHaveLength(500);
  });
});

describe('a token to listen with', () => {
  it('is renewed by the device before it ends, and the stream goes on', async () => {
    const short = await startTestServer({
      ports: { streamTokenSec: 2, streamPace: { gatherMs: 10, quietMs: 100 } },
    });
    try {
      const token = await short.signUp();
      const phone = await openDevice(short, token);
      await phone.connect();
      await expect.poll(() => phone.tokens(), { timeout: 15_000 }).toBeGreaterThan(2);
      await short.papyrus('POST', '/books', { title: 'Later', author: 'Ada' }, token);
      await phone.until((rows) => rows.length === 1);
      await phone.close();
    } finally {
      await short.close();
    }
  }, 30_000);

  it('is refused when it is none, another kind, or its session has ended', async () => {
    const token = await signUp();
    const listen = (authorization?: string) =>
      server.get('/sync/stream', {
        method: 'POST',
        body: { buckets: [] },
        headers: authorization === undefined ? {} : { authorization },
      });
    for (const wrong of [undefined, 'Token x', `Token ${token}`, `Bearer ${token}`, 'Basic YTpi']) {
      const answer = await listen(wrong);
      expect([answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([
        401,
        expect.stringMatching(/^[A-Z_]+$/),
      ]);
    }
    const { token: stream } = (
      await server.papyrus('POST', '/auth/powersync-token', undefined, token)
    ).json() as { token: string };
    await server.papyrus('POST', '/auth/logout', undefined, token);
    expect((await listen(`Token ${stream}`)).status).toBe(401);
    expect(
      (
        await server.get('/write-checkpoint2.json?client_id=x', {
          headers: { authorization: `Token ${stream}` },
        })
      ).status,
    ).toBe(401);
  });

  it('can be checked by others with the published key', async () => {
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    const token = await signUp();
    const { token: stream, expires_in } = (
      await server.papyrus('POST', '/auth/powersync-token', undefined, token)
    ).json() as { token: string; expires_in: number };
    const keys = (await server.papyrus('GET', '/auth/jwks')).json() as {
      keys: { kty: string; kid: string; d?: string }[];
    };
    const { payload, protectedHeader } = await jwtVerify(stream, createLocalJWKSet(keys));
    expect([expires_in, payload['type'], protectedHeader.alg, protectedHeader.kid]).toEqual([
      300,
      'powersync',
      'RS256',
      keys.keys[0]!.kid,
    ]);
    expect(keys.keys.every((key) => !('d' in key) && key.kty === 'RSA')).toBe(true);
  });
});

describe('what a device sends back', () => {
  const send = (batch: unknown, token: string) =>
    server.papyrus('POST', '/sync/powersync-upload', { batch }, token);

  it('is applied all or not at all', async () => {
    const [mine, theirs] = [await signUp(), await signUp()];
    const foreign = (
      (await server.papyrus('POST', '/books', { title: 'Theirs', author: 'A' }, theirs)).json() as {
        book_id: string;
      }
    ).book_id;
    const id = randomUUID();
    const put = {
      type: 'books',
      op: 'PUT',
      id,
      data: { title: 'New' },
      op_id: 1,
      tx_id: 1,
      metadata: null,
      old: null,
    };
    for (const [entry, status] of [
      [{ type: 'books', op: 'PATCH', id: foreign, data: { title: 'Mine now' } }, 403],
      [{ type: 'books', op: 'DELETE', id: foreign }, 403],
      [{ type: 'shelves', op: 'PUT', id: randomUUID(), data: {} }, 422],
      [{ type: 'books', op: 'PUT', id: randomUUID(), data: { password: 'x' } }, 422],
      [{ type: 'books', op: 'PUT', id: 'shelf-1', data: {} }, 400],
      [{ type: 'books', op: 'PUT', id: randomUUID(), data: { title: ' ' } }, 400],
      [{ type: 'books', op: 'PUT', id: randomUUID(), data: { file_media_id: randomUUID() } }, 400],
    ] as const) {
      expect([(await send([put, entry], mine)).status, status]).toEqual([status, status]);
      expect((await server.papyrus('GET', `/books/${id}`, undefined, mine)).status).toBe(404);
    }
    expect((await get(theirs, foreign))['title']).toBe('Theirs');
    const answer = await send([put, { type: 'books', op: 'delete', id: randomUUID(), data: null }], mine);
    expect([answer.status, answer.json()]).toEqual([200, { applied_count: 1 }]);
  });

  it('gets a title when it has none, and the same again changes nothing', async () => {
    const token = await signUp();
    const entry = {
      type: 'books',
      op: 'patch',
      id: randomUUID(),
      data: { author: 'Ada', reading_status: 'inProgress', is_favorite: 1 },
    };
    for (let again = 0; again < 2; again++)
      expect((await send([entry], token)).json()).toEqual({ applied_count: 1 });
    expect(await get(token, entry.id)).toMatchObject({
      title: 'Untitled Book',
      author: 'Ada',
      reading_status: 'in_progress',
      is_favorite: true,
    });
    expect(
      ((await server.papyrus('GET', '/books', undefined, token)).json() as { books: unknown[] }).books,
    ).toHaveLength(1);
  });

  it('says where the stream is without naming it', async () => {
    const answer = await server.get('/v1/sync/settings');
    expect(answer.json()).toEqual({
      data_sync_url: server.url,
      file_storage: { supported: true, quota_bytes: 1_073_741_824 },
    });
    expect(answer.text.toLowerCase()).not.toContain('powersync');
  });
});
