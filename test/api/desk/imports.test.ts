import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  FailureList,
  Job,
  JobList,
  LibraryFolder,
  LibraryFolderList,
  ProtectedBookList,
  ShelfPage,
  StatisticsFile,
  StatisticsFileList,
} from '../../../server/api/desk/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { makeCbz } from '../../support/make-comic.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeMobi } from '../../support/make-mobi.ts';
import { makeStatistics } from '../../support/make-statistics.ts';
import type { StatisticsContent } from '../../support/make-statistics.ts';
import { startTestServer, writeFiles } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let root: string;
beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-desk-')));
  server = await startTestServer({ files: { 'given.epub': makeEpub({ title: 'Given' }) } });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

const get = async <Body>(path: string): Promise<Body> => (await server.desk('GET', path)).json() as Body;
const folders = async () => (await get<LibraryFolderList>('/folders')).folders;
const files = async () => (await get<StatisticsFileList>('/statistics-files')).files;
const jobs = async () => (await get<JobList>('/jobs')).jobs;
const shelf = async () => (await get<ShelfPage>('/shelf')).books.map(({ title }) => title).sort();
const error = (answer: Answer) => {
  const { code, message } = (answer.json() as Refusal).error;
  return [answer.status, code, message];
};
const addFolder = (path: unknown): Promise<Answer> => server.desk('POST', '/folders', { path });
const newFolder = (name: string, books: Record<string, Uint8Array> = {}): string => {
  const path = join(root, name);
  mkdirSync(path);
  writeFiles(path, books);
  return path;
};

describe('folders', () => {
  it('shows the one given at start, which cannot be removed', async () => {
    const [given, ...others] = await folders();
    expect(others).toEqual([]);
    expect(given).toEqual({
      folder_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      path: server.libraryDir,
      fixed: true,
      files: 1,
      last_scan_at: expect.stringMatching(/Z$/),
      missing: null,
      trouble: null,
      not_read: [],
    });
    expect(error(await server.desk('DELETE', `/folders/${given!.folder_id}`))).toEqual([
      403,
      'forbidden',
      'This folder was given when the server was started. Start it without to remove it.',
    ]);
  });

  it('takes a folder in, reads it, and lets it go again with its books and without touching a file', async () => {
    const path = newFolder('more', { 'more.epub': makeEpub({ title: 'More' }) });
    const answer = await addFolder(`  ${path}/ `);
    expect(answer.status).toBe(201);
    const added = answer.json() as LibraryFolder;
    expect(added).toMatchObject({ path, fixed: false, files: 0, last_scan_at: null });
    await server.settled();
    expect(await shelf()).toEqual(['Given', 'More']);
    expect((await folders()).find(({ folder_id }) => folder_id === added.folder_id)).toMatchObject({
      files: 1,
    });

    expect((await server.desk('DELETE', `/folders/${added.folder_id}`)).status).toBe(204);
    expect(await shelf()).toEqual(['Given']);
    expect(await folders()).toHaveLength(1);
    expect(error(await server.desk('DELETE', `/folders/${added.folder_id}`))[0]).toBe(404);
    expect((await addFolder(path)).status).toBe(201);
    await server.settled();
    expect(await shelf()).toEqual(['Given', 'More']);
  });

  it('is the same folder when it is added again, also under another name', async () => {
    const path = newFolder('once');
    const first = (await addFolder(path)).json() as LibraryFolder;
    symlinkSync(path, join(root, 'link to once'));
    for (const again of [path, join(root, 'link to once'), `${path}/../once`]) {
      const answer = await addFolder(again);
      expect([answer.status, (answer.json() as LibraryFolder).folder_id]).toEqual([201, first.folder_id]);
    }
  });

  it('refuses a folder inside another one, and one around it', async () => {
    const outer = newFolder('outer');
    mkdirSync(join(outer, 'inner'));
    await addFolder(outer);
    expect(error(await addFolder(join(outer, 'inner')))).toEqual([
      409,
      'conflict',
      `This folder is already part of ${outer}.`,
    ]);
    expect(error(await addFolder(root))).toEqual([
      409,
      'conflict',
      expect.stringMatching(/ is part of this folder\. Remove it first\.$/),
    ]);
    // A name that only begins alike is no part of it.
    expect((await addFolder(newFolder('outer space'))).status).toBe(201);
  });

  it('refuses what is no folder, in words for the person', async () => {
    writeFileSync(join(root, 'file'), '');
    expect(error(await addFolder(join(root, 'nowhere')))).toEqual([
      400,
      'invalid',
      'There is no such folder on this computer.',
    ]);
    expect(error(await addFolder(join(root, 'file')))).toEqual([
      400,
      'invalid',
      'This is a file, not a folder.',
    ]);
    expect(error(await addFolder(server.dataDir))).toEqual([
      400,
      'invalid',
      'This is where Papyrus Shelf keeps its own data. Choose the folder your books are in.',
    ]);
    for (const path of ['', '   ', 5, undefined, 'x'.repeat(5000), `${root}/a\0b`]) {
      expect(error(await addFolder(path)).slice(0, 2)).toEqual([400, 'invalid']);
    }
  });
});

