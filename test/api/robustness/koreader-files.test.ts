import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureList, Job, JobList, StatisticsFileList } from '../../../server/api/desk/schemas.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { makeStatistics } from '../../support/make-statistics.ts';
import type { StatisticsContent } from '../../support/make-statistics.ts';
import { startTestServer, writeFiles } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import type { Item, ItemAnswer } from '../koshelf/shelf.ts';

const MD5 = 'a'.repeat(32);
const epub = makeEpub({ title: 'Sea', identifiers: ['urn:sea'] });
const sidecar = (texts: string[], rating: number): Buffer =>
  makeSidecar({
    partial_md5_checksum: MD5,
    percent_finished: 0.5,
    summary: { rating, status: 'reading' },
    annotations: texts.map((text, index) => ({
      datetime: `2026-01-05 10:${10 + index}:00`,
      drawer: 'lighten',
      page: `/p[${index}]`,
      pos0: `/p[${index}].0`,
      pos1: `/p[${index}].9`,
      text,
    })),
  });
const reads = (pages: number): StatisticsContent => ({
  books: [{ title: 'Sea', md5: MD5, pages: 5000, last_open: 1_700_000_000 }],
  reads: Array.from({ length: pages }, (_, page) => [1, page + 1, 1_700_000_000 + page * 60, 60, 5000]),
});

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({
    files: { 'sea.epub': epub, 'sea.sdr/metadata.epub.lua': sidecar(['One', 'Two'], 4) },
    statistics: reads(100),
  });
});
afterEach(() => server.close());

const detail = async (): Promise<ItemAnswer> => {
  const { items } = await server.data<{ items: Item[] }>('/items');
  expect(items).toHaveLength(1);
  return server.data<ItemAnswer>(`/items/${items[0]!.id}?include=highlights,statistics`);
};
const highlights = async () => (await detail()).highlights?.map(({ text }) => text);
const readSec = async () => (await detail()).statistics?.item_stats.total_reading_time_sec;
const failures = async () =>
  ((await server.desk('GET', '/failures')).json() as FailureList).failures.map(
    ({ name, reason }) => `${name} ${reason}`,
  );
const imported = async (): Promise<Pick<Job, 'state' | 'error'>> => {
  const { jobs } = (await server.desk('GET', '/jobs')).json() as JobList;
  const { state, error } = jobs.find(({ kind }) => kind === 'import-statistics')!;
  return { state, error };
};
const touch = (path: string): void => utimesSync(path, Date.now() / 1000, Date.now() / 1000);

describe('a sidecar', () => {
  const whole = sidecar(['One', 'Two', 'Three'], 5);

  it.each([
    ['cut in half', whole.subarray(0, whole.length / 2)],
    ['empty', Buffer.alloc(0)],
    ['full of zeros', Buffer.alloc(whole.length)],
    ['a program', Buffer.from('return os.execute("touch /tmp/shelf-executed")')],
    ['endless', Buffer.from(`return ${'{'.repeat(100_000)}`)],
  ])('that is %s takes nothing away, and is read when it is whole again', async (_, bytes) => {
    server.put({ 'sea.sdr/metadata.epub.lua': bytes });
    await server.rescan();
    expect(await highlights()).toEqual(['One', 'Two']);
    expect((await detail()).item).toMatchObject({ rating: 4, progress_percentage: 50 });
    expect(await failures()).toEqual([expect.stringMatching(/^metadata\.epub\.lua (corrupt|empty)$/)]);
    server.put({ 'sea.sdr/metadata.epub.lua': whole });
    await server.rescan();
    expect(await highlights()).toEqual(['One', 'Two', 'Three']);
    expect([(await detail()).item.rating, await failures()]).toEqual([5, []]);
  });

  it('that was removed leaves its highlights with the book', async () => {
    server.remove('sea.sdr');
    await server.rescan();
    expect(await highlights()).toEqual(['One', 'Two']);
    expect((await detail()).item).toMatchObject({ rating: 4, has_metadata: false });
  });

  it('that loses a highlight loses it here too, and keeps the others as they are', async () => {
    const before = (await detail()).highlights!;
    server.put({ 'sea.sdr/metadata.epub.lua': sidecar(['One'], 4) });
    await server.rescan();
    expect((await detail()).highlights).toEqual([before[0]]);
  });
});

