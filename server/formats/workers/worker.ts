// Runs tasks in a worker thread for the pool.
import { parentPort } from 'node:worker_threads';
import { UnreadableFile } from '../book.ts';
import { prepareImages } from '../pictures/cover.ts';
import { chunksAhead, type Failure, type FromWorker, type ToWorker } from './messages.ts';
import { tasks, type Emit, type TaskName } from './tasks.ts';

/** A running task's window: how many more chunks it may send, and how to go on when it may send again. */
type Window = { free: number; isStopped: boolean; wake?: () => void };

const serve = (port: NonNullable<typeof parentPort>): void => {
  const windows = new Map<number, Window>();
  const send = (message: FromWorker): void => port.postMessage(message, buffersOf(message));

  const emitFor =
    (id: number, window: Window): Emit<unknown> =>
    async (chunk) => {
      if (window.isStopped) throw new Error('The task was stopped.');
      send({ kind: 'chunk', id, chunk });
      window.free -= 1;
      if (window.free > 0) return;
      await new Promise<void>((resolve) => {
        window.wake = resolve;
      });
    };

  const run = async (id: number, task: TaskName, input: unknown): Promise<void> => {
    const window: Window = { free: chunksAhead, isStopped: false };
    windows.set(id, window);
    try {
      // The pool's types pair each task with its input; past the border between threads the pair is only data.
      const work = tasks[task] as (input: unknown, emit: Emit<unknown>) => Promise<unknown>;
      send({ kind: 'done', id, result: await work(input, emitFor(id, window)) });
    } catch (error) {
      send({ kind: 'failed', id, failure: failureOf(error) });
    } finally {
      windows.delete(id);
    }
  };

  port.on('message', (message: ToWorker) => {
    if (message.kind === 'run') {
      void run(message.id, message.task, message.input);
      return;
    }
    const window = windows.get(message.id);
    if (!window) return;
    if (message.kind === 'stop') window.isStopped = true;
    else window.free += 1;
    window.wake?.();
  });
  send({ kind: 'ready' });
};

const failureOf = (error: unknown): Failure => {
  if (!(error instanceof UnreadableFile)) return { message: messageOf(error), detail: stackOf(error) };
  const { reason, message, cause } = error;
  return { reason, message, ...(cause !== undefined && { detail: stackOf(cause) }) };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const stackOf = (error: unknown): string =>
  (error instanceof Error ? error.stack : undefined) ?? messageOf(error);

/** Typed arrays of a chunk are handed over, not copied: they can be the largest part of it. */
const buffersOf = (message: FromWorker): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteLength } = value;
      // A small Buffer is a piece of memory that others use too.
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer);
    } else if (depth > 0 && !Array.isArray(value)) {
      for (const part of Object.values(value)) collect(part, depth - 1);
    }
  };
  if (message.kind === 'chunk') collect(message.chunk, 2);
  return [...buffers];
};

if (parentPort) {
  // Parsers given broken files leave promises behind that nobody waits for; the task itself has its own answer.
  process.on('unhandledRejection', () => undefined);
  prepareImages();
  serve(parentPort);
}