describe('statistics files', () => {
  it('takes a file in, imports it, and stops reading it without forgetting', async () => {
    const path = join(root, 'statistics.sqlite3');
    makeStatistics(path, { books: [{ title: 'B' }], reads: [[1, 1, 1_700_000_000, 60, 10]] }).close();
    const answer = await server.desk('POST', '/statistics-files', { path });
    expect(answer.status).toBe(201);
    const { file_id } = answer.json() as StatisticsFile;
    await server.settled();
    expect(await files()).toEqual([
      {
        file_id,
        path,
        fixed: false,
        books: 1,
        page_reads: 1,
        last_import_at: expect.stringMatching(/Z$/),
        error: null,
      },
    ]);
    expect((await server.data<{ capabilities: object }>('/site')).capabilities).toMatchObject({
      has_reading_data: true,
    });
    expect((await server.desk('DELETE', `/statistics-files/${file_id}`)).status).toBe(204);
    expect(await files()).toEqual([]);
    expect((await server.desk('DELETE', `/statistics-files/${file_id}`)).status).toBe(404);
    expect((await server.data<{ capabilities: object }>('/site')).capabilities).toMatchObject({
      has_reading_data: true,
    });
  });

  it('refuses what is no file', async () => {
    expect(error(await server.desk('POST', '/statistics-files', { path: root }))).toEqual([
      400,
      'invalid',
      'This is a folder, not a file.',
    ]);
    expect(error(await server.desk('POST', '/statistics-files', { path: join(root, 'none') }))).toEqual([
      400,
      'invalid',
      'There is no such file on this computer.',
    ]);
  });

  it('refuses a file that is none of KOReader’s before it is part of the library', async () => {
    const text = join(root, 'not a database');
    writeFileSync(text, 'x'.repeat(5000));
    const database = join(root, 'another.sqlite3');
    const other = new Database(database);
    other.exec('create table notes (text)');
    other.close();
    const before = (await jobs()).length;
    const reasons: unknown[] = [];
    for (const path of [text, database])
      reasons.push(error(await server.desk('POST', '/statistics-files', { path })));
    expect(reasons).toEqual([
      [400, 'invalid', 'The statistics file is not a SQLite database.'],
      [400, 'invalid', "The database does not have the tables of KOReader's statistics."],
    ]);
    expect(await files()).toEqual([]);
    expect(await jobs()).toHaveLength(before);
  });

  it('says of a file that went bad what is wrong until it is good, and nothing once it is removed', async () => {
    const path = join(root, 'changing.sqlite3');
    const content: StatisticsContent = {
      books: [{ title: 'B' }],
      reads: [[1, 1, 1_700_000_000, 60, 10]],
    };
    makeStatistics(path, content).close();
    const good = readFileSync(path);
    const { file_id } = (await server.desk('POST', '/statistics-files', { path })).json() as StatisticsFile;
    await server.settled();
    const state = async () =>
      (await jobs()).find((job) => job.kind === 'import-statistics' && job.subject === path)?.state;
    const problem = async () => (await files()).find((file) => file.file_id === file_id)?.error;
    writeFileSync(path, 'y'.repeat(5000));
    await server.rescan();
    expect([await problem(), await state()]).toEqual([
      'The statistics file is not a SQLite database.',
      'failed',
    ]);
    writeFileSync(path, good);
    await server.rescan();
    expect([await problem(), await state()]).toEqual([null, 'done']);
    writeFileSync(path, 'y'.repeat(5000));
    await server.rescan();
    expect(await state()).toBe('failed');
    await server.desk('DELETE', `/statistics-files/${file_id}`);
    expect(await state()).toBeUndefined();
  });
});

