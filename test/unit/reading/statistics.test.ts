import { describe, expect, it } from 'vitest';
import { addDays, boundsOf, isDay, lastDayOf, mondayOf, periodsIn } from '../../../server/base/days.ts';
import { readingDays } from '../../../server/base/time-zone.ts';
import { deriveReading, scaled } from '../../../server/reading/derive.ts';
import type { RawRead } from '../../../server/reading/derive.ts';
import { wholeRange, within } from '../../../server/reading/history.ts';
import type { History, HistoryBook } from '../../../server/reading/history.ts';
import { rulesOf } from '../../../server/reading/rules.ts';
import {
  calendarEvents,
  monthFigures,
  readPeriods,
  summarise,
  timeSeries,
} from '../../../server/reading/statistics.ts';
import { currentStreak, findStreaks, longestStreak } from '../../../server/reading/streaks.ts';
import { at } from '../../support/clock.ts';

const CLOCK = at('2026-03-14T12:00:00Z');

const book = (readBookId: number): HistoryBook => ({
  readBookId, md5: `md5-${readBookId}`, title: `Book ${readBookId}`, authors: 'A\nB', isTold: 0, lastOpenMs: null, bookId: null, isListed: 0, contentType: null,
  coverHash: null, rating: null, reviewNote: null, seriesName: null, seriesIndex: null,
}); // prettier-ignore

/** A history worked out of page reads, book by book. */
function historyOf(reads: Map<number, RawRead[]>, zone: string, dayStartMinutes = 0): History {
  const rules = { ...rulesOf({}, CLOCK), dayOf: readingDays(zone, dayStartMinutes) };
  const history = {
    books: new Map([...reads.keys()].map((id) => [id, book(id)])),
    days: [],
    sessions: [],
    completions: [],
  } as {
    books: Map<number, HistoryBook>;
    days: History['days'][number][];
    sessions: History['sessions'][number][];
    completions: History['completions'][number][];
  };
  for (const [readBookId, raw] of reads) {
    const layout = { pages: 200, hiddenPages: 0, pageFactor: 1.37, finishedOn: undefined };
    const reading = deriveReading(raw, layout, rules);
    for (const day of reading.days) history.days.push({ readBookId, ...day });
    for (const { day, startSec, endSec, durationSec } of reading.sessions) {
      history.sessions.push({
        readBookId,
        day,
        startedSec: startSec,
        endedSec: endSec,
        readSec: durationSec,
      });
    }
  }
  history.days.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.readBookId - b.readBookId));
  history.sessions.sort((a, b) => (a.day < b.day ? -1 : 1));
  return history;
}

/** Numbers that look random and are the same every time (a linear congruential generator). */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

