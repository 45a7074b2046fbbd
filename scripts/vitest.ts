// Runs vitest and counts its tests.
import { rmSync } from 'node:fs';
import { root } from './build-stamp.ts';
import { programFile } from './checks.ts';
import { type Counts, countReport, countVitest } from './counts.ts';
import { run } from './run.mjs';

/** Runs the named vitest projects, showing their output, and counts the tests. */
export async function runVitest({
  projects,
  reportFile,
}: {
  projects: readonly string[];
  reportFile: string;
}): Promise<Counts> {
  rmSync(reportFile, { force: true });
  const { code } = await run(
    programFile('vitest'),
    [
      'run',
      '--config=test/vitest.config.ts',
      ...projects.map((project) => `--project=${project}`),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
    ],
    {
      cwd: root,
      shell: process.platform === 'win32',
      // vitest colours its output for any CI, also where it goes into a file.
      env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
    },
  );
  return countReport(reportFile, countVitest, code);
}
