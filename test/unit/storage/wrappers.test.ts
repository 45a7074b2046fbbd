import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../server/storage/backend.ts';
import type { StorageErrorKind } from '../../../server/storage/backend.ts';
import { withLimits } from '../../../server/storage/with-limits.ts';
import { withRetry } from '../../../server/storage/with-retry.ts';
import { openMemoryStorage } from '../../support/memory-storage.ts';

describe('a place that is asked again', () => {
  /** Fails so often before it answers. */
  const failing = (times: number, kind: StorageErrorKind) => {
    const waits: number[] = [];
    let asked = 0;
    const place = withRetry(
      {
        ...openMemoryStorage(),
        stat: () =>
          ++asked <= times ? Promise.reject(new StorageError(kind, 'No.')) : Promise.resolve(undefined),
      },
      { wait: (ms) => Promise.resolve(void waits.push(ms)) },
    );
    return { place, waits, asked: () => asked };
  };

  it('answers after it did not for a while', async () => {
    const { place, waits } = failing(2, 'unavailable');
    expect([await place.stat('a'), waits]).toEqual([undefined, [500, 2000]]);
  });

  it('says so when it does not at all', async () => {
    const { place, asked } = failing(9, 'unavailable');
    await expect(place.stat('a')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked()).toBe(3);
  });

  it.each(['not_found', 'permission', 'quota_exceeded', 'corrupted', 'cancelled'] as const)(
    'is not asked again for %s',
    async (kind) => {
      const { place, asked } = failing(9, kind);
      await expect(place.stat('a')).rejects.toMatchObject({ kind });
      expect(asked()).toBe(1);
    },
  );
});

it('a place with a limit is asked no more than that at once, in the order it was asked, through failures too', async () => {
  const done: (() => void)[] = [];
  const began: string[] = [];
  const place = withLimits(
    {
      ...openMemoryStorage(),
      remove: async (path) => {
        began.push(path);
        await new Promise<void>((resolve) => void done.push(resolve));
        if (path === 'b') throw new StorageError('permission', 'No.');
      },
    },
    2,
  );
  const asked = ['a', 'b', 'c', 'd'].map((path) => place.remove(path).catch(() => 'refused'));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(began).toEqual(['a', 'b']);
  done[1]!();
  await turn();
  expect(began).toEqual(['a', 'b', 'c']);
  for (const finish of done) finish();
  await turn();
  for (const finish of done) finish();
  expect(await Promise.all(asked)).toEqual([undefined, 'refused', undefined, undefined]);
  expect(began).toEqual(['a', 'b', 'c', 'd']);
});
