import { createHash, randomBytes } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { startIdentityProvider } from '../../support/identity-provider.ts';
import type { IdentityProvider, Person } from '../../support/identity-provider.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const PUBLIC = 'https://books.example.org';
const HOME = 'papyrus://auth/callback';
let google: IdentityProvider;
let server: TestServer;
beforeAll(async () => {
  google = await startIdentityProvider(`${PUBLIC}/api/v1/auth/oauth/google/callback`);
  server = await startTestServer({
    options: {
      publicUrl: PUBLIC,
      googleIssuer: google.issuer,
      googleClientId: google.clientId,
      googleClientSecret: google.clientSecret,
      oauthRedirectHosts: ['app.example.org'],
    },
  });
});
afterAll(async () => {
  await server.close();
  await google.close();
});

const refusal = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
let count = 0;
const aPerson = (person: Partial<Person> = {}): Person => {
  const name = `person${++count}`;
  return { sub: `google-${name}`, email: `${name}@example.org`, email_verified: true, name, ...person };
};
const start = (query: Record<string, string>, headers: Record<string, string> = {}) =>
  server.get(`/v1/auth/oauth/google/start?${new URLSearchParams({ moved: '1', ...query }).toString()}`, {
    headers,
  });
/** What a browser sends back of the cookies it was given. */
const cookieOf = ({ headers }: Answer): Record<string, string> => {
  const [cookie = ''] = headers['set-cookie'] ?? [];
  return { cookie: cookie.split(';')[0] ?? '' };
};
/** Goes to Google as the person and returns the address of our callback that Google sends the browser to. */
const away = async (person: Person | undefined, url: string | undefined): Promise<string> => {
  google.person = person;
  const back = await google.browse(url ?? '');
  expect(`${back.origin}${back.pathname}`).toBe(`${PUBLIC}/api/v1/auth/oauth/google/callback`);
  return back.pathname + back.search;
};
/** The whole trip: where the app's browser ends. */
const trip = async (person: Person | undefined, query: Record<string, string> = {}): Promise<URL> => {
  const started = await start({ redirect_uri: HOME, ...query });
  expect(started.status).toBe(302);
  const back = await away(person, started.headers.location);
  const answer = await server.get(back, { headers: cookieOf(started) });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.location ?? '');
};
const exchange = (code: string | null, more: object = {}) =>
  server.papyrus('POST', '/auth/exchange-code', {
    code,
    client_type: 'desktop',
    device_label: null,
    ...more,
  });
const codeOf = (home: URL) => home.searchParams.get('code');
type Tokens = { access_token: string; refresh_token: string; user: { user_id: string; email: string } };
const signIn = async (person: Person) => (await exchange(codeOf(await trip(person)))).json() as Tokens;
const register = async (email: string) =>
  (
    await server.papyrus('POST', '/auth/register', {
      email,
      password: 'Correct-Horse-7',
      display_name: 'Ada',
    })
  ).json() as Tokens;

