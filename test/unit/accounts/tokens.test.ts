import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokens } from '../../../server/accounts/tokens.ts';
import { createUsers } from '../../../server/accounts/users.ts';
import { updateUser } from '../../../server/accounts/users.queries.ts';
import { createMemorySecrets } from '../../../server/secrets/secret-store.ts';
import { aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

function open() {
  const shelf = openShelf();
  const { catalogue, clock } = shelf;
  const users = createUsers({ catalogue, clock });
  const parts = { catalogue, clock, users, secrets: createMemorySecrets() };
  return { ...shelf, ...parts, tokens: createTokens(parts), userId: users.shelfOwnerId() };
}
const refused = (code?: string) =>
  expect.objectContaining({ kind: 'unauthenticated', ...(code === undefined ? {} : { code }) }) as Error;

describe('an access token', () => {
  it('speaks for its user and device', async () => {
    const { tokens, userId, row } = open();
    const { accessToken } = await tokens.issue(userId, {
      clientType: 'mobile',
      deviceLabel: 'x'.repeat(300),
    });
    const bearer = await tokens.check(accessToken);
    expect(bearer.userId).toBe(userId);
    expect(row('select * from user_sessions')).toMatchObject({
      session_id: bearer.sessionId,
      client_type: 'mobile',
      device_label: 'x'.repeat(255),
    });
  });

  it('is as good after a restart', async () => {
    const { tokens, userId, catalogue, clock, users, secrets } = open();
    const { accessToken } = await tokens.issue(userId, {});
    const restarted = createTokens({ catalogue, clock, users, secrets });
    expect(await restarted.check(accessToken)).toEqual(await tokens.check(accessToken));
  });

  it('is good for an hour and not a second longer', async () => {
    const { tokens, userId, clock } = open();
    const { accessToken } = await tokens.issue(userId, {});
    clock.forward({ minutes: 59, seconds: 59 });
    expect((await tokens.check(accessToken)).userId).toBe(userId);
    clock.forward({ seconds: 1 });
    await expect(tokens.check(accessToken)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_TOKEN', message: 'The access token has expired.' }) as Error,
    );
  });

  it('is not taken when it is forged, unsigned, of another server or no token', async () => {
    const { tokens, userId, catalogue, clock, users } = open();
    const { accessToken } = await tokens.issue(userId, {});
    const [header = '', claims = '', signature = ''] = accessToken.split('.');
    const other = createTokens({ catalogue, clock, users, secrets: createMemorySecrets() });
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const wrongKey = await new SignJWT({ sid: 's', type: 'access' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setExpirationTime('1h')
      .sign(new Uint8Array(32));
    for (const token of [
      unsigned,
      `${header}.${claims}.${flipped}`,
      wrongKey,
      (await other.issue(userId, {})).accessToken,
      '',
      'a.b.c',
    ])
      await expect(tokens.check(token)).rejects.toThrow(refused('INVALID_TOKEN'));
  });

  it('ends with its session', async () => {
    const { tokens, userId } = open();
    const [phone, tablet] = await Promise.all([tokens.issue(userId, {}), tokens.issue(userId, {})]);
    tokens.signOut(await tokens.check(phone.accessToken), false);
    await expect(tokens.check(phone.accessToken)).rejects.toThrow(refused('SESSION_REVOKED'));
    await expect(tokens.refresh(phone.refreshToken)).rejects.toThrow(refused());
    expect((await tokens.check(tablet.accessToken)).userId).toBe(userId);
  });

  it('ends on every device when the person signs out everywhere, and on nobody elses', async () => {
    const { tokens, userId, write } = open();
    const other = write((db) => aUser(db));
    const mine = await Promise.all([tokens.issue(userId, {}), tokens.issue(userId, {})]);
    const theirs = await tokens.issue(other, {});
    tokens.signOut(await tokens.check(mine[0].accessToken), true);
    for (const { accessToken } of mine)
      await expect(tokens.check(accessToken)).rejects.toThrow(refused('SESSION_REVOKED'));
    expect((await tokens.check(theirs.accessToken)).userId).toBe(other);
  });

  it('is not taken for an account that was removed or disabled', async () => {
    const { tokens, write, clock } = open();
    const [gone, disabled] = write((db) => [aUser(db), aUser(db)]);
    const [ofGone, ofDisabled] = await Promise.all([tokens.issue(gone, {}), tokens.issue(disabled, {})]);
    write((db) => {
      db.$client.prepare('delete from users where user_id = ?').run(gone);
      updateUser(db, disabled, { disabledAt: clock.now() });
    });
    await expect(tokens.check(ofGone.accessToken)).rejects.toThrow(refused('INVALID_SESSION'));
    await expect(tokens.check(ofDisabled.accessToken)).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'ACCOUNT_DISABLED',
    });
    await expect(tokens.refresh(ofDisabled.refreshToken)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('a refresh token', () => {
  it('gives a new pair for the same session and is dead at once', async () => {
    const { tokens, userId } = open();
    const first = await tokens.issue(userId, {});
    const second = await tokens.refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const [before, after] = await Promise.all([
      tokens.check(first.accessToken),
      tokens.check(second.accessToken),
    ]);
    expect(after).toEqual(before);
    const third = await tokens.refresh(second.refreshToken);
    expect(third.userId).toBe(userId);
  });

  it('ends the session when it is used again after half a minute: one of the two is a thief', async () => {
    const { tokens, userId, clock } = open();
    const first = await tokens.issue(userId, {});
    const second = await tokens.refresh(first.refreshToken);
    clock.forward({ seconds: 31 });
    await expect(tokens.refresh(first.refreshToken)).rejects.toThrow(refused());
    await expect(tokens.refresh(second.refreshToken)).rejects.toThrow(refused());
    await expect(tokens.check(second.accessToken)).rejects.toThrow(refused('SESSION_REVOKED'));
  });

  it.each([0, 30])('leaves the session to one of two tabs that use it %i seconds apart', async (seconds) => {
    const { tokens, userId, clock } = open();
    const { refreshToken } = await tokens.issue(userId, {});
    const winner = await tokens.refresh(refreshToken);
    clock.forward({ seconds });
    await expect(tokens.refresh(refreshToken)).rejects.toThrow(refused());
    expect((await tokens.check(winner.accessToken)).userId).toBe(userId);
    expect((await tokens.refresh(winner.refreshToken)).userId).toBe(userId);
  });

  it('works for one of two who use it in the same moment', async () => {
    const { tokens, userId } = open();
    const { refreshToken } = await tokens.issue(userId, {});
    const outcomes = await Promise.allSettled([tokens.refresh(refreshToken), tokens.refresh(refreshToken)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('is good for thirty days after its last use', async () => {
    const { tokens, userId, clock } = open();
    const first = await tokens.issue(userId, {});
    clock.forward({ days: 29 });
    const second = await tokens.refresh(first.refreshToken);
    clock.forward({ days: 29 });
    const third = await tokens.refresh(second.refreshToken);
    clock.forward({ days: 30 });
    await expect(tokens.refresh(third.refreshToken)).rejects.toThrow(refused());
  });

  it('is kept as a hash alone', async () => {
    const { tokens, userId, rows } = open();
    const first = await tokens.issue(userId, {});
    const second = await tokens.refresh(first.refreshToken);
    const kept = JSON.stringify(rows('select * from user_sessions'));
    for (const { accessToken, refreshToken } of [first, second]) {
      expect(kept).not.toContain(refreshToken);
      expect(kept).not.toContain(accessToken);
    }
  });

  it('is unknown when nobody gave it out', async () => {
    const { tokens } = open();
    await expect(tokens.refresh('made up')).rejects.toThrow(
      'The refresh token is not valid any more; sign in again.',
    );
  });
});
