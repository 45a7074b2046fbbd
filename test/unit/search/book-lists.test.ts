import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../../server/reading/rules.ts';
import { createBooks, BOOK_SORT_NAMES } from '../../../server/library/books.ts';
import { OVERVIEW_SORTS, updateBook } from '../../../server/library/books.queries.ts';
import type { BookSort } from '../../../server/library/books.ts';
import type { NewBookRow, OverviewSort } from '../../../server/library/books.queries.ts';
import { takeInFile } from '../../../server/library/intake.ts';
import { settleReadBook, takeInReadBooks } from '../../../server/koreader/ingest-statistics.ts';
import { aBook, aFile, anAnnotation, aStatisticsBook, aUser, checksumOf } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

function open() {
  const shelf = openShelf();
  const books = createBooks({ catalogue: shelf.catalogue, clock: shelf.clock });
  const { ownerId } = shelf;
  const add = (book: Partial<NewBookRow>) => shelf.write((db) => aBook(db, { ownerId, ...book })).bookId;
  const list = (by: BookSort['by'] | undefined, order: BookSort['order'] = 'asc') =>
    books.list({ ownerId }, { page: 1, limit: 100, sorts: by === undefined ? [] : [{ by, order }] }).books.map(({ title }) => title); // prettier-ignore
  const find = (filter: Omit<Parameters<typeof books.list>[0], 'ownerId'>) =>
    books.list({ ownerId, ...filter }, { page: 1, limit: 100, sorts: [{ by: 'title', order: 'asc' }] }).books.map(({ title }) => title); // prettier-ignore
  return { ...shelf, books, add, list, find };
}

