import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { defaultOptions } from '../../../server/options.ts';
import type { ServerOptions } from '../../../server/options.ts';
import { startServer } from '../../../server/server.ts';
import { CATALOGUE } from './process.ts';

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

  it('says that the port is taken, and lets go of the data folder', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      other.once('listening', resolve);
    });
    const { port } = other.address() as AddressInfo;
    try {
      expect(await refusal({ port })).toBe(
        `Port ${port} is taken by another program. Close that one, or choose another port with --port.`,
      );
    } finally {
      other.close();
    }
    expect(await refusal()).toBe('it started');
  });

  it('says that this computer does not have the address, or that there is no such name', async () => {
    expect(await refusal({ host: '203.0.113.7', koshelfPassword: 'open sesame' })).toBe(
      'This computer does not have the address 203.0.113.7.',
    );
  });
});