describe('jobs', () => {
  it('counts what a scan saw, knew, read and could not read', async () => {
    const path = newFolder('counted', {
      'good.epub': makeEpub({ title: 'Good' }),
      'bad.epub': Buffer.from('PK\x03\x04 and then nothing'),
    });
    await addFolder(path);
    await server.settled();
    const scan = async (): Promise<Job> =>
      (await jobs()).find((job) => job.kind === 'scan-folder' && job.subject === path)!;
    expect(await scan()).toEqual({
      job_id: expect.any(String),
      kind: 'scan-folder',
      subject: path,
      state: 'done',
      done_units: 2,
      total_units: 2,
      unit: 'files',
      counts: { seen: 2, unchanged: 0, read: 1, failed: 1 },
      error: null,
      tries_again_at: null,
      created_at: expect.stringMatching(/Z$/),
      finished_at: expect.stringMatching(/Z$/),
    });
    await server.rescan();
    expect((await scan()).counts).toEqual({ seen: 2, unchanged: 2, read: 0, failed: 0 });
  });

  it('ends a scan when it is told to, and the next scan does the rest', async () => {
    const books = Array.from({ length: 400 }, (_, n) => [`${n}.epub`, makeEpub({ title: `Book ${n}` })]);
    const path = newFolder('many', Object.fromEntries(books) as Record<string, Uint8Array>);
    const events = await server.events('/desk/api/events');
    const { folder_id } = (await addFolder(path)).json() as LibraryFolder;
    const { job_id } = await events.nextOf<Job>(
      'job',
      (job) => job.subject === path && job.state === 'running' && job.done_units > 0,
    );
    const find = async (id: string) => (await jobs()).find((job) => job.job_id === id);

    // A folder is not scanned twice at a time: what runs is what a second wish is answered with.
    const again = ((await server.desk('POST', '/scans')).json() as JobList).jobs;
    expect(again.find((job) => job.subject === path)).toMatchObject({ job_id, state: 'running' });
    // Scans go one after the other: another one waits, and ends at once.
    const waiting = again.find((job) => job.subject === server.libraryDir)!;
    expect(waiting.state).toBe('waiting');
    expect((await server.desk('POST', `/jobs/${waiting.job_id}/cancel`)).status).toBe(204);
    expect(await find(waiting.job_id)).toMatchObject({ state: 'cancelled', error: null });

    expect((await server.desk('POST', `/jobs/${job_id}/cancel`)).status).toBe(204);
    const ended = await events.nextOf<Job>('job', (job) => job.job_id === job_id && job.finished_at !== null);
    events.close();
    expect(ended).toMatchObject({ state: 'cancelled', error: null });
    expect((await server.desk('POST', `/jobs/${job_id}/cancel`)).status).toBe(204);
    await server.settled();
    expect(await find(job_id)).toEqual(ended);

    const filesIn = async () => (await folders()).find((folder) => folder.folder_id === folder_id)!.files;
    const before = await filesIn();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(400);
    await server.rescan();
    expect(await filesIn()).toBe(400);
    const next = (await jobs()).find((job) => job.subject === path && job.state === 'done')!;
    expect(next.counts).toEqual({ seen: 400, unchanged: before, read: 400 - before, failed: 0 });
    await server.desk('DELETE', `/folders/${folder_id}`);
  });

  it('knows no job that is not there', async () => {
    const cancel = (id: string) => server.desk('POST', `/jobs/${id}/cancel`);
    expect((await cancel('00000000-0000-7000-8000-000000000000')).status).toBe(404);
    expect((await cancel('x')).status).toBe(400);
  });
});

