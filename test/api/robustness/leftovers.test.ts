// What a process that was killed leaves behind: files that never got their names go, everything else stays.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({
    files: {
      'sub/sea.epub': makeEpub({ title: 'Sea' }),
      'sub/sea.sdr/metadata.epub.lua': makeSidecar({}),
    },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const below = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();

it('goes from the folder for files at the next start', async () => {
  const token = await server.claim();
  const upload = async (text: string) => {
    const form = new FormData();
    form.set('file', new Blob([text]), 'tale.txt');
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${server.url}/api/v1/files/upload`, { method: 'POST', body: form, headers });
    expect(answer.status).toBe(201);
  };
  await upload('Once upon a time.');
  const files = join(server.dataDir, 'files');
  const kept = below(files);
  const id = '0a1b2c3d-0000-4000-8000-000000000000';
  mkdirSync(join(files, 'aa'), { recursive: true });
  writeFileSync(join(files, 'aa', `${'aa'.repeat(32)}.${id}.part`), 'half');
  writeFileSync(join(files, kept[0]!.slice(0, 2), `${kept[0]}.${id}.part`), 'half');
  await server.restart();
  expect(below(files)).toEqual(kept);
  await upload('Another one.');
  expect(below(files)).toHaveLength(kept.length + 1);
});

it('goes from the library with the next scan, but for what is being written now', async () => {
  const old = ['.papyrus-shelf-0123456789abcdef.tmp', 'sub/.papyrus-shelf-00000000000000ff.tmp'];
  const others = [
    '.papyrus-shelf-notes.tmp',
    'sub/other.tmp',
    'sub/sea.sdr/.papyrus-shelf-zz23456789abcdef.tmp',
  ];
  const all = [...old, 'sub/sea.sdr/.papyrus-shelf-fedcba9876543210.tmp'];
  for (const name of [...all, ...others]) writeFileSync(join(server.libraryDir, name), 'half');
  const before = below(server.libraryDir);
  await server.rescan();
  expect(below(server.libraryDir)).toEqual(before);

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
  await server.rescan();
  const gone = all.map((name) => name.split('/').at(-1)!);
  expect(below(server.libraryDir)).toEqual(before.filter((name) => !gone.includes(name)));
  expect(readFileSync(join(server.libraryDir, others[0]!), 'utf8')).toBe('half');
});

it('goes from the data folder at the next start, a key above all', async () => {
  const id = '0a1b2c3d-0000-4000-8000-000000000000';
  const left = [`secrets.key.${id}.tmp`, `secrets.sealed.${id}.tmp`, `running.json.${id}.tmp`];
  const others = ['notes.tmp', 'secrets.key.damaged-1'];
  for (const name of [...left, ...others]) writeFileSync(join(server.dataDir, name), 'half');
  await server.restart();
  const names = readdirSync(server.dataDir);
  expect(names).toEqual(expect.arrayContaining(others));
  expect(names.filter((name) => left.includes(name))).toEqual([]);
});
