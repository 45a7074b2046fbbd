import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partSettled, pathsToLookAt, relevantChange } from '../../../server/sources/changed-paths.ts';
import type { Change } from '../../../server/sources/changed-paths.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shelf-changed-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (name: string): Buffer => Buffer.from(join(root, name));
const lookOf = (name: string, isFolder: boolean | undefined): string | undefined =>
  relevantChange(Buffer.from(root), at(name), isFolder)
    ?.look.toString()
    .slice(root.length + 1);
const change = (name: string, more: Partial<Change> = {}): Change => ({
  path: at(name),
  look: at(name),
  ...more,
});
const names = (paths: Buffer[]): string[] => paths.map((path) => path.toString().slice(root.length + 1));

describe('relevantChange', () => {
  it.each([
    ['a book', 'a/Emma.epub', false, 'a/Emma.epub'],
    ['a sidecar, for the folder it lies in', 'a/Emma.sdr/metadata.epub.lua', false, 'a/Emma.sdr'],
    ['the backup of a sidecar', 'a/Emma.sdr/metadata.epub.lua.old', false, 'a/Emma.sdr'],
    ["KOReader's folder of a book, also when it is told of as a file", 'Emma.sdr', false, 'Emma.sdr'],
    ['a folder', 'a/b', true, 'a/b'],
    ['what may be a folder', 'a/b', undefined, 'a/b'],
  ] as const)('looks at %s', (_, name, isFolder, look) => {
    expect(lookOf(name, isFolder)).toBe(look);
  });

  it.each([
    ['a picture', 'a/cover.jpg', false],
    ['what else lies in a sidecar folder', 'Emma.sdr/cache.bin', undefined],
    ['hidden folders', '.hidden/Emma.epub', false],
    ["a sync tool's copies", '.stversions/Emma.epub', false],
    ['the folder itself', '', true],
    ['what lies elsewhere', '../Emma.epub', false],
  ] as const)('leaves out %s', (_, name, isFolder) => {
    expect(lookOf(name, isFolder)).toBeUndefined();
  });
});

describe('pathsToLookAt', () => {
  it('keeps what is there or was known, and nothing below another', async () => {
    mkdirSync(at('a/b'), { recursive: true });
    writeFileSync(at('a/b/Emma.epub'), 'x');
    writeFileSync(at('Persuasion.epub'), 'x');
    const changes = ['a', 'a/b/Emma.epub', 'Persuasion.epub', 'known.epub', 'unknown.epub'].map((name) =>
      change(name),
    );
    const isKnown = (path: Buffer) => path.equals(at('known.epub'));
    expect(names(await pathsToLookAt(changes, isKnown))).toEqual(['a', 'Persuasion.epub', 'known.epub']);
  });

  it('leaves out what turns out to be no folder', async () => {
    mkdirSync(at('folder'));
    writeFileSync(at('file'), 'x');
    const changes = [change('folder', { mustBeFolder: true }), change('file', { mustBeFolder: true })];
    expect(names(await pathsToLookAt(changes, () => false))).toEqual(['folder']);
  });
});

describe('partSettled', () => {
  it('waits for a file that still grows', async () => {
    for (const name of ['still.epub', 'growing.epub']) writeFileSync(at(name), 'x');
    const growing = setInterval(() => appendFileSync(at('growing.epub'), 'x'), 5);
    try {
      const parted = await partSettled(
        [change('still.epub'), change('growing.epub'), change('gone.epub')],
        100,
      );
      expect(names(parted.settled.map(({ path }) => path))).toEqual(['still.epub', 'gone.epub']);
      expect(names(parted.growing.map(({ path }) => path))).toEqual(['growing.epub']);
    } finally {
      clearInterval(growing);
    }
  });
});
