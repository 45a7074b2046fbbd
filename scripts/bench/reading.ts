// Measures the reading statistics: the first answer, the same again, and after one more sitting.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { makeReadingHistory, readOn } from './inputs.ts';
import { fillLibrary } from './library.ts';
import { finishedJobs, readJobs, startAndWait } from './program.ts';
import { connect } from './requests.ts';
import { expectStatus, PAGE_READS, secondsOf } from './steps.ts';
import type { Workload } from './steps.ts';

const REPEATS = 100;
const DAY_SEC = 86_400;
const ALL_METRICS =
  'reading_time_sec,pages_read,sessions,completions,average_session_duration_sec,longest_session_duration_sec';

type Question = { name: string; path: string };

/** What is asked about ten years that end at that moment. */
function questionsOf(endSec: number): Question[] {
  const today = new Date(endSec * 1000).toISOString().slice(0, 10);
  const year = Number(today.slice(0, 4));
  return [
    { name: 'summary', path: '/api/reading/summary' },
    { name: 'calendar of a month', path: `/api/reading/calendar?month=${today.slice(0, 7)}` },
    {
      name: 'metrics by day, ten years',
      path: `/api/reading/metrics?metric=${ALL_METRICS}&group_by=day&from=${year - 9}-01-01&to=${year}-12-31`,
    },
    { name: 'completions of a year', path: `/api/reading/completions?year=${year}&include=summary` },
  ];
}

type Samples = Record<'first' | 'firstCpu' | 'repeated' | 'after' | 'afterCpu', number[]>;

/** Each question is the first one in a program of its own, and the first one after a sitting. */
export const reading: Workload = async ({ scratch, runs }) => {
  const dataDir = join(scratch, 'reading');
  mkdirSync(dataDir, { mode: 0o700 });
  fillLibrary(dataDir, PAGE_READS.books + 1);
  const path = join(scratch, 'reading.sqlite3');
  let endSec = makeReadingHistory(path, PAGE_READS);
  const first = await startAndWait(dataDir, { words: ['--statistics', path] });
  await finishedJobs(dataDir);
  await first.stop();

  const questions = questionsOf(endSec);
  const samples = new Map<Question, Samples>();
  const imports: number[] = [];
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    for (const question of questions) {
      const mine = samples.get(question) ?? {
        first: [],
        firstCpu: [],
        repeated: [],
        after: [],
        afterCpu: [],
      };
      samples.set(question, mine);
      const program = await startAndWait(dataDir, { watchLoop: true });
      await finishedJobs(dataDir);
      const client = connect(program.url);
      const ask = async () => {
        const reply = await client.get(question.path);
        expectStatus(reply, 200);
        return reply;
      };
      const askAndCount = async () => {
        const before = program.mainThreadMs();
        const reply = await ask();
        return { ...reply, cpuMs: program.mainThreadMs() - before };
      };
      await client.get('/health');
      const made = await askAndCount();
      mine.first.push(made.tookMs);
      mine.firstCpu.push(made.cpuMs);
      for (let again = 0; again < REPEATS; again += 1) mine.repeated.push((await ask()).tookMs);

      const before = importsOf(dataDir).length;
      program.resetDelays();
      endSec = readOn(path, { book: PAGE_READS.books, startSec: endSec + DAY_SEC / 24 });
      await untilImported(dataDir, before);
      const after = await askAndCount();
      if (question.name === 'summary' && after.etag === made.etag)
        throw new Error('A sitting changed nothing in the summary.');
      mine.after.push(after.tookMs);
      mine.afterCpu.push(after.cpuMs);
      delays.push((await program.delays()).maxMs);
      imports.push(...importsOf(dataDir).slice(before).map(secondsOf));
      client.close();
      // Pictures of the year are drawn anew now: they would stand in the way of the next question.
      await finishedJobs(dataDir);
      await program.stop();
    }
  }
  const ms = (name: string, values: number[], atMost?: number): Figure =>
    figureOf({ name, unit: 'ms', samples: values, ...(atMost !== undefined && { aim: { atMost } }) });
  const cpu = (name: string, values: number[]) => (values.some(Number.isNaN) ? [] : [ms(name, values)]);
  return [
    ...[...samples].flatMap(([{ name }, mine]) => [
      ms(`${name}, first answer after the start`, mine.first, 150),
      ...cpu(`${name}, first answer, processor time`, mine.firstCpu),
      ms(`${name}, repeated`, mine.repeated, 3),
      ms(`${name}, repeated, p99`, [quantile(mine.repeated, 0.99)]),
      ms(`${name}, after one more sitting`, mine.after, 50),
      ...cpu(`${name}, after one more sitting, processor time`, mine.afterCpu),
    ]),
    figureOf({ name: 'statistics import of one more sitting', unit: 's', samples: imports }),
    ms('event loop during that import, longest', delays),
  ];
};

const importsOf = (dataDir: string) =>
  readJobs(dataDir).filter(({ kind, finishedMs }) => kind === 'import-statistics' && finishedMs !== null);

async function untilImported(dataDir: string, before: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (importsOf(dataDir).length === before) {
    await sleep(20);
    if (performance.now() > deadline) throw new Error('The sitting was not taken in within a minute.');
  }
}
