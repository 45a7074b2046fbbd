// Unit tests start nothing; api tests start the real server on port 0. Times are UTC so that no machine's zone matters.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // Every core: left alone, vitest keeps one free, which is half of two.
    maxWorkers: '100%',
    env: { TZ: 'UTC' },
    projects: [
      {
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], env: { TZ: 'UTC' }, testTimeout: 30_000 },
      },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          env: { TZ: 'UTC' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
