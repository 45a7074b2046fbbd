import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { createPool } from '../../../server/formats/workers/pool.ts';
import { importStatisticsWork } from '../../../server/sources/import-statistics.ts';
import { putStatisticsFile } from '../../../server/sources/sources.queries.ts';
import { rulesOf } from '../../../server/reading/rules.ts';
import { openShelf } from '../../support/catalogue.ts';
import { makeStatistics } from '../../support/make-statistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'import-statistics-'));
const pool = createPool({ size: 1 });
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});
let files = 0;

/** A statistics file of books that were read ten minutes each, and the job over it. */
function open(books: number) {
  const shelf = openShelf();
  const { catalogue, clock, ownerId, write, rows } = shelf;
  const path = join(folder, `${++files}.sqlite3`);
  const reads = Array.from({ length: books * 60 }, (_, index) => {
    const book = 1 + Math.floor(index / 60);
    return [book, 1 + (index % 60), 1_700_000_000 + index * 20, 10, 100] as [number, number, number, number, number]; // prettier-ignore
  });
  makeStatistics(path, {
    books: Array.from({ length: books }, (_, index) => ({ title: `Book ${index + 1}` })),
    reads,
  }).close();
  const { fileId } = write((db) =>
    putStatisticsFile(db, { fileId: 'file', ownerId, path: Buffer.from(path), addedAt: clock.now() }),
  );
  const rules = rulesOf({}, clock);
  const job = importStatisticsWork({
    catalogue,
    clock,
    pool,
    scratchDir: folder,
    rules,
    onImported: () => {},
  });
  const told: number[] = [];
  const totals = new Set<number | undefined>();
  /** Runs the job, until so many page reads are in the catalogue. */
  const run = ({ stopAfter = Infinity } = {}) => {
    const stop = new AbortController();
    const progress = ({ done, total }: { done: number; total?: number }) => {
      told.push(done);
      totals.add(total);
      if (done >= stopAfter) stop.abort(new Error('stopped'));
    };
    return job.run({ jobId: 'job', ownerId, payload: { fileId }, signal: stop.signal, progress });
  };
  const readBooks = () =>
    rows('select title, total_read_sec as sec, version from read_books order by read_book_id');
  const inFile = (sql: string) => {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  };
  return { ...shelf, run, readBooks, inFile, told, totals };
}

describe('a statistics file', () => {
  it('says from the first page read on how many there will be', async () => {
    const { run, told, totals } = open(50);
    await run();
    expect(told).toEqual([2_000, 3_000, 3_000]);
    expect([...totals]).toEqual([3_000]);
  });
});

describe('a statistics file that is read again', () => {
  it('works out only the books that were read on', async () => {
    const { run, readBooks, inFile, rows } = open(3);
    await run();
    const before = readBooks();
    expect(before.map(({ sec }) => sec)).toEqual([600, 600, 600]);
    inFile('insert into page_stat_data values (2, 61, 1750000000, 45, 100)');
    await run();
    const after = readBooks();
    expect(after[1]).toMatchObject({ title: 'Book 2', sec: 645 });
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(rows('select count(*) as days from read_days where read_book_id = 2')).toEqual([{ days: 2 }]);
    expect(rows('select books, page_reads as reads from statistics_files')).toEqual([{ books: 3, reads: 181 }]); // prettier-ignore
  });

  it('takes over what the file says of a book that was not read on', async () => {
    const { run, readBooks, inFile } = open(2);
    await run();
    inFile("update book set title = 'Another Name', last_open = 1750000000 where id = 1");
    await run();
    expect(readBooks().map(({ title }) => title)).toEqual(['Another Name', 'Book 2']);
  });

  it('makes good for a reading that was stopped between page reads and figures', async () => {
    const { run, readBooks, inFile, rows } = open(12);
    await run();
    inFile('insert into page_stat_data select id, 99, 1800000000, 30, 100 from book');
    await expect(run({ stopAfter: 732 })).rejects.toThrow('stopped');
    expect(rows('select count(*) as n from page_reads where started_sec = 1800000000')).toEqual([{ n: 12 }]);
    expect(readBooks().map(({ sec }) => sec)).toEqual(Array.from({ length: 12 }, () => 600));
    await run();
    expect(readBooks().map(({ sec }) => sec)).toEqual(Array.from({ length: 12 }, () => 630));
  });

  it('is not read again when it is as it was', async () => {
    const { run, told } = open(1);
    await run();
    expect(told).toEqual([60, 60]);
    await run();
    expect(told).toEqual([60, 60]);
  });
});
