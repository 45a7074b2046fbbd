// What became of a job's work: done, stopped, failed, or put off to be tried again. Pure.
import { AppError, diskTrouble } from '../base/errors.ts';
import { waitAfter } from './kinds.ts';
import type { JobKind } from './kinds.ts';
import type { Ending } from './endings.ts';

/** Why a job was told to stop: by the person, or because the server goes down and it shall go on next time. */
export class Stop extends Error {
  readonly by: 'person' | 'server';
  constructor(by: 'person' | 'server') {
    super(by === 'person' ? 'cancelled' : 'the server is stopping');
    this.by = by;
  }
}

/** Returns how work ended that threw, at `now` and in its so many-th attempt. */
export function endingOf(
  error: unknown,
  { signal, kind, attempt, now }: { signal: AbortSignal; kind: JobKind; attempt: number; now: Date },
): Ending {
  if (signal.aborted && signal.reason instanceof Stop) {
    const isOver = signal.reason.by === 'person';
    return { state: isOver ? 'cancelled' : 'waiting', error: null, finishedAt: isOver ? now : null };
  }
  const message =
    error instanceof AppError
      ? error.message
      : (diskTrouble(error) ?? 'Something went wrong here; the log has the details.');
  const mayPass = error instanceof AppError ? error.kind === 'unavailable' : diskTrouble(error) !== undefined;
  const { retry } = kind;
  if (!mayPass || retry === undefined || attempt > retry.most)
    return { state: 'failed', error: message, finishedAt: now };
  const runAfter = new Date(now.getTime() + waitAfter(attempt, retry));
  return { state: 'waiting', error: message, finishedAt: null, runAfter };
}
