import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../server/base/ids.ts';
import { version } from '../../../server/base/version.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { DOCUMENTED_LIMITS, GUARD, cookieIn, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf } from './shelf.ts';

const PASSWORD = 'open sesame';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
type Session = {
  id: string;
  user_agent: string | null;
  browser: string;
  os: string;
  last_seen_ip: string | null;
  created_at: string;
  last_seen_at: string;
  is_current: boolean;
};

const dataOf = (answer: Answer): unknown => (answer.json() as { data: unknown }).data;
const errorOf = (answer: Answer) => [answer.status, (answer.json() as Refusal).error];
const REFUSED = [401, { code: 'unauthorized', message: 'unauthorized' }];
const WRONG = { code: 'invalid_credentials', message: 'invalid credentials' };
const NOT_FOUND = [404, { code: 'not_found', message: 'requested resource was not found' }];

/** What a browser does at a server. */
const browserAt = (server: TestServer) => {
  const login = (password: unknown, headers = {}) =>
    server.koshelf('/auth/login', { method: 'POST', body: { password }, headers });
  return {
    login,
    /** Signs in and returns what the browser sends from then on. */
    enter: async (password = PASSWORD, headers = {}) => {
      const answer = await login(password, headers);
      expect(answer.status).toBe(200);
      return { ...headers, cookie: cookieIn(answer) };
    },
    change: (current: unknown, next: unknown, headers: object) =>
      server.koshelf('/auth/password', {
        method: 'PUT',
        body: { current_password: current, new_password: next },
        headers: { ...headers },
      }),
    list: async (headers: object) =>
      dataOf(await server.koshelf('/auth/sessions', { headers: { ...headers } })) as Session[],
    revoke: (id: string, headers: object) =>
      server.koshelf(`/auth/sessions/${id}`, { method: 'DELETE', headers: { ...headers } }),
  };
};

