// Who may knock, how often, and what stays open: requests of other sites, of many addresses, of people who were signed out.
import { mkdirSync, readdirSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '../../support/client.ts';
import type { EventStream, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { cookieIn, DOCUMENTED_LIMITS, GUARD, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { makePlace } from './process.ts';

const clock = at('2026-03-14T12:00:00Z');
const PASSWORD = 'open sesame';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    options: {
      rateLimits: DOCUMENTED_LIMITS,
      koshelfPassword: PASSWORD,
      trustedProxies: ['127.0.0.0/8'],
      publicUrl: 'https://books.example.org',
      webOrigins: ['https://app.example.org'],
    },
  });
  await server.claim();
});
afterAll(() => server.close());
beforeEach(() => clock.forward({ minutes: 1 }));

/** Sends the lines as they are and returns what comes back until the connection ends. */
const say = (lines: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
    socket.write(lines);
  });
const koshelfCookie = async (headers: OutgoingHttpHeaders = {}): Promise<string> =>
  cookieIn(await server.get('/api/auth/login', { method: 'POST', body: { password: PASSWORD }, headers }));

describe('a request under two names', () => {
  it('is refused', async () => {
    const { host } = new URL(server.url);
    const lines = (names: string[]) =>
      `GET /health HTTP/1.1\r\n${names.map((name) => `Host: ${name}\r\n`).join('')}Connection: close\r\n\r\n`;
    expect(await say(lines([host, 'evil.example']))).toMatch(/^HTTP\/1.1 400 /);
    expect(await say(lines([host]))).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('who does not say who they are', () => {
  const BODIES = {
    'broken JSON': '{"title',
    'good JSON': '{}',
    '3 MB': `{"title":"${'x'.repeat(3_000_000)}"}`,
    '30 MB': `{"title":"${'x'.repeat(30_000_000)}"}`,
  };
  it.each(
    ['/api/v1/books', '/v1/sync/changes', '/sync/stream', '/api/auth/logout', '/desk/api/folders'].flatMap(
      (path) => Object.keys(BODIES).map((name) => [path, name as keyof typeof BODIES] as const),
    ),
  )('learns at %s nothing of %s but that', async (path, name) => {
    const headers = { ...GUARD, 'content-type': 'application/json' };
    const answer = await server.get(path, { method: 'POST', headers, raw: BODIES[name] });
    expect(answer.status).toBe(401);
    expect((answer.json() as Refusal).error.code).toMatch(/^unauthori[sz]ed|unauthenticated|UNAUTHORIZED$/);
  });
});

describe('what a cookie opens', () => {
  const FOREIGN: OutgoingHttpHeaders[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  it.each(FOREIGN)('is not changed by a page that says %j', async (said) => {
    const cookie = await koshelfCookie();
    const [koshelf, desk] = await Promise.all([
      server.get('/api/auth/logout', { method: 'POST', body: {}, headers: { ...said, cookie } }),
      server.get('/desk/api/scans', {
        method: 'POST',
        headers: { ...GUARD, ...said, cookie: await server.deskCookie() },
      }),
    ]);
    expect([koshelf.status, desk.status]).toEqual([403, 403]);
    expect((koshelf.json() as Refusal).error.message).toMatch(/another site/);
    expect((await server.get('/api/auth/sessions', { headers: { cookie, ...said } })).status).toBe(200);
  });

  it('is changed by its own pages, under every name of the server, and by what is no page', async () => {
    const { host } = new URL(server.url);
    for (const said of [
      {},
      { origin: `http://${host}` },
      { origin: 'https://books.example.org' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'https://shelf.local', 'x-forwarded-host': 'shelf.local', 'x-forwarded-proto': 'https' },
    ]) {
      clock.forward({ minutes: 1 });
      const cookie = await koshelfCookie();
      const headers = { ...said, cookie };
      expect((await server.get('/api/auth/logout', { method: 'POST', body: {}, headers })).status).toBe(200);
    }
  });

  it('is not for other sites to embed, what a token opens is', async () => {
    const policyOf = async (path: string) => (await server.get(path)).headers['cross-origin-resource-policy'];
    expect(await Promise.all(['/api/site', '/desk/api/status', '/health', '/docs'].map(policyOf))).toEqual(
      Array.from({ length: 4 }, () => 'same-origin'),
    );
    expect(await policyOf('/api/v1/books')).toBe('cross-origin');
  });
});

describe('signing in to the Papyrus API', () => {
  const { email, password } = OWNER;
  const login = (headers: OutgoingHttpHeaders) =>
    server.get('/api/v1/auth/login', { method: 'POST', body: { email, password }, headers });

  it('is refused to pages of other sites, in a sentence that says what would help', async () => {
    for (const origin of ['https://evil.example', 'null']) {
      const answer = await login({ origin });
      expect(answer.status).toBe(403);
      expect((answer.json() as Refusal).error).toEqual({
        code: 'FORBIDDEN',
        message:
          'Nobody can sign in from this web page: the owner of the server names the web apps that may, with --web-origins.',
      });
    }
  });

  it('works from apps, from our own pages and from web apps the owner named', async () => {
    const { host } = new URL(server.url);
    for (const headers of [
      {},
      { origin: `http://${host}` },
      { origin: 'https://books.example.org' },
      { origin: 'https://app.example.org' },
    ])
      expect((await login(headers)).status).toBe(200);
  });
});

describe('many who guess', () => {
  const wrong = { email: OWNER.email, password: 'Wrong-Horse-7' };
  const guess = (ip: string) =>
    server.get('/api/v1/auth/login', { method: 'POST', body: wrong, headers: { 'x-forwarded-for': ip } });

  it('from one household’s IPv6 addresses share their attempts', async () => {
    for (let n = 1; n <= 5; n++) expect((await guess(`2001:db8:1:2::${n}`)).status).toBe(401);
    expect((await guess('2001:db8:1:2:ffff::6')).status).toBe(429);
    expect((await guess('2001:db8:1:3::1')).status).toBe(401);
  });

  it('from many addresses at one account get one try in half a minute, its own person is not slowed down', async () => {
    clock.forward({ hours: 25 });
    const { email, password } = OWNER;
    const home = { 'x-forwarded-for': '192.0.2.1' };
    const right = (headers: OutgoingHttpHeaders) =>
      server.get('/api/v1/auth/login', { method: 'POST', body: { email, password }, headers });
    expect((await right(home)).status).toBe(200);
    for (let n = 1; n <= 20; n++) expect((await guess(`198.51.100.${n}`)).status).toBe(401);
    const slow = await guess('198.51.100.21');
    expect([slow.status, slow.headers['retry-after']]).toEqual([429, '30']);
    expect((await right(home)).status).toBe(200);
    expect((await right({ 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    clock.forward({ seconds: 30 });
    expect((await guess('198.51.100.22')).status).toBe(401);
    expect((await guess('198.51.100.23')).status).toBe(429);
  });

  it('the KoShelf password are slowed down alike', async () => {
    const tryKoshelf = (ip: string) =>
      server.get('/api/auth/login', { method: 'POST', body: { password: 'guess' }, headers: { 'x-forwarded-for': ip } }); // prettier-ignore
    for (let n = 1; n <= 20; n++) expect((await tryKoshelf(`198.51.100.${n}`)).status).toBe(401);
    expect((await tryKoshelf('198.51.100.21')).status).toBe(429);
  });
});

describe('a stream of events', () => {
  const ended = async (stream: EventStream): Promise<boolean> => {
    try {
      for (;;) await stream.next();
    } catch {
      return true;
    }
  };

  it('ends when its KoShelf session is revoked or signs out, and no other', async () => {
    clock.forward({ hours: 25 });
    const [mine, theirs] = [await koshelfCookie(), await koshelfCookie()];
    const open = (cookie: string) => listen(`${server.url}/api/events/stream`, { cookie });
    const [first, second] = [await open(mine), await open(theirs)];
    await Promise.all([first.next(), second.next()]);
    const sessions = (await server.get('/api/auth/sessions', { headers: { cookie: mine } })).json() as {
      data: { id: string; is_current: boolean }[];
    };
    const other = sessions.data.filter(({ is_current }) => !is_current);
    for (const { id } of other)
      await server.get(`/api/auth/sessions/${id}`, { method: 'DELETE', headers: { cookie: mine } });
    expect(await ended(second)).toBe(true);
    const stays = await open(mine);
    expect((await stays.next()).event).toBe('data_changed');
    await server.get('/api/auth/logout', { method: 'POST', body: {}, headers: { cookie: mine } });
    expect(await Promise.all([ended(first), ended(stays)])).toEqual([true, true]);
  });

  it('of the desk ends when the desk is signed out', async () => {
    const token = new URL(server.running().newDeskUrl()).searchParams.get('token');
    const opened = await server.get('/desk/api/session', { method: 'POST', body: { token }, headers: GUARD });
    const headers = { ...GUARD, cookie: cookieIn(opened) };
    const stream = await listen(`${server.url}/desk/api/events`, headers);
    await stream.nextOf('catalogue');
    const out = await server.get('/desk/api/session', { method: 'DELETE', headers });
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/^papyrus_desk_\d+=; Path=\/desk; .*Max-Age=0$/),
    ]);
    expect(await ended(stream)).toBe(true);
    expect((await server.get('/desk/api/status', { headers })).status).toBe(401);
    expect((await server.desk('GET', '/status')).status).toBe(200);
  });
});

describe('connections', () => {
  it('of one address are limited, and those that end make room', async () => {
    const open = await startTestServer();
    const { hostname, port } = new URL(open.url);
    const sockets = Array.from({ length: 200 }, () => connect(Number(port), hostname));
    for (const socket of sockets) socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => {
      let count = 0;
      for (const socket of sockets)
        socket.on('close', () => {
          if ((count += 1) === 200 - 128) resolve();
        });
    });
    await closed;
    expect(sockets.filter((socket) => !socket.destroyed).length).toBe(128);
    for (const socket of sockets.slice(0, 100)) socket.destroy();
    const health = () => open.get('/health').then(({ status }) => status, () => 0); // prettier-ignore
    await expect.poll(health).toBe(200);
    for (const socket of sockets) socket.destroy();
    await open.close();
  });
});

describe('the files of the server', () => {
  it('are the person’s alone, also in a folder that others may look into', async () => {
    const place = makePlace();
    mkdirSync(join(place.data, 'backups'), { recursive: true, mode: 0o755 });
    chmodSync(place.data, 0o755);
    writeFileSync(join(place.data, 'backups', 'old.sqlite'), '', { mode: 0o644 });
    try {
      const process = place.start();
      await process.desk('POST', '/claim', OWNER);
      await process.scan(({ state }) => state === 'done');
      await process.desk('POST', '/backups');
      await expect
        .poll(async () => (await process.desk('GET', '/backups')).text, { timeout: 20_000 })
        .toContain('"state":"good"');
      const modes = readdirSync(place.data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [entry.name, statSync(join(entry.parentPath, entry.name)).mode & 0o777] as const);
      expect(modes.map(([name]) => name)).toEqual(
        expect.arrayContaining(['papyrus-shelf.sqlite', 'papyrus-shelf.sqlite-wal', 'old.sqlite']),
      );
      expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    } finally {
      await place.clear();
    }
  });
});
