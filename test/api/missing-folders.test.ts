import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job, JobList, LibraryFolder, LibraryFolderList } from '../../server/api/desk/schemas.ts';
import { at } from '../support/clock.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer, writeFiles } from '../support/server.ts';
import type { Files, TestServer } from '../support/server.ts';

let server: TestServer;
afterEach(() => server.close());

type Item = { id: string; title: string };
const book = (title: string) => makeEpub({ title });
const shelfOf = (titles: readonly string[], folder = ''): Files =>
  Object.fromEntries(titles.map((title) => [`${folder}${title}.epub`, book(title)]));
const SEVEN = ['Emma', 'Evelina', 'Ivanhoe', 'Middlemarch', 'Persuasion', 'Sanditon', 'Waverley'];

const folders = async () => ((await server.desk('GET', '/folders')).json() as LibraryFolderList).folders;
const folder = async (path = server.libraryDir): Promise<LibraryFolder> =>
  (await folders()).find((each) => each.path === path)!;
const items = async () => (await server.data<{ items: Item[] }>('/items')).items;
const ids = async () => Object.fromEntries((await items()).map(({ title, id }) => [title, id]));
const say = async (word: 'look' | 'let-go', path?: string) => {
  const answer = await server.desk('POST', `/folders/${(await folder(path)).folder_id}/${word}`);
  await server.settled();
  return answer.status;
};
const lastScan = async (path = server.libraryDir) =>
  ((await server.desk('GET', '/jobs')).json() as JobList).jobs.find(
    ({ kind, subject }) => kind === 'scan-folder' && subject === path,
  )!;

describe('a folder in which nothing is found any more', () => {
  const empty = () => {
    renameSync(server.libraryDir, `${server.libraryDir}-away`);
    mkdirSync(server.libraryDir);
  };
  const putBack = () => {
    rmSync(server.libraryDir, { recursive: true });
    renameSync(`${server.libraryDir}-away`, server.libraryDir);
  };

  it('changes nothing, asks, and is itself again when its drive is back, however long that took', async () => {
    const clock = at('2026-03-14T12:00:00Z');
    server = await startTestServer({ clock, files: shelfOf(SEVEN) });
    const token = await server.claim();
    const before = await ids();
    const diary = async () => {
      const answer = await server.papyrus('GET', '/sync/changes', undefined, token);
      return (answer.json() as { checkpoint?: string; server_timestamp?: string }).checkpoint;
    };
    const told = await diary();
    empty();
    for (const days of [0, 20, 40]) {
      clock.forward({ days });
      await server.rescan();
      expect(await ids()).toEqual(before);
      expect((await folder()).missing).toEqual({ reason: 'empty', files: 7, known: 7 });
    }
    expect(await diary()).toBe(told);
    putBack();
    expect(await say('look')).toBe(202);
    expect(await ids()).toEqual(before);
    expect((await folder()).missing).toBeNull();
    expect((await lastScan()).counts).toEqual({ seen: 7, unchanged: 7, read: 0, failed: 0 });
  });

  it('lets them go by the person’s word, and gives them their ids when they come back after months', async () => {
    const clock = at('2026-03-14T12:00:00Z');
    server = await startTestServer({ clock, files: shelfOf(SEVEN) });
    const before = await ids();
    empty();
    await server.rescan();
    expect(await say('let-go')).toBe(202);
    expect(await items()).toEqual([]);
    expect((await folder()).missing).toBeNull();
    expect(await say('let-go')).toBe(409);
    clock.forward({ days: 31 });
    await server.rescan();
    clock.forward({ days: 200 });
    putBack();
    await server.rescan();
    expect(await ids()).toEqual(before);
  });

  it('still takes in what is new there', async () => {
    server = await startTestServer({ files: shelfOf(SEVEN) });
    empty();
    writeFiles(server.libraryDir, shelfOf(['Villette']));
    await server.rescan();
    expect((await items()).map(({ title }) => title).toSorted()).toEqual([...SEVEN, 'Villette'].toSorted());
    expect((await folder()).missing).toEqual({ reason: 'most', files: 7, known: 8 });
  });
});

