import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { startMailServer } from '../../support/mail-server.ts';
import type { MailServer } from '../../support/mail-server.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const PASSWORD = 'Correct-Horse-7';
const NEXT = 'Battery-Staple-8';
const clock = at('2026-03-14T12:00:00.000Z');
const refusal = (answer: Answer): [number, string] => [answer.status, (answer.json() as Refusal).error.code];
const linkIn = (text: string): URL => new URL(/https?:\/\/\S+token=[\w-]+/.exec(text)?.[0] ?? 'none:');
const codeIn = (text: string): string => linkIn(text).searchParams.get('token') ?? '';

let count = 0;
/** What a person does with one server. */
const personAt = (server: TestServer) => {
  const email = `writer${++count}@example.org`;
  const post = (path: string, body: unknown) => server.papyrus('POST', path, body);
  return {
    email,
    post,
    register: async () => {
      const invitation = await server.invite();
      return post('/auth/register', { email, password: PASSWORD, display_name: 'Ada <&>', invitation });
    },
    login: (password = PASSWORD) => post('/auth/login', { email, password }),
    forgot: () => post('/auth/forgot-password', { email }),
    me: async (answer: Answer) => {
      const { access_token } = answer.json() as { access_token: string };
      return (await server.papyrus('GET', '/users/me', undefined, access_token)).json();
    },
  };
};

