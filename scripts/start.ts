// Starts Papyrus Shelf from a checkout: builds it when the sources changed, then opens the app, or the server alone
// where there is no screen or no Electron.
import { join } from 'node:path';
import { isBuilt, root } from './build-stamp.ts';
import { findElectron } from './electron.ts';
import { withLock } from './lock.mjs';
import { run } from './run.mjs';
import { serverEnvironment, serverFlags } from './server-process.ts';

const args = process.argv.slice(2);
const WORDS_ONLY = new Set(['--headless', '--help', '-h', '--version']);

process.exitCode = (await makeBuilt()) ? await start() : 1;

async function makeBuilt(): Promise<boolean> {
  if (isBuilt()) return true;
  return withLock(join(root, 'out/setup.lock'), async () => {
    if (isBuilt()) return true;
    process.stderr.write('start: building …\n');
    const { buildAll } = await import('./build.ts');
    return buildAll();
  });
}

async function start(): Promise<number> {
  // A first word that is no option is a command for the server that runs.
  const isCommand = args[0] !== undefined && !args[0].startsWith('-');
  const wordsOnly = isCommand || args.some((word) => WORDS_ONLY.has(word));
  if (wordsOnly) return startServer(args);
  const electron = await findElectron({ mayDownload: true });
  // Words before the separator are Electron's and Chromium's own.
  if ('program' in electron)
    return (await run(electron.program, [root, '--', ...args], { env: serverEnvironment() })).code;
  process.stderr.write(
    `start: ${electron.reason} The server starts without a window; open its desk in a browser.\n`,
  );
  return startServer(['--headless', ...args]);
}

async function startServer(words: readonly string[]): Promise<number> {
  const server = join(root, 'out/app/server.js');
  const options = { env: serverEnvironment() };
  return (await run(process.execPath, [...serverFlags, server, ...words], options)).code;
}