describe('a locked KoShelf API', () => {
  const clock = at('2026-03-14T12:00:00.700Z');
  let server: TestServer;
  let browser: ReturnType<typeof browserAt>;
  beforeAll(async () => {
    server = await startTestServer({
      clock,
      files: shelf,
      options: { koshelfPassword: PASSWORD, rateLimits: DOCUMENTED_LIMITS },
    });
    browser = browserAt(server);
  });
  afterAll(() => server.close());
  // Attempts are given back by time.
  beforeEach(() => clock.forward({ minutes: 1 }));

  it.each([
    ['GET', '/api/nothing'],
    ['GET', '/api/items'],
    ['POST', '/api/items'],
    ['PUT', '/api/auth/password'],
    ['GET', '/api/auth/sessions'],
    ['DELETE', '/api/auth/sessions/x'],
    ['GET', '/api/auth/login'],
    ['HEAD', '/api/site'],
    ['GET', '/assets/nothing'],
    ['GET', '/assets/covers/x.webp'],
    ['OPTIONS', '/api/items'],
  ])('tells nobody without a session what there is: %s %s', async (method, path) => {
    for (const headers of [{}, { cookie: 'koshelf_session=made-up' }]) {
      const answer = await server.get(path, { method, headers });
      if (method === 'HEAD') expect(answer.status).toBe(401);
      else expect(errorOf(answer)).toEqual(REFUSED);
    }
  });

  it('does not read what somebody without a session sends', async () => {
    const raw = '{"rating":';
    const headers = { 'content-type': 'application/json', 'content-length': raw.length };
    expect(errorOf(await server.get('/api/items/x', { method: 'PATCH', raw, headers }))).toEqual(REFUSED);
  });

  it('tells whoever has one that there is no such thing', async () => {
    const headers = await browser.enter();
    expect(errorOf(await server.koshelf('/nothing', { headers }))).toEqual(NOT_FOUND);
    expect(errorOf(await server.get('/assets/nothing', { headers }))).toEqual(NOT_FOUND);
  });

  it('is healthy for everybody, and shows its description', async () => {
    const answer = await server.koshelf('/health');
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        data: { status: 'healthy', version },
        meta: { version, generated_at: clock.now().toISOString() },
      },
    ]);
    expect((await server.koshelf('/openapi.json')).status).toBe(200);
  });

  it('lists the browsers that are signed in, the last seen first', async () => {
    const first = await browser.enter(PASSWORD, { 'user-agent': FIREFOX });
    const signedInAt = clock.now();
    clock.forward({ seconds: 30 });
    const second = await browser.enter();
    clock.forward({ seconds: 30 });
    const [mine, other, ...rest] = await browser.list(first);
    expect(mine).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/),
      user_agent: FIREFOX,
      browser: 'Firefox 128',
      os: 'Linux',
      last_seen_ip: '127.0.0.1',
      created_at: `${signedInAt.toISOString().slice(0, 19)}Z`,
      last_seen_at: `${clock.now().toISOString().slice(0, 19)}Z`,
      is_current: true,
    });
    expect(other).toMatchObject({
      user_agent: null,
      browser: 'Unknown browser',
      os: 'Unknown OS',
      is_current: false,
    });
    expect(rest.some((session) => session.is_current)).toBe(false);
    expect((await browser.list(second)).find((session) => session.is_current)?.id).toBe(other!.id);
  });

  it('signs another browser out, once, and never the one that asks', async () => {
    const [mine, other] = [await browser.enter(), await browser.enter()];
    const idOf = async (headers: object) =>
      (await browser.list(headers)).find((session) => session.is_current)!.id;
    const [myId, otherId] = [await idOf(mine), await idOf(other)];
    expect(errorOf(await browser.revoke(myId, mine))).toEqual([
      400,
      {
        code: 'invalid_query',
        message: 'Cannot revoke the current session. Use logout instead.',
      },
    ]);
    const done = await browser.revoke(otherId, mine);
    expect([done.status, dataOf(done)]).toEqual([200, { ok: true }]);
    expect(errorOf(await server.koshelf('/items', { headers: other }))).toEqual(REFUSED);
    for (const id of [otherId, newId(), 'x', '%00', '..%2F..'])
      expect(errorOf(await browser.revoke(id, mine))).toEqual(NOT_FOUND);
    expect((await server.koshelf('/items', { headers: mine })).status).toBe(200);
  });

  it('refuses passwords in the order of its rules, and counts every attempt', async () => {
    const headers = await browser.enter();
    expect(errorOf(await browser.change('wrong', 'short', headers))).toEqual([
      400,
      { code: 'password_too_short', message: 'password is too short', details: { min_chars: 8 } },
    ]);
    expect(errorOf(await browser.change('wrong', 'x'.repeat(1025), headers))).toEqual([
      400,
      { code: 'invalid_query', message: 'Password must be at most 1024 characters long' },
    ]);
    expect(errorOf(await browser.change('wrong', 'battery staple', headers))).toEqual([400, WRONG]);
    // Not a password, so no attempt at one.
    expect((await browser.change(PASSWORD, undefined, headers)).status).toBe(400);
    expect((await browser.login('wrong')).status).toBe(401);
    const refused = await browser.change(PASSWORD, 'short', headers);
    expect([...errorOf(refused), refused.headers['retry-after']]).toEqual([
      429,
      { code: 'rate_limited', message: 'too many requests' },
      '12',
    ]);
    expect((await browser.login(PASSWORD)).status).toBe(429);
    clock.forward({ seconds: 12 });
    expect((await browser.login(PASSWORD)).status).toBe(200);
  });
});