describe('failures', () => {
  it('tells of each file that could not be read why, and forgets it when it is well or gone', async () => {
    const folder = newFolder('failing', {
      'empty.epub': Buffer.alloc(0),
      'half.epub': makeEpub({ title: 'Half' }).subarray(0, 400),
      'no pages.cbz': makeCbz([]),
      'nothing.pdf': Buffer.from('nothing of a PDF'),
    });
    mkdirSync(join(folder, 'x.sdr'));
    writeFileSync(join(folder, 'x.sdr/metadata.epub.lua'), 'return { ["a"] = ');
    await addFolder(folder);
    await server.settled();
    const list = async () => {
      const { failures, total } = await get<FailureList>('/failures');
      const here = failures.filter((failure) => failure.folder?.startsWith(folder));
      expect(total).toBe(failures.length);
      for (const { message } of here) {
        expect(message).toMatch(/^[A-Z].*\.$/);
        expect(message).not.toContain('/');
      }
      return Object.fromEntries(here.map(({ name, reason }) => [name, reason]));
    };
    expect(await list()).toEqual({
      'empty.epub': 'empty',
      'half.epub': 'corrupt',
      'no pages.cbz': 'empty',
      'nothing.pdf': 'unsupported',
      'metadata.epub.lua': 'corrupt',
    });
    writeFiles(folder, { 'half.epub': makeEpub({ title: 'Whole' }) });
    rmSync(join(folder, 'empty.epub'));
    rmSync(join(folder, 'x.sdr'), { recursive: true });
    await server.rescan();
    expect(await list()).toEqual({ 'no pages.cbz': 'empty', 'nothing.pdf': 'unsupported' });
    expect(await shelf()).toContain('Whole');
  });
});

describe('what is passed over', () => {
  const listed = async (folder: string) =>
    (await get<FailureList>('/failures')).failures
      .filter((failure) => failure.folder === folder)
      .map(({ name, reason }) => [name, reason]);

  it('is counted by kind where its kind is not read', async () => {
    const folder = newFolder('kinds', {
      'a.cb7': Buffer.from('x'),
      'b.CB7': Buffer.from('x'),
      'c.mht': Buffer.from('x'),
      'd.epub': makeEpub({ title: 'Read all the same' }),
    });
    await addFolder(folder);
    await server.settled();
    const kinds = async () => (await folders()).find(({ path }) => path === folder)!.not_read;
    expect(await kinds()).toEqual([
      { ending: '.cb7', files: 2 },
      { ending: '.mht', files: 1 },
    ]);
    rmSync(join(folder, 'c.mht'));
    await server.rescan();
    expect(await kinds()).toEqual([{ ending: '.cb7', files: 2 }]);
  });

  it('is told where it is a link that is not followed, and taken where it is a file', async () => {
    const elsewhere = newFolder('elsewhere', { 'o.epub': makeEpub({ title: 'Linked' }) });
    const folder = newFolder('links');
    symlinkSync(join(elsewhere, 'o.epub'), join(folder, 'link.epub'));
    symlinkSync(elsewhere, join(folder, 'a folder'));
    symlinkSync(join(root, 'nothing'), join(folder, 'broken.epub'));
    symlinkSync(join(server.dataDir, 'library.sqlite'), join(folder, 'own.txt'));
    await addFolder(folder);
    await server.settled();
    expect(await shelf()).toContain('Linked');
    expect(Object.fromEntries(await listed(folder))).toEqual({
      'a folder': 'link',
      'broken.epub': 'link',
      'own.txt': 'link',
    });
    // What the link led to may come back: the book is not forgotten with it.
    rmSync(join(elsewhere, 'o.epub'));
    await server.rescan();
    expect(await shelf()).toContain('Linked');
    expect(await listed(folder)).toContainEqual(['link.epub', 'link']);
  });

  it('is marked where it is protected, and on the shelf all the same', async () => {
    const encryption = `<encryption xmlns:e="u"><e:EncryptedData><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
      <e:CipherData><e:CipherReference URI="OEBPS/c1.xhtml"/></e:CipherData></e:EncryptedData></encryption>`;
    const files = [
      { name: 'META-INF/encryption.xml', content: encryption },
      { name: 'META-INF/rights.xml', content: '<rights/>' },
    ];
    const folder = newFolder('protected', {
      'bought.epub': makeEpub({ title: 'Bought', files }),
      'kindle.azw3': makeMobi({ encryptionType: 2, exth: [[503, 'Kindled']] }),
    });
    await addFolder(folder);
    await server.settled();
    expect(await shelf()).toEqual(expect.arrayContaining(['Bought', 'Kindled']));
    const { books, total } = await get<ProtectedBookList>('/protected-books');
    expect(total).toBe(2);
    expect(books.map(({ name, folder: where, protection }) => [name, where, protection])).toEqual([
      ['bought.epub', folder, 'adobe'],
      ['kindle.azw3', folder, 'kindle'],
    ]);
  });
});

