// Starts the built server without a screen, each test with a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type RunningApp = {
  /** The server's address, without a slash at the end. */
  url: string;
  /** The link that signs in to the desk, good for one use. */
  deskUrl: string;
  koshelfUrl: string;
  papyrusUrl: string;
  dataDir: string;
  /** A folder of this test alone, removed with the app. */
  folder: string;
  /** Ends the server as a system does (SIGTERM) and returns its exit code; the folder stays. */
  stop(): Promise<number | null>;
  /** Ends the server and removes the folder. */
  close(): Promise<void>;
};

export type StartOptions = {
  /** More words for the command line, as `['--library', folder]`. */
  args?: readonly string[];
  env?: Record<string, string>;
  /** The folder to use, instead of a new one. */
  folder?: string;
};

const serverFile = join(import.meta.dirname, '../../out/app/server.js');
const startWithinMs = 20_000;

/** Starts the server on a free port; rejects with what it printed when it ends instead of answering. */
export async function startApp(options: StartOptions = {}): Promise<RunningApp> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'papyrus-shelf-e2e-')));
  const dataDir = join(folder, 'data');
  const child = spawn(
    process.execPath,
    [serverFile, '--headless', '--port', '0', '--data-dir', dataDir, ...(options.args ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  );
  const printed: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const addresses = await readAddresses(child, printed);
  const stop = () => stopChild(child);
  return {
    ...addresses,
    url: new URL(addresses.deskUrl).origin,
    dataDir,
    folder,
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

type Addresses = Pick<RunningApp, 'deskUrl' | 'koshelfUrl' | 'papyrusUrl'>;

const lines: readonly [keyof Addresses, RegExp][] = [
  ['deskUrl', /^Desk: (\S+)$/],
  ['koshelfUrl', /^KoShelf API: (\S+)$/],
  ['papyrusUrl', /^Papyrus API: (\S+)$/],
];

function readAddresses(child: ChildProcess, printed: string[]): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const found: Partial<Addresses> = {};
    const fail = (why: string) => reject(new Error(`The server ${why}. It printed:\n${printed.join('')}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('did not print its addresses in time');
    }, startWithinMs);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      printed.push(`${line}\n`);
      for (const [key, pattern] of lines) {
        const address = pattern.exec(line)?.[1];
        if (address !== undefined) found[key] = address;
      }
      const { deskUrl, koshelfUrl, papyrusUrl } = found;
      if (deskUrl === undefined || koshelfUrl === undefined || papyrusUrl === undefined) return;
      clearTimeout(timer);
      resolve({ deskUrl, koshelfUrl, papyrusUrl });
    });
  });
}

async function stopChild(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return child.exitCode;
}
