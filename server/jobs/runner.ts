// Runs jobs: rows that survive a restart, one of a group at a time, cancelled when the person says so.
import { AppError, diskTrouble, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import type { JobKind, Progress } from './kinds.ts';
import {
  countOpenJobs,
  deleteEndedJobs,
  deleteOldJobs,
  disownRunningJobs,
  insertJob,
  selectJob,
  selectJobs,
  selectNextJob,
  selectOpenJob,
  selectWaitingJobs,
  updateJob,
} from './jobs.queries.ts';
import type { JobRow } from './jobs.queries.ts';

const TELL_EVERY_MS = 250;
const KEEP_ENDED = 200;
const ALL = 1_000_000;
/** What the disk does not take now is written this much later. */
const RETRY_MS = 10_000;

type Running = { row: JobRow; abort: AbortController; ended: Promise<void> };
type Outcome = { state: 'done' | 'failed' | 'cancelled' | 'waiting'; error: string | null };
type Ending = Outcome & { finishedAt: Date | null };

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

  /** Endings a full disk did not take yet. They are shown as if they were written. */
  const unwritten = new Map<string, Ending>();
  let retry: NodeJS.Timeout | undefined;
  const asShown = (row: JobRow): JobRow => ({ ...row, ...unwritten.get(row.jobId) });

  /** Whether the disk took it. Where nobody waits for the write, a full disk must not end the process. */
  function tryWrite(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      log.error('jobs could not be written', { error });
      retry ??= setTimeout(() => {
        retry = undefined;
        wake();
      }, RETRY_MS).unref();
      return false;
    }
  }

  function writeEndings(): void {
    for (const [jobId, ending] of unwritten) {
      catalogue.write({}, (db) => {
        updateJob(db, jobId, ending);
        deleteOldJobs(db, KEEP_ENDED);
      });
      unwritten.delete(jobId);
    }
  }

  function wake(): void {
    if (!tryWrite(writeEndings)) return;
    while (state === 'open') {
      const busy = [...running.values()].map(({ row }) => row.group ?? '');
      const next = catalogue.read((db) => selectNextJob(db, clock.now(), busy));
      if (next === undefined || !begin(next)) return;
    }
  }

  function begin(row: JobRow): boolean {
    const abort = new AbortController();
    const now = { ...row, state: 'running' as const, attempt: row.attempt + 1 };
    const change = { state: 'running' as const, attempt: now.attempt, error: null };
    if (!tryWrite(() => quietly((db) => updateJob(db, row.jobId, change)))) return false;
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
    const jobLog = log.with({ jobId: row.jobId, kind: row.kind });
    const progress = throttled(row.jobId);
    const started = performance.now();
    let outcome: Outcome;
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
      outcome = { state: 'done', error: null };
    } catch (error) {
      outcome = outcomeOf(error, abort.signal);
      if (outcome.state === 'failed') sayFailure(jobLog, error);
    }
    progress.flush();
    unwritten.set(row.jobId, { ...outcome, finishedAt: outcome.state === 'waiting' ? null : clock.now() });
    tryWrite(writeEndings);
    jobLog.info('job ended', { state: outcome.state, tookMs: Math.round(performance.now() - started) });
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
      const change = {
        doneUnits: done,
        ...(total === undefined ? {} : { totalUnits: total }),
        ...(counts === undefined ? {} : { counts }),
      };
      tryWrite(() => quietly((db) => updateJob(db, jobId, change)));
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

    /**
     * Adds a job, or returns the one that does its work: the open one with the same key, or a waiting one it joined. `subject`
     * names for the person what it works on.
     */
    add(job: { ownerId: string; kind: string; payload: unknown; subject: string }): JobRow {
      const kind = kinds.get(job.kind);
      if (kind === undefined) throw new Error(`no handler for ${job.kind}`);
      const payload = kind.payload.parse(job.payload);
      const now = clock.now();
      // An ending that is not written would still count as the same open job.
      writeEndings();
      const row = catalogue.write(
        {},
        (db) =>
          joined(db, kind, job.ownerId, payload) ??
          insertJob(db, {
            jobId: newId(now),
            ownerId: job.ownerId,
            kind: job.kind,
            key: keyOf(kind, payload),
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

    /** Forgets the ended jobs of a kind on a subject that is no more. */
    forget({ ownerId, kind, subject }: { ownerId: string; kind: string; subject: string }): void {
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
      catalogue.read((db) => selectJobs(db, ownerId, limit)).map(asShown),

    find(jobId: string): JobRow | undefined {
      const row = catalogue.read((db) => selectJob(db, jobId));
      return row === undefined ? undefined : asShown(row);
    },

    /** Whether anything waits or runs. */
    busy: (): boolean => catalogue.read(countOpenJobs) > unwritten.size,

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
      clearTimeout(retry);
    },
  };
}

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
    const both = kind.join(waiting.payload, payload);
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

function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted && signal.reason instanceof Stop) {
    return { state: signal.reason.by === 'person' ? 'cancelled' : 'waiting', error: null };
  }
  const message =
    error instanceof AppError
      ? error.message
      : (diskTrouble(error) ?? 'Something went wrong here; the log has the details.');
  return { state: 'failed', error: message };
}