describe('the shelf', () => {
  let own: TestServer;
  beforeAll(async () => {
    const cover = await sharp({ create: { width: 80, height: 120, channels: 3, background: '#204060' } })
      .png()
      .toBuffer();
    const many = Array.from({ length: 130 }, (_, n) => [`${n}.fb2`, fb2(n)]);
    own = await startTestServer({
      files: {
        ...(Object.fromEntries(many) as Record<string, string>),
        'covered.epub': makeEpub({ title: 'Covered', authors: ['Ann', 'Bob'], cover }),
      },
    });
  });
  afterAll(() => own.close());
  const fb2 = (n: number) =>
    `<?xml version="1.0"?><FictionBook><description><title-info><book-title>Book ${n}</book-title></title-info></description><body/></FictionBook>`;
  const page = async (after?: string): Promise<ShelfPage> =>
    (await own.desk('GET', `/shelf${after === undefined ? '' : `?after=${after}`}`)).json() as ShelfPage;

  it('shows sixty books a page, each once', async () => {
    const first = await page();
    const second = await page(first.next!);
    const third = await page(second.next!);
    expect([first, second, third].map(({ books }) => books.length)).toEqual([60, 60, 11]);
    expect([first.total, third.next]).toEqual([131, null]);
    const ids = [first, second, third].flatMap(({ books }) => books.map(({ book_id }) => book_id));
    expect(new Set(ids).size).toBe(131);
  });

  it.each(['x', '1.x', '1', '99999999999999999.00000000-0000-7000-8000-000000000000', 'y'.repeat(300)])(
    'refuses the page "%s"',
    async (after) => {
      expect((await own.desk('GET', `/shelf?after=${after}`)).status).toBe(400);
    },
  );

  it('shows small covers under an address that is theirs for good', async () => {
    const pages = [await page()];
    while (pages.at(-1)!.next !== null) pages.push(await page(pages.at(-1)!.next!));
    const books = pages.flatMap((each) => each.books);
    const covered = books.find(({ title }) => title === 'Covered')!;
    expect(covered.authors).toEqual(['Ann', 'Bob']);
    expect(books.filter((book) => book.cover_url !== null)).toEqual([covered]);
    const answer = await own.get(covered.cover_url!, { headers: { cookie: await own.deskCookie() } });
    expect(answer.headers).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=86400, immutable',
    });
    expect(await sharp(answer.bytes).metadata()).toMatchObject({ format: 'webp', width: 80, height: 120 });
    const bare = books.find(({ title }) => title === 'Book 1')!;
    expect((await own.desk('GET', `/covers/${bare.book_id}`)).status).toBe(404);
  });
});

describe('GET /desk/api/events', () => {
  it('tells how much there is at once, of jobs as they go, and of the library when it changed', async () => {
    const events = await server.events('/desk/api/events');
    type Catalogue = { seq: number; books: number };
    const before = await events.nextOf<Catalogue>('catalogue');
    const path = newFolder('told', { 'told.epub': makeEpub({ title: 'Told' }) });
    await addFolder(path);
    const states: string[] = [];
    const isIt = (job: Job) => job.subject === path && states.push(job.state) > 0 && job.state === 'done';
    const done = await events.nextOf<Job>('job', isIt);
    expect(done).toMatchObject({ kind: 'scan-folder', done_units: 1, total_units: 1 });
    expect([...new Set(states)]).toEqual(['waiting', 'running', 'done']);
    const after = await events.nextOf<Catalogue>('catalogue', ({ books }) => books > before.books);
    events.close();
    expect(after.books).toBe(before.books + 1);
    expect(after.seq).toBeGreaterThan(before.seq);
  });
});
