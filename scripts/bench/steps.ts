// What workloads have in common: runs, the large library, jobs and requests.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import { fillLibrary } from './library.ts';
import type { JobTimes } from './program.ts';
import { connect } from './requests.ts';
import type { Reply } from './requests.ts';

export type Bench = {
  /** A folder of this run, gone afterwards. */
  scratch: string;
  runs: number;
};

/** Takes its measures, the figures in the order they are shown. */
export type Workload = (bench: Bench) => Promise<Figure[]>;

/** What the statistics of a reader of ten years hold. */
export const PAGE_READS = { books: 2_000, reads: 1_000_000 };

/** Does the work once for each run, in a data folder of its own that is not there yet. */
export async function eachRun(
  bench: Bench,
  name: string,
  work: (dataDir: string) => Promise<void>,
): Promise<void> {
  for (let run = 1; run <= bench.runs; run += 1) await work(join(bench.scratch, `${name}-${run}`));
}

/** Returns the data folder of a library of that many books, made once. */
export function library({ scratch }: Bench, count: number): string {
  const dataDir = join(scratch, `library-${count}`);
  if (!existsSync(dataDir)) {
    mkdirSync(dataDir, { mode: 0o700 });
    fillLibrary(dataDir, count);
  }
  return dataDir;
}

/** Returns the first job of a kind. Throws when it is not done. */
export function jobOf(jobs: readonly JobTimes[], kind: string): JobTimes {
  const job = jobs.find((each) => each.kind === kind);
  if (job?.state !== 'done')
    throw new Error(`The job ${kind} ${job === undefined ? 'was never there' : `is ${job.state}`}.`);
  return job;
}

/** How long a job took since it was added. */
export const secondsOf = ({ createdMs, finishedMs }: Pick<JobTimes, 'createdMs' | 'finishedMs'>): number =>
  ((finishedMs ?? Number.NaN) - createdMs) / 1000;

/** Throws when the program answered with another status. */
export function expectStatus({ status }: Reply, expected: number): void {
  if (status !== expected) throw new Error(`The program answered ${status} instead of ${expected}.`);
}

/** Asks at a steady pace, never two at a time; returns how long each answer took. */
export async function askEvery(
  url: string,
  path: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<number[]> {
  const client = connect(url);
  const took: number[] = [];
  while (!signal.aborted) {
    const { tookMs } = await client.get(path);
    took.push(tookMs);
    await sleep(Math.max(1, everyMs - tookMs));
  }
  client.close();
  return took;
}