describe('charts of one history', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/St_Johns',
    'Pacific/Apia',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
  ];
  it.each(
    zones.flatMap((zone, index) =>
      [0, 270].map((dayStart) => [zone, dayStart, index * 7 + dayStart] as const),
    ),
  )('agree with each other to the second in %s with days from minute %i on', (zone, dayStart, seed) => {
    const next = numbers(seed + 1);
    const reads = new Map(
      [1, 2, 3].map((id) => [
        id,
        Array.from({ length: 400 }, () => ({
          page: 1 + next(150),
          startSec: 1_600_000_000 + next(60_000_000),
          durationSec: next(130),
          totalPages: 150,
        })).sort((a, b) => a.startSec - b.startSec),
      ]),
    );
    const history = historyOf(reads, zone, dayStart);
    const range = wholeRange(history, '2021-06-01');
    const summary = summarise(within(history, range), '2021-06-01');
    expect(summary.readSec).toBeGreaterThan(10_000);
    for (const grouping of ['total', 'day', 'week', 'month', 'year'] as const) {
      const points = timeSeries(within(history, range), range, grouping, 'all-time');
      const sum = (metric: 'reading_time_sec' | 'pages_read' | 'sessions') =>
        points.reduce((total, point) => total + point[metric], 0);
      expect([grouping, sum('reading_time_sec'), sum('pages_read'), sum('sessions')]).toEqual([
        grouping,
        summary.readSec,
        summary.pages,
        summary.sessions,
      ]);
    }
    const months = readPeriods(history, 'month', 'reading_data');
    expect(months.reduce((total, { readSec }) => total + readSec, 0)).toBe(summary.readSec);
    for (const { key, readSec, pages } of months) {
      expect([key, monthFigures(history, key).readSec, monthFigures(history, key).pages]).toEqual([
        key,
        readSec,
        pages,
      ]);
      const events = calendarEvents(history, key).filter(
        ({ from, to }) => from >= `${key}-01` && to <= lastDayOf(key),
      );
      expect(events.reduce((total, event) => total + event.readSec, 0)).toBeLessThanOrEqual(readSec);
    }
  });

  it('leave no second out when clocks are turned on or back', () => {
    // Berlin, 2021: an hour is missing on 28 March and doubled on 31 October.
    for (const day of ['2021-03-28', '2021-10-31']) {
      const from = Date.parse(`${day}T00:00:00+01:00`) / 1000 - 7_200;
      const reads = Array.from({ length: 28 * 60 }, (_, minute) => ({
        page: 1 + (minute % 100),
        startSec: from + minute * 60,
        durationSec: 60,
        totalPages: 200,
      }));
      const { days } = historyOf(new Map([[1, reads]]), 'Europe/Berlin');
      expect(days.reduce((sum, { readSec }) => sum + readSec, 0)).toBe(28 * 3600);
      expect(days.find((each) => each.day === day)?.readSec).toBe((day === '2021-03-28' ? 23 : 25) * 3600);
    }
  });
});

describe('a month of the calendar', () => {
  const read = (iso: string, minutes: number): RawRead => ({
    page: 5,
    startSec: Date.parse(iso) / 1000,
    durationSec: minutes * 60,
    totalPages: 200,
  });

  it('joins consecutive days of a book and shows a run whole in both of its months', () => {
    const reads = [
      read('2023-02-28T20:00:00Z', 5),
      read('2023-03-01T20:00:00Z', 3),
      read('2023-03-04T20:00:00Z', 2),
    ];
    const history = historyOf(new Map([[1, reads]]), 'UTC');
    const run = { readBookId: 1, from: '2023-02-28', to: '2023-03-01', readSec: 480, pages: 2 };
    expect(calendarEvents(history, '2023-02')).toEqual([expect.objectContaining(run)]);
    expect(calendarEvents(history, '2023-03')).toEqual([
      expect.objectContaining({
        ...run,
        startedSec: Date.parse('2023-02-28T20:00:00Z') / 1000,
        endedSec: Date.parse('2023-03-01T20:03:00Z') / 1000,
      }),
      expect.objectContaining({ from: '2023-03-04', to: '2023-03-04', readSec: 120 }),
    ]);
    expect(monthFigures(history, '2023-03')).toEqual({
      books: 1,
      pages: 2,
      readSec: 300,
      activeDaysPercent: 6,
    });
  });
});

describe('streaks', () => {
  it.each([
    [[], 0, undefined],
    [['2025-01-01', '2025-01-02', '2025-01-03', '2025-01-05', '2025-01-06'], 3, '2025-01-03'],
    [['2025-01-01', '2025-01-02', '2025-01-05', '2025-01-06'], 2, '2025-01-06'],
    [['2024-02-28', '2024-02-29', '2024-03-01'], 3, '2024-03-01'],
  ])('of %j: the longest has %i days, of equal ones the last', (days, length, to) => {
    const longest = longestStreak(findStreaks(days));
    expect([longest?.days ?? 0, longest?.to]).toEqual([length, to]);
  });

  it('go on while the last day is today or yesterday', () => {
    const streaks = findStreaks(['2025-01-01', '2025-01-02']);
    expect(currentStreak(streaks, '2025-01-02')?.days).toBe(2);
    expect(currentStreak(streaks, '2025-01-03')?.days).toBe(2);
    expect(currentStreak(streaks, '2025-01-04')).toBeUndefined();
  });
});

