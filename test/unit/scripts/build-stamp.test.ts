import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildStamp } from '../../../scripts/build-stamp.ts';

let folder: string;
const write = (path: string, text: string): void => {
  writeFileSync(join(folder, path), text);
  utimesSync(join(folder, path), 1_700_000_000, 1_700_000_000);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papyrus-shelf-stamp-'));
  for (const name of ['server/library', 'main', 'test']) mkdirSync(join(folder, name), { recursive: true });
  write('server/library/books.ts', 'export {};');
  write('package-lock.json', '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('stays the same while no source changes', () => {
  expect(buildStamp(folder)).toBe(buildStamp(folder));
});

it('changes with a source that is added, edited, moved or removed', () => {
  const stamps = [buildStamp(folder)];
  write('main/index.ts', 'export {};');
  stamps.push(buildStamp(folder));
  write('main/index.ts', 'export { };');
  stamps.push(buildStamp(folder));
  rmSync(join(folder, 'server/library/books.ts'));
  stamps.push(buildStamp(folder));
  write('server/books.ts', 'export {};');
  stamps.push(buildStamp(folder));
  write('package-lock.json', '{ }');
  stamps.push(buildStamp(folder));
  expect(new Set(stamps).size).toBe(stamps.length);
});

it('does not mind tests', () => {
  const before = buildStamp(folder);
  write('test/books.test.ts', 'export {};');
  expect(buildStamp(folder)).toBe(before);
});