describe('with a mail server', () => {
  let mail: MailServer;
  let server: TestServer;
  beforeAll(async () => {
    mail = await startMailServer();
    server = await startTestServer({
      clock,
      options: { smtpUrl: mail.url, smtpPassword: mail.password, publicUrl: 'https://books.example.org' },
    });
  });
  afterAll(async () => {
    await server.close();
    await mail.close();
  });

  it('a new account is sent a link over an encrypted line, and the code confirms the address once', async () => {
    const ada = personAt(server);
    const coming = mail.next();
    const registered = await ada.register();
    expect(await ada.me(registered)).toMatchObject({ email_verified: false });
    const text = await coming;
    expect(mail.letters.at(-1)).toMatchObject({ to: [ada.email], isEncrypted: true });
    expect(text).toContain('Subject: Confirm your e-mail address');
    expect(text).toContain('Hello Ada <&>,');
    expect(text).toContain('<p>Hello Ada &lt;&amp;&gt;,</p>');
    expect(text).toContain('for 24 hours');
    const link = linkIn(text);
    expect([link.origin, link.pathname]).toEqual(['https://books.example.org', '/verify-email']);
    const answer = await ada.post('/auth/verify-email', { token: codeIn(text) });
    expect([answer.status, answer.json()]).toEqual([200, { message: 'Your e-mail address is confirmed.' }]);
    expect(await ada.me(registered)).toMatchObject({ email_verified: true });
    expect(refusal(await ada.post('/auth/verify-email', { token: codeIn(text) }))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });

  it('a newer letter makes the older one void, and each is good for its time only', async () => {
    const ada = personAt(server);
    let coming = mail.next();
    await ada.register();
    const first = codeIn(await coming);
    coming = mail.next();
    expect((await ada.post('/auth/resend-verification', { email: ada.email })).status).toBe(200);
    const second = codeIn(await coming);
    expect((await ada.post('/auth/verify-email', { token: first })).status).toBe(400);
    clock.forward({ hours: 24 });
    expect((await ada.post('/auth/verify-email', { token: second })).status).toBe(400);
  });

  it('a new password ends every session, and the old one is wrong then', async () => {
    const ada = personAt(server);
    let coming = mail.next();
    const { access_token, refresh_token } = (await ada.register()).json() as Record<string, string>;
    await coming;
    coming = mail.next();
    expect((await ada.forgot()).status).toBe(200);
    const text = await coming;
    expect(linkIn(text).pathname).toBe('/reset-password');
    expect(text).toContain('for 1 hour.');
    const weak = await ada.post('/auth/reset-password', { token: codeIn(text), password: 'short' });
    expect((weak.json() as Refusal).error.message).toContain('at least 8 characters');
    expect((await ada.post('/auth/reset-password', { token: codeIn(text), password: NEXT })).status).toBe(
      200,
    );
    expect((await server.papyrus('GET', '/users/me', undefined, access_token)).status).toBe(401);
    expect((await ada.post('/auth/refresh', { refresh_token })).status).toBe(401);
    expect((await ada.login()).status).toBe(401);
    expect((await ada.login(NEXT)).status).toBe(200);
    expect((await ada.post('/auth/reset-password', { token: codeIn(text), password: PASSWORD })).status).toBe(
      400,
    );
  });

  it('an hour later the link for a new password is void', async () => {
    const ada = personAt(server);
    let coming = mail.next();
    await ada.register();
    await coming;
    coming = mail.next();
    await ada.forgot();
    const token = codeIn(await coming);
    clock.forward({ minutes: 60 });
    expect((await ada.post('/auth/reset-password', { token, password: NEXT })).status).toBe(400);
    expect((await ada.login()).status).toBe(200);
  });

  it('nobody learns whether an address has an account', async () => {
    const ada = personAt(server);
    let coming = mail.next();
    await ada.register();
    await ada.post('/auth/verify-email', { token: codeIn(await coming) });
    const sent = mail.letters.length;
    for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
      const unknown = await ada.post(path, { email: `nobody${++count}@example.org` });
      coming = mail.next();
      const known = await ada.post(path, { email: ada.email });
      expect([unknown.status, unknown.text]).toEqual([200, known.text]);
    }
    // A confirmed address needs no letter to confirm it.
    expect(mail.letters.length).toBe(sent + 1);
  });

  it('writes no code and no password into the log or the catalogue', async () => {
    const ada = personAt(server);
    const coming = mail.next();
    await ada.register();
    const code = codeIn(await coming);
    const files = [join(server.dataDir, 'logs'), server.dataDir].flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name)),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of [code, mail.password, PASSWORD]) expect(bytes.includes(secret), file).toBe(false);
    }
  });

  it('that refuses, answers every address alike, and the desk has the letters', async () => {
    mail.refuse();
    const ada = personAt(server);
    expect((await ada.register()).status).toBe(201);
    const forgot = (email: string) => ada.post('/auth/forgot-password', { email });
    const answers = [await forgot(ada.email), await forgot('nobody@example.org')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const waiting = async () =>
      (
        (await server.desk('GET', '/letters')).json() as { letters: { kind: string; email: string }[] }
      ).letters
        .filter(({ email }) => email === ada.email)
        .map(({ kind }) => kind)
        .toSorted();
    await expect.poll(waiting).toEqual(['reset_password', 'verify_email']);
    await mail.close();
    for (const email of [ada.email, 'nobody@example.org'])
      expect(refusal(await forgot(email))).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});

describe('without a mail server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ clock, options: { requireEmailVerification: true } });
  });
  afterAll(() => server.close());
  type Waiting = {
    letter_id: string;
    kind: string;
    email: string;
    display_name: string;
    requested_at: string;
  };
  const waiting = async () =>
    ((await server.desk('GET', '/letters')).json() as { letters: Waiting[] }).letters;
  const open = async (letter: Waiting | undefined) =>
    (await server.desk('POST', `/letters/${letter?.letter_id}/link`)).json() as {
      url: string;
      expires_at: string;
    };

  it('who must confirm their address waits until the owner hands them the link of the desk', async () => {
    const ada = personAt(server);
    const registered = await ada.register();
    expect([registered.status, registered.json()]).toEqual([
      201,
      {
        user_id: expect.any(String),
        email: ada.email,
        message: 'Your account is made. Confirm your e-mail address, then sign in.',
      },
    ]);
    expect(refusal(await ada.login())).toEqual([403, 'FORBIDDEN']);
    const [letter] = await waiting();
    expect(letter).toEqual({
      letter_id: expect.any(String),
      kind: 'verify_email',
      email: ada.email,
      display_name: 'Ada <&>',
      requested_at: clock.now().toISOString(),
    });
    const { url, expires_at } = await open(letter);
    expect(url).toMatch(new RegExp(`^${server.url}/verify-email\\?token=[\\w-]{43}$`));
    expect(Date.parse(expires_at) - clock.now().getTime()).toBe(24 * 60 * 60 * 1000);
    expect(await waiting()).toEqual([]);
    expect((await ada.post('/auth/verify-email', { token: codeIn(url) })).status).toBe(200);
    expect((await ada.login()).status).toBe(200);
  });

  it('a request made twice waits once, can be put away, and says the same of every address', async () => {
    const ada = personAt(server);
    await ada.register();
    await server.desk('POST', `/letters/${(await waiting())[0]?.letter_id}/link`);
    const answers = [await ada.forgot(), await ada.forgot()];
    answers.push(await ada.post('/auth/forgot-password', { email: 'nobody@example.org' }));
    for (const answer of answers) expect([answer.status, answer.text]).toEqual([200, answers[0]?.text]);
    expect(answers[0]?.text).toContain('This server sends no e-mail.');
    const letters = await waiting();
    expect(letters).toMatchObject([{ kind: 'reset_password', email: ada.email }]);
    const path = `/letters/${letters[0]?.letter_id}`;
    expect((await server.desk('DELETE', path)).status).toBe(204);
    expect((await server.desk('DELETE', path)).status).toBe(404);
    expect((await server.desk('POST', `${path}/link`)).status).toBe(404);
    expect(await waiting()).toEqual([]);
  });

  it('nobody but the desk can see or open them', async () => {
    const token = (await server.claim()) satisfies string;
    for (const path of ['/desk/api/letters', '/api/v1/letters', '/api/letters']) {
      const answer = await server.get(path, { headers: { authorization: `Bearer ${token}` } });
      expect([401, 404]).toContain(answer.status);
    }
  });

  it('the link opens a page that does the rest without any app', async () => {
    const ada = personAt(server);
    await ada.register();
    const verify = await open((await waiting())[0]);
    const page = await server.get(new URL(verify.url).pathname + new URL(verify.url).search);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.text).toContain('<form method="post"');
    const submit = (path: string, fields: Record<string, string>) =>
      server.get(path, {
        method: 'POST',
        raw: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    // Looking at the page uses nothing up: mail programs look at links.
    expect((await ada.login()).status).toBe(403);
    expect((await submit('/verify-email', { token: codeIn(verify.url) })).status).toBe(200);
    expect((await ada.login()).status).toBe(200);

    await ada.forgot();
    const reset = codeIn((await open((await waiting())[0])).url);
    const weak = await submit('/reset-password', { token: reset, password: 'weak' });
    expect(weak.status).toBe(400);
    expect(weak.text).toContain(
      'Your password needs at least 8 characters, an upper-case letter and a digit.',
    );
    expect((await submit('/reset-password', { token: reset, password: NEXT })).status).toBe(200);
    expect((await ada.login(NEXT)).status).toBe(200);
    const used = await submit('/reset-password', { token: reset, password: PASSWORD });
    expect([used.status, used.text.includes('not good any more')]).toEqual([400, true]);
    const hostile = await server.get('/reset-password?token=%22%3E%3Cscript%3E');
    expect(hostile.text).not.toContain('<script>');
  });
});