describe('a list of books', () => {
  it('is sorted by title without case or accents', () => {
    const { add, list } = open();
    for (const title of ['zebra', 'Émile', 'Apple', 'eagle']) add({ title });
    expect(list('title')).toEqual(['Apple', 'eagle', 'Émile', 'zebra']);
    expect(list('title', 'desc')).toEqual(['zebra', 'Émile', 'eagle', 'Apple']);
  });

  it('has unknown values last in both directions', () => {
    const { add, list } = open();
    add({ title: 'five', rating: 5 });
    add({ title: 'none' });
    add({ title: 'one', rating: 1 });
    expect(list('rating')).toEqual(['one', 'five', 'none']);
    expect(list('rating', 'desc')).toEqual(['five', 'one', 'none']);
  });

  it('breaks ties by id in the direction of the order, and upwards without any', () => {
    const { add, list } = open();
    for (const title of ['first', 'second', 'third']) add({ title, rating: 3 });
    expect(list('rating')).toEqual(['first', 'second', 'third']);
    expect(list('rating', 'desc')).toEqual(['third', 'second', 'first']);
    expect(list(undefined)).toEqual(['first', 'second', 'third']);
  });

  it('is sorted by several things, the first before the second', () => {
    const { add, books, ownerId } = open();
    add({ title: 'b', rating: 3 });
    add({ title: 'a', rating: 3 });
    add({ title: 'c', rating: 5 });
    const sorts: BookSort[] = [{ by: 'rating', order: 'desc' }, { by: 'title', order: 'asc' }]; // prettier-ignore
    const { books: found } = books.list({ ownerId }, { page: 1, limit: 9, sorts });
    expect(found.map(({ title }) => title)).toEqual(['c', 'a', 'b']);
  });

  it('counts numbers in a series as numbers', () => {
    const { add, list } = open();
    for (const seriesIndex of ['10', '2', '2.5', null]) add({ title: String(seriesIndex), seriesIndex });
    expect(list('series_number')).toEqual(['2', '2.5', '10', 'null']);
  });

  it.each(BOOK_SORT_NAMES)('can be sorted by %s, up and down', (by) => {
    const { add, list } = open();
    add({ title: 'a', rating: 1, progress: 0.1, pageCount: 1, publishedOn: '2001', seriesIndex: '1', isFavorite: false, status: 'completed', addedAt: new Date(1), updatedAt: new Date(1), lastReadAt: new Date(1), startedAt: new Date(1), completedAt: new Date(1), authors: ['A'] }); // prettier-ignore
    add({ title: 'b', rating: 2, progress: 0.2, pageCount: 2, publishedOn: '2002', seriesIndex: '2', isFavorite: true, status: 'in_progress', addedAt: new Date(2), updatedAt: new Date(2), lastReadAt: new Date(2), startedAt: new Date(2), completedAt: new Date(2), authors: ['B'] }); // prettier-ignore
    expect(list(by)).toEqual(['a', 'b']);
    expect(list(by, 'desc')).toEqual(['b', 'a']);
  });

  it('has on each page what sorting the whole list would put there, whatever it is narrowed by', () => {
    const { add, books, write, ownerId, ...shelf } = open();
    const statuses = ['not_started', 'completed', 'paused'] as const;
    const all = Array.from({ length: 41 }, (_, at) => ({
      rating: [null, 3, 5, 1][(at * 7) % 4] ?? null,
      status: statuses[(at * 5) % 3] ?? 'paused',
      isFavorite: at % 3 === 0,
      isPhysical: at % 5 !== 0,
    })).map((facts, at) => ({ ...facts, bookId: add({ title: `${(at * 11) % 13}`, ...facts }) }));
    // One that left the disk is in no list.
    write((db) => updateBook(db, all[4]!.bookId, { absentSince: shelf.clock.now() }));
    all.splice(4, 1);
    for (const order of ['asc', 'desc'] as const) {
      for (const filter of [
        {},
        { status: 'paused' as const },
        { isFavorite: true },
        { isPhysical: true, isFavorite: false },
      ]) {
        const wanted = all
          .filter((book) =>
            Object.entries(filter).every(([name, value]) => book[name as keyof typeof book] === value),
          )
          .toSorted((a, b) => {
            if ((a.rating === null) !== (b.rating === null)) return a.rating === null ? 1 : -1;
            const [left, right] = order === 'asc' ? [a, b] : [b, a];
            return (left.rating ?? 0) - (right.rating ?? 0) || (left.bookId < right.bookId ? -1 : 1);
          })
          .map(({ bookId }) => bookId);
        const sorts: BookSort[] = [{ by: 'rating', order }];
        for (let page = 1; page <= Math.ceil(wanted.length / 4) + 1; page += 1) {
          const found = books.list({ ownerId, ...filter }, { page, limit: 4, sorts });
          expect(found.total).toBe(wanted.length);
          expect(found.books.map(({ bookId }) => bookId)).toEqual(wanted.slice((page - 1) * 4, page * 4));
          const asked = books.list({ ownerId, ...filter, query: 'pages:none' }, { page, limit: 4, sorts });
          expect(asked).toEqual(found);
        }
      }
    }
  });

  it('is sorted by the largest file of a book', () => {
    const { write, list, ...shelf } = open();
    const scan = (path: string, sizeBytes: number) =>
      write((db) =>
        takeInFile(
          db,
          aFile(shelf, { path, sizeBytes, metadata: { title: path.slice(7) } }),
          shelf.clock.now(),
        ),
      );
    scan('/books/small.epub', 10);
    scan('/books/large.epub', 1000);
    scan('/books/middle.epub', 100);
    expect(list('file_size', 'desc')).toEqual(['large.epub', 'middle.epub', 'small.epub']);
  });

  it('is cut into pages that together are the whole, with the count of it', () => {
    const { add, books, ownerId } = open();
    for (let n = 0; n < 7; n++) add({ title: `book ${n}`, rating: 3 });
    const page = (page: number) =>
      books.list({ ownerId }, { page, limit: 3, sorts: [{ by: 'rating', order: 'asc' }] });
    const pages = [1, 2, 3, 4].map((n) =>
      page(n)
        .books.map(({ title }) => title.slice(5))
        .join(''),
    );
    expect(pages).toEqual(['012', '345', '6', '']);
    expect(page(4).total).toBe(7);
  });

  it('is of one person alone', () => {
    const { write, list, ownerId, add } = open();
    write((db) => aBook(db, { ownerId: aUser(db), title: 'Theirs' }));
    add({ title: 'Mine', ownerId });
    expect(list('title')).toEqual(['Mine']);
  });

  it('leaves out what left the disk', () => {
    const { add, list, write, clock, books, ownerId } = open();
    const bookId = add({ title: 'Gone' });
    write((db) => updateBook(db, bookId, { absentSince: clock.now() }));
    expect(list('title')).toEqual([]);
    expect(books.counts(ownerId).books).toBe(0);
    expect(books.shelf(ownerId).books).toEqual([]);
  });
});

