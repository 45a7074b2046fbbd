// A pool of worker threads that read files: starts them when there is work, replaces those that hang or die.
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../base/errors.ts';
import { UnreadableFile } from '../book.ts';
import type { Failure, FromWorker, ToWorker } from './messages.ts';
import type { TaskMap, TaskName } from './tasks.ts';

export type PoolOptions = {
  /** Worker threads at most. */
  size: number;
  /** How long a worker without work is kept. */
  idleMs?: number;
  /** The time between two chunks of a task counts, the time their taker needs does not. */
  taskTimeoutMs?: number;
  /** Other code that answers as worker.ts does. */
  workerUrl?: URL;
};

export type RunOptions<Name extends TaskName> = {
  signal?: AbortSignal;
  /** Called for each chunk in order; the next one waits for it. What it throws ends the task. */
  onChunk?: (chunk: TaskMap[Name]['chunk']) => void | Promise<void>;
  timeoutMs?: number;
};

export type Pool = {
  /**
   * What the task gives. Tasks start in the order they came. Throws UnreadableFile for what lies in the file, also when
   * reading it took too long or ended its worker, the signal's reason after an abort, and unavailable after close.
   */
  run<Name extends TaskName>(
    task: Name,
    input: TaskMap[Name]['input'],
    options?: RunOptions<Name>,
  ): Promise<TaskMap[Name]['result']>;
  /** Ends all work at once; what runs or waits is rejected. */
  close(): Promise<void>;
};

