import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Status } from '../../../server/api/desk/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { testScenarios } from '../../support/scenario.ts';
import { at } from '../../support/clock.ts';
import { cookieIn, GUARD, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type StatusAnswer = z.infer<typeof Status>;

const NOW = '2026-03-14T12:00:00.000Z';
const clock = at(NOW);
let server: TestServer;
let cookie: string;
beforeAll(async () => {
  server = await startTestServer({ clock });
  cookie = await server.deskCookie();
});
afterAll(() => server.close());

const tokenOf = (url: string): string => new URL(url).searchParams.get('token') ?? '';
const open = (token: unknown, headers: object = GUARD): Promise<Answer> =>
  server.get('/desk/api/session', { method: 'POST', body: { token }, headers: { ...headers } });
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error.code];

describe('the link to the desk', () => {
  it('leads to the server’s own page with a token nobody can guess', () => {
    const link = new URL(server.running().newDeskUrl());
    expect(`${link.origin}${link.pathname}`).toBe(`${server.url}/desk/`);
    expect(tokenOf(link.href)).toMatch(/^[\w-]{32}$/);
  });

  it('opens the desk once, with a cookie no script can read and no other site can send', async () => {
    const token = tokenOf(server.running().newDeskUrl());
    const answer = await open(token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(
          `^papyrus_desk_${new URL(server.url).port}=[\\w-]{43}; Path=/desk; HttpOnly; SameSite=Strict$`,
        ),
      ),
    ]);
    const status = await server.get('/desk/api/status', { headers: { cookie: cookieIn(answer) } });
    expect(status.status).toBe(200);
    expect(refusal(await open(token))).toEqual([401, 'unauthenticated']);
  });

  it('is good for ten minutes', async () => {
    const [first, second] = [server.running().newDeskUrl(), server.running().newDeskUrl()].map(tokenOf);
    clock.forward({ minutes: 9, seconds: 59 });
    expect((await open(first)).status).toBe(204);
    clock.forward({ seconds: 1 });
    const late = await open(second);
    expect([late.status, (late.json() as Refusal).error.message]).toEqual([
      401,
      'This link was used or is older than ten minutes. Open the desk from the tray, or start the server again for a new link.',
    ]);
  });

  it('opens nothing for a token that was never given', async () => {
    for (const token of ['x', 'a'.repeat(32), cookie]) {
      const answer = await open(token);
      expect(refusal(answer)).toEqual([401, 'unauthenticated']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    for (const token of ['', 'x'.repeat(201), 5, null, undefined]) {
      expect(refusal(await open(token))).toEqual([400, 'invalid']);
    }
  });

  it('is not used up by a request that did not come from the desk', async () => {
    const token = tokenOf(server.running().newDeskUrl());
    expect(refusal(await open(token, {}))).toEqual([403, 'forbidden']);
    expect((await open(token)).status).toBe(204);
  });

  it('ends with the server: a restart asks for a new one', async () => {
    const token = tokenOf(server.running().newDeskUrl());
    await server.restart();
    expect((await open(token)).status).toBe(401);
    const answer = await server.get('/desk/api/status', { headers: { cookie } });
    expect(refusal(answer)).toEqual([401, 'unauthenticated']);
    cookie = await server.deskCookie();
  });
});

