// Measures the way to KOReader's sidecars and back: a change written into one, and a changed one shown.
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { makeMarkedBook, sidecarOf } from './inputs.ts';
import { finishedJobs, startAndWait } from './program.ts';
import type { Program } from './program.ts';
import type { Bench, Workload } from './steps.ts';

const MARKS = [10, 200, 3_000];
const CHANGES = 30;
const LOOK_EVERY_MS = 10;

type Book = { marks: number; title: string; path: string; itemId: string; markId: string };
type Detail = { highlights: { id: string; note?: string }[] };

/** A note is changed again and again in books with few and with many marks; the disk's own part is measured beside it. */
export const writeback: Workload = async (bench) => {
  const figures: Figure[] = [];
  await withMarkedBooks(bench, 'writeback', async (program, books) => {
    for (const book of books) {
      const took: number[] = [];
      const disk: number[] = [];
      const cpuBefore = program.cpuMs();
      for (let change = 0; change < CHANGES; change += 1) {
        const startedAt = performance.now();
        await setNote(program, book, `Thought ${change}`);
        took.push(performance.now() - startedAt);
        disk.push(writeAsSafely(book));
      }
      const cpuMs = (program.cpuMs() - cpuBefore) / CHANGES;
      const name = `writeback of a note, ${book.marks.toLocaleString('en')} marks`;
      const flush = quantile(disk, 0.5);
      const beyond = took.map((ms) => Math.max(0, ms - flush));
      figures.push(
        figureOf({ name, unit: 'ms', samples: took }),
        figureOf({ name: `${name}, p99`, unit: 'ms', samples: [quantile(took, 0.99)] }),
        figureOf({ name: `${name}, without fsync`, unit: 'ms', samples: beyond, aim: { atMost: 20 } }),
        ...(Number.isNaN(cpuMs)
          ? []
          : [figureOf({ name: `${name}, processor time`, unit: 'ms', samples: [cpuMs] })]),
      );
    }
  });
  return figures;
};

/** A device writes its sidecar; from then on the API is asked until it shows the new note. */
export const sidecar: Workload = async (bench) => {
  const figures: Figure[] = [];
  await withMarkedBooks(bench, 'sidecar', async (program, books) => {
    for (const book of books) {
      const seconds: number[] = [];
      for (let run = 0; run < bench.runs; run += 1) {
        const note = `Seen ${run}`;
        writeFileSync(book.path, sidecarOf(book.title, book.marks, note));
        const startedAt = performance.now();
        while ((await detailOf(program, book.itemId)).highlights[0]?.note !== note) {
          if (performance.now() - startedAt > 60_000) throw new Error('A changed sidecar was not seen.');
          await sleep(LOOK_EVERY_MS);
        }
        seconds.push((performance.now() - startedAt) / 1000);
      }
      const name = `changed sidecar with ${book.marks.toLocaleString('en')} marks until the API shows it`;
      figures.push(figureOf({ name, unit: 's', samples: seconds, aim: { atMost: 3 } }));
    }
  });
  return figures;
};

async function withMarkedBooks(
  { scratch }: Bench,
  name: string,
  work: (program: Program, books: Book[]) => Promise<void>,
): Promise<void> {
  const folder = join(scratch, `${name}-books`);
  mkdirSync(folder);
  const made = MARKS.map((marks) => {
    const title = `Marks ${marks}`;
    return { marks, title, path: makeMarkedBook(folder, title, marks) };
  });
  const dataDir = join(scratch, name);
  const program = await startAndWait(dataDir, { words: ['--library', folder, '--writeback'] });
  try {
    await finishedJobs(dataDir);
    const { items } = await dataOf<{ items: { id: string; title: string }[] }>(program, '/api/items');
    const books: Book[] = [];
    for (const book of made) {
      const itemId = items.find(({ title }) => title === book.title)?.id ?? '';
      const markId = (await detailOf(program, itemId)).highlights[0]?.id ?? '';
      books.push({ ...book, itemId, markId });
    }
    await work(program, books);
  } finally {
    await program.stop();
  }
}

const detailOf = (program: Program, itemId: string) =>
  dataOf<Detail>(program, `/api/items/${itemId}?include=highlights`);

async function dataOf<Data>(program: Program, path: string): Promise<Data> {
  const reply = await fetch(`${program.url}${path}`);
  if (reply.status !== 200) throw new Error(`The program answered ${reply.status} instead of 200.`);
  return ((await reply.json()) as { data: Data }).data;
}

async function setNote(program: Program, { itemId, markId }: Book, note: string): Promise<void> {
  const reply = await fetch(`${program.url}/api/items/${itemId}/annotations/${markId}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ note }),
  });
  await reply.arrayBuffer();
  if (reply.status >= 300) throw new Error(`The change was answered with ${reply.status}.`);
}

/** Milliseconds for what a safe change of this size costs the disk: a file, its folder, and a commit's pages. */
function writeAsSafely({ path, title, marks }: Book): number {
  const bytes = sidecarOf(title, marks);
  const pages = Buffer.alloc(32_768);
  const place = join(dirname(dirname(path)), 'probe');
  const startedAt = performance.now();
  for (const content of [bytes, pages]) {
    const file = openSync(`${place}.tmp`, 'w');
    writeSync(file, content);
    fsyncSync(file);
    closeSync(file);
  }
  renameSync(`${place}.tmp`, place);
  const folder = openSync(dirname(place), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return performance.now() - startedAt;
}