/** A pool without workers; the first task starts the first of them. */
export const createPool = ({
  size,
  idleMs = 10_000,
  taskTimeoutMs = 60_000,
  workerUrl = ownWorkerUrl,
}: PoolOptions): Pool => {
  let queue: Job[] = [];
  const seats = new Set<Seat>();
  const endings = new Set<Promise<unknown>>();
  let isClosed = false;
  let lastId = 0;

  const dispatch = (): void => {
    for (let job = queue[0]; job; job = queue[0]) {
      const seat = findSeat(job);
      if (!seat) return;
      queue.shift();
      start(seat, job);
    }
  };

  /** A worker that may take the job, started if there may be one more: one at rest before one that has half its load. */
  const findSeat = (job: Job): Seat | undefined => {
    const all = [...seats];
    const atRest = all.find((seat) => seat.jobs.size === 0);
    if (atRest) return atRest;
    if (all.length < size) return open();
    return all.find(
      (seat) =>
        seat.jobs.size < jobsPerWorker && isShareable(job) && [...seat.jobs.values()].every(isShareable),
    );
  };

  const open = (): Seat => {
    const worker = new Worker(workerUrl, {
      // Nothing of the host's environment, flags or loaders reaches the code that parses strangers' files.
      env: {},
      execArgv: [],
      // Little of what is read of a book outlives it: a larger young generation only spreads before it is collected.
      resourceLimits: { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 12 },
    });
    const seat: Seat = { worker, jobs: new Map(), isReady: false, idle: undefined };
    worker.on('message', (message: FromWorker) => receive(seat, message));
    worker.on('error', (error) => lose(seat, 'This file could not be read.', error));
    worker.on('exit', () => lose(seat, 'This file could not be read.'));
    seats.add(seat);
    return seat;
  };

  const start = (seat: Seat, job: Job): void => {
    clearTimeout(seat.idle);
    seat.worker.ref();
    seat.jobs.set(job.id, job);
    job.seat = seat;
    arm(seat, job);
    post(seat, { kind: 'run', id: job.id, task: job.task, input: job.input });
  };

  const receive = (seat: Seat, message: FromWorker): void => {
    // A worker that is being ended must keep the process alive until it is gone: rest would let go of it.
    if (!seats.has(seat)) return;
    if (message.kind === 'ready') {
      seat.isReady = true;
      return;
    }
    const job = seat.jobs.get(message.id);
    if (!job) return;
    if (message.kind === 'chunk') {
      job.chunks = job.chunks.then(() => deliver(seat, job, message.chunk));
      return;
    }
    seat.jobs.delete(job.id);
    clearTimeout(job.timer);
    // The result follows the last chunk, even one that is still being taken.
    void job.chunks.then(() =>
      message.kind === 'done' ? job.resolve(message.result) : job.reject(errorOf(message.failure)),
    );
    if (seat.jobs.size === 0) rest(seat);
    dispatch();
  };

  const deliver = async (seat: Seat, job: Job, chunk: unknown): Promise<void> => {
    if (job.isSettled) return;
    // The time the taker needs is not the task's.
    clearTimeout(job.timer);
    try {
      await job.onChunk?.(chunk);
      if (seat.jobs.has(job.id)) arm(seat, job);
      post(seat, { kind: 'chunk-taken', id: job.id });
    } catch (error) {
      abandon(job, error);
    }
  };

  /** Rejects a job whose result nobody wants; its worker is free when it has come to a stop. */
  const abandon = (job: Job, reason: unknown): void => {
    queue = queue.filter((queued) => queued !== job);
    if (job.seat) post(job.seat, { kind: 'stop', id: job.id });
    job.reject(reason);
  };

  /** Ends a worker that died or hangs. Of two jobs either may be to blame: each is tried again in a worker of its own. */
  const lose = (seat: Seat, message: string, cause?: unknown): void => {
    if (!seats.delete(seat)) return;
    end(seat);
    const jobs = [...seat.jobs.values()].filter((job) => !job.isSettled);
    for (const job of seat.jobs.values()) clearTimeout(job.timer);
    seat.jobs.clear();
    if (!seat.isReady) {
      for (const job of jobs)
        job.reject(unavailable('Files cannot be read: no worker could be started.', { cause }));
    } else if (jobs.length === 1) {
      jobs[0]?.reject(new UnreadableFile('unreadable', message, cause));
    } else {
      for (const job of jobs) job.isAlone = true;
      queue.unshift(...jobs);
    }
    dispatch();
  };

  const arm = (seat: Seat, job: Job): void => {
    clearTimeout(job.timer);
    job.timer = setTimeout(() => lose(seat, 'Reading this file took too long.'), job.timeoutMs);
  };

  const rest = (seat: Seat): void => {
    seat.worker.unref();
    seat.idle = setTimeout(() => {
      if (seats.delete(seat)) end(seat);
    }, idleMs).unref();
  };

  const end = (seat: Seat): void => {
    clearTimeout(seat.idle);
    // A worker is gone only when its native calls have returned; nobody but close waits for that.
    const ending = seat.worker.terminate().finally(() => endings.delete(ending));
    endings.add(ending);
  };

  return {
    run: (task, input, options = {}) =>
      new Promise((resolve, reject) => {
        const { signal, onChunk, timeoutMs = taskTimeoutMs } = options;
        if (isClosed) throw unavailable('Papyrus Shelf is closing.');
        signal?.throwIfAborted();
        const onAbort = (): void => abandon(job, signal?.reason);
        const settle =
          <T>(fulfil: (value: T) => void) =>
          (value: T): void => {
            job.isSettled = true;
            signal?.removeEventListener('abort', onAbort);
            fulfil(value);
          };
        const job: Job = {
          id: ++lastId,
          task,
          input,
          timeoutMs,
          isAlone: false,
          isSettled: false,
          seat: undefined,
          timer: undefined,
          chunks: Promise.resolve(),
          // The chunk and the result of a task have the types its entry in TaskMap gives them.
          onChunk: onChunk as Job['onChunk'],
          resolve: settle(resolve as (result: unknown) => void),
          reject: settle(reject),
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(job);
        dispatch();
      }),

    close: async () => {
      isClosed = true;
      const jobs = [...queue, ...[...seats].flatMap((seat) => [...seat.jobs.values()])];
      queue = [];
      for (const seat of seats) end(seat);
      seats.clear();
      for (const job of jobs) {
        clearTimeout(job.timer);
        job.reject(unavailable('Papyrus Shelf is closing.'));
      }
      await Promise.all(endings);
    },
  };
};

// While the image library draws one book's cover in its own threads, the worker's thread parses the next book.
const jobsPerWorker = 2;

// Bundled, the worker lies beside this file as JavaScript.
const ownWorkerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
);

/** One worker and what it does. */
type Seat = {
  worker: Worker;
  jobs: Map<number, Job>;
  /** Set when the worker's code has been loaded; one that ends before is not ended by a file. */
  isReady: boolean;
  idle: NodeJS.Timeout | undefined;
};

type Job = {
  id: number;
  task: TaskName;
  input: unknown;
  timeoutMs: number;
  /** Set when a worker was lost with this job and another one in it. */
  isAlone: boolean;
  isSettled: boolean;
  seat: Seat | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Settles when the chunks received so far have been taken. */
  chunks: Promise<void>;
  onChunk: ((chunk: unknown) => void | Promise<void>) | undefined;
  resolve: (result: unknown) => void;
  reject: (reason: unknown) => void;
};

const isShareable = (job: Job): boolean =>
  !job.isAlone && (job.task === 'read-file' || job.task === 'render-cover');

const post = (seat: Seat, message: ToWorker): void => seat.worker.postMessage(message, []);

const errorOf = ({ reason, message, detail }: Failure): Error => {
  if (reason !== undefined) return new UnreadableFile(reason, message, detail);
  return new Error(message, { cause: detail });
};
