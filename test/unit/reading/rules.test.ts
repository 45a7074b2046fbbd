import { describe, expect, it } from 'vitest';
import { deriveReading } from '../../../server/reading/derive.ts';
import type { RawRead } from '../../../server/reading/derive.ts';
import { rulesOf } from '../../../server/reading/rules.ts';
import type { ReadingClock } from '../../../server/reading/rules.ts';
import { at as setAt } from '../../support/clock.ts';

const CLOCK = setAt('2026-03-14T12:00:00Z');
const LAYOUT = { pages: 500, hiddenPages: 0, pageFactor: 1, finishedOn: undefined };
const at = (iso: string) => Date.parse(iso) / 1000;

/** Pages of equal time that add up to `sec`, one after the other from ten in the morning on. */
const sitting = (day: string, pages: number, sec: number): RawRead[] =>
  Array.from({ length: pages }, (_, index) => ({
    page: index + 1,
    startSec: at(`${day}T10:00:00Z`) + index * (sec / pages),
    durationSec: sec / pages,
    totalPages: 500,
  }));

/** Pages that are left of each day. */
const daysOf = (reads: RawRead[], set: Partial<ReadingClock>) =>
  Object.fromEntries(
    deriveReading(reads, LAYOUT, rulesOf(set, CLOCK)).days.map(({ day, pages }) => [day, pages]),
  );

describe('a day of one book', () => {
  const often = [
    ...sitting('2026-01-01', 10, 600),
    ...sitting('2026-01-02', 2, 3600),
    ...sitting('2026-01-03', 7, 1799),
  ];
  const seldom = [
    ...sitting('2026-01-01', 5, 300),
    ...sitting('2026-01-02', 15, 195),
    ...sitting('2026-01-03', 1, 30),
  ];

  it('counts with enough pages or enough time, each book for itself', () => {
    const set = { leastDayPages: 8, leastDaySec: 1800 };
    expect(daysOf(often, set)).toEqual({ '2026-01-01': 10, '2026-01-02': 2 });
    expect(daysOf(seldom, set)).toEqual({ '2026-01-02': 15 });
  });

  it('needs the one that is asked for when only one is', () => {
    expect(daysOf(often, { leastDayPages: 8, leastDaySec: null })).toEqual({ '2026-01-01': 10 });
    expect(daysOf(often, { leastDayPages: null, leastDaySec: 1800 })).toEqual({ '2026-01-02': 2 });
    expect(daysOf(often, { leastDaySec: 1799 })).toEqual({ '2026-01-02': 2, '2026-01-03': 7 });
  });

  it('of half a minute counts when nobody says anything, of a second less it does not', () => {
    expect(daysOf(sitting('2026-01-01', 2, 30), {})).toEqual({ '2026-01-01': 2 });
    expect(daysOf([...sitting('2026-01-01', 1, 29)], {})).toEqual({});
  });

  it('counts always without a limit, but for pages of no time', () => {
    const glimpse = { page: 9, startSec: at('2026-01-05T10:00:00Z'), durationSec: 0, totalPages: 500 };
    expect(daysOf([...sitting('2026-01-01', 1, 1), glimpse], { leastDaySec: null })).toEqual({
      '2026-01-01': 1,
    });
  });

  it('leaves its sittings out with it', () => {
    const { sessions } = deriveReading(often, LAYOUT, rulesOf({ leastDaySec: 1800 }, CLOCK));
    expect(sessions.map(({ day, durationSec }) => [day, durationSec])).toEqual([['2026-01-02', 3600]]);
  });

  it('begins when the person says', () => {
    const night = sitting('2026-01-01', 2, 60).map((read) => ({
      ...read,
      startSec: read.startSec - 8 * 3600,
    }));
    expect(daysOf(night, {})).toEqual({ '2026-01-01': 2 });
    expect(daysOf(night, { dayStart: '04:00' })).toEqual({ '2025-12-31': 2 });
    expect(daysOf(night, { dayStart: '04:00', zone: 'Asia/Tokyo' })).toEqual({ '2026-01-01': 2 });
  });
});

describe("KOReader's word that a book is finished", () => {
  const reads = sitting('2026-01-01', 20, 600);
  const layout = { ...LAYOUT, finishedOn: '2026-01-02' };

  it('completes it, and no longer when the person switches that off', () => {
    const sources = (finishedMark: boolean) =>
      deriveReading(reads, layout, rulesOf({ finishedMark }, CLOCK)).completions.map(({ source, endDay }) => [
        source,
        endDay,
      ]);
    expect(sources(true)).toEqual([['mark', '2026-01-02']]);
    expect(sources(false)).toEqual([]);
  });

  it('leaves a book alone that was read to its end, either way', () => {
    const whole = sitting('2026-01-01', 500, 5000);
    for (const finishedMark of [true, false])
      expect(deriveReading(whole, layout, rulesOf({ finishedMark }, CLOCK)).completions).toEqual([
        expect.objectContaining({ source: 'pages', endDay: '2026-01-01', pagesRead: 500 }),
      ]);
  });

  it('says nothing of a book without reading', () => {
    expect(deriveReading([], layout, rulesOf({}, CLOCK)).completions).toEqual([]);
  });
});
