import { describe, expect, it } from 'vitest';
import { createUsers } from '../../../server/accounts/users.ts';
import { updateUser } from '../../../server/accounts/users.queries.ts';
import { createEvents } from '../../../server/base/events.ts';
import { openCatalogue } from '../../../server/catalogue/open.ts';
import { at } from '../../support/clock.ts';

const PASSWORD = 'Sup3rbly long';
const ADA = { email: 'ada@example.org', password: PASSWORD, displayName: 'Ada' };

function open() {
  const clock = at('2026-03-14T12:00:00Z');
  const catalogue = openCatalogue({ clock, events: createEvents() });
  return { catalogue, clock, users: createUsers({ catalogue, clock }) };
}

describe('the owner of the shelf', () => {
  it('is there before anybody claimed it, and is the same at the next start', () => {
    const { catalogue, clock, users } = open();
    expect(users.get(users.shelfOwnerId())).toMatchObject({ email: null, displayName: 'Owner' });
    expect(users.claimed()).toBe(false);
    expect(createUsers({ catalogue, clock }).shelfOwnerId()).toBe(users.shelfOwnerId());
  });

  it('is who claims it first, and stays who it was', async () => {
    const { users } = open();
    const claimed = await users.claim({ ...ADA, email: ' Ada@Example.org ' });
    expect(claimed).toMatchObject({
      userId: users.shelfOwnerId(), email: 'ada@example.org', displayName: 'Ada', emailVerified: true,
    }); // prettier-ignore
    expect(users.claimed()).toBe(true);
    await expect(users.claim({ ...ADA, email: 'eve@example.org' })).rejects.toMatchObject({
      kind: 'conflict',
      message: 'This server already has an owner.',
    });
    expect(users.get(users.shelfOwnerId()).email).toBe('ada@example.org');
  });

  it('is one of two who claim it in the same moment', async () => {
    const { users } = open();
    const outcomes = await Promise.allSettled([
      users.claim(ADA),
      users.claim({ ...ADA, email: 'eve@example.org' }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('cannot be claimed with an address that has an account, however it is written', async () => {
    const { users } = open();
    await users.register(ADA);
    await expect(users.claim({ ...ADA, email: ' ADA@example.org' })).rejects.toMatchObject({
      kind: 'conflict',
    });
    expect(users.claimed()).toBe(false);
  });

  it('needs a good password', async () => {
    const { users } = open();
    await expect(users.claim({ ...ADA, password: 'short' })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'Your password needs at least 8 characters, an upper-case letter and a digit.',
      details: {
        fields: { password: 'Your password needs at least 8 characters, an upper-case letter and a digit.' },
      },
    });
    expect(users.claimed()).toBe(false);
  });
});

describe('registering', () => {
  it('makes an account that never shows its hash', async () => {
    const { users } = open();
    const user = await users.register(ADA);
    expect(user).toMatchObject({ email: 'ada@example.org', displayName: 'Ada', emailVerified: false });
    expect(user.preferences).toEqual({
      theme: 'system', notifications_enabled: true, default_shelf: 'Currently Reading', sync_wifi_only: false,
    }); // prettier-ignore
    expect(JSON.stringify(user)).not.toContain('argon2');
    expect('passwordHash' in user).toBe(false);
  });

  it('is refused for an address that is taken, whatever its case', async () => {
    const { users } = open();
    await users.register(ADA);
    await expect(users.register({ ...ADA, email: 'ADA@EXAMPLE.ORG ' })).rejects.toMatchObject({
      kind: 'conflict',
      message: 'There is already an account with this e-mail address.',
    });
  });
});

describe('signing in', () => {
  it('gives the account and notes when', async () => {
    const { users, clock } = open();
    const { userId } = await users.register(ADA);
    clock.forward({ days: 1 });
    const user = await users.signIn({ email: ' ADA@example.org', password: PASSWORD, from: '127.0.0.1' });
    expect(user).toMatchObject({ userId, lastLoginAt: clock.now() });
    expect(users.get(userId).lastLoginAt).toEqual(clock.now());
  });

  it('is refused in one sentence, whatever was wrong', async () => {
    const { users } = open();
    await users.register(ADA);
    const refusals = await Promise.all(
      [
        ['ada@example.org', 'Wrong passw0rd'],
        ['nobody@example.org', PASSWORD],
        ['', ''],
      ].map(([email = '', password = '']) =>
        users
          .signIn({ email: email, password: password, from: '127.0.0.1' })
          .catch((error: unknown) => error),
      ),
    );
    for (const refusal of refusals)
      expect(refusal).toMatchObject({
        kind: 'unauthenticated',
        message: 'The e-mail address or the password is wrong.',
      });
  });

  it('tells only the right person that their account is disabled', async () => {
    const { users, catalogue, clock } = open();
    const { userId } = await users.register(ADA);
    catalogue.write({}, (db) => updateUser(db, userId, { disabledAt: clock.now() }));
    await expect(
      users.signIn({ email: ADA.email, password: PASSWORD, from: '127.0.0.1' }),
    ).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(
      users.signIn({ email: ADA.email, password: 'Wrong passw0rd', from: '127.0.0.1' }),
    ).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
  });
});

describe('changing an account', () => {
  it('changes what is given and nothing else', async () => {
    const { users } = open();
    const { userId } = await users.register(ADA);
    users.change(userId, { avatarUrl: 'https://example.org/ada.png' });
    users.change(userId, { displayName: 'Countess' });
    expect(users.change(userId, {})).toMatchObject({
      displayName: 'Countess', avatarUrl: 'https://example.org/ada.png', email: 'ada@example.org',
    }); // prettier-ignore
  });

  it('needs an account that is there', () => {
    const { users } = open();
    expect(() => users.change('nobody', { displayName: 'X' })).toThrow(
      expect.objectContaining({ kind: 'not_found' }),
    );
    expect(() => users.get('nobody')).toThrow(expect.objectContaining({ kind: 'not_found' }));
  });
});
