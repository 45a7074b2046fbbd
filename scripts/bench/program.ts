// The built program in a process of its own: started, asked, measured, stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { CATALOGUE_FILE } from '../../server/catalogue/open.ts';
import { buildAll } from '../build.ts';
import { isBuilt, root } from '../build-stamp.ts';
import { withLock } from '../lock.mjs';
import { run } from '../run.mjs';
import { serverEnvironment, serverFlags } from '../server-process.ts';
import type { Delays, LoopMessage } from './loop-delay.ts';

/** A copy of the built program, so that a build meanwhile changes nothing. */
const appDir = join(root, 'out/bench/app');

export type Program = {
  url: string;
  dataDir: string;
  /** performance.now() just before the process was started. */
  spawnedAt: number;
  /** Resident memory in MB (10⁶ bytes); undefined where the system does not tell. */
  memoryMb(): Promise<number | undefined>;
  /** Processor time of all threads so far in milliseconds; not a number where the system does not tell. */
  cpuMs(): number;
  /** Processor time of the main thread alone, to the microsecond: it tells the same whatever else the computer does. */
  mainThreadMs(): number;
  /** Starts measuring how late the main thread is anew; needs `watchLoop`, as does `delays`. */
  resetDelays(): void;
  /** How late the main thread was since then. */
  delays(): Promise<Delays>;
  stop(): Promise<void>;
};

export type JobTimes = { kind: string; state: string; createdMs: number; finishedMs: number | null };

/** Builds the program if its sources changed and sets a copy aside. Throws when it cannot be built. */
export async function prepareProgram(): Promise<void> {
  await withLock(join(root, 'out/setup.lock'), async () => {
    if (!isBuilt() && !(await buildAll())) throw new Error('The program could not be built.');
    rmSync(join(root, 'out/bench'), { recursive: true, force: true });
    cpSync(join(root, 'out/app'), appDir, { recursive: true });
  });
}

/** `watchLoop` adds some code and memory to the program: without it, it is as a person starts it. */
export type StartOptions = { words?: readonly string[]; watchLoop?: boolean };

/** Starts the program, which does not answer yet. */
export async function startProgram(
  dataDir: string,
  { words = [], watchLoop = false }: StartOptions = {},
): Promise<Program> {
  const port = await freePort();
  const preload = watchLoop ? ['--import', join(import.meta.dirname, 'loop-delay.ts')] : [];
  const spawnedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...serverFlags,
      ...preload,
      join(appDir, 'server.js'),
      '--data-dir',
      dataDir,
      '--port',
      String(port),
      '--rate-limits',
      'off',
      ...words,
    ],
    {
      stdio: ['ignore', 'ignore', 'ignore', ...(watchLoop ? (['ipc'] as const) : [])],
      env: serverEnvironment(),
    },
  );
  return {
    url: `http://127.0.0.1:${port}`,
    dataDir,
    spawnedAt,
    memoryMb: () => memoryOf(child.pid ?? 0),
    cpuMs: () => processorTimeOf(child.pid ?? 0),
    mainThreadMs: () => mainThreadTimeOf(child.pid ?? 0),
    resetDelays: () => void child.send('reset' satisfies LoopMessage),
    delays: async () => {
      child.send('tell' satisfies LoopMessage);
      const [delays] = (await once(child, 'message')) as [Delays];
      return delays;
    },
    stop: () => stop(child),
  };
}

/** Starts the program and waits until it answers. */
export async function startAndWait(dataDir: string, options: StartOptions = {}): Promise<Program> {
  const program = await startProgram(dataDir, options);
  for (;;) {
    if (await answers(`${program.url}/health`)) return program;
    if (performance.now() - program.spawnedAt > 60_000)
      throw new Error('The program did not answer in a minute.');
    await sleep(10);
  }
}

/** Whether something answers 200 there. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status === 200;
    },
    () => false,
  );

/**
 * Waits until the program has had nothing to do for half a second and returns what it did, with times from its own
 * catalogue, to the millisecond. Throws when that takes longer than ten minutes.
 */
export async function finishedJobs(dataDir: string): Promise<JobTimes[]> {
  const deadline = performance.now() + 600_000;
  let quietSince = performance.now();
  for (;;) {
    await sleep(100);
    const jobs = readJobs(dataDir);
    const isBusy = jobs.length === 0 || jobs.some(({ state }) => state === 'waiting' || state === 'running');
    if (isBusy) quietSince = performance.now();
    if (performance.now() - quietSince > 500) return jobs;
    if (performance.now() > deadline) throw new Error('The program was not done after ten minutes.');
  }
}

/** Waits until a job of that kind has ended, whatever else is still under way. Throws when that takes longer than ten minutes. */
export async function finishedJob(dataDir: string, kind: string): Promise<void> {
  const deadline = performance.now() + 600_000;
  while (!readJobs(dataDir).some((job) => job.kind === kind && job.finishedMs !== null)) {
    await sleep(20);
    if (performance.now() > deadline) throw new Error('The program was not done after ten minutes.');
  }
}

/** Returns the jobs of a data folder, oldest first. */
export function readJobs(dataDir: string): JobTimes[] {
  const db = new Database(join(dataDir, CATALOGUE_FILE), { readonly: true });
  try {
    return db
      .prepare<[], JobTimes>(
        'select kind, state, created_at as createdMs, finished_at as finishedMs from jobs order by created_at, job_id',
      )
      .all();
  } finally {
    db.close();
  }
}

/** Linux tells in /proc, other systems through ps. */
async function memoryOf(pid: number): Promise<number | undefined> {
  const status = `/proc/${pid}/status`;
  const kibibytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : (await run('ps', ['-o', 'rss=', '-p', String(pid)], { capture: true })).output.trim();
  const bytes = Number(kibibytes) * 1024;
  return Number.isFinite(bytes) && bytes > 0 ? bytes / 1e6 : undefined;
}

/** proc_pid_stat(5): user and system time are fields 14 and 15, in hundredths of a second on every Linux that runs Node. */
function processorTimeOf(pid: number): number {
  const status = `/proc/${pid}/stat`;
  if (!existsSync(status)) return Number.NaN;
  // The second field is a name and may hold anything.
  const [, fields = ''] = /.*\) (.*)/s.exec(readFileSync(status, 'utf8')) ?? [];
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return 10 * ((user ?? Number.NaN) + (system ?? Number.NaN));
}

/** Linux (sched-stats.rst): the first number is the time spent on a processor, in nanoseconds. */
function mainThreadTimeOf(pid: number): number {
  const status = `/proc/${pid}/schedstat`;
  return existsSync(status) ? Number(readFileSync(status, 'utf8').split(' ')[0]) / 1e6 : Number.NaN;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