describe('the desk’s API', () => {
  type Who = 'the desk' | 'a page without the header' | 'a stranger';
  testScenarios<Who>(
    () => server,
    (who) => {
      if (who === 'a stranger')
        return { cookie: `papyrus_desk_${new URL(server.url).port}=made-up`, ...GUARD };
      return { cookie, ...(who === 'the desk' ? GUARD : {}) };
    },
    [
      ...['status', 'folders', 'statistics-files', 'jobs', 'failures', 'shelf', 'events'].map((path) => ({
        url: `/desk/api/${path}`,
        status: 401,
        code: 'unauthenticated',
      })),
      { url: '/desk/api/status', as: 'a stranger', status: 401, code: 'unauthenticated' },
      { url: '/desk/api/covers/00000000-0000-7000-8000-000000000000', status: 401, code: 'unauthenticated' },
      { url: '/desk/api/status', as: 'the desk', status: 200 },
      { url: '/desk/api/status', as: 'a page without the header', status: 200 },
      { method: 'POST', url: '/desk/api/scans', as: 'the desk', status: 202 },
      {
        method: 'POST',
        url: '/desk/api/scans',
        as: 'a page without the header',
        status: 403,
        code: 'forbidden',
      },
      { method: 'POST', url: '/desk/api/scans', as: 'a stranger', status: 401, code: 'unauthenticated' },
      {
        method: 'POST',
        url: '/desk/api/claim',
        as: 'a page without the header',
        body: OWNER,
        status: 403,
        code: 'forbidden',
      },
      {
        method: 'DELETE',
        url: '/desk/api/folders/00000000-0000-7000-8000-000000000000',
        as: 'a page without the header',
        status: 403,
        code: 'forbidden',
      },
      {
        method: 'POST',
        url: '/desk/api/scans',
        as: 'a page without the header',
        headers: { 'x-papyrus-desk': '0' },
        status: 403,
        code: 'forbidden',
      },
      { url: '/desk/api/nothing', as: 'the desk', status: 404, code: 'not_found' },
      { url: '/desk/api/', as: 'the desk', status: 404, code: 'not_found' },
      { method: 'POST', url: '/desk/api/status', as: 'the desk', status: 405, code: 'wrong_method' },
      {
        title: 'answers broken JSON of the desk with 400',
        method: 'POST',
        url: '/desk/api/folders',
        as: 'the desk',
        raw: '{',
        headers: { 'content-type': 'application/json' },
        status: 400,
        code: 'invalid',
      },
    ],
  );

  it('tells no other site that it may ask', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-papyrus-desk',
    };
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const answer = await server.get('/desk/api/scans', { method, headers });
      if (method !== 'OPTIONS') expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a name that is not this computer’s', () => {
  const names = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '192.168.1.2',
    'localhost@evil.example',
    '[::ffff:c0a8:102]',
  ];

  it.each(names)('reaches nothing at all of a server that listens to this computer: %s', async (host) => {
    for (const path of ['/desk/api/status', '/api/items', '/api/v1/openapi.json', '/docs/', '/health', '/']) {
      const answer = await server.get(path, { headers: { host, cookie } });
      expect([path, ...refusal(answer)]).toEqual([path, 421, 'misdirected']);
    }
  });

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1', '127.0.0.5:80', '[::1]', '[::1]:26260'])(
    'is none of these: %s',
    async (host) => {
      expect((await server.get('/desk/api/status', { headers: { host, cookie } })).status).toBe(200);
    },
  );

  describe('of a server that listens to the network', () => {
    let wide: TestServer;
    beforeAll(async () => {
      wide = await startTestServer({ options: { host: '0.0.0.0', koshelfPassword: 'open sesame' } });
    });
    afterAll(() => wide.close());

    it.each(names)('reaches the APIs, but not the desk: %s', async (host) => {
      const headers = { host, cookie: await wide.deskCookie(), ...GUARD };
      expect((await wide.get('/api/site', { headers })).status).toBe(200);
      const answer = await wide.get('/desk/api/status', { headers });
      expect(refusal(answer)).toEqual([403, 'away']);
      const token = tokenOf(wide.running().newDeskUrl());
      const session = await wide.get('/desk/api/session', { method: 'POST', body: { token }, headers });
      expect(refusal(session)).toEqual([403, 'away']);
    });

    it('opens the desk on this computer', async () => {
      expect((await wide.desk('GET', '/status')).status).toBe(200);
      expect(wide.running().deskUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/desk\/\?token=/);
    });
  });

  it('is not listened to without a password for the library', async () => {
    await expect(startTestServer({ options: { host: '0.0.0.0' } })).rejects.toThrow(
      'Listening on 0.0.0.0 lets others reach your library. Give --koshelf-password-file as well, or leave --host out.',
    );
  });
});

