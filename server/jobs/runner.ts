// Runs jobs: rows that survive a restart, one of a group at a time, cancelled when the person says so.
import type { Db } from '../catalogue/db.ts';
import { z } from 'zod';
import { AppError, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createEndings } from './endings.ts';
import type { Ending } from './endings.ts';
import type { JobHandler, JobKind } from './kinds.ts';
import {
  countOpenJobs,
  deleteEndedJobs,
  disownRunningJobs,
  insertJob,
  selectJob,
  selectJobs,
  selectNextJob,
  selectNextTime,
  selectOpenJob,
  selectWaitingJobs,
  updateJob,
} from './jobs.queries.ts';
import type { JobRow } from './jobs.queries.ts';
import { endingOf, Stop } from './outcome.ts';
import { createToldProgress } from './told-progress.ts';

const ALL = 1_000_000;

type Running = { row: JobRow; abort: AbortController; ended: Promise<void> };

/** What a job is about: whose it is, what is to be done, and what it is called for the person. */
export type Added<Payload> = { ownerId: string; payload: Payload; subject: string };

export type Jobs = ReturnType<typeof createJobs>;

type Parts = { catalogue: Catalogue; clock: Clock; events: EventBus; log: Log };

/** Returns the runner; nothing runs before `start(handlers)`. */
export function createJobs({ catalogue, clock, events, log }: Parts) {
  const handlers = new Map<string, JobHandler>();
  const running = new Map<string, Running>();
  let state: 'new' | 'open' | 'closing' = 'new';
  let alarm: NodeJS.Timeout | undefined;
  const quietly = (fn: (db: Db) => void) => catalogue.write({ durable: false }, fn);
  const endings = createEndings({ catalogue, log, again: () => wake() });

  function wake(): void {
    if (!endings.tried(endings.write)) return;
    while (state === 'open') {
      const busy = [...running.values()].map(({ row }) => row.group ?? '');
      const next = catalogue.read((db) => selectNextJob(db, clock.now(), busy));
      if (next === undefined) wakeLater();
      if (next === undefined || !begin(next)) return;
    }
  }

  /** What was put off runs when its time has come. */
  function wakeLater(): void {
    clearTimeout(alarm);
    const next = catalogue.read((db) => selectNextTime(db, clock.now()));
    if (next === undefined) return;
    alarm = setTimeout(wake, next.getTime() - clock.now().getTime()).unref();
  }

  function begin(row: JobRow): boolean {
    const abort = new AbortController();
    const now = { ...row, state: 'running' as const, attempt: row.attempt + 1 };
    const change = { state: 'running' as const, attempt: now.attempt, error: null };
    if (!endings.tried(() => quietly((db) => updateJob(db, row.jobId, change)))) return false;
    const job: Running = { row: now, abort, ended: Promise.resolve() };
    // What the job adds before its first pause must already find it running.
    running.set(row.jobId, job);
    job.ended = run(now, abort).finally(() => {
      running.delete(row.jobId);
      wake();
    });
    events.emit('job-changed', { jobId: row.jobId });
    return true;
  }

  async function run(row: JobRow, abort: AbortController): Promise<void> {
    const { jobId, ownerId, payload, attempt } = row;
    const jobLog = log.with({ jobId, kind: row.kind });
    const progress = createToldProgress((change) => {
      endings.tried(() => quietly((db) => updateJob(db, jobId, change)));
      events.emit('job-changed', { jobId });
    });
    const started = performance.now();
    const { signal } = abort;
    const handler = handlers.get(row.kind) ?? GONE;
    let ending: Ending;
    try {
      await handler.run({ jobId, ownerId, payload, signal, progress: progress.say });
      ending = { state: 'done', error: null, finishedAt: clock.now() };
    } catch (error) {
      ending = endingOf(error, { signal, kind: handler.kind, attempt, now: clock.now() });
      if (ending.error !== null) sayFailure(jobLog, error);
    }
    progress.flush();
    endings.note(jobId, ending);
    endings.tried(endings.write);
    jobLog.info('job ended', { state: ending.state, tookMs: Math.round(performance.now() - started) });
    events.emit('job-changed', { jobId });
  }

  return {
    /**
     * Starts running: jobs a dead process left behind go first. Throws when two handlers are of one kind, or one of `kinds` has
     * none.
     */
    start(list: readonly JobHandler[], kinds: readonly JobKind[] = []): void {
      for (const handler of list) {
        const { kind } = handler.kind;
        if (handlers.has(kind)) throw new Error(`two handlers for ${kind}`);
        handlers.set(kind, handler);
      }
      const idle = kinds.find(({ kind }) => !handlers.has(kind));
      if (idle !== undefined) throw new Error(`no handler for ${idle.kind}`);
      quietly(disownRunningJobs);
      state = 'open';
      wake();
    },

    /**
     * Adds a job, or returns the one that does its work: the open one with the same key, or a waiting one it joined. One that
     * was put off is not any longer: what is asked for anew may be possible again. `subject` names for the person what it works on.
     */
    add<Schema extends z.ZodType>(kind: JobKind<Schema>, added: Added<z.input<Schema>>): JobRow {
      if (!handlers.has(kind.kind)) throw new Error(`no handler for ${kind.kind}`);
      const { ownerId, subject } = added;
      const payload = kind.payload.parse(added.payload);
      const now = clock.now();
      // An ending that is not written would still count as the same open job.
      endings.write();
      const row = catalogue.write(
        {},
        (db) =>
          joined(db, kind, ownerId, payload) ??
          insertJob(db, {
            jobId: newId(now),
            ownerId,
            kind: kind.kind,
            key: keyOf(kind, payload),
            group: kind.group(payload),
            payload,
            subject,
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

    /** Forgets the ended jobs of a kind on a subject that is no more. */
    forget({ kind }: { kind: string }, { ownerId, subject }: { ownerId: string; subject: string }): void {
      catalogue.write({ durable: false }, (db) => deleteEndedJobs(db, ownerId, kind, subject));
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

    /** Ends every open job of a person but one, and resolves when none of them runs any more. */
    async cancelAll(ownerId: string, exceptJobId?: string): Promise<void> {
      const others = this.list(ownerId, ALL).filter(
        ({ jobId, state: at }) => jobId !== exceptJobId && (at === 'waiting' || at === 'running'),
      );
      for (const { jobId } of others) this.cancel(ownerId, jobId);
      await Promise.all(others.map(async ({ jobId }) => running.get(jobId)?.ended));
    },

    /** Returns the owner's newest jobs, newest first. */
    list: (ownerId: string, limit = 50): JobRow[] =>
      catalogue.read((db) => selectJobs(db, ownerId, limit)).map(endings.asShown),

    find(jobId: string): JobRow | undefined {
      const row = catalogue.read((db) => selectJob(db, jobId));
      return row === undefined ? undefined : endings.asShown(row);
    },

    /** Whether anything runs or waits for its turn; what was put off waits for another time. */
    busy: (): boolean => catalogue.read((db) => countOpenJobs(db, clock.now())) > endings.size(),

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
      clearTimeout(alarm);
      endings.close();
    },
  };
}

/** A job of a kind an older program had. */
const GONE: Pick<JobHandler, 'run'> & { kind: JobKind } = {
  kind: { kind: '', unit: 'files', payload: z.unknown(), key: () => '', group: () => '' },
  run: ({ jobId }) => Promise.reject(new Error(`no handler for the kind of ${jobId}`)),
};

/** What was expected is a sentence; where it came from is for us. */
function sayFailure(log: Log, error: unknown): void {
  if (!(error instanceof AppError)) {
    log.warn('job failed', { error });
    return;
  }
  log.warn('job failed', { reason: error.kind === 'unavailable' ? error.message : error.kind });
  log.debug('job failed', { error });
}

const keyOf = (kind: JobKind, payload: unknown): string => `${kind.kind}:${kind.key(payload)}`;

/** The waiting job that takes this work in, with it; undefined where none can. */
function joined(db: Db, kind: JobKind, ownerId: string, payload: unknown): JobRow | undefined {
  if (kind.join === undefined) return undefined;
  for (const waiting of selectWaitingJobs(db, ownerId, kind.kind)) {
    const both = kind.join(kind.payload.parse(waiting.payload), payload);
    if (both === undefined) continue;
    const { jobId } = waiting;
    // What runs and is the same by now may have passed what was added: this one is another job.
    const same = selectOpenJob(db, keyOf(kind, both));
    const key = keyOf(kind, both) + (same === undefined || same.jobId === jobId ? '' : `:${jobId}`);
    updateJob(db, jobId, { payload: both, key });
    return { ...waiting, payload: both, key };
  }
  return undefined;
}
