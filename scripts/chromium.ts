// Finds a Chromium for the end-to-end specs, or brings one in.
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './build-stamp.ts';
import { programFile } from './checks.ts';
import { run } from './run.mjs';

export type FoundChromium = { program: string } | { reason: string };

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const macPrograms = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const downloadWithinMs = 3 * 60_000;
const installWithinMs = 5 * 60_000;

/**
 * Returns a Chromium: the one named by PAPYRUS_TEST_CHROMIUM, Playwright's own, the system's, else one it downloads
 * with Playwright or, as root on Debian, installs from the system's packages; or a sentence that says there is none.
 */
export async function findChromium(): Promise<FoundChromium> {
  const named = process.env['PAPYRUS_TEST_CHROMIUM'];
  if (named) return existsSync(named) ? { program: named } : { reason: `There is no Chromium at ${named}.` };
  const program =
    (await playwrightsOwn()) ?? systems() ?? (await downloaded()) ?? (await installedFromPackages());
  if (program !== undefined) return { program };
  return {
    reason:
      'There is no Chromium and none could be installed. Install Chromium or name one in PAPYRUS_TEST_CHROMIUM.',
  };
}

async function playwrightsOwn(): Promise<string | undefined> {
  const { chromium } = await import('playwright');
  const program = chromium.executablePath();
  return existsSync(program) ? program : undefined;
}

function systems(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  return [...candidates, ...macPrograms].find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

async function downloaded(): Promise<string | undefined> {
  process.stdout.write('browser: none found, asking Playwright to download one …\n');
  await run(programFile('playwright'), ['install', 'chromium'], {
    cwd: root,
    capture: true,
    timeout: downloadWithinMs,
    shell: process.platform === 'win32',
  });
  return playwrightsOwn();
}

async function installedFromPackages(): Promise<string | undefined> {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return undefined;
  process.stdout.write('browser: installing the chromium package …\n');
  const quietly = { capture: true, timeout: installWithinMs };
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { ...quietly, env });
  const packages = ['chromium', 'fonts-liberation'];
  await run(
    'apt-get',
    ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', ...packages],
    { ...quietly, env },
  );
  return systems();
}
