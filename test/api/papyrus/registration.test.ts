// Who may have an account: everybody before the server is somebody's, then whom the owner invites or for an hour.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeopleRules } from '../../../server/api/desk/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const NOW = '2026-03-14T12:00:00.000Z';
let clock: ReturnType<typeof at>;
let server: TestServer;
beforeEach(async () => {
  clock = at(NOW);
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

let count = 0;
const register = (more: object = {}): Promise<Answer> =>
  server.papyrus('POST', '/auth/register', {
    email: `person${++count}@example.org`,
    password: OWNER.password,
    display_name: 'Ada',
    ...more,
  });
const refusal = (answer: Answer) => [answer.status, (answer.json() as Refusal).error];
const registration = async () =>
  ((await server.papyrus('GET', '/')).json() as { registration: string }).registration;
const people = async () => (await server.desk('GET', '/people')).json() as PeopleRules;

const BY_INVITATION = [
  403,
  { code: 'FORBIDDEN', message: 'New people come to this server by invitation. Ask its owner for a link.' },
];
const BAD_INVITATION = [
  403,
  {
    code: 'FORBIDDEN',
    message:
      'This invitation is not good any more: it was used, taken back, or is too old. Ask for a new one.',
  },
];

describe('registering', () => {
  it('is open until somebody owns the server, and says so', async () => {
    expect(await registration()).toBe('open');
    expect((await register()).status).toBe(201);
    await server.claim();
    expect(await registration()).toBe('invitation');
    expect(refusal(await register())).toEqual(BY_INVITATION);
    // Whatever else is wrong: nobody learns whose address is known.
    for (const more of [{ email: OWNER.email }, { email: 'person1@example.org' }, { password: 'short' }])
      expect(refusal(await register(more))).toEqual(BY_INVITATION);
  });

  it('works once with an invitation, within a week', async () => {
    await server.claim();
    const [invitation, late] = [await server.invite(), await server.invite()];
    expect((await register({ invitation, password: 'short' })).status).toBe(400);
    expect((await register({ invitation, email: OWNER.email })).status).toBe(409);
    expect((await register({ invitation })).status).toBe(201);
    expect(refusal(await register({ invitation }))).toEqual(BAD_INVITATION);
    expect(refusal(await register({ invitation: 'x' }))).toEqual(BAD_INVITATION);
    clock.forward({ days: 7 });
    expect(refusal(await register({ invitation: late }))).toEqual(BAD_INVITATION);
  });

  it('makes one account of an invitation that two use in the same moment', async () => {
    await server.claim();
    const invitation = await server.invite();
    const answers = await Promise.all([register({ invitation }), register({ invitation })]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403]);
  });

  it('is open to everybody for an hour when the owner says so, also over a restart', async () => {
    await server.claim();
    const opened = await server.desk('POST', '/people/open-hour');
    expect(opened.json()).toEqual({ open_until: '2026-03-14T13:00:00.000Z', invitations: [] });
    await server.restart();
    expect([await registration(), (await register()).status]).toEqual(['open', 201]);
    clock.forward({ hours: 1 });
    expect([await registration(), (await register()).status]).toEqual(['invitation', 403]);
    await server.desk('POST', '/people/open-hour');
    expect((await server.desk('DELETE', '/people/open-hour')).status).toBe(204);
    expect([(await register()).status, (await people()).open_until]).toEqual([403, null]);
  });

  it('is open again once the owner has left for good', async () => {
    const token = await server.claim();
    await server.papyrus('DELETE', '/users/me', { password: OWNER.password }, token);
    expect(await registration()).toBe('invitation');
    clock.forward({ days: 7 });
    expect(await registration()).toBe('open');
  });
});

describe('an invitation', () => {
  it('is listed until it is used, taken back or over, and its code is nowhere', async () => {
    await server.claim();
    const made = [await server.invite(), await server.invite(), await server.invite()];
    const listed = (await people()).invitations;
    expect(listed).toHaveLength(3);
    expect(listed[0]).toEqual({
      invitation_id: expect.any(String),
      created_at: NOW,
      expires_at: '2026-03-21T12:00:00.000Z',
    });
    expect(JSON.stringify(listed)).not.toContain(made[0]);
    const path = `/people/invitations/${listed[0]?.invitation_id}`;
    expect((await server.desk('DELETE', path)).status).toBe(204);
    expect((await server.desk('DELETE', path)).status).toBe(404);
    const outcomes = await Promise.all(
      made.map(async (invitation) => (await register({ invitation })).status),
    );
    expect(outcomes.toSorted((a, b) => a - b)).toEqual([201, 201, 403]);
    expect((await people()).invitations).toEqual([]);
  });

  it('is a link to a page that makes the account without any app', async () => {
    await server.claim();
    await server.restart({ publicUrl: 'https://books.example.org' });
    const { url } = (await server.desk('POST', '/people/invitations')).json() as { url: string };
    const link = new URL(url);
    expect(`${link.origin}${link.pathname}`).toBe('https://books.example.org/join');
    const page = await server.get(`${link.pathname}${link.search}`);
    expect([page.status, page.headers['referrer-policy']]).toEqual([200, 'no-referrer']);
    const token = link.searchParams.get('token') ?? '';
    const submit = (fields: Record<string, string>) =>
      server.get('/join', {
        method: 'POST',
        raw: new URLSearchParams({ token, ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const fields = { name: 'Grace <&>', email: 'grace@example.org', password: 'short' };
    const weak = await submit(fields);
    expect(weak.status).toBe(400);
    expect(weak.text).toContain('Your password needs');
    expect(weak.text).toContain('value="Grace &lt;&amp;&gt;"');
    expect(weak.text).not.toContain('short');
    const password = 'a quiet passphrase';
    const done = await submit({ ...fields, password });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('Your account is made.')]);
    expect((await submit({ ...fields, email: 'other@example.org', password })).status).toBe(403);
    const login = await server.papyrus('POST', '/auth/login', { email: fields.email, password });
    expect(login.json()).toMatchObject({ user: { display_name: 'Grace <&>' } });
  });
});
