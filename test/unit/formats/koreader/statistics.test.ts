import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { readStatistics } from '../../../../server/formats/koreader/statistics.ts';
import type {
  PageReads,
  StatisticsBook,
  StatisticsReading,
} from '../../../../server/formats/koreader/statistics.ts';
import { makeStatistics } from '../../../support/make-statistics.ts';
import type { StatisticsContent, StatisticsReadRow } from '../../../support/make-statistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'statistics-test-'));
const scratch = join(folder, 'scratch');
mkdirSync(scratch);
let count = 0;
let path = '';

beforeEach(() => {
  count += 1;
  mkdirSync(join(folder, String(count)));
  path = join(folder, String(count), 'statistics.sqlite3');
});
afterAll(() => rmSync(folder, { recursive: true }));

type Read = { books: StatisticsBook[]; rows: number[][]; chunkSizes: number[]; reading: StatisticsReading };

const rowsOf = (reads: PageReads): number[][] =>
  [...reads.page].map((page, i) => [
    reads.sourceBookId[i] ?? -1,
    page,
    reads.startSec[i] ?? -1,
    reads.durationSec[i] ?? -1,
    reads.totalPages[i] ?? -1,
  ]);

const read = async (): Promise<Read> => {
  const found: Omit<Read, 'reading'> = { books: [], rows: [], chunkSizes: [] };
  const reading = await readStatistics(path, scratch, (chunk) => {
    if (chunk.kind === 'books') found.books = chunk.books;
    else {
      found.rows.push(...rowsOf(chunk.reads));
      found.chunkSizes.push(chunk.reads.page.length);
    }
  });
  return { ...found, reading };
};

const make = (content: StatisticsContent): void => {
  makeStatistics(path, content).close();
};