describe('a statistics file', () => {
  const replace = (content: Buffer): void => writeFileSync(server.statisticsPath, content);
  const make = (content: StatisticsContent): Buffer => {
    const path = join(server.libraryDir, '..', 'made.sqlite3');
    rmSync(path, { force: true });
    makeStatistics(path, content).close();
    return readFileSync(path);
  };
  const sentence = /^[A-Z][^/]*\.$/;

  it.each([
    ['torn', () => make(reads(3000)).subarray(0, 40_000)],
    [
      'overwritten in the middle',
      () => {
        const bytes = make(reads(3000));
        bytes.fill(0xff, 8192, 60_000);
        return bytes;
      },
    ],
    ['no database', () => Buffer.from('not a database'.repeat(1000))],
    ['empty', () => Buffer.alloc(0)],
    [
      'the database of something else',
      () => {
        const path = join(server.libraryDir, '..', 'other.sqlite3');
        const db = makeStatistics(path);
        db.exec(
          'drop view page_stat; drop table page_stat_data; drop table book; create table songs (name text)',
        );
        db.close();
        return readFileSync(path);
      },
    ],
  ])('that is %s is refused with a reason, and what was read before stays', async (_, bytes) => {
    expect(await readSec()).toBe(6000);
    replace(bytes());
    await server.rescan();
    const { state, error } = await imported();
    expect([state, error]).toEqual(['failed', expect.stringMatching(sentence)]);
    const { files } = (await server.desk('GET', '/statistics-files')).json() as StatisticsFileList;
    expect(files).toEqual([expect.objectContaining({ error })]);
    expect(await readSec()).toBe(6000);
    replace(make(reads(200)));
    await server.rescan();
    expect([await imported(), await readSec()]).toEqual([{ state: 'done', error: null }, 12_000]);
  });

  it('that is gone is told of, and what was read before stays', async () => {
    const bytes = readFileSync(server.statisticsPath);
    rmSync(server.statisticsPath);
    await server.rescan();
    expect(await imported()).toEqual({ state: 'failed', error: 'The statistics database is not there.' });
    expect(await readSec()).toBe(6000);
    replace(bytes);
    await server.rescan();
    expect((await imported()).state).toBe('done');
  });

  it('is read with what its writer has not moved from the log yet, and is left as it was', async () => {
    const path = join(server.libraryDir, '..', 'logged.sqlite3');
    const writer = makeStatistics(path, { ...reads(150), journal: 'wal' });
    try {
      const before = [readFileSync(path), readFileSync(`${path}-wal`)];
      expect((await server.desk('POST', '/statistics-files', { path })).status).toBe(201);
      await server.settled();
      expect([await imported(), await readSec()]).toEqual([{ state: 'done', error: null }, 9000]);
      expect([readFileSync(path), readFileSync(`${path}-wal`)]).toEqual(before);
    } finally {
      writer.close();
    }
  });

  it('that another program holds for itself is read all the same: no lock of it is asked for', async () => {
    replace(make(reads(120)));
    touch(server.statisticsPath);
    const holder = spawn(process.execPath, ['-e', HOLD, server.statisticsPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await new Promise((resolve) => {
        holder.stdout.once('data', resolve);
      });
      await server.rescan();
      expect([await imported(), await readSec()]).toEqual([{ state: 'done', error: null }, 7200]);
    } finally {
      const ended = new Promise((resolve) => {
        holder.once('close', resolve);
      });
      holder.stdin.end();
      await ended;
    }
  });

  it('counts the same reading of two devices once', async () => {
    const path = join(server.libraryDir, '..', 'second.sqlite3');
    makeStatistics(path, reads(110)).close();
    await server.desk('POST', '/statistics-files', { path });
    await server.settled();
    expect(await readSec()).toBe(6600);
  });
});

/** Takes the exclusive lock of the database, says so, and holds it until its input ends. */
const HOLD = `
  const Database = require('better-sqlite3');
  const db = new Database(process.argv[1]);
  db.exec('begin exclusive');
  process.stdout.write('held');
  process.stdin.on('end', () => { db.exec('rollback'); db.close(); }).resume();
`;

describe('a book that changes', () => {
  it('while it is read is read again by the next scan', async () => {
    // Large enough to be read for some time; it grows as long as the scan runs.
    const path = join(server.libraryDir, 'growing.txt');
    writeFiles(server.libraryDir, { 'growing.txt': 'x'.repeat(8_000_000) });
    let isScanning = true;
    const growing = (async () => {
      while (isScanning) {
        appendFileSync(path, 'x');
        await new Promise(setImmediate);
      }
    })();
    await server.rescan();
    isScanning = false;
    await growing;
    const found = async () =>
      (await server.data<{ items: Item[] }>('/items')).items.map(({ title }) => title);
    expect([await found(), await failures()]).toEqual([['Sea'], ['growing.txt changed']]);
    await server.rescan();
    expect([await found(), await failures()]).toEqual([['growing', 'Sea'], []]);
  });

  it('between two scans keeps its id, its highlights and its sidecar', async () => {
    const { item, highlights } = await detail();
    server.put({ 'sea.epub': makeEpub({ title: 'Sea', identifiers: ['urn:sea'], publisher: 'New' }) });
    await server.rescan();
    const after = await detail();
    expect(after.highlights).toEqual(highlights);
    expect(after.item).toEqual({ ...item, publisher: 'New' });
  });

  it('to something that cannot be read stays as it was until it can', async () => {
    const { item } = await detail();
    server.put({ 'sea.epub': epub.subarray(0, 300) });
    await server.rescan();
    expect([(await detail()).item, await failures()]).toEqual([item, ['sea.epub corrupt']]);
    server.put({ 'sea.epub': epub });
    await server.rescan();
    expect([(await detail()).item, await failures()]).toEqual([item, []]);
  });
});

describe('a library folder', () => {
  it('that is not there forgets nothing, and says so', async () => {
    const { item } = await detail();
    server.rename('.', '../unplugged');
    await server.rescan();
    const { jobs } = (await server.desk('GET', '/jobs')).json() as JobList;
    expect(jobs.find(({ kind }) => kind === 'scan-folder')).toMatchObject({
      state: 'failed',
      error: 'This folder cannot be read now. Is its drive connected? Nothing was changed.',
    });
    expect((await detail()).item).toEqual(item);
    server.rename('../unplugged', '.');
    await server.rescan();
    expect((await detail()).item).toEqual(item);
  });

  it('that is emptied while it is scanned ends the scan without harm', async () => {
    const books = Array.from({ length: 200 }, (_, n) => [`many/${n}.epub`, makeEpub({ title: `Book ${n}` })]);
    server.put(Object.fromEntries(books) as Record<string, Uint8Array>);
    const events = await server.events('/desk/api/events');
    await server.desk('POST', '/scans');
    await events.nextOf<Job>('job', (job) => job.kind === 'scan-folder' && job.state === 'running');
    server.remove('many');
    events.close();
    await server.settled();
    await server.rescan();
    const { items } = await server.data<{ items: Item[] }>('/items');
    expect([items.map(({ title }) => title), await failures()]).toEqual([['Sea'], []]);
  });
});
