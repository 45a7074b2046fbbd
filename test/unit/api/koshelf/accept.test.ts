import { describe, expect, it } from 'vitest';
import { firstMomentAfter, firstMomentOf } from '../../../../server/api/koshelf/accept.ts';
import { readingDays } from '../../../../server/base/time-zone.ts';

describe('the moments of a day', () => {
  it.each([
    ['2026-03-14', 'UTC', 0, '2026-03-14T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    ['2026-03-14', 'UTC', 240, '2026-03-14T04:00:00.000Z', '2026-03-15T04:00:00.000Z'],
    // Summer time begins: the day has 23 hours.
    ['2026-03-29', 'Europe/Berlin', 0, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['2026-03-14', 'Pacific/Kiritimati', 0, '2026-03-13T10:00:00.000Z', '2026-03-14T10:00:00.000Z'],
    ['2026-03-14', 'Pacific/Niue', 1439, '2026-03-15T10:59:00.000Z', '2026-03-16T10:59:00.000Z'],
    // Samoa left this day out: it begins and ends where the next one begins.
    ['2011-12-30', 'Pacific/Apia', 0, '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['0000-01-01', 'UTC', 0, '0000-01-01T00:00:00.000Z', '0000-01-02T00:00:00.000Z'],
  ])('of %s in %s, days beginning %d minutes late, are found', (day, zone, late, from, until) => {
    const dayOf = readingDays(zone, late);
    expect(firstMomentOf(day, dayOf).toISOString()).toBe(from);
    expect(firstMomentAfter(day, dayOf).toISOString()).toBe(until);
  });

  it('of the last day there is include all of it', () => {
    const dayOf = readingDays('UTC', 0);
    expect(firstMomentOf('9999-12-31', dayOf).getTime()).toBeLessThanOrEqual(
      Date.parse('9999-12-31T00:00:00Z'),
    );
    expect(firstMomentAfter('9999-12-31', dayOf).getTime()).toBeGreaterThanOrEqual(
      Date.parse('9999-12-31T23:59:59Z'),
    );
  });
});
