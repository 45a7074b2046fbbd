// Runs jobs: rows that survive a restart, one of a group at a time, cancelled when the person says so.
import { AppError, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import type { JobKind, Progress } from './kinds.ts';
import {
  countOpenJobs,
  deleteOldJobs,
  disownRunningJobs,
  insertJob,
  selectJob,
  selectJobs,
  selectNextJob,
  updateJob,
} from './jobs.queries.ts';
import type { JobRow } from './jobs.queries.ts';

const TELL_EVERY_MS = 250;
const KEEP_ENDED = 200;

type Running = { row: JobRow; abort: AbortController; ended: Promise<void> };
type Ending = { state: 'done' | 'failed' | 'cancelled' | 'waiting'; error: string | null };

/** Why a job was told to stop: by the person, or because the server goes down and it shall go on next time. */
class Stop extends Error {
  readonly by: 'person' | 'server';
  constructor(by: 'person' | 'server') {
    super(by === 'person' ? 'cancelled' : 'the server is stopping');
    this.by = by;
  }
}

export type Jobs = ReturnType<typeof createJobs>;

/** Returns the runner; nothing runs before `start(kinds)`. */
export function createJobs({
  catalogue,
  clock,
  events,
  log,
}: {
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
}) {
  const kinds = new Map<string, JobKind>();
  const running = new Map<string, Running>();
  let state: 'new' | 'open' | 'closing' = 'new';

  const quietly = (fn: (db: Db) => void) => catalogue.write({ durable: false }, fn);

  function wake(): void {
    while (state === 'open') {
      const busy = [...running.values()].map(({ row }) => row.group ?? '');
      const next = catalogue.read((db) => selectNextJob(db, clock.now(), busy));
      if (next === undefined) return;
      begin(next);
    }
  }

  function begin(row: JobRow): void {
    const abort = new AbortController();
    const now = { ...row, state: 'running' as const, attempt: row.attempt + 1 };
    quietly((db) => updateJob(db, row.jobId, { state: 'running', attempt: now.attempt, error: null }));
    const ended = run(now, abort).finally(() => {
      running.delete(row.jobId);
      wake();
    });
    running.set(row.jobId, { row: now, abort, ended });
    events.emit('job-changed', { jobId: row.jobId });
  }

  async function run(row: JobRow, abort: AbortController): Promise<void> {
    const jobLog = log.with({ jobId: row.jobId, kind: row.kind });
    const progress = throttled(row.jobId);
    const started = performance.now();
    let ending: Ending;
    try {
      const kind = kinds.get(row.kind);
      if (kind === undefined) throw new Error(`no handler for ${row.kind}`);
      await kind.run({
        jobId: row.jobId,
        ownerId: row.ownerId,
        payload: row.payload,
        signal: abort.signal,
        progress: progress.tell,
      });
      ending = { state: 'done', error: null };
    } catch (error) {
      ending = endingOf(error, abort.signal);
      if (ending.state === 'failed') jobLog.warn('job failed', { error });
    }
    progress.flush();
    const finishedAt = ending.state === 'waiting' ? null : clock.now();
    catalogue.write({}, (db) => {
      updateJob(db, row.jobId, { ...ending, finishedAt });
      deleteOldJobs(db, KEEP_ENDED);
    });
    jobLog.info('job ended', { state: ending.state, tookMs: Math.round(performance.now() - started) });
    events.emit('job-changed', { jobId: row.jobId });
  }

  function throttled(jobId: string) {
    let latest: Progress | undefined;
    let timer: NodeJS.Timeout | undefined;
    const flush = () => {
      clearTimeout(timer);
      timer = undefined;
      if (latest === undefined) return;
      const { done, total, counts } = latest;
      latest = undefined;
      quietly((db) =>
        updateJob(db, jobId, {
          doneUnits: done,
          ...(total === undefined ? {} : { totalUnits: total }),
          ...(counts === undefined ? {} : { counts }),
        }),
      );
      events.emit('job-changed', { jobId });
    };
    return {
      tell: (progress: Progress) => {
        latest = progress;
        timer ??= setTimeout(flush, TELL_EVERY_MS);
      },
      flush,
    };
  }

  return {
    /** Starts running: jobs a dead process left behind go first. Throws when a kind is given twice. */
    start(list: JobKind[]): void {
      for (const kind of list) {
        if (kinds.has(kind.kind)) throw new Error(`two handlers for ${kind.kind}`);
        kinds.set(kind.kind, kind);
      }
      quietly(disownRunningJobs);
      state = 'open';
      wake();
    },

    /** Adds a job, or returns the open one with the same key. `subject` names for the person what it works on. */
    add(job: { ownerId: string; kind: string; payload: unknown; subject: string }): JobRow {
      const kind = kinds.get(job.kind);
      if (kind === undefined) throw new Error(`no handler for ${job.kind}`);
      const payload = kind.payload.parse(job.payload);
      const now = clock.now();
      const row = catalogue.write({}, (db) =>
        insertJob(db, {
          jobId: newId(now),
          ownerId: job.ownerId,
          kind: job.kind,
          key: `${job.kind}:${kind.key(payload)}`,
          group: kind.group(payload),
          payload,
          subject: job.subject,
          state: 'waiting',
          runAfter: now,
          unit: kind.unit,
          createdAt: now,
        }),
      );
      events.emit('job-changed', { jobId: row.jobId });
      wake();
      return row;
    },

    /** Ends a job: at once when it waits, at its next safe point when it runs; no effect when it has ended. Throws not_found. */
    cancel(ownerId: string, jobId: string): void {
      const row = catalogue.read((db) => selectJob(db, jobId));
      if (row === undefined || row.ownerId !== ownerId) throw notFound('job', jobId);
      running.get(jobId)?.abort.abort(new Stop('person'));
      if (row.state !== 'waiting') return;
      catalogue.write({}, (db) => updateJob(db, jobId, { state: 'cancelled', finishedAt: clock.now() }));
      events.emit('job-changed', { jobId });
    },

    /** Returns the owner's newest jobs, newest first. */
    list: (ownerId: string, limit = 50): JobRow[] => catalogue.read((db) => selectJobs(db, ownerId, limit)),

    find: (jobId: string): JobRow | undefined => catalogue.read((db) => selectJob(db, jobId)),

    /** Whether anything waits or runs. */
    busy: (): boolean => catalogue.read(countOpenJobs) > 0,

    /** Resolves when nothing waits or runs any more. */
    async settled(): Promise<void> {
      while (state === 'open' && running.size > 0) {
        await Promise.race([...running.values()].map((job) => job.ended));
      }
    },

    /** Brings running jobs to a safe point; they go on at the next start. */
    async close(): Promise<void> {
      state = 'closing';
      for (const job of running.values()) job.abort.abort(new Stop('server'));
      await Promise.all([...running.values()].map((job) => job.ended));
    },
  };
}

function endingOf(error: unknown, signal: AbortSignal): Ending {
  if (signal.aborted && signal.reason instanceof Stop) {
    return { state: signal.reason.by === 'person' ? 'cancelled' : 'waiting', error: null };
  }
  const message =
    error instanceof AppError ? error.message : 'Something went wrong here; the log has the details.';
  return { state: 'failed', error: message };
}
