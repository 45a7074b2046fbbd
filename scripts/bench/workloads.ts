// What is measured, and how: each workload runs the built program several times and gives figures.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, quantile } from './figures.ts';
import type { Figure } from './figures.ts';
import { makeLeaflets, makeNovels, makeReadingHistory } from './inputs.ts';
import { events } from './events.ts';
import { item } from './item.ts';
import { finishedJob, finishedJobs, readJobs, startAndWait, startProgram } from './program.ts';
import { papyrusStream, papyrusSync, papyrusUploads } from './devices.ts';
import { papyrusLists, papyrusLoad, papyrusLogin, papyrusSearch } from './papyrus.ts';
import { reading } from './reading.ts';
import { connect } from './requests.ts';
import { sidecar, writeback } from './sidecars.ts';
import { askEvery, eachRun, expectStatus, jobOf, library, PAGE_READS, secondsOf } from './steps.ts';
import type { Bench, Workload } from './steps.ts';

const NOVELS = 600;
/** As many as a comparison with others was made on. */
const MANY_NOVELS = 1_000;
const LEAFLETS = 10_000;
const SETTLE_MS = 15_000;

/** Every workload by its name on the command line, in the order they run. */
export const workloads: Record<string, Workload> = {
  scan: async (bench) => {
    const library = await novels(bench);
    const scans: number[] = [];
    const draws: number[] = [];
    await eachRun(bench, 'scan', async (dataDir) => {
      const program = await startAndWait(dataDir, { words: ['--library', library] });
      const jobs = await finishedJobs(dataDir);
      await program.stop();
      const scan = jobOf(jobs, 'scan-folder');
      scans.push(NOVELS / secondsOf(scan));
      draws.push(NOVELS / secondsOf({ ...jobOf(jobs, 'draw-covers'), createdMs: scan.createdMs }));
    });
    const name = `first scan of ${NOVELS} EPUBs with covers`;
    return [
      figureOf({ name, unit: 'books/s', samples: scans, aim: { atLeast: 200 } }),
      figureOf({ name: `${name}, until every cover is drawn`, unit: 'books/s', samples: draws }),
    ];
  },

  'scan-memory': async (bench) => {
    const library = await novels(bench, MANY_NOVELS);
    const peaks: number[] = [];
    const rests: number[] = [];
    await eachRun({ ...bench, runs: 1 }, 'scan-memory', async (dataDir) => {
      const program = await startAndWait(dataDir, { words: ['--library', library] });
      let peakMb = 0;
      const watch = setInterval(() => {
        void program.memoryMb().then((mb = 0) => (peakMb = Math.max(peakMb, mb)));
      }, 50);
      await finishedJobs(dataDir);
      clearInterval(watch);
      await sleep(60_000);
      peaks.push(peakMb);
      rests.push((await program.memoryMb()) ?? Number.NaN);
      await program.stop();
    });
    const name = `memory of a first scan of ${MANY_NOVELS} EPUBs`;
    return [
      figureOf({ name: `${name}, peak`, unit: 'MB', samples: peaks, aim: { atMost: 300 } }),
      figureOf({ name: `${name}, a minute after`, unit: 'MB', samples: rests, aim: { atMost: 200 } }),
    ];
  },

  loop: async (bench) => {
    const library = await novels(bench);
    const inside: number[] = [];
    const worst: number[] = [];
    const health: number[] = [];
    const items: number[] = [];
    await eachRun(bench, 'loop', async (dataDir) => {
      const program = await startAndWait(dataDir, { words: ['--library', library], watchLoop: true });
      program.resetDelays();
      const watch = new AbortController();
      const asking = Promise.all([
        askEvery(program.url, '/health', 10, watch.signal),
        askEvery(program.url, '/api/items', 250, watch.signal),
      ]);
      // Drawing covers hardly needs the main thread: counted in, it would hide what a scan does to it.
      await finishedJob(dataDir, 'scan-folder');
      const { p99Ms, maxMs } = await program.delays();
      watch.abort();
      const [healthMs, itemsMs] = await asking;
      await program.stop();
      inside.push(p99Ms);
      worst.push(maxMs);
      health.push(quantile(healthMs, 0.99));
      items.push(quantile(itemsMs, 0.5));
    });
    return [
      figureOf({ name: 'event loop while scanning, p99', unit: 'ms', samples: inside, aim: { atMost: 50 } }),
      figureOf({ name: 'event loop while scanning, longest', unit: 'ms', samples: worst }),
      figureOf({ name: '/health every 10 ms while scanning, p99', unit: 'ms', samples: health }),
      figureOf({ name: '/api/items while scanning, median', unit: 'ms', samples: items }),
    ];
  },

  rescan: async (bench) => {
    const library = join(bench.scratch, 'leaflets');
    makeLeaflets(library, LEAFLETS);
    const dataDir = join(bench.scratch, 'rescan');
    const first = await startAndWait(dataDir, { words: ['--library', library] });
    await finishedJobs(dataDir);
    await first.stop();
    const samples: number[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      const program = await startAndWait(dataDir);
      const scans = (await finishedJobs(dataDir)).filter(({ kind }) => kind === 'scan-folder');
      await program.stop();
      samples.push(secondsOf(jobOf(scans.slice(-1), 'scan-folder')));
    }
    const name = 'rescan of 10,000 unchanged files';
    return [figureOf({ name, unit: 's', samples, aim: { atMost: 1.5 } })];
  },

  items: async (bench) => {
    const dataDir = library(bench, 10_000);
    const first: number[] = [];
    const orders: number[] = [];
    const repeated: number[] = [];
    const unchanged: number[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      const program = await startAndWait(dataDir);
      await finishedJobs(dataDir);
      const client = connect(program.url);
      await client.get('/health');
      const made = await client.get('/api/items');
      expectStatus(made, 200);
      first.push(made.tookMs);
      for (let again = 0; again < 100; again += 1) repeated.push((await client.get('/api/items')).tookMs);
      const headers = { 'If-None-Match': made.etag ?? '' };
      for (let again = 0; again < 300; again += 1) {
        const reply = await client.get('/api/items', headers);
        expectStatus(reply, 304);
        unchanged.push(reply.tookMs);
      }
      for (const sort of ['author', 'status', 'progress', 'rating', 'annotations', 'last_open_at']) {
        for (const order of ['asc', 'desc'])
          orders.push((await client.get(`/api/items?sort=${sort}&order=${order}`)).tookMs);
      }
      client.close();
      await program.stop();
    }
    const ms = (name: string, samples: number[], atMost?: number) =>
      figureOf({
        name: `/api/items with 10,000 books, ${name}`,
        unit: 'ms',
        samples,
        ...(atMost !== undefined && { aim: { atMost } }),
      });
    return [
      ms('first answer after the start', first, 60),
      ms('first answer of another order', orders, 60),
      ms('repeated', repeated, 5),
      ms('repeated, p99', [quantile(repeated, 0.99)]),
      ms('If-None-Match', unchanged, 1),
      ms('If-None-Match, p99', [quantile(unchanged, 0.99)]),
    ];
  },

  start: async (bench) => {
    const dataDir = library(bench, 50_000);
    const times: Record<'/health' | '/api/site' | '/api/items', number[]> = {
      '/health': [],
      '/api/site': [],
      '/api/items': [],
    };
    for (const path of ['/health', '/api/site', '/api/items'] as const) {
      for (let run = 0; run < bench.runs; run += 1) {
        const program = await startProgram(dataDir);
        times[path].push((await untilAnswer(program.url, path)) - program.spawnedAt);
        await program.stop();
      }
    }
    return Object.entries(times).map(([path, samples]) =>
      figureOf({
        name: `start with 50,000 books to the first ${path}`,
        unit: 'ms',
        samples,
        ...(path !== '/api/items' && { aim: { atMost: 700 } }),
      }),
    );
  },

  memory: async (bench) => [...(await memory(bench, 10_000, 150)), ...(await memory(bench, 50_000, 250))],

  statistics: async (bench) => {
    const path = join(bench.scratch, 'statistics.sqlite3');
    makeReadingHistory(path, PAGE_READS);
    const samples: number[] = [];
    const delays: number[] = [];
    const longest: number[] = [];
    const cpu: number[] = [];
    await eachRun(bench, 'statistics', async (dataDir) => {
      const program = await startAndWait(dataDir, { words: ['--statistics', path], watchLoop: true });
      program.resetDelays();
      await finishedJob(dataDir, 'import-statistics');
      const { p99Ms, maxMs } = await program.delays();
      delays.push(p99Ms);
      longest.push(maxMs);
      cpu.push(program.cpuMs() / 1000);
      samples.push(secondsOf(jobOf(readJobs(dataDir), 'import-statistics')));
      await program.stop();
    });
    return [
      figureOf({ name: 'statistics import of 1,000,000 page reads', unit: 's', samples, aim: { atMost: 6 } }),
      figureOf({ name: 'event loop during that import, p99', unit: 'ms', samples: delays }),
      figureOf({ name: 'event loop during that import, longest', unit: 'ms', samples: longest }),
      ...(cpu.every(Number.isNaN)
        ? []
        : [figureOf({ name: 'processor time until its end, the start included', unit: 's', samples: cpu })]),
    ];
  },

  reading,
  writeback,
  sidecar,
  events,
  'papyrus-lists': papyrusLists,
  'papyrus-search': papyrusSearch,
  item,
  'papyrus-sync': papyrusSync,
  'papyrus-uploads': papyrusUploads,
  'papyrus-stream': papyrusStream,
  'papyrus-login': papyrusLogin,
  'papyrus-load': papyrusLoad,
};

