// The checks that need nothing running, side by side: format, lint, types.
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './build-stamp.ts';
import type { Counts } from './counts.ts';
import { run } from './run.mjs';

export type Check = { name: string; command: readonly [string, ...string[]] };

export const staticChecks: readonly Check[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'what nobody uses', command: ['knip'] },
  { name: 'types of the desk', command: ['tsc', '--noEmit', '-p', 'renderer'] },
];

export const buildCheck: Check = { name: 'build', command: ['node', 'scripts/build.ts'] };

/** Runs one check and says in a line how it ended, with its output when it failed. */
export async function runCheck({ name, command: [program, ...args] }: Check): Promise<boolean> {
  const started = performance.now();
  const { code, output, error } = await run(programFile(program), args, {
    cwd: root,
    capture: true,
    shell: process.platform === 'win32',
  });
  const passed = code === 0;
  say(`${passed ? '✓' : '✗'} ${name} (${seconds(started)})`);
  if (!passed) say(error?.message ?? stripVTControlCharacters(output).trimEnd());
  return passed;
}

/** Counts checks as tests: each passed or failed. */
export function countChecks(passed: readonly boolean[]): Counts {
  const good = passed.filter(Boolean).length;
  return { passed: good, failed: passed.length - good, skipped: 0 };
}

/** Returns the path of a program that comes with the packages. */
export function programFile(name: string): string {
  return name === 'node' ? process.execPath : join(root, 'node_modules/.bin', name);
}

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Returns the time since `startedMs` for the person, as in "3.1 s". */
export function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