describe('searching', () => {
  it('finds books that hold every word, anywhere, without case or accents', () => {
    const { add, find } = open();
    add({ title: 'Les Misérables', authors: ['Victor Hugo'] });
    add({ title: 'Notre-Dame de Paris', authors: ['Victor Hugo'] });
    expect(find({ search: 'HUGO' })).toEqual(['Les Misérables', 'Notre-Dame de Paris']);
    expect(find({ search: '  hugo   miser ' })).toEqual(['Les Misérables']);
    expect(find({ search: 'hugo zola' })).toEqual([]);
    expect(find({ search: '' })).toHaveLength(2);
  });

  it('takes signs of SQL for letters', () => {
    const { add, find } = open();
    add({ title: '100% Wool' });
    add({ title: "O'Brian" });
    expect(find({ search: '100%' })).toEqual(['100% Wool']);
    expect(find({ search: '%' })).toEqual(['100% Wool']);
    expect(find({ search: '_' })).toEqual([]);
    expect(find({ search: "o'brian" })).toEqual(["O'Brian"]);
  });

  it('narrows by what a book is', () => {
    const { add, find } = open();
    add({ title: 'a', status: 'completed', isFavorite: true });
    add({ title: 'b', isPhysical: true });
    expect(find({ status: 'completed' })).toEqual(['a']);
    expect(find({ isFavorite: true })).toEqual(['a']);
    expect(find({ isFavorite: false })).toEqual(['b']);
    expect(find({ isPhysical: true })).toEqual(['b']);
    expect(find({ isPhysical: true, status: 'completed' })).toEqual([]);
  });
});