describe('reading a statistics database', () => {
  it('gives the books first and the page reads by book, start and page', async () => {
    make({
      books: [
        {
          title: 'B\0',
          authors: null,
          md5: ' ABCDEF00112233445566778899AABBCC',
          series: 'Saga #1',
          pages: 443,
          notes: 2,
          highlights: 3,
          total_read_time: 60,
          total_read_pages: 4,
        },
        { md5: 'short', authors: 'N/A' },
      ],
      reads: [
        [2, 5, 100, 10, 50],
        [1, 2, 300, 20, 400],
        [1, 1, 300, 30, 400],
        [1, 9, 200, 40, 400],
      ],
    });
    const { books, rows, reading } = await read();
    expect(books[0]).toEqual({
      sourceBookId: 1,
      md5: 'abcdef00112233445566778899aabbcc',
      title: 'B',
      authors: '',
      series: 'Saga #1',
      language: 'en',
      pages: 443,
      lastOpenSec: 1_700_000_000,
      notes: 2,
      highlights: 3,
      totalReadSec: 60,
      totalReadPages: 4,
    });
    expect(books[1]).toMatchObject({ sourceBookId: 2, md5: '', authors: 'N/A' });
    expect(rows).toEqual([
      [1, 9, 200, 40, 400],
      [1, 1, 300, 30, 400],
      [1, 2, 300, 20, 400],
      [2, 5, 100, 10, 50],
    ]);
    expect(reading).toEqual({ books: 2, rows: 4, skipped: 0, schemaVersion: 20_221_111 });
  });

  it.each([
    [20_201_022, 20_201_022, 400],
    [1, 1, 0],
  ] as const)('reads schema %d', async (schema, schemaVersion, totalPages) => {
    make({ schema, books: [{}], reads: [[1, 3, 100, 30, 400]] });
    const { rows, reading } = await read();
    expect(rows).toEqual([[1, 3, 100, 30, totalPages]]);
    expect(reading.schemaVersion).toBe(schemaVersion);
  });

  it('reads a schema from the future that has the columns', async () => {
    const db = makeStatistics(path, { books: [{}], reads: [[1, 3, 100, 30, 400]] });
    db.exec('alter table book add column extra text; alter table page_stat_data add column device text');
    db.pragma('user_version = 20991231');
    db.close();
    expect((await read()).reading).toEqual({ books: 1, rows: 1, skipped: 0, schemaVersion: 20_991_231 });
  });

  it('gives at most 10,000 reads at a time', async () => {
    const reads = Array.from({ length: 20_001 }, (_, i): StatisticsReadRow => [
      1,
      i % 400,
      1000 + i,
      30,
      400,
    ]);
    make({ books: [{}], reads });
    const { chunkSizes, rows } = await read();
    expect(chunkSizes).toEqual([10_000, 10_000, 1]);
    expect(rows.at(-1)).toEqual([1, 20_000 % 400, 21_000, 30, 400]);
  });

  it('leaves out rows without usable values and counts them', async () => {
    make({
      books: [
        {
          title: Buffer.from([0xff, 0xfe]),
          notes: 'x',
          last_open: -1,
          highlights: 1e300,
          total_read_time: 'NaN',
          total_read_pages: 2n ** 62n,
        },
      ],
      reads: [
        [1, 0, 100, 5, 10],
        [1, -5, 101, 5, 10],
        [1, 1, -1, 5, 10],
        [1, 1, 102, -9, 10],
        [1, 1, 103, 5, 0],
        [1, 1, 104, 2 ** 40, 10],
        [1, 2 ** 40, 105, 5, 10],
        [1, 1.5, 106, 5, 10],
        [1, 'two', 107, 5, 10],
        [1, Buffer.from('3'), 108, 5, 10],
        [null, 1, 109, 5, 10],
        [999, 1, 110, 5, 10],
        [1, 1, 2 ** 50, 5, 10],
        [1, 1, 2 ** 32, 5, 10],
        [1, 1, Date.parse('9999-12-31') / 1000, 5, 10],
        [1, 1, 112, 86_401, 10],
        [1, 1, 113, 'NaN', 10],
        [1, 1, 114, 5, -10],
        [2n ** 62n, 1, 111, 5, 10],
      ],
    });
    const { books, rows, reading } = await read();
    expect(rows).toEqual([[1, 0, 100, 5, 10]]);
    expect(reading).toMatchObject({ rows: 1, skipped: 18 });
    expect(books).toMatchObject([
      { title: '\ufffd\ufffd', notes: 0, lastOpenSec: 0, highlights: 0, totalReadSec: 0, totalReadPages: 0 },
    ]);
  });

  it('reads rows that are still in the write-ahead log and leaves the original as it was', async () => {
    const writer = makeStatistics(path, { journal: 'wal', books: [{}], reads: [[1, 3, 100, 30, 400]] });
    rmSync(`${path}-shm`, { force: true });
    const before = [path, `${path}-wal`].map((file) => [
      readFileSync(file).toString('base64'),
      statSync(file).mtimeMs,
    ]);
    const { rows } = await read();
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    expect(
      [path, `${path}-wal`].map((file) => [readFileSync(file).toString('base64'), statSync(file).mtimeMs]),
    ).toEqual(before);
    expect(existsSync(`${path}-shm`)).toBe(false);
    expect(rows).toEqual([[1, 3, 100, 30, 400]]);
    writer.close();
  });

  it('leaves no files beside a database that was closed in WAL mode', async () => {
    make({ journal: 'wal', books: [{}], reads: [[1, 3, 100, 30, 400]] });
    expect((await read()).rows).toHaveLength(1);
    expect(readdirSync(join(path, '..'))).toEqual(['statistics.sqlite3']);
  });

  it('rolls back a write that was never finished', async () => {
    const db = makeStatistics(path, { books: [{}], reads: [[1, 3, 100, 30, 400]] });
    db.pragma('cache_size = 1');
    db.exec('begin immediate');
    db.exec('delete from page_stat_data');
    const insert = db.prepare('insert into page_stat_data values (1, ?, ?, 7, 400)');
    for (let i = 0; i < 5000; i += 1) insert.run(i, i);
    const crashed = join(folder, 'crashed.sqlite3');
    copyFileSync(path, crashed);
    copyFileSync(`${path}-journal`, `${crashed}-journal`);
    db.exec('rollback');
    db.close();
    const journal = readFileSync(`${crashed}-journal`);
    path = crashed;
    expect((await read()).rows).toEqual([[1, 3, 100, 30, 400]]);
    expect(readFileSync(`${crashed}-journal`).equals(journal)).toBe(true);
  });

  it('does not follow the path a journal names', async () => {
    make({ books: [{}] });
    const mark = Buffer.from('d9d505f920a163d7', 'hex');
    writeFileSync(
      `${path}-journal`,
      Buffer.concat([mark, Buffer.alloc(600), Buffer.from('/home/someone/letter'), mark]),
    );
    await expect(read()).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('passes on what the receiver throws and cleans up', async () => {
    make({ books: [{}] });
    const failing = readStatistics(path, scratch, () => Promise.reject(new Error('full')));
    await expect(failing).rejects.toThrow('full');
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('refusing a statistics database', () => {
  const refused = async (reason: string, message?: string): Promise<void> => {
    await expect(read()).rejects.toMatchObject({
      name: 'UnreadableFile',
      reason,
      ...(message && { message }),
    });
    expect(readdirSync(scratch)).toEqual([]);
  };

  it('that is not there, empty, or something else', async () => {
    await refused('no_access', 'The statistics database is not there.');
    writeFileSync(path, '');
    await refused('empty', 'The statistics database is empty.');
    writeFileSync(path, '<html><body>404 Not Found</body></html>');
    await refused('unsupported', 'The statistics file is not a SQLite database.');
  });

  it('that is a link or a folder', async () => {
    const real = `${path}.real`;
    writeFileSync(real, 'x');
    symlinkSync(real, path);
    await refused('unsupported', 'The statistics database is a link to another file.');
    path = join(path, '..');
    await refused('unsupported', 'The statistics database is not a plain file.');
  });

  it('that was cut off', async () => {
    make({
      books: [{}],
      reads: Array.from({ length: 3000 }, (_, i): StatisticsReadRow => [1, i, i, 30, 400]),
    });
    truncateSync(path, 40_960);
    await refused('corrupt', 'The statistics database is damaged.');
  });

  it('whose pages are damaged', async () => {
    make({
      books: [{}],
      reads: Array.from({ length: 3000 }, (_, i): StatisticsReadRow => [1, i, i, 30, 400]),
    });
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 24_576, 65_536);
    writeFileSync(path, bytes);
    await refused('corrupt', 'The statistics database is damaged.');
  });

  it.each([
    'drop table book',
    'drop view page_stat; drop table page_stat_data',
    'drop view page_stat; alter table page_stat_data rename to other; create view page_stat_data as select * from other',
    'drop view page_stat; drop table page_stat_data; create virtual table page_stat_data using fts5(id_book, page, start_time, duration, total_pages)',
    'drop view page_stat; drop table page_stat_data; create table page_stat_data (id_book, page, start_time, duration, total_pages as (hex(zeroblob(100000000))))',
    'drop view page_stat; drop table page_stat_data; create table page_stat_data (id_book primary key, page, start_time, duration, total_pages) without rowid',
    'drop view page_stat; alter table page_stat_data drop column total_pages',
  ])('whose tables are not those of KOReader: %s', async (change) => {
    const db = makeStatistics(path);
    db.exec(change);
    db.close();
    await refused('unsupported', "The database does not have the tables of KOReader's statistics.");
  });

  it('that never stops changing', async () => {
    const db = makeStatistics(path, { journal: 'wal', books: [{}] });
    let start = 0;
    const writing = setInterval(() => {
      db.prepare('insert into page_stat_data values (1, 1, ?, 1, 1)').run((start += 1));
    }, 1);
    await refused('changed').finally(() => clearInterval(writing));
    db.close();
  });
});

describe('a hostile statistics database', () => {
  it('runs neither triggers nor views nor constraints', async () => {
    const db = makeStatistics(path, { books: [{}], reads: [[1, 3, 100, 30, 400]] });
    db.exec(`create trigger t after insert on page_stat_data begin delete from book; end;
      create view evil as select load_extension('/nowhere');
      create index page_of on page_stat_data (abs(page)) where page > 5`);
    db.close();
    expect((await read()).reading).toMatchObject({ books: 1, rows: 1 });
  });

  it('with two books of one id gives one of them', async () => {
    const db = makeStatistics(path);
    db.exec(`drop table book; create table book (id, title, authors, pages, md5);
      insert into book values (1, 'a', '', 1, ''), (1, 'b', '', 1, ''), ('x', 'c', '', 1, ''), (null, 'd', '', 1, '')`);
    db.close();
    const { books, reading } = await read();
    expect(books.map(({ title, series }) => [title, series])).toEqual([['a', '']]);
    expect(reading.skipped).toBe(3);
  });

  it('with row numbers past what a number can hold still ends', async () => {
    const db = makeStatistics(path, { books: [{}], reads: [[1, 3, 100, 30, 400]] });
    db.exec(
      'insert into page_stat_data (rowid, id_book, page, start_time, duration, total_pages) values (9223372036854775806, 1, 4, 200, 30, 400)',
    );
    db.close();
    const { rows, reading } = await read();
    expect(rows).toEqual([[1, 3, 100, 30, 400]]);
    expect(reading.skipped).toBe(1);
  });
});
