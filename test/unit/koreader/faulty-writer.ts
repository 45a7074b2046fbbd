// A process that replaces a sidecar while the file system fails it at one call after another: `kill` ends the process at the
// nth call, `refuse` lets each call in turn fail and prints what came of it, `forever` writes until somebody ends it.
import fs from 'node:fs/promises';
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { AppError } from '../../../server/base/errors.ts';
import { withSidecar } from '../../../server/koreader/sidecar-file.ts';
import { newText, oldText } from './sidecar-texts.ts';

type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>;

export type Refused = {
  call: string;
  /** "written", or the kind of the error. */
  outcome: string;
  message: string;
  isOld: boolean;
  isNew: boolean;
  /** What else lies in the folder. */
  others: string[];
};

const [mode, path = '', nth = '0', code = ''] = process.argv.slice(2);
let calls = 0;
let failAt = Infinity;
let failed = '';

/** The call, or half of it and then the failure when its turn has come. */
const failing = (name: string, call: Call): Call =>
  async function (...args) {
    calls += 1;
    if (calls !== failAt) return call.apply(this, args);
    failed = name;
    const [data] = args;
    if (name === 'writeFile' && data instanceof Uint8Array)
      await call.call(this, data.subarray(0, data.length / 2));
    if (mode === 'kill') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error(`${name} refused`), { code });
  };

const patch = (target: object, names: string[]): void => {
  for (const name of names) {
    const call = Reflect.get(target, name) as Call;
    Reflect.set(target, name, failing(name, call));
  }
};

const handle = await fs.open(path);
patch(Object.getPrototypeOf(handle) as object, [
  'chmod',
  'chown',
  'read',
  'stat',
  'sync',
  'utimes',
  'writeFile',
]);
await handle.close();
patch(fs, ['access', 'lstat', 'open', 'readdir', 'realpath', 'rename', 'rm', 'stat']);
syncBuiltinESMExports();

const folders = [Buffer.from(dirname(dirname(path)))];
const replace = (text: string) =>
  withSidecar(Buffer.from(path), { folders }, async ({ write }) => {
    await write(Buffer.from(text));
  });

if (mode === 'kill') {
  failAt = Number(nth);
  await replace(newText);
} else if (mode === 'forever') {
  process.stdout.write('ready\n');
  for (let turn = 0; ; turn += 1) await replace(turn % 2 === 0 ? newText : oldText);
} else {
  const results: Refused[] = [];
  for (let at = 1; ; at += 1) {
    for (const name of readdirSync(dirname(path))) rmSync(`${dirname(path)}/${name}`);
    writeFileSync(path, oldText);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    calls = 0;
    failed = '';
    failAt = at;
    const { outcome, message } = await replace(newText).then(
      () => ({ outcome: 'written', message: '' }),
      (error: unknown) =>
        error instanceof AppError
          ? { outcome: error.kind, message: error.message }
          : { outcome: 'thrown', message: String(error) },
    );
    if (failed === '') break;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const others = readdirSync(dirname(path)).filter((name) => !path.endsWith(`/${name}`));
    results.push({
      call: failed,
      outcome,
      message,
      isOld: text === oldText,
      isNew: text === newText,
      others,
    });
  }
  process.stdout.write(JSON.stringify(results));
}