describe('pages as stable pages', () => {
  it.each([
    [10, 1.5, 15],
    [10, 1, 10],
    [1, 0.5, 1],
    [0, 2, 0],
    [-3, 2, 0],
    [3, 0, 0],
    [3, Number.NaN, 0],
    [3, Infinity, 0],
  ])('%f × %f is %i', (pages, factor, expected) => {
    expect(scaled(pages, factor)).toBe(expected);
  });
});

describe('calendar days', () => {
  it('know weeks, months and years', () => {
    expect(mondayOf('2026-03-12')).toBe('2026-03-09');
    expect(mondayOf('2026-03-09')).toBe('2026-03-09');
    expect(mondayOf('1969-12-31')).toBe('1969-12-29');
    expect(['2026-02', '2024-02', '2026-12'].map(lastDayOf)).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2026-12-31',
    ]);
    expect(boundsOf('2026-03-09', 'week')).toEqual({ from: '2026-03-09', to: '2026-03-15' });
    expect(periodsIn('2025-11-30', '2026-02-01', 'month')).toEqual([
      '2025-11',
      '2025-12',
      '2026-01',
      '2026-02',
    ]);
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
    expect(['2026-02-29', '2026-2-01', '0000-01-01', '9999-12-31'].map(isDay)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('the ends of the calendar', () => {
  it('are never passed, and every period there has an end', () => {
    expect([addDays('9999-12-31', 1), addDays('0000-01-01', -1)]).toEqual(['9999-12-31', '0000-01-01']);
    expect([lastDayOf('9999-12'), lastDayOf('0000-02')]).toEqual(['9999-12-31', '0000-02-29']);
    expect(boundsOf('9999-12-27', 'week')).toEqual({ from: '9999-12-27', to: '9999-12-31' });
    expect(periodsIn('9999-12-26', '9999-12-31', 'week')).toEqual(['9999-12-20', '9999-12-27']);
    expect(periodsIn('0000-01-01', '0000-01-03', 'week')).toEqual(['0000-01-01', '0000-01-03']);
    expect(periodsIn('9999-12-30', '9999-12-31', 'day')).toEqual(['9999-12-30', '9999-12-31']);
    expect(periodsIn('0000-01-01', '9999-12-31', 'year')).toHaveLength(10_000);
  });
});

describe("KOReader's own finished mark", () => {
  const rules = rulesOf({}, CLOCK);
  const reads: RawRead[] = [1, 2, 3].map((page) => ({
    page,
    startSec: Date.parse(`2025-05-0${page}T10:00:00Z`) / 1000,
    durationSec: 60,
    totalPages: 200,
  }));

  it('completes a book whose pages were not all seen, and says so', () => {
    const layout = { pages: 200, hiddenPages: 0, pageFactor: 1, finishedOn: '2025-05-02' };
    expect(deriveReading(reads, layout, rules).completions).toEqual([
      expect.objectContaining({
        startDay: '2025-05-01',
        endDay: '2025-05-02',
        readingSec: 120,
        pagesRead: 2,
        source: 'mark',
      }),
    ]);
  });

  it('adds nothing to a book that was read to its end', () => {
    const all = Array.from({ length: 100 }, (_, index) => ({
      page: index + 1,
      startSec: 1_700_000_000 + index * 60,
      durationSec: 60,
      totalPages: 100,
    }));
    const layout = { pages: 100, hiddenPages: 0, pageFactor: 1, finishedOn: '2025-05-02' };
    expect(deriveReading(all, layout, rules).completions.map(({ source }) => source)).toEqual(['pages']);
  });
});