async function memory(bench: Bench, count: number, atMost: number): Promise<Figure[]> {
  const dataDir = library(bench, count);
  const idle: number[] = [];
  const used: number[] = [];
  for (let run = 0; run < bench.runs; run += 1) {
    const program = await startAndWait(dataDir);
    await sleep(SETTLE_MS);
    const before = await program.memoryMb();
    const client = connect(program.url);
    expectStatus(await client.get('/api/items'), 200);
    client.close();
    await sleep(SETTLE_MS);
    const after = await program.memoryMb();
    await program.stop();
    if (before !== undefined) idle.push(before);
    if (after !== undefined) used.push(after);
  }
  if (idle.length === 0) return [];
  const name = `memory with ${count.toLocaleString('en')} books`;
  return [
    figureOf({ name: `${name}, idle after the start`, unit: 'MB', samples: idle, aim: { atMost } }),
    figureOf({ name: `${name}, idle after /api/items`, unit: 'MB', samples: used, aim: { atMost } }),
  ];
}

/** Two workloads share the novels, and two the large library: they are made once. */
async function novels({ scratch }: Bench, count = NOVELS): Promise<string> {
  const folder = join(scratch, `novels-${count}`);
  if (!existsSync(folder)) await makeNovels(folder, count);
  return folder;
}

/** Asks over new connections until the answer is 200; returns performance.now() then. */
async function untilAnswer(url: string, path: string): Promise<number> {
  const client = connect(url, { keepAlive: false });
  for (;;) {
    const reply = await client.get(path).catch(() => undefined);
    if (reply?.status === 200) return performance.now();
    await sleep(2);
  }
}
