import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const hook = join(import.meta.dirname, '../../../.githooks/commit-msg');
const folder = mkdtempSync(join(tmpdir(), 'papyrus-shelf-hook-'));
afterAll(() => rmSync(folder, { recursive: true }));

function exitCodeFor(message: string): number | null {
  const file = join(folder, 'message');
  writeFileSync(file, message);
  return spawnSync('sh', [hook, file]).status;
}

it.each([
  'storage: show why an upload was refused',
  'e2e: drive the tray\n\nThe menu is recorded.\n',
  '# a comment of the editor\n\nlibrary: keep covers in three sizes',
  "Merge branch 'main'",
  'fixup! storage: show why an upload was refused',
])('takes %j', (message) => {
  expect(exitCodeFor(message)).toBe(0);
});

it.each(['fix', 'Storage: Show', 'storage:no space', 'storage: ends with a stop.', '', '# only a comment'])(
  'refuses %j',
  (message) => {
    expect(exitCodeFor(message)).toBe(1);
  },
);
