// Measures an item with everything that is asked for with it: one after the other, and from eight clients at once.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { figureOf, quantile } from './figures.ts';
import { makeReadingHistory } from './inputs.ts';
import { fillLibrary } from './library.ts';
import { finishedJobs, startAndWait } from './program.ts';
import { connect } from './requests.ts';
import { expectStatus } from './steps.ts';
import type { Workload } from './steps.ts';

const READING = { books: 1_000, reads: 1_000_000 };
const CLIENTS = 8;
const LOAD_MS = 4_000;

/** Each book in turn: what is asked for again at once would show how answers are kept, not how they are made. */
export const item: Workload = async ({ scratch, runs }) => {
  const dataDir = join(scratch, 'item');
  mkdirSync(dataDir, { mode: 0o700 });
  fillLibrary(dataDir, READING.books);
  const statistics = join(scratch, 'item.sqlite3');
  makeReadingHistory(statistics, READING);
  const took: number[] = [];
  const rates: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const program = await startAndWait(dataDir, { words: ['--statistics', statistics] });
    await finishedJobs(dataDir);
    const list = (await (await fetch(`${program.url}/api/items`)).json()) as {
      data: { items: { id: string }[] };
    };
    const paths = list.data.items.map(({ id }) => `/api/items/${id}?include=all`);
    const client = connect(program.url);
    for (const path of paths.slice(0, 100)) await client.get(path);
    const mine: number[] = [];
    for (const path of paths) {
      const reply = await client.get(path);
      expectStatus(reply, 200);
      mine.push(reply.tookMs);
    }
    took.push(quantile(mine, 0.5));
    client.close();
    rates.push(await loadOf(program.url, paths));
    await program.stop();
  }
  const name = 'item with everything, 1,000 books and 1,000,000 page reads';
  return [
    figureOf({ name, unit: 'ms', samples: took, aim: { atMost: 0.8 } }),
    figureOf({ name: `${name}, 8 clients`, unit: 'requests/s', samples: rates, aim: { atLeast: 2_500 } }),
  ];
};

/** Answers a second to clients that ask as fast as they are answered. */
async function loadOf(url: string, paths: readonly string[]): Promise<number> {
  let answered = 0;
  const until = performance.now() + LOAD_MS;
  const ask = async (from: number) => {
    const client = connect(url);
    for (let at = from; performance.now() < until; at += 1) {
      expectStatus(await client.get(paths[at % paths.length] ?? ''), 200);
      answered += 1;
    }
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => ask(index * 100)));
  return answered / (LOAD_MS / 1000);
}