describe('claiming the server', () => {
  const claim = (body: object): Promise<Answer> => server.desk('POST', '/claim', { ...OWNER, ...body });
  const status = async (): Promise<StatusAnswer> =>
    (await server.desk('GET', '/status')).json() as StatusAnswer;

  it('shows before that nobody owns it', async () => {
    expect(await status()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      claimed: false,
      owner: null,
      started_at: '2026-03-14T12:10:00.000Z',
      data_dir: server.dataDir,
      urls: {
        koshelf: `${server.url}/api`,
        papyrus: `${server.url}/api/v1`,
        docs: `${server.url}/docs`,
      },
      counts: { books: 0, comics: 0, annotations: 0, page_reads: 0, failures: 0 },
    });
  });

  it.each([
    [{ password: 'short1A' }, 400, 'password'],
    [{ password: 'all lower 1' }, 400, 'password'],
    [{ password: 'x' }, 400, 'password'],
    [{ email: 'nobody' }, 400, 'email'],
    [{ display_name: '  ' }, 400, 'display_name'],
    [{ display_name: 'x'.repeat(101) }, 400, 'display_name'],
  ])('refuses %j and names the field', async (body, code, field) => {
    const answer = await claim(body);
    expect(answer.status).toBe(code);
    const { error } = answer.json() as Refusal;
    expect(Object.keys(error.details?.['fields'] ?? {})).toEqual([field]);
    expect((await status()).claimed).toBe(false);
  });

  it('refuses the address of somebody who signed up before', async () => {
    await server.signUp('early@example.org');
    expect(refusal(await claim({ email: 'Early@Example.org' }))).toEqual([409, 'conflict']);
  });

  it('is done once, and the owner signs in with it', async () => {
    const both = await Promise.all([claim({}), claim({ email: 'second@example.org' })]);
    expect(both.map((answer) => `${answer.status}`).sort()).toEqual(['201', '409']);
    const winner = both.find((answer) => answer.status === 201)!.json() as StatusAnswer;
    expect(winner).toMatchObject({ claimed: true, owner: { display_name: 'Owner' } });
    expect(await status()).toMatchObject({ claimed: true, owner: winner.owner });
    expect(refusal(await claim({ email: 'third@example.org' }))).toEqual([409, 'conflict']);
    const { email } = winner.owner!;
    const login = await server.papyrus('POST', '/auth/login', { email, password: OWNER.password });
    expect((login.json() as { user: object }).user).toMatchObject({ email, email_verified: true });
  });
});

describe('the owner’s name and password', () => {
  let owned: TestServer;
  beforeAll(async () => {
    owned = await startTestServer();
    await owned.claim();
  });
  afterAll(() => owned.close());
  const signIn = (body: object, headers: object = GUARD): Promise<Answer> =>
    owned.get('/desk/api/sign-in', { method: 'POST', body, headers: { ...headers } });
  const { email, password } = OWNER;

  it('open the desk as its link does', async () => {
    const answer = await signIn({ email: email.toUpperCase(), password });
    expect(answer.status).toBe(204);
    const headers = { cookie: cookieIn(answer) };
    expect((await owned.get('/desk/api/status', { headers })).status).toBe(200);
  });

  it('open it to nobody else in the house, nor to a page of another site', async () => {
    await owned.signUp('reader@example.org');
    const reader = await signIn({ email: 'reader@example.org', password });
    expect(refusal(reader)).toEqual([403, 'forbidden']);
    expect(reader.headers['set-cookie']).toBeUndefined();
    expect(refusal(await signIn({ email, password }, {}))).toEqual([403, 'forbidden']);
  });

  it('are shut after five wrong guesses', async () => {
    for (let guess = 0; guess < 5; guess++)
      expect((await signIn({ email, password: `guess ${guess}` })).status).toBe(401);
    expect(refusal(await signIn({ email, password }))).toEqual([429, 'rate_limited']);
  });
});

describe('somebody who has the desk', () => {
  let owned: TestServer;
  beforeAll(async () => {
    owned = await startTestServer();
  });
  afterAll(() => owned.close());

  it('makes a link for another browser', async () => {
    const answer = await owned.desk('POST', '/links', {});
    expect(answer.status).toBe(201);
    const token = tokenOf((answer.json() as { url: string }).url);
    const session = { method: 'POST', body: { token }, headers: GUARD };
    expect((await owned.get('/desk/api/session', session)).status).toBe(204);
  });

  it('gives the owner a new password, which ends the sessions of the old one', async () => {
    const replace = (next: string) => owned.desk('PUT', '/owner/password', { password: next });
    expect(refusal(await replace('New-Password-1'))).toEqual([409, 'conflict']);
    const token = await owned.claim();
    expect(refusal(await replace('weak'))).toEqual([400, 'invalid']);
    expect((await owned.papyrus('GET', '/users/me', undefined, token)).status).toBe(200);
    expect((await replace('New-Password-1')).status).toBe(204);
    expect((await owned.papyrus('GET', '/users/me', undefined, token)).status).toBe(401);
    const login = (chosen: string) =>
      owned.papyrus('POST', '/auth/login', { email: OWNER.email, password: chosen });
    expect((await login(OWNER.password)).status).toBe(401);
    expect((await login('New-Password-1')).status).toBe(200);
  });
});
