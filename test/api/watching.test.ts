import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../server/config/options.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { makeStatistics } from '../support/make-statistics.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { Files, TestServer } from '../support/server.ts';

const PACE = { quietMs: 150, lookMs: 60, longestMs: 5_000, retryMs: 100 };
type Item = { id: string; title: string; rating?: number };
type Job = { kind: string };

let server: TestServer;
let outside: string;

beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-watching-')));
});
afterEach(async () => {
  await server.close();
  rmSync(outside, { recursive: true });
});

const start = async (files: Files, options: Partial<ServerOptions> = {}, statistics?: object) => {
  server = await startTestServer({
    files,
    options: { watch: 'auto', ...options },
    ports: { watchPace: PACE },
    ...(statistics === undefined ? {} : { statistics }),
  });
};
const book = (title: string) => makeEpub({ title });
const sidecar = (rating: number, of = book('Emma')) =>
  makeSidecar({ partial_md5_checksum: koreaderChecksum(of), summary: { rating, status: 'reading' } });
const items = async () => (await server.data<{ items: Item[] }>('/items')).items;
const titles = async () => (await items()).map(({ title }) => title).toSorted();
const ratingOf = async (title: string) => (await items()).find((item) => item.title === title)?.rating;
const jobs = async (kind: string) => {
  const answer = await server.desk('GET', '/jobs');
  return (answer.json() as { jobs: Job[] }).jobs.filter((job) => job.kind === kind);
};

/** Asks again until the answer is the expected one; the last answer is what fails the test. */
const eventually = async <Value>(ask: () => Promise<Value> | Value, expected: Value): Promise<void> => {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const value = await ask();
    const isRight = JSON.stringify(value) === JSON.stringify(expected);
    if (isRight || performance.now() > deadline) {
      expect(value).toEqual(expected);
      return;
    }
    await sleep(20);
  }
};

