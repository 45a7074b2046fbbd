import { describe, expect, it } from 'vitest';
import { createKoshelfSessions } from '../../../server/accounts/koshelf-sessions.ts';
import { openShelf } from '../../support/catalogue.ts';

const FROM = { userAgent: 'Firefox', ip: '192.0.2.1' };
function open(password: string | undefined) {
  const shelf = openShelf();
  return {
    ...shelf,
    sessions: createKoshelfSessions({ catalogue: shelf.catalogue, clock: shelf.clock, password }),
  };
}

describe('the lock of the KoShelf view', () => {
  it('is open without a password, and no password opens it', async () => {
    const { sessions } = open(undefined);
    expect(sessions.locked()).toBe(false);
    await expect(sessions.signIn('anything', FROM)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('opens for its password and notes the browser', async () => {
    const { sessions, row } = open('correct horse');
    expect(sessions.locked()).toBe(true);
    const token = await sessions.signIn('correct horse', FROM);
    expect(sessions.find(token)).toMatchObject({ userAgent: 'Firefox', lastSeenIp: '192.0.2.1' });
    expect(JSON.stringify(row('select * from koshelf_sessions'))).not.toContain(token);
  });

  it('stays shut for another password', async () => {
    const { sessions, rows } = open('correct horse');
    await expect(sessions.signIn('Correct horse', FROM)).rejects.toMatchObject({
      kind: 'unauthenticated',
      code: 'invalid_credentials',
    });
    expect(rows('select * from koshelf_sessions')).toEqual([]);
  });

  it('knows no session for a made-up token or none', () => {
    const { sessions } = open('correct horse');
    expect(sessions.find(undefined)).toBeUndefined();
    expect(sessions.find('')).toBeUndefined();
    expect(sessions.find('made up')).toBeUndefined();
  });

  it('ends a session after thirty days, used or not', async () => {
    const { sessions, clock } = open('correct horse');
    const token = await sessions.signIn('correct horse', FROM);
    clock.forward({ days: 29 });
    expect(sessions.find(token)).toBeDefined();
    clock.forward({ days: 1 });
    expect(sessions.find(token)).toBeUndefined();
  });

  it('ends one session when its browser signs out', async () => {
    const { sessions } = open('correct horse');
    const [one, two] = [
      await sessions.signIn('correct horse', FROM),
      await sessions.signIn('correct horse', FROM),
    ];
    sessions.signOut(sessions.find(one)!.sessionId);
    expect(sessions.find(one)).toBeUndefined();
    expect(sessions.find(two)).toBeDefined();
  });

  it('forgets sessions that are over when somebody signs in', async () => {
    const { sessions, clock, rows } = open('correct horse');
    await sessions.signIn('correct horse', FROM);
    clock.forward({ days: 31 });
    await sessions.signIn('correct horse', { userAgent: undefined, ip: undefined });
    expect(rows('select user_agent from koshelf_sessions')).toEqual([{ user_agent: null }]);
  });
});
