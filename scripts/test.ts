// Everything that must hold before a change lands: format, lint, types, build, unit and API tests, and the end-to-end
// specs in a browser and in the desktop app. Its last line is `N passed, N failed, N skipped`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-stamp.ts';
import { buildCheck, countChecks, programFile, runCheck, say, seconds, staticChecks } from './checks.ts';
import { findChromium } from './chromium.ts';
import { addCounts, type Counts, countPlaywright, countReport, countsLine } from './counts.ts';
import { findElectron } from './electron.ts';
import { run } from './run.mjs';
import { runVitest } from './vitest.ts';

const started = performance.now();
const [build, chromium, ...statics] = await Promise.all([
  runCheck(buildCheck),
  findChromium(),
  ...staticChecks.map(runCheck),
]);
const vitest = await runVitest({
  projects: ['unit', 'api'],
  reportFile: join(root, 'test-results/vitest.json'),
});
const specs = await runSpecs();
const total = addCounts(countChecks([build, ...statics]), vitest, specs);
say(`\nin ${seconds(started)}`);
say(countsLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;

async function runSpecs(): Promise<Counts> {
  const failed = { passed: 0, failed: 1, skipped: 0 };
  if (!build) {
    say('✗ end-to-end specs: not run, because there is no build to run them on.');
    return failed;
  }
  if ('reason' in chromium) {
    say(`✗ end-to-end specs: ${chromium.reason}`);
    return failed;
  }
  const electron = await findElectron({ mayDownload: false });
  say(`browser: ${chromium.program}`);
  say(
    'program' in electron
      ? `desktop app: Electron at ${electron.program}`
      : `desktop app: on the stand-in (e2e/support/electron-standin). ${electron.reason}`,
  );
  const reportFile = join(root, 'test-results/playwright.json');
  rmSync(reportFile, { force: true });
  const { code } = await run(programFile('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], {
    cwd: root,
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      PAPYRUS_TEST_CHROMIUM: chromium.program,
      PAPYRUS_TEST_REPORT: reportFile,
      ELECTRON_OVERRIDE_DIST_PATH:
        'program' in electron
          ? process.env['ELECTRON_OVERRIDE_DIST_PATH']
          : join(root, 'e2e/support/electron-standin'),
    },
  });
  return countReport(reportFile, countPlaywright, code);
}
