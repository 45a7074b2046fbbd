import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { openOwnDisk } from '../../../server/storage/own-disk.ts';
import { withLimits } from '../../../server/storage/with-limits.ts';
import { withRetry } from '../../../server/storage/with-retry.ts';
import { openMemoryStorage } from '../../support/memory-storage.ts';
import { describeStorage } from '../../support/storage-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'storage-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const newFolder = () => join(root, String(++count));

describeStorage('memory', openMemoryStorage);
describeStorage("the server's own disk", () => openOwnDisk(newFolder()));
describeStorage('memory, a few things at a time and asked again,', () =>
  withRetry(withLimits(openMemoryStorage(), 2)),
);

describe("the server's own disk", () => {
  const signal = new AbortController().signal;

  it('gives staged bytes a second name instead of copying them', async () => {
    const folder = newFolder();
    const staged = join(root, 'staged');
    writeFileSync(staged, 'text');
    const source = () => Readable.from([Buffer.from('nobody reads this')]);
    await openOwnDisk(folder).write('aa/x', source, {
      sizeBytes: 4,
      sha256: '',
      signal,
      stagedPath: staged,
    });
    expect(statSync(join(folder, 'aa/x')).ino).toBe(statSync(staged).ino);
    expect(statSync(join(folder, 'aa/x')).mode & 0o077).toBe(statSync(staged).mode & 0o077);
  });

  it('never writes where a link in a folder’s place leads', async () => {
    const [folder, outside] = [newFolder(), newFolder()];
    mkdirSync(folder);
    mkdirSync(outside);
    symlinkSync(outside, join(folder, 'aa'));
    const writing = openOwnDisk(folder).write('aa/x', () => Readable.from([Buffer.from('text')]), {
      sizeBytes: 4,
      sha256: '',
      signal,
    });
    await expect(writing).rejects.toMatchObject({ kind: 'permission' });
    expect(readdirSync(outside)).toEqual([]);
  });
});
