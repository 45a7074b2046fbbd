import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { testScenarios } from '../../support/scenario.ts';
import { at } from '../../support/clock.ts';
import { DOCUMENTED_LIMITS, cookieIn, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { shelf } from './shelf.ts';

const PASSWORD = 'open sesame';
const clock = at('2026-03-14T12:00:00Z');
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock,
    files: shelf,
    options: { koshelfPassword: PASSWORD, rateLimits: DOCUMENTED_LIMITS },
  });
});
afterAll(() => server.close());
// Attempts are given back by time.
beforeEach(() => clock.forward({ minutes: 1 }));

const login = (password: unknown, headers = {}): Promise<Answer> =>
  server.koshelf('/auth/login', { method: 'POST', body: { password }, headers });
const errorOf = (answer: Answer) => [answer.status, (answer.json() as Refusal).error];

describe('a KoShelf API with a password', () => {
  testScenarios(
    () => server,
    () => ({ cookie: 'koshelf_session=made-up' }),
    [
      ...['/api/items', '/api/items/x', '/api/items?sort=wrong', '/api/items/x/page-activity'].flatMap(
        (url) => [
          { url, status: 401, code: 'unauthorized', message: 'unauthorized' },
          { url, as: 'somebody with a made-up cookie', status: 401, code: 'unauthorized' },
        ],
      ),
      { url: '/api/events/stream', status: 401, code: 'unauthorized' },
      { url: '/assets/covers/x.webp', status: 401, code: 'unauthorized' },
      { url: '/assets/files/x.epub', status: 401, code: 'unauthorized' },
      { method: 'POST', url: '/api/auth/logout', status: 401, code: 'unauthorized' },
      { url: '/api/site', status: 200 },
    ],
  );

  it('lets a browser in that gives the password, and out again', async () => {
    const answer = await login(PASSWORD);
    expect([answer.status, (answer.json() as { data: unknown }).data]).toEqual([200, { ok: true }]);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^koshelf_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
      ),
    ]);
    const headers = { cookie: `theme=dark; ${cookieIn(answer)}; other=1` };
    expect((await server.koshelf('/items', { headers })).status).toBe(200);
    expect((await server.get('/assets/covers/x.webp', { headers })).status).toBe(404);
    const out = await server.koshelf('/auth/logout', { method: 'POST', headers });
    expect([out.status, (out.json() as { data: unknown }).data]).toEqual([200, { ok: true }]);
    expect(out.headers['set-cookie']).toEqual([
      'koshelf_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    ]);
    expect((await server.koshelf('/items', { headers })).status).toBe(401);
  });

  it('marks the cookie Secure when the browser came under a name that is not this computer’s', async () => {
    const open = await startTestServer({ options: { koshelfPassword: PASSWORD, host: '0.0.0.0' } });
    try {
      const answer = await open.koshelf('/auth/login', {
        method: 'POST',
        body: { password: PASSWORD },
        headers: { host: 'books.example.org' },
      });
      expect(answer.headers['set-cookie']![0]).toMatch(/; Secure$/);
    } finally {
      await open.close();
    }
  });

  it('lets nobody in any more after thirty days, used or not', async () => {
    const headers = { cookie: cookieIn(await login(PASSWORD)) };
    clock.forward({ days: 29, hours: 23 });
    expect((await server.koshelf('/items', { headers })).status).toBe(200);
    clock.forward({ hours: 1 });
    expect((await server.koshelf('/items', { headers })).status).toBe(401);
  });

  it('keeps its sessions over a restart', async () => {
    const headers = { cookie: cookieIn(await login(PASSWORD)) };
    await server.restart();
    expect((await server.koshelf('/items', { headers })).status).toBe(200);
  });

  it.each(['wrong', '', `${PASSWORD} `, PASSWORD.toUpperCase()])(
    'refuses the password "%s"',
    async (password) => {
      expect(errorOf(await login(password))).toEqual([
        401,
        { code: 'invalid_credentials', message: 'invalid credentials' },
      ]);
    },
  );

  it('refuses a password that is no text', async () => {
    for (const password of [1, null, ['open sesame'], 'x'.repeat(5000)]) {
      expect((await login(password)).status).toBe(400);
    }
  });

  it('makes whoever tried five times wait until an attempt is free again', async () => {
    for (let attempt = 1; attempt <= 5; attempt++) expect((await login('wrong')).status).toBe(401);
    const refused = await login(PASSWORD);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '12']);
    expect((refused.json() as Refusal).error.code).toBe('rate_limited');
    expect(refused.headers['set-cookie']).toBeUndefined();
    clock.forward({ minutes: 0.2 });
    expect((await login(PASSWORD)).status).toBe(200);
    expect((await login(PASSWORD)).status).toBe(429);
  });
});
