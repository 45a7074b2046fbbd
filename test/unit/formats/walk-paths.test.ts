import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { placeOf, walkFolder, walkPaths } from '../../../server/formats/walk.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-paths-')));
  for (const name of [
    'Emma.epub',
    'Emma.sdr/metadata.epub.lua',
    'Emma.sdr/metadata.epub.lua.old',
    'a/b/Persuasion.epub',
    'a/b/Persuasion.sdr/metadata.epub.lua',
    'a/cover.jpg',
    '.hidden/Sanditon.epub',
  ]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), 'x');
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const bytes = (name: string): Buffer => Buffer.from(join(root, name));
const found = (...names: string[]): string[] =>
  [...walkPaths(Buffer.from(root), names.map(bytes))].flat().map(
    ({ kind, path }) =>
      `${kind} ${Buffer.from(path)
        .toString()
        .slice(root.length + 1)}`,
  );

it('finds a file, a sidecar folder and everything below a folder', () => {
  expect(found('Emma.epub')).toEqual(['book Emma.epub']);
  expect(found('Emma.sdr')).toEqual([
    'sidecar Emma.sdr/metadata.epub.lua',
    'sidecar-backup Emma.sdr/metadata.epub.lua.old',
  ]);
  expect(found('a')).toEqual(['book a/b/Persuasion.epub', 'sidecar a/b/Persuasion.sdr/metadata.epub.lua']);
});

it('finds for the folder itself what a walk finds', () => {
  expect([...walkPaths(Buffer.from(root), [Buffer.from(root)])]).toEqual([...walkFolder(Buffer.from(root))]);
});

it('gives nothing for what is gone, hidden, no book or elsewhere', () => {
  expect(
    found('gone.epub', 'gone', 'a/cover.jpg', '.hidden', '.hidden/Sanditon.epub', '..', '../x.epub'),
  ).toEqual([]);
});

it('enters no link on the way, nor a linked folder at the end; a linked file is taken', () => {
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-elsewhere-')));
  try {
    writeFileSync(join(elsewhere, 'Secret.epub'), 'x');
    symlinkSync(elsewhere, join(root, 'link'));
    symlinkSync(join(elsewhere, 'Secret.epub'), join(root, 'Linked.epub'));
    expect(found('link', 'link/Secret.epub', 'Linked.epub')).toEqual(['unreadable link', 'book Linked.epub']);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

it('throws when the root is not there', () => {
  expect(() => [...walkPaths(bytes('unplugged'), [bytes('unplugged/Emma.epub')])]).toThrow(
    'The folder is not there.',
  );
});

it('says what a name is to a walk', () => {
  const place = (name: string) => placeOf(Buffer.from(root), bytes(name));
  expect(place('a/b/New.epub')).toBe('book');
  expect(place('New.sdr/metadata.epub.lua')).toBe('sidecar');
  expect(place('New.sdr/metadata.epub.lua.old')).toBe('sidecar-backup');
  expect(place('a/new')).toBe('other');
  expect(place('.hidden/New.epub')).toBe('outside');
  expect(place('New.sdr/other')).toBe('outside');
  expect(place('..')).toBe('outside');
});
