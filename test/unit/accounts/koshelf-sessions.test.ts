import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKoshelfSessions } from '../../../server/accounts/koshelf-sessions.ts';
import { newId } from '../../../server/base/ids.ts';
import { openShelf } from '../../support/catalogue.ts';

const IP = '192.0.2.1';
const FROM = { userAgent: 'Firefox', ip: IP };
async function open(password: string | undefined) {
  const shelf = openShelf();
  const sessions = createKoshelfSessions(shelf);
  if (password !== undefined) await sessions.setPassword(password);
  /** The lock as the next start of the server finds it. */
  const reopened = () => createKoshelfSessions(shelf);
  return { ...shelf, sessions, reopened };
}

describe('the lock of the KoShelf view', () => {
  it('is open without a password, and no password opens it', async () => {
    const { sessions } = await open(undefined);
    expect(sessions.locked()).toBe(false);
    await expect(sessions.signIn('anything', FROM)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('opens for its password and notes the browser', async () => {
    const { sessions, row } = await open('correct horse');
    expect(sessions.locked()).toBe(true);
    const token = await sessions.signIn('correct horse', FROM);
    expect(sessions.find(token, IP)).toMatchObject({ userAgent: 'Firefox', lastSeenIp: '192.0.2.1' });
    expect(JSON.stringify(row('select * from koshelf_sessions'))).not.toContain(token);
  });

  it('stays shut for another password', async () => {
    const { sessions, rows } = await open('correct horse');
    await expect(sessions.signIn('Correct horse', FROM)).rejects.toMatchObject({
      kind: 'unauthenticated',
      code: 'invalid_credentials',
    });
    expect(rows('select * from koshelf_sessions')).toEqual([]);
  });

  it('knows no session for a made-up token or none', async () => {
    const { sessions } = await open('correct horse');
    expect(sessions.find(undefined, IP)).toBeUndefined();
    expect(sessions.find('', IP)).toBeUndefined();
    expect(sessions.find('made up', IP)).toBeUndefined();
  });

  it('ends a session after thirty days, used or not', async () => {
    const { sessions, clock } = await open('correct horse');
    const token = await sessions.signIn('correct horse', FROM);
    clock.forward({ days: 29 });
    expect(sessions.find(token, IP)).toBeDefined();
    clock.forward({ days: 1 });
    expect(sessions.find(token, IP)).toBeUndefined();
  });

  it('ends one session when its browser signs out', async () => {
    const { sessions } = await open('correct horse');
    const [one, two] = [
      await sessions.signIn('correct horse', FROM),
      await sessions.signIn('correct horse', FROM),
    ];
    sessions.signOut(sessions.find(one, IP)!.sessionId);
    expect(sessions.find(one, IP)).toBeUndefined();
    expect(sessions.find(two, IP)).toBeDefined();
  });

  it('forgets sessions that are over when somebody signs in', async () => {
    const { sessions, clock, rows } = await open('correct horse');
    await sessions.signIn('correct horse', FROM);
    clock.forward({ days: 31 });
    await sessions.signIn('correct horse', { userAgent: undefined, ip: undefined });
    expect(rows('select user_agent from koshelf_sessions')).toEqual([{ user_agent: null }]);
  });
});

describe('the password of the KoShelf view', () => {
  const change = (sessions: ReturnType<typeof createKoshelfSessions>, current: string, next: string) =>
    sessions.changePassword('mine', { current, next });

  it('is kept over a restart, as a hash', async () => {
    const { reopened, row } = await open('correct horse');
    expect(reopened().locked()).toBe(true);
    expect(await reopened().signIn('correct horse', FROM)).toMatch(/^[\w-]{43}$/);
    expect(row("select value from settings where key = 'koshelf_password_hash'").value).toMatch(
      /^"\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    );
  });

  it('ends every session when another one is given at the start, and none when the same is given', async () => {
    const { sessions, reopened } = await open('correct horse');
    const token = await sessions.signIn('correct horse', FROM);
    const same = reopened();
    await same.setPassword('correct horse');
    expect(same.find(token, IP)).toBeDefined();
    await same.setPassword('battery staple');
    expect(same.find(token, IP)).toBeUndefined();
    await expect(same.signIn('correct horse', FROM)).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(await same.signIn('battery staple', FROM)).toMatch(/./);
  });

  it('can be taken away, and with it every session', async () => {
    const { sessions, reopened, rows } = await open('correct horse');
    await sessions.signIn('correct horse', FROM);
    sessions.removePassword();
    expect([sessions.locked(), reopened().locked()]).toEqual([false, false]);
    expect(rows('select * from koshelf_sessions')).toEqual([]);
    await sessions.setPassword('battery staple');
    expect(reopened().locked()).toBe(true);
  });

  it('is made up of four times four letters and digits', async () => {
    const { sessions } = await open(undefined);
    const password = await sessions.makePassword();
    expect(password).toMatch(/^[A-Za-z0-9]{4}(-[A-Za-z0-9]{4}){3}$/);
    expect(await sessions.makePassword()).not.toBe(password);
    await expect(sessions.signIn(password, FROM)).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  it('changes for the one who knows it, and ends every session but theirs', async () => {
    const { sessions, reopened } = await open('correct horse');
    const [mine, other] = [
      await sessions.signIn('correct horse', FROM),
      await sessions.signIn('correct horse', FROM),
    ];
    const { sessionId } = sessions.find(mine, IP)!;
    await sessions.changePassword(sessionId, { current: 'correct horse', next: 'battery staple' });
    expect(sessions.find(mine, IP)).toMatchObject({ sessionId });
    expect(sessions.find(other, IP)).toBeUndefined();
    await expect(reopened().signIn('correct horse', FROM)).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(await reopened().signIn('battery staple', FROM)).toMatch(/./);
  });

  it.each([
    ['short', 'wrong', { code: 'password_too_short', details: { min_chars: 8 } }],
    // Seven characters in fourteen units of UTF-16.
    ['😀'.repeat(7), 'wrong', { code: 'password_too_short' }],
    [
      'x'.repeat(1025),
      'wrong',
      { code: undefined, message: 'Password must be at most 1024 characters long' },
    ],
    ['battery staple', 'wrong', { code: 'invalid_credentials', message: 'invalid credentials' }],
  ])('does not become %s when %s is said to be the current one', async (next, current, error) => {
    const { sessions } = await open('correct horse');
    await expect(change(sessions, current, next)).rejects.toMatchObject({ kind: 'invalid', ...error });
    expect(await sessions.signIn('correct horse', FROM)).toMatch(/./);
  });

  it.each(['12345678', '😀'.repeat(8), 'x'.repeat(1024), '😀'.repeat(1024)])('may be %s', async (next) => {
    const { sessions } = await open('correct horse');
    await change(sessions, 'correct horse', next);
    expect(await sessions.signIn(next, FROM)).toMatch(/./);
  });

  it('changes once when two change it at the same time', async () => {
    const { sessions } = await open('correct horse');
    const results = await Promise.allSettled([
      change(sessions, 'correct horse', 'battery staple'),
      change(sessions, 'correct horse', 'another staple'),
      sessions.signIn('correct horse', FROM),
    ]);
    expect(
      results
        .slice(0, 2)
        .map((result) => result.status)
        .toSorted(),
    ).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the browsers that are signed in', () => {
  afterEach(() => vi.useRealTimers());

  it('are noted again after a minute, or at once from another address', async () => {
    const { sessions, clock, row } = await open('correct horse');
    const token = await sessions.signIn('correct horse', FROM);
    const seen = () => row('select last_seen_ip as ip, last_seen_at as at from koshelf_sessions');
    const first = clock.now().getTime();
    clock.forward({ seconds: 59 });
    sessions.find(token, IP);
    expect(seen()).toEqual({ ip: IP, at: first });
    clock.forward({ seconds: 1 });
    sessions.find(token, IP);
    expect(seen()).toEqual({ ip: IP, at: first + 60_000 });
    clock.forward({ seconds: 1 });
    sessions.find(token, '198.51.100.7');
    expect(seen()).toEqual({ ip: '198.51.100.7', at: first + 61_000 });
  });

  it('are listed by when they were last seen, without those that are over', async () => {
    const { sessions, clock } = await open('correct horse');
    const signIn = async (userAgent: string) => sessions.signIn('correct horse', { userAgent, ip: IP });
    await signIn('over');
    clock.forward({ days: 20 });
    const one = await signIn('one');
    clock.forward({ minutes: 1 });
    await signIn('two');
    clock.forward({ days: 10 });
    expect(sessions.list().map((session) => session.userAgent)).toEqual(['two', 'one']);
    sessions.find(one, IP);
    expect(sessions.list().map((session) => session.userAgent)).toEqual(['one', 'two']);
  });

  it('end by each other’s hand, never by their own', async () => {
    const { sessions } = await open('correct horse');
    const [mine, other] = [
      await sessions.signIn('correct horse', FROM),
      await sessions.signIn('correct horse', FROM),
    ];
    const ids = { mine: sessions.find(mine, IP)!.sessionId, other: sessions.find(other, IP)!.sessionId };
    expect(() => sessions.revoke(ids.mine, ids.mine)).toThrow(
      'Cannot revoke the current session. Use logout instead.',
    );
    sessions.revoke(ids.other, ids.mine);
    expect(sessions.find(other, IP)).toBeUndefined();
    for (const id of [ids.other, newId(), ''])
      expect(() => sessions.revoke(id, ids.mine)).toThrow(expect.objectContaining({ kind: 'not_found' }));
    expect(sessions.find(mine, IP)).toBeDefined();
  });

  it('are forgotten when they are over, and not before', async () => {
    const { sessions, clock, rows } = await open('correct horse');
    const count = () => rows('select * from koshelf_sessions').length;
    await sessions.signIn('correct horse', FROM);
    clock.forward({ days: 29 });
    sessions.forgetExpired();
    expect(count()).toBe(1);
    clock.forward({ days: 1 });
    sessions.forgetExpired();
    expect(count()).toBe(0);
  });
});
