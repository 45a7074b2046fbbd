// What a kind of long work is: a name, the shape of its payload, when two are one; and what runs it.
import type { z } from 'zod';

export type JobUnit = 'files' | 'rows' | 'percent';

export type Progress = {
  /** Units done, and in all when that is known. */
  done: number;
  total?: number;
  /** Running figures to show beside the bar. */
  counts?: Record<string, number>;
};

export type JobRun<Payload> = {
  jobId: string;
  ownerId: string;
  payload: Payload;
  /** Aborts when the person cancels or the server stops; throw `signal.reason` at the next safe point. */
  signal: AbortSignal;
  /** Says how far it is: as often as you like, it is written and told at most four times a second. */
  progress: (progress: Progress) => void;
};

/**
 * How often work that could not be done just now is tried again, and how long it waits: twice as long each time, a day at most.
 * A try that a restart cut short counts.
 */
export type Retry = { most: number; firstMs: number; longestMs: number };

export type JobKind<Schema extends z.ZodType = z.ZodType> = {
  kind: string;
  unit: JobUnit;
  payload: Schema;
  /** The same key while a job waits or runs is the same job. */
  key(payload: z.output<Schema>): string;
  /** Jobs of one group never run side by side. */
  group(payload: z.output<Schema>): string;
  /** The work of both in one, when the added job can go with one that waits; undefined when it cannot. */
  join?(waiting: z.output<Schema>, added: z.output<Schema>): z.output<Schema> | undefined;
  /** Work that fails as unavailable is tried again; never where nothing is said. */
  retry?: Retry;
};

/** A kind with what does its work. */
export type JobHandler = { kind: JobKind; run(job: JobRun<unknown>): Promise<void> };

const declared: JobKind[] = [];

/** Nothing is put off for longer: what seems to be waits by a clock that was set back since. */
export const LONGEST_PAUSE_MS = 24 * 60 * 60 * 1000;

/** Returns a kind of job, once for each name: whoever adds one names it by this. Throws when the name is taken. */
export function jobKind<Schema extends z.ZodType>(kind: JobKind<Schema>): JobKind<Schema> {
  if (declared.some((each) => each.kind === kind.kind)) throw new Error(`two kinds of job are ${kind.kind}`);
  declared.push(kind);
  return kind;
}

/** Every kind of job there is in the program. */
export const jobKinds = (): readonly JobKind[] => declared;

/** Returns a kind with what does its work. */
export const handle = <Schema extends z.ZodType>(
  kind: JobKind<Schema>,
  run: (job: JobRun<z.output<Schema>>) => Promise<void>,
): JobHandler => ({
  kind: kind,
  run: (job) => run({ ...job, payload: kind.payload.parse(job.payload) }),
});

/** How long the next try waits after so many. */
export const waitAfter = (attempts: number, { firstMs, longestMs }: Retry): number =>
  Math.min(longestMs, LONGEST_PAUSE_MS, firstMs * 2 ** (attempts - 1));
