// The headless server: options from the command line, start, say where it is, stop when told to; or ask the one that runs.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError, diskTrouble } from './base/errors.ts';
import { version } from './base/version.ts';
import { runCommand } from './terminal/commands.ts';
import { OptionsError, readCommandLine } from './config/options.ts';
import type { CommandLine } from './config/options.ts';
import { withAskedSecrets } from './config/secret-files.ts';
import { startServer } from './server.ts';
import { whereLines } from './terminal/where.ts';

/** A second signal, or this long without an end, ends the process as it is. */
const PATIENCE_MS = 4_500;

// What this program writes is the person's alone, in whatever folder it lies.
process.umask(0o077);
await main();

async function main(): Promise<void> {
  const command = read();
  if (command === undefined) return;
  if (command.command === 'help') {
    process.stdout.write(command.text);
    return;
  }
  if (command.command === 'version') {
    process.stdout.write(`${version}\n`);
    return;
  }
  if (command.command === 'ask') {
    await orSay(async () => say(await runCommand({ command: command.ask, dataDir: command.dataDir })));
    return;
  }
  const stopped = signalled();
  const server = await orSay(async () => {
    const options = await withAskedSecrets(command.options);
    return startServer({ ...options, rendererDir: rendererDir(), terminal: process.stderr });
  });
  if (server === undefined) return;
  say(whereLines(server, command.options));
  await stopped;
  setTimeout(() => process.exit(1), PATIENCE_MS).unref();
  await server.close();
  process.exit(0);
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Runs `fn`; what it cannot do is a sentence on the terminal and an exit code. */
async function orSay<T>(fn: () => Promise<T>): Promise<T | undefined> {
  try {
    return await fn();
  } catch (error) {
    const sentence = error instanceof AppError ? error.message : diskTrouble(error);
    if (sentence === undefined) throw error;
    process.stderr.write(`${sentence}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

function read(): CommandLine | undefined {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
    }
  });
}

/** The built desk: beside the bundle, or in the checkout's out folder when run from source. */
function rendererDir(): string | undefined {
  return ['../renderer/', '../out/renderer/']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((dir) => existsSync(`${dir}index.html`));
}
