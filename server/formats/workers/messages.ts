// What the pool and its workers say to each other.
import type { UnreadableReason } from '../book.ts';
import type { TaskName } from './tasks.ts';

/** To a worker. `chunk-taken` allows one more chunk; `stop` ends a task at its next chunk. */
export type ToWorker =
  | { kind: 'run'; id: number; task: TaskName; input: unknown }
  | { kind: 'chunk-taken' | 'stop'; id: number };

/** A failure without a reason is not the file's: the program's, or a full disk. `detail` is for the log only. */
export type Failure = { reason?: UnreadableReason; message: string; detail?: string };

/** From a worker. */
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'chunk'; id: number; chunk: unknown }
  | { kind: 'done'; id: number; result: unknown }
  | { kind: 'failed'; id: number; failure: Failure };

/** Chunks a worker may send before the first of them is taken. */
export const chunksAhead = 4;
