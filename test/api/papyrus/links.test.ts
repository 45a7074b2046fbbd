import type { OutgoingHttpHeaders } from 'node:http';
import sharp from 'sharp';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { startMailServer } from '../../support/mail-server.ts';
import type { MailServer } from '../../support/mail-server.ts';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const PUBLIC = 'https://books.example.org';
const OPEN = { host: '0.0.0.0', koshelfPassword: 'long-enough-1' };
type Shown = { book_id: string; cover_image_url: string };

/** What somebody with a book with a cover is told, whatever name they ask under. */
async function aLibrary(options: object) {
  const picture = sharp({ create: { width: 60, height: 90, channels: 3, background: '#a04020' } });
  const server = await startTestServer({
    clock: at('2026-03-14T12:00:00Z'),
    options: { ...OPEN, ...options },
    files: { 'a.epub': makeEpub({ title: 'A', cover: await picture.jpeg().toBuffer() }) },
  });
  const token = await server.claim();
  const ask = async <Data>(path: string, headers: object, method = 'GET', body?: unknown): Promise<Data> => {
    const answer = await server.get(`/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
    return answer.json() as Data;
  };
  const { books } = await ask<{ books: Shown[] }>('/books', {});
  const bookId = books[0]!.book_id;
  const cover = (base: string) => `${base}/api/v1/books/${bookId}/cover`;
  return {
    server,
    ask,
    cover,
    bookId,
    /** The origin of every link in the answers to a client that sends these headers. */
    linksFor: async (headers: object): Promise<string[]> => {
      const list = await ask<{ books: Shown[] }>('/books', headers);
      const one = await ask<Shown>(`/books/${bookId}`, headers);
      const pulled = await ask<{ changes: { entity_type: string; data: Shown }[] }>(
        '/sync/changes?since=1970-01-01T00:00:00Z',
        headers,
      );
      const file = await ask<{ download_url: string }>(`/books/${bookId}/file`, headers);
      const settings = await ask<{ data_sync_url: string }>('/sync/settings', headers);
      const synced = pulled.changes.find((change) => change.entity_type === 'book')!.data;
      expect([list.books[0]!, one, synced].map((book) => new URL(book.cover_image_url).pathname)).toEqual(
        Array.from({ length: 3 }, () => new URL(one.cover_image_url).pathname),
      );
      return [
        ...[list.books[0]!, one, synced].map((book) => book.cover_image_url),
        file.download_url,
        settings.data_sync_url,
      ].map((link) => new URL(link).origin);
    },
  };
}
const five = (origin: string) => Array.from({ length: 5 }, () => origin);

describe('links of a server everybody in the house reaches', () => {
  let library: Awaited<ReturnType<typeof aLibrary>>;
  beforeAll(async () => {
    library = await aLibrary({ trustedProxies: ['127.0.0.9/32'] });
  });
  afterAll(() => library.server.close());

  it('lead where the client asked, for each client, though answers are kept', async () => {
    const { linksFor } = library;
    expect(await linksFor({ host: '192.168.1.5:26260' })).toEqual(five('http://192.168.1.5:26260'));
    expect(await linksFor({ host: 'nas.local' })).toEqual(five('http://nas.local'));
    expect(await linksFor({ host: '[fd00::5]:26260' })).toEqual(five('http://[fd00::5]:26260'));
    expect(await linksFor({ host: '192.168.1.5:26260' })).toEqual(five('http://192.168.1.5:26260'));
  });

  it('lead to the address of the connection when the name is none', async () => {
    const { linksFor, server } = library;
    expect(await linksFor({ host: 'a"b' })).toEqual(five(server.url));
  });

  it('do not follow what somebody says who is no trusted proxy', async () => {
    const { linksFor } = library;
    const said = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    expect(await linksFor({ host: 'nas.local', ...said })).toEqual(five('http://nas.local'));
  });

  it('of the cover say nothing when they come back, whatever name they have', async () => {
    const { ask, cover, bookId } = library;
    const elsewhere = cover('http://10.0.0.7:26260');
    const change = (url: string, method: string, path: string, data: object) =>
      ask<Shown>(path, { host: '192.168.1.5' }, method, { ...data, cover_image_url: url });
    const kept = await change(elsewhere, 'PATCH', `/books/${bookId}`, {});
    expect(kept.cover_image_url).toBe(cover('http://192.168.1.5'));
    await ask('/sync/changes', {}, 'POST', {
      device_id: 'e-reader',
      changes: [
        {
          entity_type: 'book',
          entity_id: bookId,
          operation: 'update',
          data: { cover_image_url: elsewhere, rating: 4 },
          timestamp: '2026-03-14T12:00:00Z',
        },
      ],
    });
    const after = await ask<Shown & { rating: number }>(`/books/${bookId}`, { host: 'nas.local' });
    expect([after.cover_image_url, after.rating]).toEqual([cover('http://nas.local'), 4]);
  });
});

describe('links of a server behind a proxy it trusts', () => {
  const proxied = { host: '127.0.0.1:26260', 'x-forwarded-for': '203.0.113.9' };
  let library: Awaited<ReturnType<typeof aLibrary>>;
  beforeAll(async () => {
    library = await aLibrary({ trustedProxies: ['127.0.0.1/32'] });
  });
  afterAll(() => library.server.close());

  it('lead where the proxy says the client asked', async () => {
    const { linksFor } = library;
    const headers = { ...proxied, 'x-forwarded-host': 'shelf.example', 'x-forwarded-proto': 'https' };
    expect(await linksFor(headers)).toEqual(five('https://shelf.example'));
    const forwarded = 'for=203.0.113.9;host="shelf.example:8443";proto=https';
    expect(await linksFor({ host: '127.0.0.1', forwarded })).toEqual(five('https://shelf.example:8443'));
  });
});

describe('links of a server with a public address', () => {
  it('lead there, whatever name a proxy asks under', async () => {
    const { linksFor, server } = await aLibrary({ publicUrl: PUBLIC });
    expect(await linksFor({ host: '127.0.0.1:26260' })).toEqual(five(PUBLIC));
    const status = await server.desk('GET', '/status');
    expect((status.json() as { urls: object }).urls).toEqual({
      koshelf: `${PUBLIC}/api`,
      papyrus: `${PUBLIC}/api/v1`,
      docs: `${PUBLIC}/docs`,
    });
    await server.close();
  });
});

describe('links of letters', () => {
  const BODY = { email: OWNER.email };
  const forgot = (server: TestServer, headers: OutgoingHttpHeaders) =>
    server.get('/api/v1/auth/forgot-password', { method: 'POST', body: BODY, headers });

  describe('that are sent', () => {
    let mail: MailServer;
    let server: TestServer;
    beforeAll(async () => {
      mail = await startMailServer();
      server = await startTestServer({
        options: {
          ...OPEN,
          trustedProxies: ['127.0.0.1/32'],
          smtpUrl: mail.url,
          smtpPassword: mail.password,
        },
      });
      await server.claim();
    });
    afterAll(async () => {
      await server.close();
      await mail.close();
    });
    const linkFor = async (headers: OutgoingHttpHeaders): Promise<string> => {
      const coming = mail.next();
      expect((await forgot(server, headers)).status).toBe(200);
      return new URL(/https?:\/\/\S+token=/.exec(await coming)![0]).origin;
    };

    it.each(['192.168.1.5:26260', 'nas.local:26260', 'nas:26260', 'books.home.arpa', '[fd00::5]:26260'])(
      'lead where somebody in the house asked: %s',
      async (host) => {
        expect(await linkFor({ host })).toBe(`http://${host}`);
      },
    );

    it.each([
      ['somebody in the house under a name anybody may have', { host: 'evil.example' }],
      ['a stranger under a name of the house', { host: 'nas.local', 'x-forwarded-for': '203.0.113.9' }],
      ['a stranger under an address of the house', { host: '192.168.1.5', 'x-forwarded-for': '203.0.113.9' }],
      [
        'a proxy that passes on what a stranger wrote',
        {
          host: '127.0.0.1',
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-host': 'evil.example',
        },
      ],
    ])('lead to the address of this computer for %s', async (_who, headers) => {
      expect(await linkFor(headers)).toBe(server.url);
    });

    it('lead to an address of this computer that a stranger asked under', async () => {
      const [own] = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
      const host = own!.family === 'IPv6' ? `[${own!.address}]` : own!.address;
      expect(await linkFor({ host, 'x-forwarded-for': '203.0.113.9' })).toBe(`http://${host}`);
    });
  });

  it('that wait for the desk lead where the person asked, not where the desk is', async () => {
    const server = await startTestServer({ options: OPEN });
    await server.claim();
    await forgot(server, { host: '192.168.1.5:26260' });
    const { letters } = (await server.desk('GET', '/letters')).json() as { letters: { letter_id: string }[] };
    const link = await server.desk('POST', `/letters/${letters[0]!.letter_id}/link`);
    expect((link.json() as { url: string }).url).toMatch(
      /^http:\/\/192\.168\.1\.5:26260\/reset-password\?token=/,
    );
    await server.close();
  });
});
