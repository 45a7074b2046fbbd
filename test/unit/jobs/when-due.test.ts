import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lookEvery } from '../../../server/jobs/when-due.ts';

describe('looking for work that comes back', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done at once, then every so often, until it is stopped', () => {
    const look = vi.fn<() => void>();
    const stop = lookEvery(1_000, look, () => {});
    expect(look).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_500);
    expect(look).toHaveBeenCalledTimes(3);
    stop();
    vi.advanceTimersByTime(5_000);
    expect(look).toHaveBeenCalledTimes(3);
  });

  it('goes on after a failure, which is told', () => {
    const told: unknown[] = [];
    const full = new Error('database or disk is full');
    const look = vi.fn<() => void>().mockImplementationOnce(() => {
      throw full;
    });
    const stop = lookEvery(1_000, look, (error) => told.push(error));
    vi.advanceTimersByTime(1_000);
    expect(look).toHaveBeenCalledTimes(2);
    expect(told).toEqual([full]);
    stop();
  });
});
