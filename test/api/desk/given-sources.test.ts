import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LibraryFolderList, StatisticsFileList } from '../../../server/api/desk/schemas.ts';
import type { Answer, Refusal } from '../../support/client.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeStatistics } from '../../support/make-statistics.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

let server: TestServer;
let outside: string;
const { HOME } = process.env;
beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'shelf-given-')));
});
afterEach(async () => {
  await server.close();
  process.env['HOME'] = HOME;
  rmSync(outside, { recursive: true });
});

const folders = async () => (await server.desk('GET', '/folders')).json() as LibraryFolderList;
const statistics = async () => (await server.desk('GET', '/statistics-files')).json() as StatisticsFileList;
const add = (path: string, more: object = {}): Promise<Answer> =>
  server.desk('POST', '/folders', { path, ...more });
const error = (answer: Answer) => {
  const { code, message } = (answer.json() as Refusal).error;
  return [answer.status, code, message];
};

describe('a folder that is too much', () => {
  it('is refused when it is a whole drive, or holds the program’s own data', async () => {
    server = await startTestServer();
    expect(error(await add(parse(outside).root))).toEqual([
      400,
      'invalid',
      'This is a whole drive. Choose the folder your books are in.',
    ]);
    expect(error(await add(dirname(server.dataDir)))).toEqual([
      400,
      'invalid',
      'Papyrus Shelf keeps its own data in this folder. Choose the folder your books are in.',
    ]);
    symlinkSync('/', join(outside, 'all'));
    expect(error(await add(join(outside, 'all')))[2]).toMatch(/^This is a whole drive/);
  });

  it('is asked about when it is the home folder, which "~" stands for', async () => {
    process.env['HOME'] = outside;
    expect(homedir()).toBe(outside);
    mkdirSync(join(outside, 'Books'));
    writeFileSync(join(outside, 'Books/Emma.epub'), makeEpub({ title: 'Emma' }));
    server = await startTestServer();
    expect(error(await add('~')).slice(0, 2)).toEqual([409, 'home_folder']);
    expect(error(await add(outside)).slice(0, 2)).toEqual([409, 'home_folder']);
    const books = await add('~/Books');
    expect([books.status, (books.json() as { path: string }).path]).toEqual([201, join(outside, 'Books')]);
    const { folder_id: folderId } = books.json() as { folder_id: string };
    await server.settled();
    await server.desk('DELETE', `/folders/${folderId}`);
    const home = await add('~/', { sure: true });
    expect([home.status, (home.json() as { path: string }).path]).toEqual([201, outside]);
  });
});

describe('what is given at start', () => {
  it('is shown with its trouble when it is away, read when it comes, and leaves when it is not given again', async () => {
    const drive = join(outside, 'drive');
    const database = join(outside, 'statistics.sqlite3');
    server = await startTestServer({ options: { library: [drive], statistics: [database] } });
    const trouble = 'This folder cannot be read now. Is its drive connected? Nothing was changed.';
    expect((await folders()).folders).toMatchObject([{ path: drive, fixed: true, files: 0, trouble }]);
    expect((await statistics()).files).toMatchObject([
      { path: database, fixed: true, error: 'The statistics database is not there.' },
    ]);
    await server.restart();
    const log = readFileSync(join(server.dataDir, 'logs/papyrus-shelf.log'), 'utf8');
    const said = log.split('\n').filter((line) => line.includes('a given folder or file cannot be used'));
    expect(said[0]).toContain(
      '"a given folder or file cannot be used: There is no such folder on this computer."',
    );
    for (const line of [...said, ...log.split('\n').filter((each) => each.includes('job failed'))])
      expect(line).not.toMatch(/"at":|ENOENT/);
    mkdirSync(drive);
    writeFileSync(join(drive, 'Emma.epub'), makeEpub({ title: 'Emma' }));
    makeStatistics(database, { books: [{ title: 'B' }], reads: [[1, 1, 1_700_000_000, 60, 10]] }).close();
    await server.rescan();
    expect((await folders()).folders).toMatchObject([{ path: drive, files: 1, trouble: null }]);
    expect((await statistics()).files).toMatchObject([{ path: database, page_reads: 1, error: null }]);

    const mistyped = join(outside, 'drvie');
    await server.restart({ library: [drive, mistyped], statistics: [] });
    expect((await folders()).folders.map(({ path }) => path)).toEqual([drive, mistyped]);
    await server.restart({ library: [], statistics: [] });
    expect((await folders()).folders).toMatchObject([{ path: drive, fixed: false, files: 1 }]);
    expect((await statistics()).files).toMatchObject([{ path: database, fixed: false, page_reads: 1 }]);
  });

  it('is shown with the reason when it cannot be used', async () => {
    const file = join(outside, 'a file');
    writeFileSync(file, '');
    server = await startTestServer({ options: { library: ['/', file], statistics: [outside] } });
    expect(await folders()).toEqual({
      folders: [],
      refused: [
        { path: '/', message: 'This is a whole drive. Choose the folder your books are in.' },
        { path: file, message: 'This is a file, not a folder.' },
      ],
    });
    expect(await statistics()).toEqual({
      files: [],
      refused: [{ path: outside, message: 'This is a folder, not a file.' }],
    });
  });
});
