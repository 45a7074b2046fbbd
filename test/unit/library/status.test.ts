import { describe, expect, it } from 'vitest';
import { READING_STATUSES } from '../../../server/base/reading-status.ts';
import { withPosition, withStatus } from '../../../server/library/status.ts';
import type { ReadingState } from '../../../server/library/status.ts';

const NOW = new Date('2026-03-14T12:00:00Z');
const THEN = new Date('2026-01-01T12:00:00Z');
const state = (given: Partial<ReadingState> = {}): ReadingState => ({
  status: 'not_started', progress: null, currentPage: null, currentLocator: null, startedAt: null, completedAt: null, ...given,
}); // prettier-ignore
const half = { progress: 0.5, currentPage: 50, currentLocator: '/body/p' };

describe('setting the status', () => {
  it('to in progress notes when the reading began, once', () => {
    expect(withStatus(state(), 'in_progress', NOW)).toEqual(state({ status: 'in_progress', startedAt: NOW }));
    const paused = state({ status: 'paused', startedAt: THEN, ...half });
    expect(withStatus(paused, 'in_progress', NOW)).toEqual({ ...paused, status: 'in_progress' });
  });

  it('to in progress from completed begins a new read-through', () => {
    const read = state({ status: 'completed', startedAt: THEN, completedAt: THEN, progress: 1 });
    expect(withStatus(read, 'in_progress', NOW)).toEqual({
      ...read,
      status: 'in_progress',
      completedAt: null,
    });
  });

  it('to completed notes when, once, and leaves the position', () => {
    const reading = state({ status: 'in_progress', startedAt: THEN, ...half });
    expect(withStatus(reading, 'completed', NOW)).toEqual({
      ...reading,
      status: 'completed',
      completedAt: NOW,
    });
    const before = state({ status: 'abandoned', completedAt: THEN });
    expect(withStatus(before, 'completed', NOW).completedAt).toEqual(THEN);
  });

  it('to not started forgets the reading', () => {
    const read = state({ status: 'completed', startedAt: THEN, completedAt: THEN, ...half });
    expect(withStatus(read, 'not_started', NOW)).toEqual(state());
  });

  it.each(['paused', 'abandoned'] as const)('to %s changes nothing else', (status) => {
    const reading = state({ status: 'in_progress', startedAt: THEN, ...half });
    expect(withStatus(reading, status, NOW)).toEqual({ ...reading, status });
  });

  it.each(READING_STATUSES)('to %s again changes nothing at all', (status) => {
    const odd = state({ status, ...half });
    expect(withStatus(odd, status, NOW)).toEqual(odd);
  });

  it('gives the state and nothing else of what it is asked about', () => {
    const book = { ...state({ startedAt: THEN }), title: 'Emma', rating: 3 };
    for (const status of READING_STATUSES)
      expect(Object.keys(withStatus(book, status, NOW)).toSorted()).toEqual(Object.keys(state()).toSorted());
  });
});

describe('moving in the book', () => {
  const when = { pageCount: 200, startedAt: THEN, endedAt: NOW };

  it.each(['not_started', 'paused'] as const)('begins one that is %s', (status) => {
    expect(withPosition(state({ status }), { progress: 0.25 }, when)).toEqual(
      state({ status: 'in_progress', progress: 0.25, currentPage: 50, startedAt: THEN }),
    );
  });

  it('to its first line begins nothing', () => {
    expect(withPosition(state(), { progress: 0, currentLocator: '/a' }, when)).toEqual(
      state({ progress: 0, currentPage: 0, currentLocator: '/a' }),
    );
  });

  it('to its end completes it, once', () => {
    const read = withPosition(state(), { progress: 1 }, when);
    expect(read).toEqual(
      state({ status: 'completed', progress: 1, currentPage: 200, startedAt: THEN, completedAt: NOW }),
    );
    expect(withPosition(read, { currentPage: 200 }, { ...when, endedAt: THEN })).toEqual(read);
  });

  it('resumes neither one that is given up nor one that is completed', () => {
    for (const status of ['abandoned', 'completed'] as const)
      expect(withPosition(state({ status }), { progress: 0.5 }, when).status).toBe(status);
  });

  it('by page moves the position too where the pages are known, by 1 at most', () => {
    expect(withPosition(state(), { currentPage: 50 }, when)).toMatchObject({ progress: 0.25 });
    expect(withPosition(state(), { currentPage: 500 }, when)).toMatchObject({
      progress: 1,
      currentPage: 500,
    });
    for (const pageCount of [null, 0])
      expect(withPosition(state(), { currentPage: 50 }, { ...when, pageCount })).toMatchObject({
        status: 'in_progress',
        progress: null,
        currentPage: 50,
      });
  });

  it('takes page and position as they are said together, and leaves what is not said', () => {
    const reading = state({ status: 'in_progress', startedAt: THEN, ...half });
    expect(withPosition(reading, { currentPage: 7, progress: 0.9 }, when)).toMatchObject({
      currentPage: 7,
      progress: 0.9,
      currentLocator: '/body/p',
    });
    expect(withPosition(reading, { currentLocator: '/x' }, when)).toEqual({
      ...reading,
      currentLocator: '/x',
    });
    expect(withPosition(reading, { progress: null, currentPage: null, currentLocator: null }, when)).toEqual(
      state({ status: 'in_progress', startedAt: THEN }),
    );
  });
});
