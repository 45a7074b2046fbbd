import { READING_DEFAULTS } from '../../../server/reading/rules.ts';
import { describe, expect, it } from 'vitest';
import { takeInFile } from '../../../server/library/intake.ts';
import { createBooks } from '../../../server/library/books.ts';
import {
  settleReadBook,
  takeInPageReads,
  takeInReadBooks,
} from '../../../server/koreader/ingest-statistics.ts';
import type { StatisticsBook } from '../../../server/formats/koreader/statistics.ts';
import { createActivity } from '../../../server/reading/activity.ts';
import {
  aFile,
  aStatisticsBook,
  aUser,
  checksumOf,
  pageReads,
  rulesOfAnyTime,
} from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

type ReadRow = [book: number, page: number, start: number, seconds: number, pages: number];
/** What one device has: books with their ids there, and page reads. */
type Device = { books: Partial<StatisticsBook>[]; reads?: ReadRow[] };

const EMMA = { title: 'Emma', md5: checksumOf('emma') };

function open() {
  const shelf = openShelf();
  const { ownerId, write, rows, clock, catalogue } = shelf;
  const importFile = (name: string, { books, reads = [] }: Device, owner = ownerId) => {
    write((db) =>
      db.$client
        .prepare(
          'insert or ignore into statistics_files (file_id, owner_id, path, added_at) values (?, ?, ?, 1)',
        )
        .run(name, owner, Buffer.from(`/${name}`)),
    );
    const ids = write((db) =>
      takeInReadBooks(db, { ownerId: owner, fileId: name }, books.map((book, index) => aStatisticsBook({ sourceBookId: index + 1, ...book }))),
    ); // prettier-ignore
    write((db) => takeInPageReads(db, ids, pageReads(reads)));
    write((db) => {
      for (const id of new Set(ids.values())) settleReadBook(db, id, rulesOfAnyTime({}, clock), clock.now());
    });
  };
  const readBooks = () =>
    rows(
      `select title, authors, pages, last_open_at / 1000 as opened, notes, highlights, total_read_sec as sec, total_read_pages as read
       from read_books order by title, md5`,
    );
  const reads = () =>
    rows('select title, page, started_sec as start, duration_sec as sec, total_pages as pages from page_reads join read_books using (read_book_id) order by title, started_sec, page'); // prettier-ignore
  const scan = (content: string) =>
    write((db) => takeInFile(db, aFile(shelf, { path: `/books/${content}.epub`, content }), clock.now()))!;
  const activity = createActivity({
    catalogue,
    counts: READING_DEFAULTS,
    rules: { ...rulesOfAnyTime({}, clock), dayOf: () => '2026-03-14' },
  });
  return { ...shelf, importFile, readBooks, reads, scan, activity, books: createBooks({ catalogue, clock }) };
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, index) =>
    permutations(list.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}

describe('one statistics file', () => {
  it('gives its books and page reads, totals counted from the reads', () => {
    const { importFile, readBooks, reads } = open();
    importFile('a', {
      books: [{ ...EMMA, lastOpenSec: 100, notes: 1, highlights: 2, totalReadSec: 9999, totalReadPages: 99 }],
      reads: [[1, 3, 100, 60, 100], [1, 4, 160, 30, 100], [1, 3, 900, 10, 100]],
    }); // prettier-ignore
    expect(readBooks()).toEqual([
      {
        title: 'Emma',
        authors: 'Some Author',
        pages: 100,
        opened: 100,
        notes: 1,
        highlights: 2,
        sec: 100,
        read: 2,
      },
    ]);
    expect(reads().map(({ page, start, sec }) => [page, start, sec])).toEqual([[3, 100, 60], [4, 160, 30], [3, 900, 10]]); // prettier-ignore
  });

  it('keeps the totals it has where there are no reads to count', () => {
    const { importFile, readBooks } = open();
    importFile('a', { books: [{ ...EMMA, totalReadSec: 3600, totalReadPages: 42 }] });
    expect(readBooks()).toMatchObject([{ sec: 3600, read: 42 }]);
  });

  it('counts in the layout the book has now', () => {
    const { importFile, readBooks } = open();
    importFile('a', { books: [{ ...EMMA, pages: 300 }], reads: [[1, 1, 0, 90, 100], [1, 25, 100, 60, 120]] }); // prettier-ignore
    // Page 1 of 100 is pages 1 to 3 of 300; page 25 of 120 is pages 61 and 62.
    expect(readBooks()).toMatchObject([{ sec: 150, read: 5 }]);
  });

  it('makes one book of rows with one checksum: the one opened last names it', () => {
    const { importFile, readBooks, reads } = open();
    importFile('a', {
      books: [
        { ...EMMA, authors: 'Austen', lastOpenSec: 100, totalReadSec: 5000, totalReadPages: 80 },
        { ...EMMA, authors: 'Jane Austen', lastOpenSec: 200, totalReadSec: 100, totalReadPages: 2 },
      ],
    });
    expect(readBooks()).toMatchObject([{ authors: 'Jane Austen', sec: 5100, read: 82 }]);
    importFile('a', {
      books: [{ ...EMMA, authors: 'Austen', lastOpenSec: 100 }, { ...EMMA, authors: 'Jane Austen', lastOpenSec: 200 }],
      reads: [[1, 1, 10, 5, 100], [2, 2, 20, 5, 100], [2, 3, 30, 5, 100]],
    }); // prettier-ignore
    expect(reads()).toHaveLength(3);
    expect(new Set(reads().map(({ title }) => title)).size).toBe(1);
  });

  it('knows rows of old versions without a checksum by title and authors', () => {
    const { importFile, readBooks } = open();
    const old = { md5: '', totalReadSec: 60 };
    importFile('a', {
      books: [
        { ...old, title: 'Emma', authors: 'A' },
        { ...old, title: 'Emma', authors: 'B' },
      ],
    });
    importFile('b', { books: [{ ...old, title: 'Emma', authors: 'A' }] });
    expect(readBooks().map(({ authors, sec }) => `${String(authors)} ${String(sec)}`).toSorted()).toEqual(['A 60', 'B 60']); // prettier-ignore
  });

  it('leaves out reads of books it does not have', () => {
    const { importFile, reads } = open();
    importFile('a', { books: [EMMA], reads: [[1, 1, 10, 5, 100], [9, 1, 20, 5, 100]] }); // prettier-ignore
    expect(reads()).toHaveLength(1);
  });
});