describe('the list KoShelf shows', () => {
  it('has books with a file or a sidecar, and only read ones when it is asked for those', () => {
    const { add, books, ownerId } = open();
    add({ title: 'file', hasFile: true });
    add({ title: 'sidecar', hasSidecar: true });
    add({ title: 'physical', isPhysical: true });
    const titles = (onlyWithSidecar: boolean) =>
      books.overviews({ ownerId, onlyWithSidecar, sort: 'title', order: 'asc' }).map(({ title }) => title);
    expect(titles(false)).toEqual(['file', 'sidecar']);
    expect(titles(true)).toEqual(['sidecar']);
  });

  it('counts highlights and bookmarks', () => {
    const { add, books, ownerId, write } = open();
    const bookId = add({ title: 'a', hasFile: true });
    write((db) => {
      anAnnotation(db, { ownerId, bookId });
      anAnnotation(db, { ownerId, bookId });
      db.$client.prepare("insert into bookmarks (bookmark_id, owner_id, book_id, source, updated_at) values ('m', ?, ?, 'koreader', 1)").run(ownerId, bookId); // prettier-ignore
    });
    const [overview] = books.overviews({
      ownerId,
      onlyWithSidecar: false,
      sort: 'annotations',
      order: 'desc',
    });
    expect(overview?.annotationCount).toBe(3);
  });

  it('sorts the status by the words it shows', () => {
    const { add, books, ownerId } = open();
    for (const status of ['not_started', 'paused', 'completed', 'in_progress', 'abandoned'] as const)
      add({ title: status, status, hasFile: true });
    const { overviews } = books;
    expect(overviews({ ownerId, onlyWithSidecar: false, sort: 'status', order: 'asc' }).map(({ status }) => status)).toEqual([
      'abandoned', 'completed', 'paused', 'in_progress', 'not_started',
    ]); // prettier-ignore
  });

  it('knows when a book was opened last from the statistics', () => {
    const { add, books, ownerId, write, clock, ...shelf } = open();
    const fileId = 'statistics';
    write((db) => db.$client.prepare('insert into statistics_files (file_id, owner_id, path, added_at) values (?, ?, ?, 1)').run(fileId, ownerId, Buffer.from('/s'))); // prettier-ignore
    add({ title: 'never', hasFile: true });
    for (const [title, lastOpenSec] of [
      ['early', 1_700_001_000],
      ['late', 1_700_002_000],
    ] as const) {
      // prettier-ignore
      write((db) => {
        takeInFile(db, aFile({ ownerId, folderId: shelf.folderId }, { path: `/books/${title}.epub`, content: title }), clock.now());
        const rows = takeInReadBooks(db, { ownerId, fileId }, [aStatisticsBook({ md5: checksumOf(title), lastOpenSec })]);
        for (const id of rows.values()) settleReadBook(db, id, rulesOf({}, clock), clock.now());
      });
    }
    const titles = (order: 'asc' | 'desc') =>
      books
        .overviews({ ownerId, onlyWithSidecar: false, sort: 'last_open_at', order })
        .map(({ title }) => title);
    expect(titles('desc')).toEqual(['late', 'early', 'never']);
    expect(titles('asc')).toEqual(['early', 'late', 'never']);
  });

  it.each(Object.keys(OVERVIEW_SORTS) as OverviewSort[])(
    'is in the order of ids where %s says nothing',
    (sort) => {
      const { add, books, ownerId } = open();
      const ids = [1, 2, 3].map(() => add({ title: 'same', hasFile: true }));
      for (const order of ['asc', 'desc'] as const)
        expect(
          books.overviews({ ownerId, onlyWithSidecar: false, sort, order }).map(({ bookId }) => bookId),
        ).toEqual(ids);
    },
  );

  it('keeps comics and books apart', () => {
    const { add, books, ownerId } = open();
    add({ title: 'comic', contentType: 'comic', hasFile: true });
    add({ title: 'book', hasFile: true });
    const of = (contentType: 'book' | 'comic') => books.overviews({ ownerId, contentType, onlyWithSidecar: false, sort: 'title', order: 'asc' }).map(({ title }) => title); // prettier-ignore
    expect([of('book'), of('comic')]).toEqual([['book'], ['comic']]);
    expect(books.counts(ownerId)).toMatchObject({ books: 1, comics: 1 });
  });
});

describe("the desk's shelf", () => {
  it('goes through all books, newest first, each once', () => {
    const { add, books, ownerId } = open();
    // Many books of one moment: a scan adds them so.
    for (let n = 0; n < 150; n++) add({ title: `book ${n}`, addedAt: new Date(Math.floor(n / 50) * 1000) });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = books.shelf(ownerId, cursor);
      seen.push(...page.books.map(({ bookId }) => bookId));
      expect(page.books.length).toBeLessThanOrEqual(60);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(150);
    expect(new Set(seen).size).toBe(150);
  });

  it('refuses a cursor it never gave', () => {
    const { books, ownerId } = open();
    for (const cursor of ['', '1', "1.' or 1=1", '99999999999999999999.00000000-0000-7000-8000-000000000000'])
      expect(() => books.shelf(ownerId, cursor), cursor).toThrow(
        expect.objectContaining({ kind: 'invalid' }),
      );
  });
});