describe('a password that is changed', () => {
  const NEXT = 'battery staple';
  it('signs every other browser out, survives a restart, and gives way to one given at the start', async () => {
    const server = await startTestServer({ files: shelf });
    const browser = browserAt(server);
    const isIn = async (headers: object) =>
      (await server.koshelf('/items', { headers: { ...headers } })).status === 200;
    try {
      expect((await server.koshelf('/items')).status).toBe(200);
      await server.restart({ koshelfPassword: PASSWORD });
      const [mine, other] = [await browser.enter(), await browser.enter()];
      const changed = await browser.change(PASSWORD, NEXT, mine);
      expect([changed.status, dataOf(changed), changed.headers['set-cookie']]).toEqual([
        200,
        { ok: true },
        undefined,
      ]);
      expect([await isIn(mine), await isIn(other)]).toEqual([true, false]);

      await server.restart();
      expect([await isIn(mine), (await server.koshelf('/items')).status]).toEqual([true, 401]);
      expect(errorOf(await browser.login(PASSWORD))).toEqual([401, WRONG]);
      await browser.enter(NEXT);

      await server.restart({ koshelfPassword: NEXT });
      expect(await isIn(mine)).toBe(true);
      await server.restart({ koshelfPassword: PASSWORD });
      expect(await isIn(mine)).toBe(false);
      await browser.enter(PASSWORD);

      await server.restart({ koshelfPassword: null });
      await server.restart();
      expect((await server.koshelf('/items')).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});

describe('a KoShelf API without a password', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('has nothing to sign in to', async () => {
    const browser = browserAt(server);
    for (const answer of [
      await browser.login(PASSWORD),
      await browser.change(PASSWORD, 'battery staple', {}),
      await server.koshelf('/auth/sessions'),
      await browser.revoke('x', {}),
      await server.koshelf('/auth/logout', { method: 'POST' }),
    ])
      expect(errorOf(answer)).toEqual(NOT_FOUND);
  });
});

describe('a server that others reach', () => {
  it('makes up a password at its first start and shows it in the terminal alone', async () => {
    const terminal = new PassThrough();
    const server = await startTestServer({ options: { host: '0.0.0.0', terminal } });
    try {
      const shown = (terminal.read() as Buffer).toString();
      const password = /^KoShelf password: (\w{4}-\w{4}-\w{4}-\w{4})$/m.exec(shown)?.[1] ?? '';
      expect((await server.koshelf('/items')).status).toBe(401);
      const headers = await browserAt(server).enter(password);
      const logs = join(server.dataDir, 'logs');
      const lines = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
      expect(lines.join('')).toContain('server started');
      expect(lines.join('')).not.toContain(password);

      await server.restart();
      expect(((terminal.read() as Buffer | null) ?? '').toString()).not.toContain('password');
      expect((await server.koshelf('/items', { headers })).status).toBe(200);
      await server.restart({ terminal: undefined });
      expect((await server.koshelf('/items', { headers })).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('does not start behind a proxy without a password and a terminal to show one in', async () => {
    await expect(startTestServer({ options: { trustedProxies: ['127.0.0.1/32'] } })).rejects.toThrow(
      'A proxy lets others reach your library. Give --koshelf-password-file as well, or leave --trusted-proxies out.',
    );
  });
});

describe('a server behind a proxy it trusts', () => {
  let server: TestServer;
  let browser: ReturnType<typeof browserAt>;
  beforeAll(async () => {
    server = await startTestServer({
      clock: at('2026-03-14T12:00:00Z'),
      options: {
        koshelfPassword: PASSWORD,
        trustedProxies: ['127.0.0.1/32', '10.0.0.0/8'],
        rateLimits: DOCUMENTED_LIMITS,
      },
    });
    browser = browserAt(server);
  });
  afterAll(() => server.close());
  const from = (ip: string, more = {}) => ({ host: 'books.example.org', 'x-forwarded-for': ip, ...more });

  it('counts attempts by the client, however many there are behind the proxy', async () => {
    for (let attempt = 1; attempt <= 5; attempt++)
      expect((await browser.login('wrong', from('198.51.100.1'))).status).toBe(401);
    // What the client itself says stands left of what the proxy says.
    expect((await browser.login('wrong', from('203.0.113.5, 198.51.100.1'))).status).toBe(429);
    expect((await browser.login('wrong', from('198.51.100.2'))).status).toBe(401);
  });

  it('notes the client of a session, and where it comes from later', async () => {
    const headers = await browser.enter(PASSWORD, from('198.51.100.42, 10.2.3.4'));
    expect((await browser.list(headers))[0]!.last_seen_ip).toBe('198.51.100.42');
    const moved = { ...headers, ...from('198.51.100.43') };
    await server.koshelf('/site', { headers: moved });
    expect((await browser.list(moved))[0]!.last_seen_ip).toBe('198.51.100.43');
  });

  it.each([
    ['a public client', from('198.51.100.9'), true],
    ['a client at home over https', from('192.168.1.9', { 'x-forwarded-proto': 'https' }), true],
    ['a client at home', from('192.168.1.10'), false],
    ['this computer under its own name', { host: 'localhost' }, false],
  ])('marks the cookie of %s Secure as it must be', async (_who, headers, isSecure) => {
    const [cookie] = (await browser.login(PASSWORD, headers)).headers['set-cookie']!;
    expect(cookie!.endsWith('; Secure')).toBe(isSecure);
  });

  it('does not open the desk to the client of a proxy', async () => {
    const cookie = await server.deskCookie();
    const ask = (headers: object) =>
      server.get('/desk/api/status', { headers: { ...GUARD, cookie, ...headers } });
    expect((await ask({})).status).toBe(200);
    expect((await ask({ 'x-forwarded-for': '198.51.100.1' })).status).toBe(403);
  });
});