describe('signing in with Google in a browser', () => {
  it('sends the browser to Google with state, nonce and PKCE, and makes an account of who comes back', async () => {
    const started = await start({ redirect_uri: HOME });
    const url = new URL(started.headers.location ?? '');
    expect(url.origin).toBe(google.issuer);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: google.clientId,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const person = aPerson({ name: 'Ada Lovelace', picture: 'https://example.org/ada.png' });
    const home = await trip(person);
    expect(home.href).toMatch(/^papyrus:\/\/auth\/callback\?code=[\w-]{43}$/);
    const answer = await exchange(codeOf(home));
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: 3600,
        user: {
          email: person.email,
          display_name: 'Ada Lovelace',
          avatar_url: 'https://example.org/ada.png',
          email_verified: true,
        },
      },
    ]);
    expect(refusal(await exchange(codeOf(home)))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('knows a person by what lasts, not by their address', async () => {
    const person = aPerson();
    const first = await signIn(person);
    const second = await signIn({ ...person, email: 'moved@example.org', name: 'Other' });
    expect(second.user).toMatchObject({ user_id: first.user.user_id, email: person.email });
  });

  it('never takes over an account that has the address', async () => {
    const person = aPerson();
    await register(person.email);
    expect((await trip(person)).searchParams.get('error')).toBe('account_exists');
  });

  it('passes on that the person would not', async () => {
    expect((await trip(undefined)).searchParams.get('error')).toBe('access_denied');
  });

  it.each([
    'http://localhost:43821/auth/callback',
    'https://app.example.org/auth/callback?tab=1',
    `${PUBLIC}/auth/callback`,
  ])('returns to %s', async (redirect_uri) => {
    const home = await trip(aPerson(), { redirect_uri });
    const expected = new URL(redirect_uri);
    expect([home.origin, home.pathname]).toEqual([expected.origin, expected.pathname]);
    expect(home.searchParams.get('tab')).toBe(expected.searchParams.get('tab'));
    expect((await exchange(codeOf(home))).status).toBe(200);
  });

  it.each([
    'https://evil.example.org/auth/callback',
    'https://app.example.org.evil.net/',
    'https://user:pass@app.example.org/',
    'https://app.example.org/#here',
    'javascript:alert(1)',
    'evil://auth/callback',
    '//app.example.org',
    'nothing',
    '',
  ])('does not return to %j', async (redirect_uri) => {
    expect(refusal(await start({ redirect_uri }))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('takes a browser back once, and only one it sent away', async () => {
    const started = await start({ redirect_uri: HOME });
    const back = await away(aPerson(), started.headers.location);
    const browser = { headers: cookieOf(started) };
    const home = new URL((await server.get(back, browser)).headers.location ?? '');
    expect(home.searchParams.has('code')).toBe(true);
    expect(refusal(await server.get(back, browser))).toEqual([400, 'VALIDATION_ERROR']);
    for (const query of ['', '?state=x', '?code=x&state=y', '?error=access_denied']) {
      const answer = await server.get(`/api/v1/auth/oauth/google/callback${query}`);
      expect(refusal(answer)).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  it('gives no code for somebody else’s answer: the verifier stays here', async () => {
    const [mine, theirs] = [await start({ redirect_uri: HOME }), await start({ redirect_uri: HOME })];
    const back = new URL(await away(aPerson(), theirs.headers.location), PUBLIC);
    const state = new URL(mine.headers.location ?? '').searchParams.get('state') ?? '';
    back.searchParams.set('state', state);
    const browser = { headers: cookieOf(mine) };
    const home = new URL((await server.get(back.pathname + back.search, browser)).headers.location ?? '');
    expect([home.searchParams.get('error'), codeOf(home)]).toEqual(['oauth_failed', null]);
  });

  it('knows the browser again by a cookie that no script sees and no other site sends but by going here', async () => {
    const started = await start({ redirect_uri: HOME });
    expect(started.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-papyrus_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
      ),
    ]);
    // A second window of the same browser leaves the first one's sign-in as it is.
    const [second] = (await start({ redirect_uri: HOME }, cookieOf(started))).headers['set-cookie'] ?? [];
    expect(second).toContain(cookieOf(started).cookie);
    const planted = await start({ redirect_uri: HOME }, { cookie: '__Host-papyrus_sign_in=known' });
    expect(cookieOf(planted).cookie).toMatch(/=[\w-]{43}$/);
  });

  it('signs nobody in as the one who left in another browser', async () => {
    const other = await start({ redirect_uri: HOME });
    for (const headers of [{}, cookieOf(other), { cookie: '__Host-papyrus_sign_in=' }]) {
      const mine = await start({ redirect_uri: HOME });
      const back = await away(aPerson(), mine.headers.location);
      expect(refusal(await server.get(back, { headers }))).toEqual([400, 'VALIDATION_ERROR']);
      // And the answer is void.
      expect(refusal(await server.get(back, { headers: cookieOf(mine) }))).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  it('sends a browser that comes under another name on to the one Google sends it back to, once', async () => {
    const query = { redirect_uri: HOME, code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
    const sent = await server.get(`/v1/auth/oauth/google/start?${new URLSearchParams(query).toString()}`);
    expect([sent.status, sent.headers['set-cookie']]).toEqual([302, undefined]);
    const on = new URL(sent.headers.location ?? '');
    expect(`${on.origin}${on.pathname}`).toBe(`${PUBLIC}/api/v1/auth/oauth/google/start`);
    expect(Object.fromEntries(on.searchParams)).toEqual({ ...query, moved: '1' });
    // A proxy that hides the name sends it here again.
    const there = await server.get(on.pathname + on.search);
    expect(new URL(there.headers.location ?? '').origin).toBe(google.issuer);
  });

  it('gives the tokens only to the app that started, where it said how to know it', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    const query = { code_challenge, code_challenge_method: 'S256' };
    const wrong = [{}, { code_verifier: 'x'.repeat(43) }];
    for (const more of wrong) {
      const code = codeOf(await trip(aPerson(), query));
      expect(refusal(await exchange(code, more))).toEqual([401, 'UNAUTHORIZED']);
      // A code somebody else held is void.
      expect(refusal(await exchange(code, { code_verifier: verifier }))).toEqual([401, 'UNAUTHORIZED']);
    }
    const code = codeOf(await trip(aPerson(), query));
    expect((await exchange(code, { code_verifier: verifier })).status).toBe(200);
    expect(refusal(await start({ redirect_uri: HOME, code_challenge }))).toEqual([400, 'VALIDATION_ERROR']);
  });
});

describe('linking Google to an account', () => {
  const startLink = async (token: string) =>
    (
      (await server.papyrus('POST', '/auth/link/google/start', { redirect_uri: HOME }, token)).json() as {
        authorization_url: string;
      }
    ).authorization_url;
  const link = async (person: Person, token: string) => {
    // Any browser may bring it: only the account that started can use the code.
    const back = await server.get(await away(person, await startLink(token)));
    return codeOf(new URL(back.headers.location ?? ''));
  };
  const complete = (code: string | null, token: string) =>
    server.papyrus('POST', '/auth/link/google/complete', { code }, token);

  it('makes it a way in, also where the addresses differ; doing so again changes nothing', async () => {
    const { access_token, user } = await register('linker@example.org');
    const person = aPerson();
    for (let time = 0; time < 2; time++) {
      const answer = await complete(await link(person, access_token), access_token);
      expect([answer.status, answer.json()]).toMatchObject([200, { user_id: user.user_id }]);
    }
    expect((await signIn(person)).user.user_id).toBe(user.user_id);
  });

  it('refuses a code of another account, one used before, and one that signs in', async () => {
    const [one, other] = [await register('one@example.org'), await register('two@example.org')];
    const code = await link(aPerson(), one.access_token);
    expect(refusal(await complete(code, other.access_token))).toEqual([403, 'FORBIDDEN']);
    expect(refusal(await complete(code, one.access_token))).toEqual([400, 'VALIDATION_ERROR']);
    const signing = codeOf(await trip(aPerson()));
    expect(refusal(await complete(signing, one.access_token))).toEqual([400, 'VALIDATION_ERROR']);
    const linking = await link(aPerson(), one.access_token);
    expect(refusal(await exchange(linking))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('refuses a Google account that is another account’s here', async () => {
    const person = aPerson();
    await signIn(person);
    const { access_token } = await register('late@example.org');
    expect(refusal(await complete(await link(person, access_token), access_token))).toEqual([
      409,
      'CONFLICT',
    ]);
  });

  it('wants to know who is there', async () => {
    for (const [step, body] of [
      ['start', { redirect_uri: HOME }],
      ['complete', { code: 'x' }],
    ] as const) {
      expect(refusal(await server.papyrus('POST', `/auth/link/google/${step}`, body))).toEqual([
        401,
        'UNAUTHORIZED',
      ]);
    }
  });
});

describe('POST /auth/oauth/google', () => {
  const post = (id_token: string) => server.papyrus('POST', '/auth/oauth/google', { id_token });

  it('signs in with an identity token of Google’s', async () => {
    const person = aPerson();
    const first = await post(await google.token(person));
    expect([first.status, first.json()]).toMatchObject([200, { user: { email: person.email } }]);
    expect((await signIn(person)).user.user_id).toBe((first.json() as Tokens).user.user_id);
  });

  it('refuses a token for another app, of another issuer, too old, or signed by somebody else', async () => {
    const person = aPerson();
    const stranger = await generateKeyPair('RS256');
    const forged = new SignJWT({ ...person, iss: google.issuer, aud: google.clientId })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(stranger.privateKey);
    const [header, claims] = (await google.token(person)).split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const wrong = [
      google.token({ ...person, aud: 'another' }),
      google.token({ ...person, iss: 'https://evil.example.org' }),
      forged,
      Promise.resolve(`${unsigned}.${claims}.`),
      Promise.resolve(`${header}.${claims}.`),
      Promise.resolve('x'),
    ];
    for (const token of wrong) expect(refusal(await post(await token))).toEqual([401, 'UNAUTHORIZED']);
  });

  it('links an account with the address only where both sides are sure of it', async () => {
    const person = aPerson();
    await register(person.email);
    expect(refusal(await post(await google.token(person)))).toEqual([409, 'CONFLICT']);

    await server.claim();
    const owner = aPerson({ email: 'owner@example.org' });
    const unsure = await post(await google.token({ ...owner, email_verified: false }));
    expect(refusal(unsure)).toEqual([409, 'CONFLICT']);
    expect((await post(await google.token(owner))).json()).toMatchObject({ user: { email: owner.email } });
  });

  it('makes no account for somebody new once the server is somebody’s, and lets those in who have one', async () => {
    const known = aPerson();
    await server.desk('POST', '/people/open-hour');
    expect((await post(await google.token(known))).status).toBe(200);
    await server.desk('DELETE', '/people/open-hour');
    expect(refusal(await post(await google.token(aPerson())))).toEqual([403, 'FORBIDDEN']);
    expect((await post(await google.token(known))).status).toBe(200);
    await server.desk('POST', '/people/open-hour');
  });
});

describe('an account without a password', () => {
  it('leaves by a recent sign-in, comes back with Google, and gets a password by a letter', async () => {
    const person = aPerson();
    const { access_token, user } = await signIn(person);
    const change = { current_password: 'x', new_password: 'Correct-Horse-7' };
    const changed = await server.papyrus('POST', '/users/me/change-password', change, access_token);
    expect(refusal(changed)).toEqual([400, 'VALIDATION_ERROR']);
    const gone = await server.papyrus('DELETE', '/users/me', { password: '' }, access_token);
    expect(gone.status).toBe(204);
    expect((await signIn(person)).user.user_id).toBe(user.user_id);
    await server.papyrus('POST', '/auth/forgot-password', { email: person.email });
    const { letters } = (await server.desk('GET', '/letters')).json() as { letters: { letter_id: string }[] };
    const opened = await server.desk('POST', `/letters/${letters[0]?.letter_id}/link`);
    const token = new URL((opened.json() as { url: string }).url).searchParams.get('token');
    await server.papyrus('POST', '/auth/reset-password', { token, password: 'Correct-Horse-7' });
    const login = { email: person.email, password: 'Correct-Horse-7' };
    expect((await server.papyrus('POST', '/auth/login', login)).status).toBe(200);
  });
});

describe('a server without a name at Google', () => {
  it('says so, and one that Google does not answer says that', async () => {
    const plain = await startTestServer();
    const token = await plain.signUp();
    const asked = [
      plain.get(`/v1/auth/oauth/google/start?redirect_uri=${encodeURIComponent(HOME)}`),
      plain.get('/v1/auth/oauth/google/callback?code=x&state=y'),
      plain.papyrus('POST', '/auth/oauth/google', { id_token: 'x' }),
      plain.papyrus('POST', '/auth/link/google/start', { redirect_uri: HOME }, token),
    ];
    for (const answer of asked) expect(refusal(await answer)).toEqual([400, 'VALIDATION_ERROR']);
    await plain.restart({ googleClientId: 'shelf', googleIssuer: google.issuer });
    const here = await plain.get(`/v1/auth/oauth/google/start?redirect_uri=${encodeURIComponent(HOME)}`);
    expect(new URL(here.headers.location ?? '').origin).toBe(google.issuer);
    // No cookie over plain http may claim to be one of https.
    expect(here.headers['set-cookie']).toEqual([
      expect.stringMatching(/^papyrus_sign_in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/),
    ]);
    await plain.restart({ googleClientId: 'shelf', googleIssuer: 'http://127.0.0.1:9' });
    const silent = await plain.papyrus('POST', '/auth/oauth/google', { id_token: 'x' });
    expect(refusal(silent)).toEqual([503, 'SERVICE_UNAVAILABLE']);
    await plain.close();
  });
});