describe('the same file twice', () => {
  it('changes nothing, and writes nothing a person would be told of', () => {
    const { importFile, readBooks, reads, catalogue } = open();
    const device: Device = { books: [{ ...EMMA, totalReadSec: 1 }, { title: 'Persuasion', totalReadSec: 7 }], reads: [[1, 3, 100, 60, 100], [1, 4, 160, 30, 120]] }; // prettier-ignore
    importFile('a', device);
    const [before, revision] = [[readBooks(), reads()], catalogue.revision()];
    importFile('a', device);
    expect([readBooks(), reads()]).toEqual(before);
    expect(catalogue.revision()).toBe(revision);
  });

  it('with more in it adds what is new', () => {
    const { importFile, readBooks } = open();
    importFile('a', { books: [{ ...EMMA, lastOpenSec: 100 }], reads: [[1, 3, 100, 60, 100]] });
    importFile('a', { books: [{ ...EMMA, lastOpenSec: 300 }], reads: [[1, 3, 100, 60, 100], [1, 4, 300, 30, 100]] }); // prettier-ignore
    expect(readBooks()).toMatchObject([{ opened: 300, sec: 90, read: 2 }]);
  });
});

describe('files of several devices', () => {
  /** Imports them in every order and gives the one outcome all must have. */
  function merged(devices: Record<string, Device>) {
    const outcomes = permutations(Object.keys(devices)).map((order) => {
      const shelf = open();
      for (const name of order) shelf.importFile(name, devices[name]!);
      return { books: shelf.readBooks(), reads: shelf.reads() };
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    return outcomes[0]!;
  }

  it('with different books give both', () => {
    const { books } = merged({
      a: { books: [{ title: 'A' }], reads: [[1, 1, 10, 60, 100]] },
      b: { books: [{ title: 'B' }], reads: [[1, 1, 10, 30, 100]] },
    });
    expect(books.map(({ title, sec, read }) => [title, sec, read])).toEqual([['A', 60, 1], ['B', 30, 1]]); // prettier-ignore
  });

  it('with one book under two ids give one book, opened when it was opened last', () => {
    const { books } = merged({
      a: { books: [{ ...EMMA, lastOpenSec: 100 }], reads: [[1, 1, 10, 60, 100]] },
      b: { books: [{ ...EMMA, sourceBookId: 7, lastOpenSec: 200 }], reads: [[7, 2, 200, 30, 100]] },
    });
    expect(books).toMatchObject([{ opened: 200, sec: 90, read: 2 }]);
  });

  it('with one page read in both keep the longer time', () => {
    const { books, reads } = merged({
      a: { books: [EMMA], reads: [[1, 1, 10, 60, 100]] },
      b: { books: [EMMA], reads: [[1, 1, 10, 90, 100]] },
    });
    expect(reads).toMatchObject([{ sec: 90 }]);
    expect(books).toMatchObject([{ sec: 90, read: 1 }]);
  });

  it('with two layouts are counted in the one opened last', () => {
    const devices: Record<string, Device> = {
      a: { books: [{ ...EMMA, pages: 100, lastOpenSec: 100 }], reads: [[1, 10, 1000, 60, 100]] },
      b: { books: [{ ...EMMA, pages: 200, lastOpenSec: 200 }], reads: [[1, 30, 2000, 30, 200]] },
    };
    expect(merged(devices).books).toMatchObject([{ pages: 200, sec: 90, read: 3 }]);
    const shelf = open();
    const bookId = shelf.scan('emma');
    for (const [name, device] of Object.entries(devices)) shelf.importFile(name, device);
    expect(shelf.activity.ofBook(bookId)?.reads).toEqual([
      { page: 19, startSec: 1000, durationSec: 30 },
      { page: 20, startSec: 1000, durationSec: 30 },
      { page: 30, startSec: 2000, durationSec: 30 },
    ]);
  });

  it('with one checksum under two authors give one book under the recent one', () => {
    const { books } = merged({
      a: { books: [{ ...EMMA, authors: 'Austen', lastOpenSec: 100 }], reads: [[1, 1, 10, 60, 100]] },
      b: { books: [{ ...EMMA, authors: 'Jane Austen', lastOpenSec: 200 }], reads: [[1, 2, 20, 30, 100]] },
    });
    expect(books).toMatchObject([{ authors: 'Jane Austen', sec: 90, read: 2 }]);
  });

  it('without page reads keep the larger totals', () => {
    const { books } = merged({
      a: { books: [{ ...EMMA, totalReadSec: 3600, totalReadPages: 42, notes: 3, highlights: 1 }] },
      b: { books: [{ ...EMMA, totalReadSec: 7200, totalReadPages: 80, notes: 1, highlights: 5 }, { title: 'Other' }], reads: [[2, 1, 10, 60, 100]] },
    }); // prettier-ignore
    expect(books).toMatchObject([
      { title: 'Emma', sec: 7200, read: 80, notes: 3, highlights: 5 },
      { title: 'Other', sec: 60, read: 1 },
    ]);
  });

  it('give the same rows in every order, whatever they disagree about', () => {
    const { books, reads } = merged({
      a: { books: [{ ...EMMA, title: 'Anna', pages: 100, lastOpenSec: 100, totalReadSec: 5 }, { title: 'X', totalReadSec: 10 }], reads: [[1, 1, 10, 60, 100], [1, 2, 20, 9, 100]] },
      b: { books: [{ ...EMMA, title: 'EMMA', pages: 250, lastOpenSec: 100, totalReadSec: 50 }, { title: 'X', totalReadSec: 30 }], reads: [[1, 1, 10, 60, 250], [1, 2, 20, 8, 250]] },
      c: { books: [{ title: 'X', lastOpenSec: 500, totalReadSec: 20 }, { ...EMMA, title: 'emma', authors: '', pages: 0, lastOpenSec: 0 }], reads: [[2, 7, 70, 40, 0]] },
      d: { books: [{ ...EMMA, title: 'Emma', authors: 'Other', pages: 250, lastOpenSec: 100 }], reads: [[1, 2, 20, 9, 300]] },
    }); // prettier-ignore
    expect(books).toMatchObject([{ title: 'EMMA', pages: 250 }, { title: 'X', sec: 30, opened: 500 }]); // prettier-ignore
    expect(reads.map(({ page, sec, pages }) => [page, sec, pages])).toEqual([[1, 60, 250], [2, 9, 300], [7, 40, 0]]); // prettier-ignore
  });

  it('of two people are never merged', () => {
    const { importFile, write, rows } = open();
    const other = write((db) => aUser(db));
    importFile('a', { books: [EMMA], reads: [[1, 1, 10, 60, 100]] });
    importFile('b', { books: [EMMA], reads: [[1, 1, 10, 90, 100]] }, other);
    expect(rows('select total_read_sec as sec from read_books order by sec')).toEqual([
      { sec: 60 },
      { sec: 90 },
    ]);
  });
});

describe('a book of the statistics and a book of the library', () => {
  const device: Device = { books: [{ ...EMMA, lastOpenSec: 1_700_000_000 }], reads: [[1, 1, 10, 60, 100]] };
  const opened = new Date(1_700_000_000_000);

  it('find each other by checksum, whichever comes first', () => {
    const first = open();
    const one = first.scan('emma');
    first.importFile('a', device);
    const second = open();
    second.importFile('a', device);
    const two = second.scan('emma');
    for (const [shelf, bookId] of [
      [first, one],
      [second, two],
    ] as const) {
      // prettier-ignore
      expect(shelf.activity.ofBook(bookId)).toMatchObject({ totalReadSec: 60, totalReadPages: 1, lastOpenAt: opened });
      expect(shelf.books.get(shelf.ownerId, bookId).lastReadAt).toEqual(opened);
    }
  });

  it('part when the person removes the book, and the reading stays', () => {
    const { importFile, scan, books, ownerId, activity, readBooks, rows } = open();
    const bookId = scan('emma');
    importFile('a', device);
    books.remove(ownerId, bookId);
    expect(readBooks()).toMatchObject([{ title: 'Emma', sec: 60 }]);
    expect(rows('select book_id as id from read_books')).toEqual([{ id: null }]);
    expect(activity.ofBook(bookId)).toBeUndefined();
  });

  it('move the date of the last reading forward, never back', () => {
    const { importFile, scan, books, ownerId } = open();
    const bookId = scan('emma');
    importFile('a', device);
    importFile('b', { books: [{ ...EMMA, lastOpenSec: 1_600_000_000 }] });
    expect(books.get(ownerId, bookId).lastReadAt).toEqual(opened);
  });
});
