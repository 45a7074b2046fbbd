import { describe, expect, it } from 'vitest';
import { READING_STATUSES } from '../../../server/base/reading-status.ts';
import { withStatus } from '../../../server/library/status.ts';
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
