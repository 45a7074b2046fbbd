import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { defaultOptions } from '../../../server/config/options.ts';
import type { ServerOptions } from '../../../server/config/options.ts';
import { startServer } from '../../../server/server.ts';
import { CATALOGUE, startProcess } from './process.ts';

let root: string;
let dataDir: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-start-')));
  dataDir = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the server says instead of starting. */
const refusal = async (options: Partial<ServerOptions> = {}): Promise<string> => {
  try {
    const server = await startServer({ ...defaultOptions(), dataDir, port: 0, ...options });
    await server.close();
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  return 'it started';
};
const change = (sql: string): void => {
  mkdirSync(dataDir, { recursive: true });
  const db = new Database(join(dataDir, CATALOGUE));
  db.exec(sql);
  db.close();
};

describe('a server that cannot start', () => {
  it('says that the library file is of a newer version, and leaves it as it is', async () => {
    expect(await refusal()).toBe('it started');
    change('pragma user_version = 4711');
    const before = readFileSync(join(dataDir, CATALOGUE));
    expect(await refusal()).toMatch(
      /^The library file was written by a newer Papyrus Shelf \(schema 4711, this program knows \d+\)\. Install the newer version again; nothing was changed\.$/,
    );
    expect(readFileSync(join(dataDir, CATALOGUE))).toEqual(before);
  });

  it('says that the library file belongs to another program, and leaves it as it is', async () => {
    change('create table songs (name text)');
    expect(await refusal()).toBe(
      'The library file in the data folder belongs to another program and was not touched.',
    );
  });

  it.each([
    ['is no database at all', () => Buffer.from('x'.repeat(10_000))],
    ['was cut off', (sound: Buffer) => sound.subarray(0, 20_000)],
    [
      'has other bytes in its middle',
      (sound: Buffer) => Buffer.concat([sound.subarray(0, 4096), Buffer.alloc(sound.length - 4096, 7)]),
    ],
  ])('says that the library file is damaged when it %s, and leaves it as it is', async (_, spoil) => {
    expect(await refusal()).toBe('it started');
    change('pragma journal_mode = delete');
    const bytes = spoil(readFileSync(join(dataDir, CATALOGUE)));
    writeFileSync(join(dataDir, CATALOGUE), bytes);
    expect(await refusal()).toBe(
      'The library file is damaged and was not changed. Restore it from a backup.',
    );
    expect(readFileSync(join(dataDir, CATALOGUE))).toEqual(bytes);
  });

  it('says that there is a file where the data folder should be', async () => {
    writeFileSync(dataDir, '');
    expect(await refusal()).toBe(
      `The data folder ${dataDir} cannot be used: there is a file where a folder is needed.`,
    );
  });

  it('says that the port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      other.once('listening', resolve);
    });
    const { port } = other.address() as AddressInfo;
    try {
      expect(await refusal({ port })).toBe(
        `Port ${port} is taken by another program. Close that one, or choose another port with --port.`,
      );
      expect(existsSync(dataDir)).toBe(false);
    } finally {
      other.close();
    }
    expect(await refusal()).toBe('it started');
  });

  it('says that the data folder is in use before it looks at the port, and changes nothing in it', async () => {
    const first = await startServer({ ...defaultOptions(), dataDir, port: 0, backupSchedule: 'off' });
    try {
      await first.settled();
      const files = () => readdirSync(dataDir, { recursive: true }).map(String).toSorted();
      const before = files();
      expect(await refusal({ port: Number(new URL(first.url).port) })).toBe(
        `The data folder ${dataDir} is in use by another Papyrus Shelf. Close that one first, or start this one with another --data-dir.`,
      );
      expect(files()).toEqual(before);
    } finally {
      await first.close();
    }
  });

  it.skipIf(process.platform !== 'linux')('says so when no folder can be made there', async () => {
    // In a process of its own: a start that never comes back would take the tests with it.
    const server = startProcess(['--data-dir', '/proc/shelf', '--port', '0']);
    const timer = setTimeout(() => server.kill('SIGKILL'), 20_000);
    const { code, signal, err } = await server.ended;
    clearTimeout(timer);
    expect({ code, signal, err }).toEqual({
      code: 1,
      signal: null,
      err: 'The data folder /proc/shelf cannot be used: no folder can be made there.\n',
    });
  });

  it.skipIf(process.platform !== 'linux')('says so when the data folder cannot be written to', async () => {
    // Closed to everybody, root too.
    expect(await refusal({ dataDir: '/proc/sys' })).toBe(
      'The data folder /proc/sys cannot be used: this user may not write there.',
    );
  });

  it('says so when the lock in the data folder cannot be made', async () => {
    mkdirSync(join(dataDir, 'in-use.lock'), { recursive: true });
    expect(await refusal()).toBe(
      `The data folder ${dataDir} cannot be used: there is a folder where a file is needed.`,
    );
  });

  it('says that this computer does not have the address, or that there is no such name', async () => {
    expect(await refusal({ host: '203.0.113.7', koshelfPassword: 'open sesame' })).toBe(
      'This computer does not have the address 203.0.113.7.',
    );
  });
});
