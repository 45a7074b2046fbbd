import { describe, expect, it, vi } from 'vitest';
import { invalid, unavailable } from '../../../server/base/errors.ts';
import { openShelf } from '../../support/catalogue.ts';
import { aKind, runner } from './some-jobs.ts';
import type { Run } from './some-jobs.ts';

describe('a job', () => {
  it('that cannot be done just now is tried again later each time, over a restart too, and then has failed', async () => {
    const shelf = openShelf();
    let tries = 0;
    const run: Run = () => Promise.reject((tries += 1) && unavailable('The drive is away.'));
    const retry = { most: 2, firstMs: 60_000, longestMs: 90_000 };
    const first = runner(shelf, aKind(run, 'work', { retry }));
    const { jobId } = first.add('a');
    await first.jobs.settled();
    expect(first.jobs.find(jobId)).toMatchObject({
      state: 'waiting',
      error: 'The drive is away.',
      finishedAt: null,
    });
    expect(first.jobs.busy()).toBe(false);
    await first.jobs.close();
    const second = runner(shelf, aKind(run, 'work', { retry }));
    expect(tries).toBe(1);
    // Another job comes when its time has come.
    shelf.clock.forward({ seconds: 60 });
    second.add('b');
    await vi.waitFor(() => expect(second.jobs.find(jobId)?.attempt).toBe(2));
    await second.jobs.settled();
    const waitsUntil = second.jobs.find(jobId)!.runAfter.getTime() - shelf.clock.now().getTime();
    expect(waitsUntil).toBe(90_000);
    shelf.clock.forward({ seconds: 90 });
    second.add('c');
    await vi.waitFor(() => expect(second.jobs.find(jobId)?.state).toBe('failed'));
    expect(second.jobs.find(jobId)).toMatchObject({ attempt: 3, error: 'The drive is away.' });
    await second.jobs.close();
  });

  it('that was put off is tried at once when it is asked for again, as often as a new one', async () => {
    const shelf = openShelf();
    let isAway = true;
    const run: Run = () => (isAway ? Promise.reject(unavailable('Away.')) : Promise.resolve());
    const retry = { most: 1, firstMs: 3_600_000, longestMs: 3_600_000 };
    const { jobs, add } = runner(shelf, aKind(run, 'work', { retry }));
    const { jobId } = add('a');
    await jobs.settled();
    expect(add('a').jobId).toBe(jobId);
    await jobs.settled();
    expect(jobs.find(jobId)).toMatchObject({ state: 'waiting', attempt: 1, error: 'Away.' });
    isAway = false;
    add('a');
    await jobs.settled();
    expect(jobs.find(jobId)).toMatchObject({ state: 'done', error: null });
    await jobs.close();
  });

  it('that was put off by a clock that is set back since is tried again all the same', async () => {
    const shelf = openShelf();
    let tries = 0;
    const run: Run = () => ((tries += 1) === 1 ? Promise.reject(unavailable('Away.')) : Promise.resolve());
    const { jobs, add } = runner(
      shelf,
      aKind(run, 'work', { retry: { most: 3, firstMs: 60_000, longestMs: 60_000 } }),
    );
    const { jobId } = add('a');
    await jobs.settled();
    expect(jobs.find(jobId)?.state).toBe('waiting');
    shelf.clock.forward({ days: -400 });
    add('b');
    await vi.waitFor(() => expect(jobs.find(jobId)?.state).toBe('done'));
    await jobs.close();
  });

  it('that fails for good is not tried again', async () => {
    const retry = { most: 5, firstMs: 1, longestMs: 1 };
    const { jobs, add } = runner(
      openShelf(),
      aKind(() => Promise.reject(invalid('Never.')), 'work', { retry }),
    );
    const { jobId } = add('a');
    await jobs.settled();
    expect(jobs.find(jobId)).toMatchObject({ state: 'failed', attempt: 1 });
  });
});
