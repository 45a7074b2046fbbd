import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addCounts, countPlaywright, countReport, countsLine, countVitest } from '../../../scripts/counts.ts';

const vitestReport = (changed: object = {}): string =>
  JSON.stringify({
    numPassedTests: 7,
    numFailedTests: 0,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
    ...changed,
  });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papyrus-shelf-counts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fileWith = (text: string): string => {
  const file = join(folder, 'report.json');
  writeFileSync(file, text);
  return file;
};

it('counts passed, failed and skipped tests of vitest, planned ones as skipped', () => {
  expect(countVitest(vitestReport({ numFailedTests: 3 }))).toEqual({ passed: 7, failed: 3, skipped: 3 });
});

it('counts a test file that did not load as one failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
  ];
  expect(countVitest(vitestReport({ numFailedTests: 1, testResults })).failed).toBe(2);
});

it('counts Playwright tests, a flaky one as passed and an error outside tests as failed', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 4 };
  expect(countPlaywright(JSON.stringify({ stats, errors: [{ message: 'no such file' }] }))).toEqual({
    passed: 6,
    failed: 2,
    skipped: 4,
  });
});

it('takes the report of a good run as it is', () => {
  expect(countReport(fileWith(vitestReport()), countVitest, 0)).toEqual({ passed: 7, failed: 0, skipped: 3 });
});

it('never counts a run that ended badly as one without failures', () => {
  expect(countReport(fileWith(vitestReport()), countVitest, 1).failed).toBe(1);
  expect(countReport(fileWith(vitestReport({ numFailedTests: 2 })), countVitest, 1).failed).toBe(2);
});

it('counts a runner that left no report as a failure, whatever its exit code', () => {
  expect(countReport(join(folder, 'none.json'), countVitest, 0)).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});

it('sums counts into the line a run ends with', () => {
  const sum = addCounts({ passed: 1, failed: 0, skipped: 2 }, { passed: 40, failed: 3, skipped: 0 });
  expect(countsLine(sum)).toBe('41 passed, 3 failed, 2 skipped');
});
