import { describe, expect, it } from 'vitest';
import {
  settleReadBook,
  takeInPageReads,
  takeInReadBooks,
} from '../../../server/koreader/ingest-statistics.ts';
import { updateBook } from '../../../server/library/books.queries.ts';
import { createReadings } from '../../../server/reading/readings.ts';
import { READING_DEFAULTS, rulesOf } from '../../../server/reading/rules.ts';
import { aBook, aStatisticsBook, checksumOf, pageReads } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

const BOOKS = 6;
const ZONES = ['UTC', 'Asia/Tokyo', 'America/New_York'];
const NOON = Date.parse('2026-01-01T12:00:00Z') / 1000;

function open() {
  const shelf = openShelf();
  const { catalogue, clock, ownerId, write, rows } = shelf;
  const counts = READING_DEFAULTS;
  const anew = () => createReadings({ catalogue, clock, counts, rules: rulesOf(counts, clock) });
  write((db) => {
    db.$client
      .prepare("insert into statistics_files (file_id, owner_id, path, added_at) values ('a', ?, ?, 1)")
      .run(ownerId, Buffer.from('/a'));
    for (let book = 1; book <= BOOKS; book++) {
      const { bookId } = aBook(db, { ownerId, title: `Book ${book}` });
      db.$client
        .prepare('insert into book_checksums (owner_id, partial_md5, book_id) values (?, ?, ?)')
        .run(ownerId, checksumOf(`${book}`), bookId);
    }
  });
  /** Pages of a minute each, one after the other. */
  const read = (book: number, startSec: number, count: number, first = 1) =>
    write((db) => {
      const row = aStatisticsBook({ sourceBookId: book, title: `Book ${book}`, md5: checksumOf(`${book}`), lastOpenSec: startSec }); // prettier-ignore
      const ids = takeInReadBooks(db, { ownerId, fileId: 'a' }, [row]);
      const reads = Array.from({ length: count }, (_, index) => [book, first + index, startSec + index * 60, 60, 100] as const); // prettier-ignore
      takeInPageReads(db, ids, pageReads(reads));
      settleReadBook(db, ids.get(book)!, rulesOf(counts, clock), clock.now());
    });
  const bookIdOf = (book: number) => String(rows('select book_id as id from books where title like ?', `Book ${book}%`)[0]?.id); // prettier-ignore
  return { ...shelf, read, bookIdOf, kept: anew(), anew };
}

describe('the reading that is kept', () => {
  it('is after every change what it would be if everything were read again, in every zone', async () => {
    const { kept, anew, read, bookIdOf, write, ownerId } = open();
    for (let book = 1; book < BOOKS; book++) read(book, NOON + book * 7000, 30);
    const changes: (() => void)[] = [
      () => read(2, NOON + 86_400, 20, 31),
      // Across midnight in each of the zones.
      () => read(4, NOON + 3 * 3600 - 300, 10, 40),
      () => read(4, NOON + 12 * 3600 - 300, 10, 60),
      () => read(5, NOON + 17 * 3600 - 300, 10, 60),
      // The last tenth: now it was read to its end.
      () => read(1, NOON + 200_000, 70, 31),
      // A book nobody read before, on a day between those of the others.
      () => read(BOOKS, NOON - 86_400, 5),
      () => write((db) => updateBook(db, bookIdOf(3), { rating: 5 })),
      () => write((db) => updateBook(db, bookIdOf(2), { contentType: 'comic' })),
      () => write((db) => db.$client.prepare('delete from books where book_id = ?').run(bookIdOf(5))),
      () => write((db) => db.$client.prepare("delete from read_books where title = 'Book 4'").run()),
      () => {},
    ];
    let before = '';
    for (const [number, change] of changes.entries()) {
      change();
      for (const tz of ZONES) {
        const { history } = await kept.view(ownerId, tz);
        expect(history, `after change ${number} in ${tz}`).toEqual((await anew().view(ownerId, tz)).history);
      }
      const now = JSON.stringify([
        ...(await kept.view(ownerId)).history.books,
        (await kept.view(ownerId)).history,
      ]);
      expect(now === before).toBe(number === changes.length - 1);
      before = now;
    }
    const { history } = await kept.view(ownerId);
    expect(history.completions).toHaveLength(1);
    expect(history.books.size).toBe(BOOKS - 1);
    expect([...history.books.values()].filter(({ bookId }) => bookId === null)).toHaveLength(1);
  });

  it('is not counted again for a change that has nothing to do with it', async () => {
    const { kept, read, catalogue, ownerId, write, bookIdOf } = open();
    read(1, NOON, 30);
    const { history } = await kept.view(ownerId);
    const before = catalogue.revision();
    write((db) =>
      db.$client
        .prepare(
          `insert into annotations (annotation_id, owner_id, book_id, source, updated_at) values ('a', ?, ?, 'papyrus', 1)`,
        )
        .run(ownerId, bookIdOf(1)),
    );
    expect(catalogue.revision()).toBeGreaterThan(before);
    const after = (await kept.view(ownerId)).history;
    expect(after.days).toBe(history.days);
    expect(after.sessions).toBe(history.sessions);
  });

  it('is told by the diary when a book is counted by other rules, though no page was read', () => {
    const { read, catalogue, write, rows, clock } = open();
    read(1, NOON, 30);
    const before = catalogue.revision();
    const [{ id }] = rows('select read_book_id as id from read_books') as [{ id: number }];
    write((db) => settleReadBook(db, id, rulesOf(READING_DEFAULTS, clock), clock.now()));
    expect(catalogue.revision()).toBe(before);
    write((db) => settleReadBook(db, id, rulesOf({ zone: 'Pacific/Auckland' }, clock), clock.now()));
    expect(catalogue.revision()).toBe(before + 1);
    expect(rows('select day from read_days')).toEqual([{ day: '2026-01-02' }]);
  });
});
