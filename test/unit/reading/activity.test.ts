import { describe, expect, it } from 'vitest';
import { deriveReadingOf } from '../../../server/koreader/derive-reading.ts';
import { createActivity } from '../../../server/reading/activity.ts';
import { noteDerived, rulesName } from '../../../server/reading/derived-by.ts';
import { READING_DEFAULTS } from '../../../server/reading/rules.ts';
import { pageReadWriter, readBookIdOf, updateReadBook } from '../../../server/koreader/statistics.queries.ts';
import { aBook, aUser, rulesOfAnyTime } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

const DAY = 86_400;

function open() {
  const shelf = openShelf();
  const { catalogue, clock, ownerId, write } = shelf;
  const { bookId } = write((db) => aBook(db, { ownerId }));
  let count = 0;
  /** A row of the statistics that is this book: its pages, when it was opened, and reads [page, start, seconds, pages then]. */
  const readAs = (
    row: { pages: number | null; lastOpenSec?: number; sec?: number },
    reads: [number, number, number, number][],
  ) =>
    write((db) => {
      const id = readBookIdOf(db, ownerId, `${++count}`.padStart(32, '0'), 'A Book');
      updateReadBook(db, id, { bookId, pages: row.pages, lastOpenAt: new Date((row.lastOpenSec ?? 1) * 1000), totalReadSec: row.sec ?? 0, totalReadPages: 1 }); // prettier-ignore
      for (const [page, start, seconds, pages] of reads) pageReadWriter(db)(id, start, page, seconds, pages);
    });
  const rules = rulesOfAnyTime({}, clock);
  const activity = createActivity({ catalogue, counts: READING_DEFAULTS, rules });
  const pages = () =>
    activity.ofBook(bookId)?.reads.map(({ page, startSec, durationSec }) => [page, startSec, durationSec]);
  return { ...shelf, bookId, readAs, rules, activity, pages };
}

describe('the activity of a book', () => {
  it('is not there when the statistics do not know it', () => {
    const { activity, bookId, ownerId } = open();
    expect(activity.ofBook(bookId)).toBeUndefined();
    expect(activity.any(ownerId)).toBe(false);
  });

  it('is there for a book that was opened and not read', () => {
    const { activity, bookId, readAs, ownerId } = open();
    readAs({ pages: 100, lastOpenSec: 500 }, []);
    expect(activity.ofBook(bookId)).toMatchObject({ pages: 100, lastOpenAt: new Date(500_000), reads: [] });
    expect(activity.any(ownerId)).toBe(false);
  });

  it('is in the order it was read, whatever row it comes from', () => {
    const { readAs, pages, activity, bookId, ownerId, rules, write } = open();
    readAs({ pages: 100, lastOpenSec: 900, sec: 60 }, [[5, 300, 40, 100], [4, 100, 40, 100]]); // prettier-ignore
    readAs({ pages: 100, lastOpenSec: 200, sec: 40 }, [[9, 200, 40, 100]]);
    expect(pages()).toEqual([[4, 100, 40], [9, 200, 40], [5, 300, 40]]); // prettier-ignore
    expect(activity.ofBook(bookId)).toMatchObject({
      lastOpenAt: new Date(900_000),
      totalReadSec: 100,
      totalReadPages: 2,
    });
    write((db) => deriveReadingOf(db, bookId, rules));
    expect([activity.any(ownerId), activity.any(write((db) => aUser(db)))]).toEqual([true, false]);
  });

  it('amounts to the same from the tables and from its page reads, and to nothing for a book nobody opened', () => {
    const { readAs, activity, bookId, rules, write } = open();
    expect(activity.statisticsOf(bookId)).toBeUndefined();
    const sitting = (from: number, first: number) =>
      Array.from({ length: 10 }, (_, page): [number, number, number, number] => [first + page, from + page * 60, 50, 20]); // prettier-ignore
    readAs({ pages: 20, lastOpenSec: 900, sec: 1000 }, [...sitting(1_700_000_000, 1), ...sitting(1_700_100_000, 11)]); // prettier-ignore
    readAs({ pages: 20, lastOpenSec: 100, sec: 500 }, sitting(1_700_200_000, 1));
    write((db) => deriveReadingOf(db, bookId, rules));
    const fromReads = activity.statisticsOf(bookId);
    expect(fromReads).toMatchObject({
      sessionCount: 3,
      sessionSec: 1500,
      longestSec: 500,
      lastDay: '2023-11-17',
      pages: 20,
      totalReadSec: 1500,
      completions: [{ startDay: '2023-11-14', endDay: '2023-11-16', pagesRead: 20 }],
    });
    write((db) => noteDerived(db, rulesName(READING_DEFAULTS)));
    const { completions, ...rest } = activity.statisticsOf(bookId)!;
    expect(fromReads).toMatchObject(rest);
    expect(fromReads!.completions).toMatchObject(completions);
  });

  it('is in the layout of the row opened last', () => {
    const { readAs, pages, activity, bookId } = open();
    readAs({ pages: 100, lastOpenSec: 1 }, [[10, 100, 60, 100]]);
    readAs({ pages: 200, lastOpenSec: 2 }, [[30, 200, 30, 200]]);
    expect(activity.ofBook(bookId)?.pages).toBe(200);
    expect(pages()).toEqual([[19, 100, 30], [20, 100, 30], [30, 200, 30]]); // prettier-ignore
  });

  it('takes pages as they are where no layout is known', () => {
    const { readAs, pages } = open();
    readAs({ pages: null }, [[7, 100, 60, 250]]);
    expect(pages()).toEqual([[7, 100, 60]]);
    const old = open();
    old.readAs({ pages: 300 }, [[7, 100, 60, 0]]);
    expect(old.pages()).toEqual([[7, 100, 60]]);
  });

  it('leaves out pages of no time and days of less than half a minute', () => {
    const { readAs, pages } = open();
    readAs({ pages: 100 }, [
      [1, 100, 20, 100], [2, 200, 9, 100], // 29 seconds
      [3, DAY, 15, 100], [4, DAY + 100, 15, 100], [5, DAY + 200, 0, 100], // 30 seconds
      [6, 3 * DAY - 20, 31, 100], // over midnight, all of it on the day it begins
      [7, 3 * DAY + 20, 29, 100],
    ]); // prettier-ignore
    expect(pages()?.map(([page]) => page)).toEqual([3, 4, 6]);
  });
});
