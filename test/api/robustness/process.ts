// Runs the headless server in a process of its own, to end it the hard way.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Job, JobList } from '../../../server/api/desk/schemas.ts';
import { ask, listen } from '../../support/client.ts';
import type { Answer } from '../../support/client.ts';
import { cookieIn, GUARD } from '../../support/server.ts';
import type { Item } from '../koshelf/shelf.ts';

export type ServerProcess = {
  pid: number;
  /** Resolves when the server says where it is; throws with its words when it ends before. */
  ready: Promise<{ url: string }>;
  /** How it ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }>;
  kill(signal: NodeJS.Signals): void;
  desk(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A scan as soon as it fits. */
  scan(fits: (scan: Job) => boolean): Promise<Job>;
  /** Scans everything, waits for the end and returns the scan of the first folder. */
  rescan(): Promise<Job>;
  /** The titles in the library, in no order that means anything. */
  titles(): Promise<string[]>;
};

/** The library file below a data folder. */
export const CATALOGUE = 'papyrus-shelf.sqlite';

/** What SQLite finds wrong with a library file: "ok" when nothing is. */
export const integrityOf = (path: string): unknown => {
  const db = new Database(path, { readonly: true });
  try {
    return db.pragma('integrity_check', { simple: true });
  } finally {
    db.close();
  }
};

/** Whether a job will not go on by itself. */
export const isOver = (job: Job): boolean => job.finished_at !== null;

/** The program is started from source many times over: what was compiled once is kept. */
const COMPILED = join(tmpdir(), 'shelf-compiled');

const MAIN = fileURLToPath(new URL('../../../server/main.ts', import.meta.url));

/** A library and a data folder on disk, and the processes that serve them. */
export type Place = {
  root: string;
  library: string;
  data: string;
  start(args?: string[], wrap?: string[]): ServerProcess;
  /** Ends what still runs and removes everything. */
  clear(): Promise<void>;
};

/** Makes an empty library and a place for a data folder. */
export function makePlace(): Place {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-process-')));
  const [library, data] = [join(root, 'library'), join(root, 'data')];
  mkdirSync(library);
  const started: ServerProcess[] = [];
  return {
    root,
    library,
    data,
    start: (args = [], wrap = []) => {
      const base = ['--data-dir', data, '--port', '0', '--time-zone', 'UTC', '--library', library];
      const server = startProcess([...base, ...args], wrap);
      started.push(server);
      return server;
    },
    clear: async () => {
      for (const server of started) server.kill('SIGKILL');
      await Promise.all(started.map((server) => server.ended));
      rmSync(root, { recursive: true });
    },
  };
}

/** Starts the program with these arguments. `wrap` puts another command line in front of it. */
export function startProcess(args: string[], wrap: string[] = []): ServerProcess {
  const [command = '', ...rest] = [...wrap, process.execPath, MAIN, ...args];
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_OPTIONS: '', TZ: 'UTC', NODE_COMPILE_CACHE: COMPILED },
  });
  let out = '';
  let err = '';
  const ended: ServerProcess['ended'] = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  const ready = new Promise<{ url: string; token: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const [, url, token] = /^Desk: (\S+)\/desk\/\?token=(\S+)\n[^]*API page: .*\n/m.exec(out) ?? [];
      if (url !== undefined && token !== undefined) resolve({ url, token });
    });
    void ended.then((ending) => reject(new Error(`the server ended with ${ending.code}: ${ending.err}`)));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  // Whoever waits for the start hears of its failure; whoever does not, need not.
  ready.catch(() => {});

  let session: Promise<{ url: string; cookie: string }> | undefined;
  const open = async () => {
    const { url, token } = await ready;
    const answer = await ask(`${url}/desk/api/session`, { method: 'POST', body: { token }, headers: GUARD });
    return { url, cookie: cookieIn(answer) };
  };
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    ready,
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
    desk: async (method, path, body) => {
      const { url, cookie } = await (session ??= open());
      const asked = { method, headers: { ...GUARD, cookie }, ...(body === undefined ? {} : { body }) };
      return ask(`${url}/desk/api${path}`, asked);
    },
    scan: async (fits) => {
      const { url, cookie } = await (session ??= open());
      const isIt = (job: Job): boolean => job.kind === 'scan-folder' && fits(job);
      const events = await listen(`${url}/desk/api/events`, { cookie });
      try {
        const { jobs } = (await server.desk('GET', '/jobs')).json() as JobList;
        return jobs.find(isIt) ?? (await events.nextOf<Job>('job', isIt));
      } finally {
        events.close();
      }
    },
    rescan: async () => {
      const [scan] = ((await server.desk('POST', '/scans')).json() as JobList).jobs;
      return server.scan((job) => job.job_id === scan?.job_id && isOver(job));
    },
    titles: async () => {
      const { url } = await ready;
      const answer = await ask(`${url}/api/items`);
      return (answer.json() as { data: { items: Item[] } }).data.items.map(({ title }) => title).sort();
    },
  };
  return server;
}
