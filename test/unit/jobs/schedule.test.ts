import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../server/base/log.ts';
import { followSchedule } from '../../../server/jobs/schedule.ts';

describe('looking for work that comes back', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done at once, then every so often, until it is stopped', () => {
    const look = vi.fn<() => void>();
    const stop = followSchedule([{ what: 'work', everyMs: 1_000, look }], silentLog());
    expect(look).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_500);
    expect(look).toHaveBeenCalledTimes(3);
    stop();
    vi.advanceTimersByTime(5_000);
    expect(look).toHaveBeenCalledTimes(3);
  });

  it('goes on after a failure, which is told and keeps no other from its turn', () => {
    const told: unknown[] = [];
    const log = { ...silentLog(), warn: (message: string, fields?: unknown) => told.push([message, fields]) };
    const full = new Error('database or disk is full');
    const look = vi.fn<() => void>().mockImplementationOnce(() => {
      throw full;
    });
    const other = vi.fn<() => void>();
    const stop = followSchedule(
      [
        { what: 'a backup that is due', everyMs: 1_000, look },
        { what: 'the rest', everyMs: 500, look: other },
      ],
      log,
    );
    vi.advanceTimersByTime(1_000);
    expect(look).toHaveBeenCalledTimes(2);
    expect(other).toHaveBeenCalledTimes(3);
    expect(told).toEqual([['a backup that is due waits for now', { error: full }]]);
    stop();
  });
});
