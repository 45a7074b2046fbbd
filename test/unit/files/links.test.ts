import { describe, expect, it } from 'vitest';
import { createMemorySecrets } from '../../../server/secrets/secret-store.ts';
import { createLinks } from '../../../server/files/links.ts';
import { at } from '../../support/clock.ts';

describe('a link that is good for a while', () => {
  const secrets = createMemorySecrets();
  const clock = at('2026-03-14T12:00:00Z');
  const links = createLinks({ secrets, clock });

  it('is good for what it was made for, also after a restart, until its time is over', async () => {
    const { expires, expiresAt, signature } = await links.make('books/1/a.epub');
    expect(expiresAt.toISOString()).toBe('2026-03-14T12:15:00.000Z');
    await createLinks({ secrets, clock }).check('books/1/a.epub', { expires, signature });
    clock.forward({ minutes: 14, seconds: 59 });
    await links.check('books/1/a.epub', { expires, signature });
    clock.forward({ seconds: 1 });
    await expect(links.check('books/1/a.epub', { expires, signature })).rejects.toMatchObject({
      kind: 'unauthenticated',
      message: 'This link has expired. Ask for a new one.',
    });
  });

  it('is good for nothing else, and no other server takes it', async () => {
    const { expires, signature } = await links.make('books/1/a.epub');
    const wrong: [string, number, string][] = [
      ['books/2/a.epub', expires, signature],
      ['books/1/a.epub', expires + 1, signature],
      ['books/1/a.epub', expires, ''],
      ['books/1/a.epub', expires, signature.slice(0, -2)],
      ['books/1/a.epub', expires, `${signature}AA`],
    ];
    for (const [key, until, sealed] of wrong)
      await expect(links.check(key, { expires: until, signature: sealed })).rejects.toMatchObject({
        message: 'This link is not valid.',
      });
    const elsewhere = createLinks({ secrets: createMemorySecrets(), clock });
    await expect(elsewhere.check('books/1/a.epub', { expires, signature })).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
  });

  it('uses one key, also when two links are made at once', async () => {
    const fresh = createLinks({ secrets: createMemorySecrets(), clock });
    const [a, b] = await Promise.all([fresh.make('a'), fresh.make('a')]);
    expect(a.signature).toBe(b.signature);
  });
});
