import { describe, expect, it, vi } from 'vitest';
import { createBasic } from '../../../server/accounts/basic.ts';
import { createDeviceKeys } from '../../../server/accounts/device-keys.ts';
import { updateUser } from '../../../server/accounts/users.queries.ts';
import { unauthenticated } from '../../../server/base/errors.ts';
import { aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

const header = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

function aDoor() {
  const { catalogue, clock } = openShelf();
  const userId = catalogue.write({}, (db) => aUser(db, { email: 'ada@example.org', passwordHash: 'first' }));
  // Argon2 in the place of a check that takes no time: what is counted is how often it is asked.
  const signIn = vi.fn<(given: { password: string }) => Promise<unknown>>(({ password }) =>
    password === 'right:1' ? Promise.resolve({ userId }) : Promise.reject(unauthenticated('wrong')),
  );
  const deviceKeys = createDeviceKeys({ catalogue, clock });
  const basic = createBasic({ catalogue, clock, users: { signIn } as never, deviceKeys });
  const check = (name: string, password: string) => basic.check(header(name, password), '10.0.0.1');
  return { basic, check, signIn, deviceKeys, catalogue, clock, userId };
}

describe('a name and a password on every request', () => {
  it('are proven once in ten minutes', async () => {
    const { check, signIn, clock, userId } = aDoor();
    for (let n = 0; n < 3; n++) expect(await check('ada@example.org', 'right:1')).toEqual({ userId });
    expect(signIn).toHaveBeenCalledTimes(1);
    clock.forward({ minutes: 10 });
    await check('ada@example.org', 'right:1');
    expect(signIn).toHaveBeenCalledTimes(2);
  });

  it('are asked for anew once the password is another, or the account is leaving', async () => {
    const { check, signIn, catalogue, clock, userId } = aDoor();
    await check('ada@example.org', 'right:1');
    catalogue.write({}, (db) => updateUser(db, userId, { passwordHash: 'second' }));
    await check('ada@example.org', 'right:1');
    expect(signIn).toHaveBeenCalledTimes(2);
    catalogue.write({}, (db) => updateUser(db, userId, { deletionRequestedAt: clock.now() }));
    await check('ada@example.org', 'right:1');
    expect(signIn).toHaveBeenCalledTimes(3);
  });

  it('are never kept when they are wrong', async () => {
    const { check, signIn } = aDoor();
    for (let n = 0; n < 2; n++) await expect(check('ada@example.org', 'wrong')).rejects.toThrow('wrong');
    expect(signIn).toHaveBeenCalledTimes(2);
  });

  it.each([undefined, 'Bearer x', 'Basic', 'Basic !!', `Basic ${Buffer.from('nobody').toString('base64')}`])(
    'are missing in %j',
    async (authorization) => {
      const { basic } = aDoor();
      await expect(basic.check(authorization, '10.0.0.1')).rejects.toThrow(
        'Sign in with your e-mail address',
      );
    },
  );
});

describe('the key of a device', () => {
  it('opens the library of its owner, by their address, until it is taken back', async () => {
    const { check, signIn, deviceKeys, clock, userId } = aDoor();
    const { keyId, key } = deviceKeys.make(userId, 'Kobo');
    expect(key).toMatch(/^[0-9a-z]{26}$/);
    clock.forward({ hours: 1 });
    expect(await check('Ada@example.org', key.toUpperCase().replace(/(.{4})/g, '$1-'))).toEqual({ userId });
    expect(signIn).not.toHaveBeenCalled();
    expect(deviceKeys.list(userId)).toEqual([
      { keyId, name: 'Kobo', createdAt: expect.any(Date), lastUsedAt: clock.now() },
    ]);
    await expect(check('eve@example.org', key)).rejects.toThrow('wrong');
    deviceKeys.remove(userId, keyId);
    await expect(check('ada@example.org', key)).rejects.toThrow('wrong');
    expect(() => deviceKeys.remove(userId, keyId)).toThrow();
  });

  it.each(['disabledAt', 'deletionRequestedAt'] as const)(
    'opens nothing once the account has %s',
    async (column) => {
      const { check, deviceKeys, catalogue, clock, userId } = aDoor();
      const { key } = deviceKeys.make(userId, 'Kobo');
      expect(await check('ada@example.org', key)).toEqual({ userId });
      catalogue.write({}, (db) => updateUser(db, userId, { [column]: clock.now() }));
      await expect(check('ada@example.org', key)).rejects.toThrow('wrong');
    },
  );

  it('is not noted as used by somebody who tries it under another name', async () => {
    const { check, deviceKeys, userId } = aDoor();
    const { key } = deviceKeys.make(userId, 'Kobo');
    await expect(check('eve@example.org', key)).rejects.toThrow('wrong');
    expect(deviceKeys.list(userId)[0]?.lastUsedAt).toBe(null);
  });
});
