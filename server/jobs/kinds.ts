// What a kind of long work is: a name, the shape of its payload, and how to run it.
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

export type JobKind = {
  kind: string;
  unit: JobUnit;
  payload: z.ZodType;
  /** The same key while a job waits or runs is the same job. */
  key(payload: unknown): string;
  /** Jobs of one group never run side by side. */
  group(payload: unknown): string;
  /** The work of both in one, when the added job can go with one that waits; undefined when it cannot. */
  join?(waiting: unknown, added: unknown): unknown;
  run(job: JobRun<unknown>): Promise<void>;
};

/** Returns a job kind; the payload's type comes from its schema. */
export function defineJob<Schema extends z.ZodType>(definition: {
  kind: string;
  unit: JobUnit;
  payload: Schema;
  key(payload: z.output<Schema>): string;
  group(payload: z.output<Schema>): string;
  join?(waiting: z.output<Schema>, added: z.output<Schema>): z.output<Schema> | undefined;
  run(job: JobRun<z.output<Schema>>): Promise<void>;
}): JobKind {
  const { payload: schema } = definition;
  return {
    kind: definition.kind,
    unit: definition.unit,
    payload: schema,
    key: (payload) => definition.key(schema.parse(payload)),
    group: (payload) => definition.group(schema.parse(payload)),
    ...(definition.join && {
      join: (waiting, added) => definition.join?.(schema.parse(waiting), schema.parse(added)),
    }),
    run: (job) => definition.run({ ...job, payload: schema.parse(job.payload) }),
  };
}