describe('a folder that loses most of its books at once', () => {
  const lose = (count: number) => {
    for (const title of SEVEN.slice(0, count)) server.remove(`${title}.epub`);
  };

  it('is asked about from four of seven on, and not before', async () => {
    server = await startTestServer({ files: shelfOf(SEVEN) });
    lose(3);
    await server.rescan();
    expect((await folder()).missing).toBeNull();
    expect(await items()).toHaveLength(4);
    server.put(shelfOf(SEVEN));
    await server.rescan();
    lose(4);
    await server.rescan();
    expect((await folder()).missing).toEqual({ reason: 'most', files: 4, known: 7 });
    expect(await items()).toHaveLength(7);
  });

  it('is not asked about one or two', async () => {
    server = await startTestServer({ files: shelfOf(['Emma', 'Evelina', 'Ivanhoe']) });
    lose(2);
    await server.rescan();
    expect((await items()).map(({ title }) => title)).toEqual(['Ivanhoe']);
  });

  it('is asked again when even more is missing than the person was told', async () => {
    server = await startTestServer({ files: shelfOf(SEVEN) });
    lose(4);
    await server.rescan();
    lose(0);
    for (const title of SEVEN.slice(4)) server.remove(`${title}.epub`);
    expect(await say('let-go')).toBe(202);
    expect((await folder()).missing).toEqual({ reason: 'empty', files: 7, known: 7 });
    expect(await items()).toHaveLength(7);
    expect(await say('let-go')).toBe(202);
    expect(await items()).toEqual([]);
  });

  it('is not asked when the books only lie elsewhere in it, or in another folder of the library', async () => {
    server = await startTestServer({ files: shelfOf(SEVEN, 'Novels/') });
    const before = await ids();
    server.rename('Novels', 'Classics');
    await server.rescan();
    expect(await ids()).toEqual(before);
    expect((await folder()).missing).toBeNull();

    const second = join(server.libraryDir, '..', 'second');
    mkdirSync(second);
    expect((await server.desk('POST', '/folders', { path: second })).status).toBe(201);
    await server.settled();
    renameSync(join(server.libraryDir, 'Classics'), join(second, 'Classics'));
    await server.rescan();
    expect((await folders()).map(({ path, missing, files }) => [path, missing, files])).toEqual([
      [server.libraryDir, null, 0],
      [second, null, 7],
    ]);
    expect(await ids()).toEqual(before);
  });

  it('keeps what KOReader said of its books too', async () => {
    const outside = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-docsettings-')));
    try {
      for (const title of SEVEN)
        writeFiles(outside, {
          [`books/${title}.sdr/metadata.epub.lua`]: makeSidecar({
            partial_md5_checksum: koreaderChecksum(book(title)),
            percent_finished: 0.5,
            summary: { status: 'reading' },
          }),
        });
      server = await startTestServer({ files: {}, options: { docsettings: [outside] } });
      expect(await server.data<{ items: Item[] }>('/items').then((page) => page.items.length)).toBe(7);
      const before = await ids();
      renameSync(join(outside, 'books'), join(outside, '..', `${SEVEN[0]}-books-away`));
      await server.rescan();
      expect(await ids()).toEqual(before);
      expect((await folder(outside)).missing).toEqual({ reason: 'empty', files: 7, known: 7 });
    } finally {
      rmSync(join(outside, '..', `${SEVEN[0]}-books-away`), { recursive: true, force: true });
      rmSync(outside, { recursive: true });
    }
  });
});

describe('a folder that is another one than before', () => {
  it('is asked about when a tenth of its books is missing', async () => {
    const titles = Array.from({ length: 20 }, (_, n) => `Volume ${n}`);
    server = await startTestServer({ files: shelfOf(titles) });
    renameSync(server.libraryDir, `${server.libraryDir}-away`);
    mkdirSync(server.libraryDir);
    writeFiles(server.libraryDir, shelfOf(titles.slice(0, 17)));
    await server.rescan();
    expect(await items()).toHaveLength(20);
    expect((await folder()).missing).toEqual({ reason: 'most', files: 3, known: 20 });
  });
});

describe('a folder that is not there', () => {
  it('says so beside its name until it is back', async () => {
    server = await startTestServer({ files: shelfOf(SEVEN) });
    renameSync(server.libraryDir, `${server.libraryDir}-away`);
    await server.rescan();
    const trouble = 'This folder cannot be read now. Is its drive connected? Nothing was changed.';
    expect(await folder()).toMatchObject({ missing: null, trouble });
    expect(await lastScan()).toMatchObject({ state: 'failed', error: trouble });
    expect(await items()).toHaveLength(7);
    renameSync(`${server.libraryDir}-away`, server.libraryDir);
    await server.rescan();
    expect(await folder()).toMatchObject({ missing: null, trouble: null });
  });
});

const canMount = (): boolean => {
  const place = mkdtempSync(join(tmpdir(), 'shelf-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true });
  }
};

// Mounting takes root's rights; the looks above stand for it where there are none.
describe.skipIf(!canMount())('a drive that is pulled out', () => {
  const BOOKS = 1_200;
  let drive: string;
  let copies: Files;
  beforeAll(() => {
    drive = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-drive-')));
    copies = Object.fromEntries(
      Array.from({ length: BOOKS }, (_, n) => [`${n % 40}/Volume ${n}.epub`, book(`Volume ${n}`)]),
    );
  });
  afterAll(() => rmSync(drive, { recursive: true }));
  const mount = () => execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', drive]);
  const pullOut = () => execFileSync('umount', ['-l', drive]);

  it.each([0, 10, 60, undefined])(
    'in the middle of a scan takes no book along (after %s ms, or once something was read)',
    async (afterMs) => {
      mount();
      writeFiles(drive, copies);
      server = await startTestServer({ options: { library: [drive] } });
      let isMounted = true;
      try {
        const before = await ids();
        expect(Object.keys(before)).toHaveLength(BOOKS);
        // Everything looks changed: the scan takes its time.
        for (const name of Object.keys(copies)) writeFileSync(join(drive, name), copies[name]!);
        const events = await server.events('/desk/api/events');
        const scan = server.desk('POST', '/scans');
        if (afterMs !== undefined) await sleep(afterMs);
        else
          await events.nextOf<Job>(
            'job',
            ({ state, counts }) => state === 'running' && (counts?.read ?? 0) > 0,
          );
        pullOut();
        isMounted = false;
        events.close();
        await scan;
        await server.settled();
        // However early or late it was.
        if (afterMs === undefined)
          expect(await lastScan(drive)).toMatchObject({
            state: 'failed',
            error: expect.stringMatching(/drive/),
          });
        expect(await ids()).toEqual(before);
        // What is left is the empty folder it was mounted on.
        await server.rescan();
        expect(await ids()).toEqual(before);
        expect((await folder(drive)).missing).toEqual({ reason: 'empty', files: BOOKS, known: BOOKS });
        mount();
        isMounted = true;
        writeFiles(drive, copies);
        await server.rescan();
        expect(await ids()).toEqual(before);
        expect((await folder(drive)).missing).toBeNull();
      } finally {
        if (isMounted) pullOut();
      }
    },
  );
});
