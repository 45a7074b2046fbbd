import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../../server/base/events.ts';
import {
  fileSystemOf,
  holdDataFolder,
  prepareDataFolder,
  reasonOf,
} from '../../../server/catalogue/data-folder.ts';
import { openCatalogue } from '../../../server/catalogue/open.ts';
import { at } from '../../support/clock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shelf-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const IN_USE = expect.objectContaining({
  kind: 'conflict',
  code: 'data_folder_in_use',
  message: expect.stringContaining('is in use by another Papyrus Shelf') as string,
}) as unknown;

describe('preparing the data folder', () => {
  it('makes it, for this user alone, and gives its real path', () => {
    const folder = join(dir, 'a', 'b');
    expect(prepareDataFolder(folder)).toBe(realpathSync(folder));
    if (process.platform !== 'win32') expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('follows a link to where it really is', () => {
    symlinkSync(dir, join(dir, 'link'));
    expect(prepareDataFolder(join(dir, 'link'))).toBe(realpathSync(dir));
  });

  it('says in words why it cannot be used', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => prepareDataFolder(join(dir, 'file'))).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        code: 'data_folder',
        message: expect.stringContaining(
          'cannot be used: there is a file where a folder is needed.',
        ) as string,
      }),
    );
  });
});

describe('the file system a folder is on', () => {
  const table = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '31 22 0:26 / /proc rw,nosuid - proc proc rw',
    '40 22 8:17 / /mnt/disk rw,relatime shared:4 master:2 - btrfs /dev/sdb1 rw',
    '41 22 0:45 / /mnt/nas rw,relatime - nfs4 nas:/books rw,vers=4.2',
    '42 22 0:46 / /mnt/my\\040share rw - cifs //nas/share rw',
    '43 40 0:47 / /mnt/disk/phone rw - fuse.sshfs phone:/ rw',
    '44 22 0:48 / /data rw - ext4 /dev/sdc1 rw',
    '45 44 0:49 / /data rw - nfs nas:/data rw',
    'a line nobody understands',
    '',
  ].join('\n');

  it.each([
    ['/home/ada/library', 'ext4'],
    ['/mnt/disk', 'btrfs'],
    ['/mnt/disk/library', 'btrfs'],
    ['/mnt/diskette', 'ext4'],
    ['/mnt/nas/library', 'nfs4'],
    ['/mnt/my share/library', 'cifs'],
    ['/mnt/disk/phone/library', 'fuse.sshfs'],
    // Of two mounts in one place the later is on top.
    ['/data/library', 'nfs'],
    ['\\\\nas\\share\\library', 'smb'],
  ])('of %s is %s', (path, kind) => {
    expect(fileSystemOf(path, table)).toBe(kind);
  });

  it('is not known without a table', () => {
    expect(fileSystemOf('/home/ada', '')).toBeUndefined();
  });
});

/** A process of its own that holds the folder until it is ended. */
async function anotherProgram(folder: string) {
  const code = `
    import { holdDataFolder } from ${JSON.stringify(new URL('../../../server/catalogue/data-folder.ts', import.meta.url).href)};
    holdDataFolder(process.argv[1]);
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('holding the data folder', () => {
  it('keeps a second holder out until it is given free', () => {
    const release = holdDataFolder(dir);
    expect(() => holdDataFolder(dir)).toThrow(IN_USE);
    release();
    holdDataFolder(dir)();
  });

  it('keeps another process out while the first lives, and not after it was killed', async () => {
    const other = await anotherProgram(dir);
    const open = () => openCatalogue({ dataDir: dir, clock: at('2026-03-14'), events: createEvents() });
    try {
      expect(open).toThrow(IN_USE);
    } finally {
      await other.kill();
    }
    const catalogue = open();
    expect(catalogue.revision()).toBe(0);
    catalogue.close();
  });
});

describe('the reason of a file error', () => {
  it.each([
    ['EACCES', 'this user may not write there'],
    ['EROFS', 'the disk is read-only'],
    ['SQLITE_FULL', 'the disk is full'],
    ['ENOENT', 'it does not exist'],
    ['EBUSY', 'the system answered EBUSY'],
  ])('%s is in words: %s', (code, words) => {
    expect(reasonOf(Object.assign(new Error('x'), { code }))).toBe(words);
  });
  it('is honest when there is none', () => {
    expect(reasonOf('?')).toBe('the system gave no reason');
  });
});
