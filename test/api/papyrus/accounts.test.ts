import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { AuthTokens, RegisterAnswer, User } from '../../../server/api/papyrus/accounts/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { DOCUMENTED_LIMITS, OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

type AuthTokens = z.infer<typeof AuthTokens>;
type User = z.infer<typeof User>;

const NOW = '2026-03-14T12:00:00.000Z';
const PASSWORD = 'Correct-Horse-7';
const clock = at(NOW);
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ clock });
});
afterAll(() => server.close());

let count = 0;
const newEmail = (): string => `person${++count}@example.org`;
const register = (body: Record<string, unknown> = {}): Promise<Answer> =>
  server.papyrus('POST', '/auth/register', {
    email: newEmail(),
    password: PASSWORD,
    display_name: 'Ada',
    ...body,
  });
const tokensOf = async (email = newEmail()): Promise<AuthTokens & { email: string }> => ({
  ...((await register({ email })).json() as AuthTokens),
  email,
});
const login = (email: string, password = PASSWORD): Promise<Answer> =>
  server.papyrus('POST', '/auth/login', { email, password });
const refresh = (refresh_token: string): Promise<Answer> =>
  server.papyrus('POST', '/auth/refresh', { refresh_token });
const me = (token: string): Promise<Answer> => server.papyrus('GET', '/users/me', undefined, token);
const refusal = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
const fieldsOf = (answer: Answer): string[] => {
  expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR']);
  const { message, details } = (answer.json() as Refusal).error;
  expect(message).toMatch(/^[A-Z].*\S$/s);
  return Object.keys(details?.['fields'] ?? {});
};

describe('POST /auth/register', () => {
  it('answers with the account and the tokens at once', async () => {
    const answer = await register({ email: '  Ada@Example.ORG ', display_name: ' Ada ' });
    expect(answer.status).toBe(201);
    const body = answer.json() as z.infer<typeof RegisterAnswer>;
    expect(body).toEqual({
      user_id: expect.stringMatching(/^[0-9a-f]{8}-/),
      email: 'ada@example.org',
      message: 'Your account is ready.',
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^[\w-]{64}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      user: {
        user_id: body.user_id,
        email: 'ada@example.org',
        display_name: 'Ada',
        avatar_url: null,
        is_anonymous: false,
        email_verified: false,
        created_at: NOW,
        last_login_at: null,
      },
    });
    expect(answer.text).not.toContain(PASSWORD);
  });

  it('takes null for what a client need not say of its device', async () => {
    expect((await register({ client_type: null, device_label: null })).status).toBe(201);
    expect((await register({ client_type: 'mobile', device_label: 'Phone' })).status).toBe(201);
  });

  it('refuses an address that is taken, however it is written', async () => {
    const { email } = await tokensOf();
    expect(refusal(await register({ email: email.toUpperCase() }))).toEqual([409, 'CONFLICT']);
  });

  it.each([
    ['short1A', 'at least 8 characters'],
    ['alllower1', 'an upper-case letter'],
    ['ALLUPPER1', 'a lower-case letter'],
    ['NoDigitsHere', 'a digit'],
    ['abc', 'at least 8 characters, an upper-case letter and a digit'],
  ])('says what the password "%s" lacks', async (password, lacks) => {
    const answer = await register({ password });
    expect(fieldsOf(answer)).toEqual(['password']);
    expect((answer.json() as Refusal).error.message).toBe(`Your password needs ${lacks}.`);
  });

  it.each([
    ['email', 'nobody'],
    ['email', ''],
    ['email', 5],
    ['email', undefined],
    ['email', `${'a'.repeat(320)}@example.org`],
    ['password', undefined],
    ['password', ['Correct-Horse-7']],
    ['password', 'A1a'.repeat(1000)],
    ['display_name', '  '],
    ['display_name', 'x'.repeat(101)],
    ['display_name', 'a\0b'],
    ['display_name', '\ud800'],
    ['client_type', 'toaster'],
    ['device_label', 'x'.repeat(256)],
  ])('refuses the %s %j and names the field', async (field, value) => {
    expect(fieldsOf(await register({ [field]: value }))).toEqual([field]);
  });
});

