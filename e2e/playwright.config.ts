// End-to-end specs: the desk in a browser on the headless server, and the desktop app. `npm test` builds first, finds a
// Chromium (PAPYRUS_TEST_CHROMIUM) and an Electron or its stand-in (ELECTRON_OVERRIDE_DIST_PATH), and counts the report.
import { defineConfig } from 'playwright/test';
import { chromiumArguments } from './support/chromium-arguments.ts';

const report = process.env['PAPYRUS_TEST_REPORT'];
const chromium = process.env['PAPYRUS_TEST_CHROMIUM'];

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/e2e',
  timeout: 30_000,
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: report === undefined ? 'list' : [['list'], ['json', { outputFile: report }]],
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
  projects: [
    {
      name: 'browser',
      testIgnore: 'tray.spec.ts',
      use: {
        browserName: 'chromium',
        launchOptions: {
          args: chromiumArguments(),
          ...(chromium !== undefined && { executablePath: chromium }),
        },
      },
    },
    { name: 'electron', testMatch: 'tray.spec.ts' },
  ],
});
