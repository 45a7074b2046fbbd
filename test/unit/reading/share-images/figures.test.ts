import { describe, expect, it } from 'vitest';
import { figuresOf, fingerprintOf } from '../../../../server/reading/share-images/figures.ts';
import type { YearRecap } from '../../../../server/reading/share-images/figures.ts';

const HOUR = 3600;
const aRecap = (changes: Partial<YearRecap> = {}): YearRecap => ({
  year: 2025,
  completions: 42,
  readSec: 295 * HOUR,
  activeDays: 213,
  daysInYear: 365,
  longestStreakDays: 34,
  bestMonth: 9,
  ...changes,
});

describe('the figures of a year', () => {
  it('says the seven values in words', () => {
    expect(figuresOf(aRecap())).toEqual({
      year: '2025',
      completions: { value: '42', label: 'books finished' },
      activeDays: { value: '213', label: 'days with a book' },
      activePercent: 58,
      readTime: '12d 7h',
      longestStreak: { value: '34', label: 'days' },
      bestMonth: 'September',
    });
  });

  it('speaks of one book, one day and a streak of one day', () => {
    const figures = figuresOf(aRecap({ completions: 1, activeDays: 1, longestStreakDays: 1 }));
    expect(figures.completions).toEqual({ value: '1', label: 'book finished' });
    expect(figures.activeDays).toEqual({ value: '1', label: 'day with a book' });
    expect(figures.longestStreak).toEqual({ value: '1', label: 'day' });
  });

  it('shows a year without reading as zeros and no best month', () => {
    const nothing = { completions: 0, readSec: 0, activeDays: 0, longestStreakDays: 0, bestMonth: undefined };
    expect(figuresOf(aRecap(nothing))).toMatchObject({
      completions: { value: '0', label: 'books finished' },
      activePercent: 0,
      readTime: '0h',
      longestStreak: { value: '0', label: 'days' },
      bestMonth: '-',
    });
  });

  it.each([
    [HOUR - 1, '0h'],
    [23 * HOUR + 3599, '23h'],
    [24 * HOUR, '1d 0h'],
    [(999 * 24 + 23) * HOUR, '999d 23h'],
  ])('counts only whole hours: %i s are %s', (readSec, shown) => {
    expect(figuresOf(aRecap({ readSec })).readTime).toBe(shown);
  });

  it.each([
    [183, 366, 50],
    [183, 365, 50],
    [1, 365, 0],
    [2, 365, 1],
    [365, 365, 100],
    [366, 366, 100],
  ] as const)('rounds %i of %i days to %i %%', (activeDays, daysInYear, percent) => {
    expect(figuresOf(aRecap({ activeDays, daysInYear })).activePercent).toBe(percent);
  });

  it('groups thousands', () => {
    expect(figuresOf(aRecap({ completions: 9999 })).completions.value).toBe('9,999');
    expect(figuresOf(aRecap({ completions: 1234567 })).completions.value).toBe('1,234,567');
  });

  it('takes what is no number for zero, and a month that does not exist for none', () => {
    const wrong = {
      completions: Number.NaN,
      readSec: -5,
      activeDays: Number.POSITIVE_INFINITY,
      bestMonth: 13,
    };
    expect(figuresOf(aRecap(wrong))).toMatchObject({
      completions: { value: '0' },
      activeDays: { value: '0' },
      readTime: '0h',
      bestMonth: '-',
    });
  });
});

describe('the fingerprint of a year', () => {
  it('holds the seven values', () => {
    expect(fingerprintOf(aRecap())).toBe('2025:42:12d 7h:213:58:34:September');
  });

  it('stays while the picture would show the same', () => {
    expect(fingerprintOf(aRecap({ readSec: 295 * HOUR + 3599 }))).toBe(fingerprintOf(aRecap()));
  });

  it.each([
    { year: 2024 },
    { completions: 43 },
    { readSec: 296 * HOUR },
    { activeDays: 214 },
    { activeDays: 212, daysInYear: 366 as const },
    { longestStreakDays: 35 },
    { bestMonth: 10 },
    { bestMonth: undefined },
  ])('changes with %o', (change) => {
    expect(fingerprintOf(aRecap(change))).not.toBe(fingerprintOf(aRecap()));
  });
});
