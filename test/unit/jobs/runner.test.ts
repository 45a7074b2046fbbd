import { describe, expect, it, vi } from 'vitest';
import { invalid } from '../../../server/base/errors.ts';
import { jobKind, jobKinds } from '../../../server/jobs/kinds.ts';
import type { JobKind } from '../../../server/jobs/kinds.ts';
import { aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import { aKind, gated, kindOf, nothing, runner } from './some-jobs.ts';
import type { Payload } from './some-jobs.ts';

describe('a job', () => {
  it('that waits for another runs after it, also when the clock was set back meanwhile', async () => {
    const shelf = openShelf();
    const { run, begun, finish } = gated();
    const { jobs, add, states } = runner(shelf, aKind(run));
    add('a');
    add('b');
    shelf.clock.forward({ days: -400 });
    await finish('a');
    await vi.waitFor(() => expect(begun).toEqual(['a', 'b']));
    await finish('b');
    await jobs.settled();
    expect(states()).toEqual(['a done', 'b done']);
  });

  it('joins one that waits when the kind can do both at once, and never one that runs', async () => {
    const shelf = openShelf();
    const { run, begun, finish } = gated();
    const sameGroup = (a: Payload, b: Payload) => a.group === b.group;
    const join = (waiting: Payload, added: Payload) =>
      sameGroup(waiting, added) ? { ...waiting, name: `${waiting.name}+${added.name}` } : undefined;
    const { jobs, add, states } = runner(shelf, aKind(run, 'work', { join }));
    add('a');
    const waiting = add('b');
    expect(add('c')).toMatchObject({ jobId: waiting.jobId, payload: { name: 'b+c' }, state: 'waiting' });
    expect(add('d').jobId).toBe(waiting.jobId);
    expect(states()).toEqual(['a running', 'b+c+d waiting']);
    await finish('a');
    await vi.waitFor(() => expect(begun).toEqual(['a', 'b+c+d']));
    await finish('b+c+d');
    await jobs.settled();
    expect(states()).toEqual(['a done', 'b+c+d done']);
  });

  it('that becomes the same as a running one by joining still runs after it', async () => {
    const shelf = openShelf();
    const { run, begun, finish } = gated();
    const { jobs, add, states } = runner(shelf, aKind(run, 'work', { join: () => ({ name: 'all' }) }));
    add('all');
    add('b');
    add('c');
    expect(states()).toEqual(['all running', 'all waiting']);
    await finish('all');
    await vi.waitFor(() => expect(begun).toEqual(['all', 'all']));
    await finish('all');
    await jobs.settled();
    expect(states()).toEqual(['all done', 'all done']);
  });

  it('runs and is done', async () => {
    const shelf = openShelf();
    const seen: unknown[] = [];
    const { jobs, add } = runner(shelf, aKind(async ({ payload, ownerId, jobId }) => { seen.push({ payload, ownerId, jobId }); })); // prettier-ignore
    const { jobId } = add('a');
    expect(jobs.busy()).toBe(true);
    await jobs.settled();
    expect(seen).toEqual([{ payload: { name: 'a' }, ownerId: shelf.ownerId, jobId }]);
    expect(jobs.find(jobId)).toMatchObject({
      state: 'done', attempt: 1, subject: 'the a', unit: 'files', error: null, finishedAt: shelf.clock.now(),
    }); // prettier-ignore
    expect(jobs.busy()).toBe(false);
  });

  it('is refused with a payload that has another shape, or of a kind nobody handles', () => {
    const { jobs, add } = runner(openShelf(), aKind(nothing));
    const wrong = { ownerId: 'x', payload: { name: 7 } as never, subject: '' };
    expect(() => jobs.add(kindOf(), wrong)).toThrow('expected string');
    expect(() => add('a', { kind: 'play' })).toThrow('no handler for play');
  });

  it('of a kind with two handlers, or with none, stops the start', () => {
    const { jobs } = runner(openShelf());
    expect(() => jobs.start([aKind(nothing), aKind(nothing)])).toThrow('two handlers for work');
    const play = kindOf('play') as unknown as JobKind;
    expect(() => runner(openShelf()).jobs.start([aKind(nothing)], [play])).toThrow('no handler for play');
  });

  it('of a name that is taken is no kind', () => {
    const mine = jobKind(kindOf('only once'));
    expect(jobKinds()).toContain(mine);
    expect(() => jobKind(kindOf('only once'))).toThrow('two kinds of job are only once');
  });

  it('is the same job while one with its key waits or runs', async () => {
    const { run, finish } = gated();
    const { jobs, add, states } = runner(openShelf(), aKind(run), aKind(run, 'play'));
    const first = add('a');
    expect(add('a').jobId).toBe(first.jobId);
    const waiting = add('b');
    expect(add('b').jobId).toBe(waiting.jobId);
    expect(add('a', { kind: 'play' }).jobId).not.toBe(first.jobId);
    await finish('a');
    await vi.waitFor(() => expect(jobs.find(first.jobId)?.state).toBe('done'));
    const again = add('a');
    expect(again.jobId).not.toBe(first.jobId);
    expect(states()).toEqual(['a done', 'b running', 'a waiting', 'a waiting']);
    await jobs.close();
  });
});

describe('a group of jobs', () => {
  it('runs one at a time, in the order they came, beside other groups', async () => {
    const { run, begun, finish } = gated();
    const shelf = openShelf();
    const { jobs, add, states } = runner(shelf, aKind(run));
    for (const [name, group] of [
      ['a', 'one'],
      ['b', 'one'],
      ['c', 'two'],
      ['d', 'one'],
    ] as const) {
      // prettier-ignore
      add(name, { group });
    }
    expect(states()).toEqual(['a running', 'b waiting', 'c running', 'd waiting']);
    await finish('a');
    await vi.waitFor(() => expect(begun).toContain('b'));
    expect(states()).toEqual(['a done', 'b running', 'c running', 'd waiting']);
    await finish('b');
    await vi.waitFor(() => expect(begun).toContain('d'));
    await finish('c');
    await finish('d');
    await jobs.settled();
    expect(begun).toEqual(['a', 'c', 'b', 'd']);
  });

  it('stays one at a time when a job adds the next before its first pause', async () => {
    let running = 0;
    let most = 0;
    const shelf = openShelf();
    const { jobs, add } = runner(
      shelf,
      aKind(async ({ payload: { name } }) => {
        most = Math.max(most, ++running);
        if (name === 'a') add('b');
        await Promise.resolve();
        running--;
      }),
    );
    add('a');
    await jobs.settled();
    expect(most).toBe(1);
    expect(jobs.list(shelf.ownerId).map(({ state }) => state)).toEqual(['done', 'done']);
  });
});

describe('cancelling', () => {
  it('ends a waiting job at once and it never runs', async () => {
    const { run, begun, finish } = gated();
    const shelf = openShelf();
    const { jobs, add } = runner(shelf, aKind(run));
    add('a');
    const { jobId } = add('b');
    jobs.cancel(shelf.ownerId, jobId);
    expect(jobs.find(jobId)).toMatchObject({ state: 'cancelled', finishedAt: shelf.clock.now() });
    await finish('a');
    await jobs.settled();
    expect(begun).toEqual(['a']);
  });

  it('ends a running job at its next safe point, without an error, and the next one starts', async () => {
    const { run, begun, finish } = gated();
    const shelf = openShelf();
    const { jobs, add, states } = runner(shelf, aKind(run));
    const { jobId } = add('a');
    add('b');
    jobs.cancel(shelf.ownerId, jobId);
    await vi.waitFor(() => expect(begun).toEqual(['a', 'b']));
    expect(jobs.find(jobId)).toMatchObject({ state: 'cancelled', error: null });
    await finish('b');
    await jobs.settled();
    expect(states()).toEqual(['a cancelled', 'b done']);
  });

  it('does nothing to a job that has ended', async () => {
    const shelf = openShelf();
    const { jobs, add } = runner(shelf, aKind(nothing));
    const { jobId } = add('a');
    await jobs.settled();
    jobs.cancel(shelf.ownerId, jobId);
    expect(jobs.find(jobId)?.state).toBe('done');
  });

  it('knows no job of somebody else', async () => {
    const { run } = gated();
    const shelf = openShelf();
    const other = shelf.write((db) => aUser(db));
    const { jobs, add } = runner(shelf, aKind(run));
    const { jobId } = add('a');
    expect(() => jobs.cancel(other, jobId)).toThrow(expect.objectContaining({ kind: 'not_found' }));
    expect(() => jobs.cancel(shelf.ownerId, 'no such job')).toThrow(
      expect.objectContaining({ kind: 'not_found' }),
    );
    expect(jobs.list(other)).toEqual([]);
    expect(jobs.find(jobId)?.state).toBe('running');
    await jobs.close();
  });
});

describe('a job that fails', () => {
  it('keeps the sentence of an expected failure', async () => {
    const { jobs, add } = runner(openShelf(), aKind(() => Promise.reject(invalid('The drive is not connected.')))); // prettier-ignore
    const { jobId } = add('a');
    await jobs.settled();
    expect(jobs.find(jobId)).toMatchObject({ state: 'failed', error: 'The drive is not connected.' });
  });

  it('says nothing of the insides for an unexpected one, and the next one runs', async () => {
    const shelf = openShelf();
    const { jobs, add, states } = runner(shelf, aKind(({ payload: { name } }) => {
      if (name === 'a') throw new TypeError("Cannot read '/home/ada/diary.epub'");
      return Promise.resolve();
    })); // prettier-ignore
    const { jobId } = add('a');
    add('b');
    await jobs.settled();
    expect(jobs.find(jobId)?.error).toBe('Something went wrong here; the log has the details.');
    expect(states()).toEqual(['a failed', 'b done']);
  });
});

describe('a restart', () => {
  it('goes on with what was running and waiting', async () => {
    const shelf = openShelf();
    const first = gated();
    const before = runner(shelf, aKind(first.run));
    before.add('a');
    before.add('b');
    await before.jobs.close();
    expect(before.states()).toEqual(['a waiting', 'b waiting']);

    const seen: string[] = [];
    const after = runner(shelf, aKind(async ({ payload: { name } }) => { seen.push(name); })); // prettier-ignore
    await after.jobs.settled();
    expect(seen).toEqual(['a', 'b']);
    expect(shelf.rows('select attempt from jobs order by rowid').map(({ attempt }) => attempt)).toEqual([
      2, 1,
    ]);
  });

  it('takes up what a process that died was running', async () => {
    const shelf = openShelf();
    const dead = runner(
      shelf,
      aKind(() => new Promise(() => {})),
    );
    const { jobId } = dead.add('a');
    expect(dead.jobs.find(jobId)?.state).toBe('running');
    const after = runner(shelf, aKind(nothing));
    await after.jobs.settled();
    expect(after.jobs.find(jobId)?.state).toBe('done');
  });

  it('starts nothing while the server goes down', async () => {
    const { run, begun } = gated();
    const { jobs, add, states } = runner(openShelf(), aKind(run));
    add('a');
    const closing = jobs.close();
    add('b', { group: 'two' });
    await closing;
    expect(begun).toEqual(['a']);
    expect(states()).toEqual(['a waiting', 'b waiting']);
  });
});

describe('progress', () => {
  it('is written and told at most four times a second, and the last of it always', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const shelf = openShelf();
      const told: unknown[] = [];
      let step: (done: number) => void = () => {};
      let finish = () => {};
      const { jobs, add } = runner(shelf, aKind(({ progress }) => {
        step = (done) => progress({ done, total: 100, counts: { read: done } });
        return new Promise((resolve) => { finish = resolve; });
      })); // prettier-ignore
      const { jobId } = add('a');
      await Promise.resolve();
      shelf.events.on('job-changed', (event) => told.push([event.jobId, jobs.find(jobId)?.doneUnits]));
      for (let done = 1; done <= 40; done++) step(done);
      expect(told).toEqual([]);
      vi.advanceTimersByTime(249);
      expect(told).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(told).toEqual([[jobId, 40]]);
      vi.advanceTimersByTime(1000);
      expect(told).toHaveLength(1);
      step(99);
      finish();
      await jobs.settled();
      expect(told.slice(1)).toEqual([[jobId, 99], [jobId, 99]]); // prettier-ignore
      expect(jobs.find(jobId)).toMatchObject({
        state: 'done',
        doneUnits: 99,
        totalUnits: 100,
        counts: { read: 99 },
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the list of jobs', () => {
  it('shows the newest first and forgets ended ones beyond two hundred', async () => {
    const shelf = openShelf();
    const { jobs, add } = runner(shelf, aKind(nothing));
    for (let n = 0; n < 210; n++) add(`job ${n}`);
    await jobs.settled();
    expect(jobs.list(shelf.ownerId, 3).map(({ subject }) => subject)).toEqual([
      'the job 209',
      'the job 208',
      'the job 207',
    ]);
    expect(jobs.list(shelf.ownerId, 1000)).toHaveLength(200);
  });
});