describe('POST /auth/login', () => {
  it('signs in with the address in any case and notes when', async () => {
    const { email } = await tokensOf();
    const answer = await login(` ${email.toUpperCase()} `);
    expect(answer.status).toBe(200);
    const { user, access_token } = answer.json() as AuthTokens;
    expect(user).toMatchObject({ email, last_login_at: NOW });
    expect((await me(access_token)).json() as User).toEqual(user);
  });

  it('refuses a wrong password and an unknown address in the same words', async () => {
    const { email } = await tokensOf();
    const [wrong, unknown] = [await login(email, 'Wrong-Horse-7'), await login('nobody@example.org')];
    expect(refusal(wrong)).toEqual([401, 'UNAUTHORIZED']);
    expect(unknown.text).toBe(wrong.text);
  });

  it('never signs in to the account nobody has claimed', async () => {
    for (const email of ['', 'null', 'owner']) {
      expect(refusal(await login(email, ''))[0]).toBeGreaterThanOrEqual(400);
      expect((await login(email, 'x')).status).toBe(401);
    }
  });
});

describe('POST /auth/refresh', () => {
  it('gives a new pair, and the old token is dead at once', async () => {
    const { refresh_token, user } = await tokensOf();
    const answer = await refresh(refresh_token);
    expect(answer.status).toBe(200);
    const next = answer.json() as AuthTokens;
    expect(next).toMatchObject({ token_type: 'Bearer', expires_in: 3600, user });
    expect(next.refresh_token).not.toBe(refresh_token);
    expect((await me(next.access_token)).status).toBe(200);
    expect(refusal(await refresh(refresh_token))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('signs nobody out when two tabs refresh at once', async () => {
    const { refresh_token } = await tokensOf();
    const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
    expect([won?.status, lost?.status]).toEqual([200, 401]);
    const next = won?.json() as AuthTokens;
    expect((await me(next.access_token)).status).toBe(200);
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });

  it('ends the session when a used token comes again later: somebody has a copy', async () => {
    const { refresh_token } = await tokensOf();
    const next = (await refresh(refresh_token)).json() as AuthTokens;
    clock.forward({ seconds: 31 });
    await refresh(refresh_token);
    expect(refusal(await refresh(next.refresh_token))).toEqual([401, 'UNAUTHORIZED']);
    expect(refusal(await me(next.access_token))).toEqual([401, 'SESSION_REVOKED']);
  });

  it('counts thirty days from the last use', async () => {
    const first = await tokensOf();
    clock.forward({ days: 29 });
    const second = (await refresh(first.refresh_token)).json() as AuthTokens;
    clock.forward({ days: 29 });
    const third = (await refresh(second.refresh_token)).json() as AuthTokens;
    clock.forward({ days: 30 });
    expect(refusal(await refresh(third.refresh_token))).toEqual([401, 'UNAUTHORIZED']);
  });

  it.each(['', 'x', 'y'.repeat(64), 'z'.repeat(600)])('refuses the token %j', async (token) => {
    expect([400, 401]).toContain((await refresh(token)).status);
  });
});

describe('the access token', () => {
  it('is good for an hour', async () => {
    const { access_token } = await tokensOf();
    clock.forward({ minutes: 59 });
    expect((await me(access_token)).status).toBe(200);
    clock.forward({ minutes: 1 });
    expect(refusal(await me(access_token))).toEqual([401, 'INVALID_TOKEN']);
  });

  it('is not taken when it is somebody else’s work', async () => {
    const { access_token, refresh_token } = await tokensOf();
    const [header = '', claims = '', signature = ''] = access_token.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const forged = [
      `${encode({ alg: 'none' })}.${claims}.`,
      `${header}.${encode({ ...decoded, sub: 'another' })}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -2)}AA`,
      refresh_token,
      'x',
    ];
    for (const token of forged) expect(refusal(await me(token))).toEqual([401, 'INVALID_TOKEN']);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic QTpC', 'Bearer a b'])(
    'is missing in the header %j',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await server.get('/api/v1/users/me', { headers });
      expect(refusal(answer)).toEqual([401, 'UNAUTHORIZED']);
    },
  );

  it('outlives a restart, as the refresh token does', async () => {
    const { access_token, refresh_token } = await tokensOf();
    await server.restart();
    expect((await me(access_token)).status).toBe(200);
    const next = (await refresh(refresh_token)).json() as AuthTokens;
    expect((await me(next.access_token)).status).toBe(200);
  });
});

describe('POST /auth/logout', () => {
  const logout = (token: string, asked: object): Promise<Answer> =>
    server.get('/api/v1/auth/logout', {
      method: 'POST',
      ...asked,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });

  it.each([
    ['no body but its content type', {}],
    ['an empty object', { body: {} }],
    ['null for all devices', { body: { all_devices: null } }],
  ])('ends this session alone when asked with %s', async (_, asked) => {
    const one = await tokensOf();
    const other = (await login(one.email)).json() as AuthTokens;
    const answer = await logout(one.access_token, asked);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(refusal(await me(one.access_token))).toEqual([401, 'SESSION_REVOKED']);
    expect(refusal(await refresh(one.refresh_token))).toEqual([401, 'UNAUTHORIZED']);
    expect((await me(other.access_token)).status).toBe(200);
  });

  it('ends every session of the account when asked to', async () => {
    const one = await tokensOf();
    const other = (await login(one.email)).json() as AuthTokens;
    expect((await logout(one.access_token, { body: { all_devices: true } })).status).toBe(204);
    expect((await me(other.access_token)).status).toBe(401);
    expect((await refresh(other.refresh_token)).status).toBe(401);
    expect((await login(one.email)).status).toBe(200);
  });

  it('wants to know who is there', async () => {
    expect(refusal(await server.papyrus('POST', '/auth/logout'))).toEqual([401, 'UNAUTHORIZED']);
  });
});

describe('/users/me', () => {
  const patch = (token: string, body: unknown): Promise<Answer> =>
    server.papyrus('PATCH', '/users/me', body, token);

  it('changes what is given and leaves the rest', async () => {
    const { access_token, user } = await tokensOf();
    const avatar_url = 'https://example.org/a.png';
    const steps: [object, object][] = [
      [{ display_name: '  Lovelace ' }, { display_name: 'Lovelace', avatar_url: null }],
      [{ avatar_url }, { display_name: 'Lovelace', avatar_url }],
      [{}, { display_name: 'Lovelace', avatar_url }],
      [
        { avatar_url: null, email: 'other@example.org', unknown: 1 },
        { display_name: 'Lovelace', avatar_url: null },
      ],
    ];
    for (const [change, expected] of steps) {
      const answer = await patch(access_token, change);
      expect([answer.status, answer.json()]).toEqual([200, { ...user, ...expected }]);
    }
    expect((await me(access_token)).json()).toEqual({ ...user, display_name: 'Lovelace' });
  });

  it.each([
    ['display_name', null],
    ['display_name', ''],
    ['display_name', 'x'.repeat(101)],
    ['avatar_url', 'javascript:alert(1)'],
    ['avatar_url', 'nowhere'],
    ['avatar_url', `https://example.org/${'x'.repeat(2048)}`],
  ])('refuses the %s %j', async (field, value) => {
    const { access_token } = await tokensOf();
    expect(fieldsOf(await patch(access_token, { [field]: value }))).toEqual([field]);
  });
});

describe('the limit of attempts', () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await startTestServer({ clock, options: { rateLimits: DOCUMENTED_LIMITS } });
  });
  afterAll(() => strict.close());
  beforeEach(() => clock.forward({ minutes: 1 }));
  const ask = (path: string, body: unknown) => strict.papyrus('POST', path, body);

  it('makes whoever failed to sign in five times wait, and says how long', async () => {
    const wrong = { email: 'nobody@example.org', password: 'x' };
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(refusal(await ask('/auth/login', wrong))).toEqual([401, 'UNAUTHORIZED']);
    }
    const answer = await ask('/auth/login', wrong);
    expect(answer.json()).toEqual({
      error: {
        code: 'RATE_LIMIT_EXCEEDED',
        message: 'Too many attempts. Try again in 12 seconds.',
        details: { retry_after: 12 },
      },
    });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '12']);
  });

  it('does not count sign-ins and refreshes that succeed', async () => {
    const { email, password } = OWNER;
    let tokens = (await ask('/auth/register', { email, password, display_name: 'A' })).json() as AuthTokens;
    for (let attempt = 1; attempt <= 8; attempt++) {
      expect((await ask('/auth/login', { email, password })).status).toBe(200);
      const answer = await ask('/auth/refresh', { refresh_token: tokens.refresh_token });
      expect(answer.status).toBe(200);
      tokens = answer.json() as AuthTokens;
    }
  });
});
