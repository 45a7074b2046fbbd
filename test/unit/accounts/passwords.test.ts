import { describe, expect, it } from 'vitest';
import { hashPassword, passwordFits, passwordLacks } from '../../../server/accounts/passwords.ts';

describe('a password', () => {
  it('fits its own hash and no other', async () => {
    const hash = await hashPassword('Correct horse 1');
    expect(await passwordFits('Correct horse 1', hash)).toBe(true);
    expect(await passwordFits('correct horse 1', hash)).toBe(false);
    expect(await passwordFits('', hash)).toBe(false);
  });

  it('is kept as Argon2id with a salt of its own', async () => {
    const [one, two] = await Promise.all([hashPassword('same'), hashPassword('same')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('fits nobody without a hash', async () => {
    expect(await passwordFits('anything', null)).toBe(false);
  });
});

describe('what a password needs', () => {
  it.each([
    ['Sup3rbly', undefined],
    ['Ünsäglich7', undefined],
    ['Sup3rbl', 'at least 8 characters'],
    ['superbly1', 'an upper-case letter'],
    ['SUPERBLY1', 'a lower-case letter'],
    ['Superbly', 'a digit'],
    ['superbly', 'an upper-case letter and a digit'],
    ['', 'at least 8 characters, an upper-case letter, a lower-case letter and a digit'],
    // Letters beyond the Basic Multilingual Plane count once: 𝐀𝐚 are two characters.
    ['𝐀𝐚1xxxx', 'at least 8 characters'],
    ['𝐀𝐚1xxxxx', undefined],
    ['Ａａ１ｘｘｘｘｘ', undefined],
    // A passphrase is taken as it is.
    ['four plain words here', undefined],
    ['fifteen letters', undefined],
    ['１４ letters long'.slice(0, 14), 'an upper-case letter'],
    ['𝐚'.repeat(15), undefined],
    ['𝐚'.repeat(14), 'an upper-case letter and a digit'],
  ])('%j lacks %s', (password, lacks) => {
    expect(passwordLacks(password)).toBe(lacks);
  });
});
