import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Backup, BackupList, Job } from '../../../server/api/desk/schemas.ts';
import type { Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { OWNER, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const clock = at('2026-03-14T12:00:00Z');
const files = { 'sea.epub': makeEpub({ title: 'Sea', authors: ['Ann'] }) };
let server: TestServer;
let token: string;
const start = async (): Promise<void> => {
  server = await startTestServer({ clock, files });
  token = await server.claim();
};
const listed = async (): Promise<BackupList> => (await server.desk('GET', '/backups')).json() as BackupList;
const backUp = async (): Promise<Backup> => {
  clock.forward({ seconds: 1 });
  expect((await server.desk('POST', '/backups')).status).toBe(202);
  await server.settled();
  return (await listed()).backups[0]!;
};
const restore = async ({ backup_id }: Backup): Promise<void> => {
  clock.forward({ seconds: 1 });
  expect((await server.desk('POST', `/backups/${backup_id}/restore`)).status).toBe(202);
  await server.settled();
};
const folder = () => join(server.dataDir, 'backups');
const copies = () => readdirSync(folder()).filter((name) => name.endsWith('.sqlite')).sort(); // prettier-ignore
const lastJob = async () =>
  ((await server.desk('GET', '/jobs')).json() as { jobs: { kind: string; state: string; error: string }[] }).jobs.find(({ kind }) => kind.endsWith('-backup'))!; // prettier-ignore
const addBook = (title: string) => server.papyrus('POST', '/books', { title, author: 'A' }, token);
const signIn = async (): Promise<string> => {
  const { email, password } = OWNER;
  return ((await server.papyrus('POST', '/auth/login', { email, password })).json() as { access_token: string }).access_token; // prettier-ignore
};
const titles = async (): Promise<string[]> => {
  token = await signIn();
  const { books } = (await server.papyrus('GET', '/books?sort=title', undefined, token)).json() as { books: { title: string }[] }; // prettier-ignore
  return books.map(({ title }) => title);
};
/** Overwrites the middle of a file. */
const damage = (path: string): void => {
  const fd = openSync(path, 'r+');
  const { size } = statSync(path);
  writeSync(fd, Buffer.alloc(64 * 1024, 0x5a), 0, 64 * 1024, Math.floor(size / 2 / 4096) * 4096);
  closeSync(fd);
};

describe('a backup', () => {
  beforeAll(start);
  afterAll(() => server.close());

  it('is proven before it is called good, and has what the library had', async () => {
    expect(await listed()).toMatchObject({ backups: [], schedule: 'off', at: '03:00', folder: folder() });
    await addBook('Ink');
    const backup = await backUp();
    expect(backup).toMatchObject({ reason: 'asked', state: 'good', books: 2, error: null, planned: false });
    expect(backup.size_bytes).toBe(statSync(join(folder(), copies()[0]!)).size);
    expect(await lastJob()).toMatchObject({ kind: 'make-backup', state: 'done' });
    expect(readdirSync(join(server.dataDir, 'scratch'))).toEqual([]);
    const bytes = readFileSync(join(folder(), copies()[0]!));
    expect([bytes.includes('Ink'), bytes.subarray(0, 15).toString()]).toEqual([true, 'SQLite format 3']);
  });

  it('holds one moment, whatever is written meanwhile', async () => {
    await server.desk('POST', '/backups');
    await Promise.all(Array.from({ length: 20 }, (_, n) => addBook(`Meanwhile ${n}`)));
    await server.settled();
    expect((await listed()).backups[0]).toMatchObject({ state: 'good' });
  });

  it('is called failed when a file of the library is not what it was', async () => {
    const path = join(server.libraryDir, 'sea.epub');
    const { mtime, atime } = statSync(path);
    const bytes = readFileSync(path);
    const before = copies();
    writeFileSync(path, Buffer.from(bytes).fill(0, 200, 300));
    (await import('node:fs')).utimesSync(path, atime, mtime);
    const backup = await backUp();
    expect(backup).toMatchObject({ state: 'failed', size_bytes: null });
    expect(backup.error).toBe('The file "sea.epub" is damaged: its content is not what it was.');
    expect(await lastJob()).toMatchObject({ state: 'failed', error: backup.error });
    expect(copies()).toEqual(before);
    writeFileSync(path, bytes);
  });

  it('can be removed, by nobody but the desk', async () => {
    const backup = await backUp();
    expect((await server.get('/desk/api/backups')).status).toBe(401);
    expect((await server.desk('DELETE', `/backups/${backup.backup_id}`)).status).toBe(204);
    const gone = await server.desk('DELETE', `/backups/${backup.backup_id}`);
    expect([gone.status, (gone.json() as Refusal).error.message]).toEqual([404, 'There is no such backup.']);
  });

  it('of a run that was cut off is not listed, and its remains go', async () => {
    const remains = ['half.sqlite.partial', 'half.sqlite.partial-journal', 'half.sqlite.json'];
    for (const name of remains) writeFileSync(join(folder(), name), 'x');
    const whole = readdirSync(folder()).filter((name) => !remains.includes(name));
    await server.restart();
    expect(readdirSync(folder()).sort()).toEqual(whole.sort());
    expect((await listed()).backups.some(({ state }) => state === 'making')).toBe(false);
  });
});

describe('restoring', () => {
  beforeEach(start);
  afterEach(() => server.close());

  it('brings the library back as it was, at the next start, and keeps what was there in another backup', async () => {
    await addBook('Before');
    const backup = await backUp();
    await addBook('After');
    const told = () => {
      const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'), { readonly: true });
      const changes = db.prepare("select seq from sqlite_sequence where name = 'changes'").pluck().get();
      const stream = db.prepare('select generation, (select count(*) from stream_ops) from stream_buckets').raw().get(); // prettier-ignore
      db.close();
      return { changes: changes as number, stream };
    };
    const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'));
    db.exec('insert into stream_buckets select user_id, 7 from users limit 1');
    db.close();
    const before = told();
    await restore(backup);
    const { backups } = await listed();
    expect(backups.map(({ reason, state, planned }) => [reason, state, planned])).toEqual([
      ['restore', 'good', false],
      ['asked', 'good', true],
    ]);
    expect(await titles()).toEqual(['After', 'Before', 'Sea']);
    const path = join(server.dataDir, 'papyrus-shelf.sqlite');
    await server.restart();
    expect(await titles()).toEqual(['Before', 'Sea']);
    // What was replaced lies beside it, whole.
    const replaced = new Database(path.replace('.sqlite', '.replaced-1.sqlite'), { readonly: true });
    expect(replaced.prepare('select title from books order by title').pluck().all()).toEqual([
      'After',
      'Before',
      'Sea',
    ]);
    replaced.close();
    // Every job that is over has its end, also the one that made the copy.
    const { jobs } = (await server.desk('GET', '/jobs')).json() as { jobs: Job[] };
    for (const { kind, state, finished_at } of jobs)
      expect([kind, state, finished_at]).toEqual([kind, state, expect.any(String)]);
    // Devices that followed what is gone now must not take new numbers for old ones.
    expect(told().changes).toBeGreaterThanOrEqual(before.changes);
    const after = (await listed()).backups;
    expect(after.map(({ reason, state, planned }) => [reason, state, planned])).toEqual([
      ['restore', 'good', false],
      ['asked', 'good', false],
    ]);
    await restore(after[0]!);
    await server.restart();
    expect(told().stream).toEqual([8, 3]);
    expect(
      readdirSync(server.dataDir)
        .filter((name) => /replaced.*sqlite$/.test(name))
        .sort(),
    ).toEqual(['papyrus-shelf.replaced-1.sqlite', 'papyrus-shelf.replaced-2.sqlite']);
    expect(await titles()).toEqual(['After', 'Before', 'Sea']);
  });

  it('outlives the rotation its own safety copy brings', async () => {
    await server.running().close();
    await server.restart({ keepDailyBackups: 1, keepWeeklyBackups: 0 });
    await addBook('Before');
    const backup = await backUp();
    clock.forward({ hours: 48 });
    token = await signIn();
    await addBook('After');
    await restore(backup);
    expect((await listed()).backups.map(({ reason, planned }) => [reason, planned])).toEqual([
      ['restore', false],
      ['asked', true],
    ]);
    await server.restart({ keepDailyBackups: 1, keepWeeklyBackups: 0 });
    expect(await titles()).toEqual(['Before', 'Sea']);
  });

  it('can be taken back until then', async () => {
    const backup = await backUp();
    await addBook('After');
    await restore(backup);
    expect((await server.desk('DELETE', `/backups/${backup.backup_id}`)).status).toBe(409);
    expect((await server.desk('DELETE', '/backups/planned')).status).toBe(204);
    await server.restart();
    expect(await titles()).toEqual(['After', 'Sea']);
  });

  it('refuses a copy that was damaged since, and calls it failed', async () => {
    const backup = await backUp();
    damage(join(folder(), copies()[0]!));
    await restore(backup);
    expect(await lastJob()).toMatchObject({ state: 'failed', error: 'The backup is damaged or gone: it was not restored.' }); // prettier-ignore
    expect((await listed()).backups.map(({ state, planned }) => [state, planned])).toEqual([
      ['failed', false],
    ]);
    const missing = await server.desk('POST', '/backups/019ce000-0000-7000-8000-000000000000/restore');
    expect(missing.status).toBe(404);
  });

  it('leaves the library alone when the copy is damaged after it was planned, and says so', async () => {
    const backup = await backUp();
    const [name] = copies();
    await restore(backup);
    damage(join(folder(), name!));
    await expect(server.restart()).rejects.toThrow(
      `The backup ${name} could not be put in place: it is damaged. The library is as it was; start again to go on with it.`,
    );
    await server.restart();
    expect(await titles()).toEqual(['Sea']);
  });

  it('puts a good copy in the place of a damaged library', async () => {
    const backup = await backUp();
    await restore(backup);
    await server.running().close();
    const path = join(server.dataDir, 'papyrus-shelf.sqlite');
    const damaged = Buffer.alloc(10_000, 1);
    writeFileSync(path, damaged);
    await server.restart();
    expect(await titles()).toEqual(['Sea']);
    expect(readFileSync(path.replace('.sqlite', '.replaced-1.sqlite'))).toEqual(damaged);
    rmSync(join(folder(), copies()[0]!));
  });
});

describe('a schedule', () => {
  it('makes a backup when the hour has passed, also when the server was off, and keeps the newest of each day and week', async () => {
    const time = at('2026-03-01T12:00:00Z');
    const scheduled = await startTestServer({ clock: time, options: { backupSchedule: 'daily', keepDailyBackups: 2, keepWeeklyBackups: 2 } }); // prettier-ignore
    const days = async () =>
      ((await scheduled.desk('GET', '/backups')).json() as BackupList).backups.map(({ created_at, state, reason }) => [created_at.slice(0, 10), state, reason]); // prettier-ignore
    try {
      await scheduled.restart();
      expect(await days()).toEqual([]);
      for (const hours of [16, 4, 20, 24, 24 * 5]) {
        time.forward({ hours });
        await scheduled.restart();
      }
      expect(await days()).toEqual([
        ['2026-03-09', 'good', 'schedule'],
        ['2026-03-04', 'good', 'schedule'],
      ]);
    } finally {
      await scheduled.close();
    }
  });
});
