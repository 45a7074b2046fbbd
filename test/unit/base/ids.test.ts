import { describe, expect, it } from 'vitest';
import { derivedId, newId } from '../../../server/base/ids.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a new id', () => {
  it('is a UUID of version 7', () => {
    expect(UUID.exec(newId())?.[1]).toBe('7');
  });

  it('begins with the milliseconds of its moment', () => {
    // RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC.
    expect(newId(new Date(0x017f22e279b0)).slice(0, 13)).toBe('017f22e2-79b0');
  });

  it('sorts after one made a millisecond before, also over the year 2038 and beyond', () => {
    const moments = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 0x7fffffff * 1000, 0x80000000 * 1000, 253_402_300_799_000]; // prettier-ignore
    const ids = moments.map((ms) => newId(new Date(ms)));
    expect(ids.toSorted()).toEqual(ids);
  });

  it('is not made twice in one moment, and sorts after those made before in it', () => {
    const now = new Date('2026-03-14');
    const ids = Array.from({ length: 100_000 }, () => newId(now));
    expect(new Set(ids).size).toBe(100_000);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => UUID.exec(id)?.[1] === '7')).toBe(true);
  });
});

describe('a derived id', () => {
  it('is the same for the same words, always', () => {
    expect(derivedId('mark', 'book', 'key')).toBe('a20be195-9a7b-829f-9044-d7490f7d79bb');
    expect(UUID.exec(derivedId('mark'))?.[1]).toBe('8');
  });

  it('tells words apart by where one ends', () => {
    expect(derivedId('ab', 'c')).not.toBe(derivedId('a', 'bc'));
    expect(derivedId('a', '')).not.toBe(derivedId('a'));
  });
});