describe('watching', () => {
  it('takes in a new book and forgets a deleted one', async () => {
    await start({ 'Emma.epub': book('Emma') });
    server.put({ 'new/Persuasion.epub': book('Persuasion') });
    await eventually(titles, ['Emma', 'Persuasion']);
    server.remove('Emma.epub');
    await eventually(titles, ['Persuasion']);
  });

  it('reads a new and a changed sidecar, also one that replaces the old by rename', async () => {
    await start({ 'Emma.epub': book('Emma') });
    server.put({ 'Emma.sdr/metadata.epub.lua': sidecar(2) });
    await eventually(() => ratingOf('Emma'), 2);
    server.put({ 'Emma.sdr/metadata.epub.lua.new': sidecar(5) });
    server.rename('Emma.sdr/metadata.epub.lua.new', 'Emma.sdr/metadata.epub.lua');
    await eventually(() => ratingOf('Emma'), 5);
  });

  it('falls back to the backup of a sidecar that was deleted', async () => {
    await start({
      'Emma.epub': book('Emma'),
      'Emma.sdr/metadata.epub.lua': sidecar(4),
      'Emma.sdr/metadata.epub.lua.old': sidecar(3),
    });
    expect(await ratingOf('Emma')).toBe(4);
    server.remove('Emma.sdr/metadata.epub.lua');
    await eventually(() => ratingOf('Emma'), 3);
  });

  it('follows a renamed folder: the books stay the same, and so does what changes in it later', async () => {
    await start({ 'Austen/Emma.epub': book('Emma'), 'Austen/deep/Persuasion.epub': book('Persuasion') });
    const before = (await items()).map(({ id }) => id).toSorted();
    const scans = (await jobs('scan-folder')).length;
    server.rename('Austen', 'Jane Austen');
    await eventually(async () => (await jobs('scan-folder')).length > scans, true);
    await server.settled();
    expect((await items()).map(({ id }) => id).toSorted()).toEqual(before);
    server.put({ 'Jane Austen/deep/Sanditon.epub': book('Sanditon') });
    await eventually(titles, ['Emma', 'Persuasion', 'Sanditon']);
    server.put({ 'Lady Susan.epub': book('Lady Susan'), 'Sanditon.epub': book('Sanditon') });
    await eventually(titles, ['Emma', 'Lady Susan', 'Persuasion', 'Sanditon']);
    server.remove('Jane Austen');
    await eventually(titles, ['Lady Susan', 'Sanditon']);
  });

  it.runIf(process.platform === 'linux')('keeps names that are not UTF-8', async () => {
    await start({ 'Emma.epub': book('Emma') });
    const name = Buffer.concat([
      Buffer.from(join(server.libraryDir, 'caf')),
      Buffer.from([0xe9]),
      Buffer.from('.epub'),
    ]);
    writeFileSync(name, book('Persuasion'));
    await eventually(titles, ['Emma', 'Persuasion']);
    rmSync(name);
    await eventually(titles, ['Emma']);
  });

  it.each(['docsettings', 'hashdocsettings'] as const)(
    'notices a new sidecar of a known book in %s',
    async (kind) => {
      await start({ 'Emma.epub': book('Emma') }, { [kind]: [outside] });
      const checksum = koreaderChecksum(book('Emma'));
      const folder =
        kind === 'docsettings' ? 'mnt/books/Emma.sdr' : `${checksum.slice(0, 2)}/${checksum}.sdr`;
      mkdirSync(join(outside, folder), { recursive: true });
      writeFileSync(join(outside, folder, 'metadata.epub.lua'), sidecar(4));
      await eventually(() => ratingOf('Emma'), 4);
    },
  );

  it('imports a statistics file that is replaced by rename', async () => {
    const md5 = koreaderChecksum(book('Emma'));
    const books = [{ title: 'Emma', authors: 'Some Author', md5, pages: 100 }];
    const at = Date.UTC(2026, 0, 5, 12) / 1000;
    await start({ 'Emma.epub': book('Emma') }, {}, { books, reads: [[1, 1, at, 60, 100]] });
    const pageReads = async () => {
      const answer = await server.desk('GET', '/statistics-files');
      return (answer.json() as { files: { page_reads: number }[] }).files[0]?.page_reads;
    };
    expect(await pageReads()).toBe(1);
    const next = join(outside, 'next.sqlite3');
    makeStatistics(next, { books, reads: [[1, 1, at, 60, 100], [1, 2, at + 60, 30, 100]] }).close(); // prettier-ignore
    copyFileSync(next, `${server.statisticsPath}.part`);
    renameSync(`${server.statisticsPath}.part`, server.statisticsPath);
    await eventually(pageReads, 2);
  });

  it('looks at five hundred new books in one batch', async () => {
    await start({ 'Emma.epub': book('Emma') });
    const scans = (await jobs('scan-folder')).length;
    const burst = Array.from({ length: 500 }, (_, index) => [`many/${index}.epub`, book(`Book ${index}`)]);
    server.put(Object.fromEntries(burst) as Files);
    await eventually(() => server.running().status(), { books: 501, scanning: false });
    expect((await jobs('scan-folder')).length).toBe(scans + 1);
  });

  it('leaves noise alone', async () => {
    await start({ 'Emma.epub': book('Emma'), 'Emma.sdr/metadata.epub.lua': sidecar(2) });
    const scans = (await jobs('scan-folder')).length;
    server.put({
      'cover.jpg': 'x',
      '.hidden/Persuasion.epub': book('Persuasion'),
      'Emma.sdr/cache.bin': 'x',
    });
    server.put({ 'gone.epub': 'x' });
    server.remove('gone.epub');
    // What comes after the noise is heard after it.
    await sleep(PACE.quietMs + PACE.lookMs * 3);
    server.put({ 'Sanditon.epub': book('Sanditon') });
    await eventually(titles, ['Emma', 'Sanditon']);
    expect((await jobs('scan-folder')).length).toBe(scans + 1);
  });

  it('waits for a folder that is unplugged, and looks through it when it returns', async () => {
    await start({ 'Emma.epub': book('Emma') });
    const away = join(outside, 'unplugged');
    renameSync(server.libraryDir, away);
    writeFileSync(join(away, 'Persuasion.epub'), book('Persuasion'));
    await sleep(PACE.retryMs * 3);
    expect(await titles()).toEqual(['Emma']);
    renameSync(away, server.libraryDir);
    await eventually(titles, ['Emma', 'Persuasion']);
    server.put({ 'Sanditon.epub': book('Sanditon') });
    await eventually(titles, ['Emma', 'Persuasion', 'Sanditon']);
  });

  it('follows folders that are added and removed in the desk', async () => {
    await start({ 'Emma.epub': book('Emma') });
    const added = await server.desk('POST', '/folders', { path: outside });
    expect(added.status).toBe(201);
    await server.settled();
    writeFileSync(join(outside, 'Persuasion.epub'), book('Persuasion'));
    await eventually(titles, ['Emma', 'Persuasion']);
    const { folder_id: folderId } = added.json() as { folder_id: string };
    expect((await server.desk('DELETE', `/folders/${folderId}`)).status).toBe(204);
    await eventually(titles, ['Emma']);
    const scans = (await jobs('scan-folder')).length;
    writeFileSync(join(outside, 'Sanditon.epub'), book('Sanditon'));
    server.put({ 'Lady Susan.epub': book('Lady Susan') });
    await eventually(titles, ['Emma', 'Lady Susan']);
    expect((await jobs('scan-folder')).length).toBe(scans + 1);
  });

  it('looks every now and then when told to poll', async () => {
    await start({ 'Emma.epub': book('Emma') }, { watch: 'poll', pollInterval: 1 });
    server.put({ 'Persuasion.epub': book('Persuasion') });
    await eventually(titles, ['Emma', 'Persuasion']);
    server.remove('Emma.epub');
    await eventually(titles, ['Persuasion']);
  });

  it('notices nothing when off', async () => {
    await start({ 'Emma.epub': book('Emma') }, { watch: 'off' });
    server.put({ 'Persuasion.epub': book('Persuasion') });
    await sleep(PACE.quietMs * 3);
    expect(await titles()).toEqual(['Emma']);
    await server.rescan();
    expect(await titles()).toEqual(['Emma', 'Persuasion']);
  });
});
