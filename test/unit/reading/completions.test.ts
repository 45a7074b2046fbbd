import { describe, expect, it } from 'vitest';
import { findCompletions } from '../../../server/reading/completions.ts';
import type { PageRead } from '../../../server/reading/sessions.ts';

/** Pages from…to, or one page, in the order they are read: a minute each, one after the other. */
function read(...parts: (number | [from: number, to: number])[]): PageRead[] {
  const pages = parts.flatMap((part) =>
    typeof part === 'number' ? [part] : Array.from({ length: part[1] - part[0] + 1 }, (_, n) => part[0] + n),
  );
  return pages.map((page, n) => ({ page, startSec: n * 60, durationSec: 60 }));
}
const minuteOf = (sec: number) => `minute ${Math.floor(sec / 60)}`;
/** Pages read of each completion. */
const completions = (pages: number, reads: PageRead[]) =>
  findCompletions(reads, pages, minuteOf).map(
    ({ readingSec, pagesRead }) => `${readingSec / 60} rows, ${pagesRead} pages`,
  );

describe('a reading from beginning to end', () => {
  it.each<[string, number, PageRead[], string[]]>([
    ['every page', 100, read([1, 100]), ['100 rows, 100 pages']],
    ['77 pages of 100 and the last', 100, read([1, 76], 100), []],
    ['78 pages of 100, to page 98', 100, read([1, 77], 98), ['78 rows, 78 pages']],
    ['to page 97 of 100', 100, read([1, 97]), []],
    ['from page 21 of 100', 100, read([21, 100]), []],
    ['twice', 100, read([1, 100], [1, 100]), ['100 rows, 100 pages', '100 rows, 100 pages']],
    ['a start given up, then all of it', 100, read([1, 40], [1, 100]), ['100 rows, 100 pages']],
    [
      'a start of 20 pages, which belongs to what follows',
      100,
      read([1, 20], [1, 100]),
      ['120 rows, 100 pages'],
    ],
    ['a start of 21 pages, which does not', 100, read([1, 21], [1, 100]), ['100 rows, 100 pages']],
    ['all of it and half again', 100, read([1, 100], [1, 50]), ['100 rows, 100 pages']],
    ['again from page 6', 100, read([1, 100], [6, 100]), ['100 rows, 100 pages']],
    ['again from page 5', 100, read([1, 100], [5, 100]), ['100 rows, 100 pages', '96 rows, 96 pages']],
    ['19 pages twice: too short to begin again', 19, read([1, 19], [1, 19]), ['19 rows, 19 pages']],
    ['20 pages twice', 20, read([1, 20], [1, 20]), ['20 rows, 20 pages', '20 rows, 20 pages']],
    ['a look into the middle, then all of it', 100, read([50, 60], [1, 100]), ['111 rows, 100 pages']],
    ['nothing', 100, [], []],
    ['a book without pages', 0, read([1, 10]), []],
    [
      'backwards',
      100,
      read([1, 100]).map((row) => ({ ...row, page: 101 - row.page })),
      ['100 rows, 100 pages'],
    ],
    [
      'three times',
      50,
      read([1, 50], [1, 50], [1, 50]),
      Array.from({ length: 3 }, () => '50 rows, 50 pages'),
    ],
  ])('%s', (_, pages, reads, expected) => {
    expect(completions(pages, reads)).toEqual(expected);
  });

  it('has its days, sittings and time', () => {
    // Ten pages of a minute, an hour's pause after the fifth.
    const reads = read([1, 10]).map((row) =>
      row.page > 5 ? { ...row, startSec: row.startSec + 3600 } : row,
    );
    expect(findCompletions(reads, 10, minuteOf)).toEqual([
      { startDay: 'minute 0', endDay: 'minute 70', startSec: 0, endSec: 4200, readingSec: 600, sessionCount: 2, pagesRead: 10, reads: { from: 0, to: 10 } },
    ]); // prettier-ignore
  });

  it('ends with the last new page: a look into the finished book moves nothing', () => {
    const [completion] = findCompletions(read([1, 100], [1, 50]), 100, minuteOf);
    expect(completion?.endSec).toBe(100 * 60);
  });

  it('counts no page of no time', () => {
    const reads = read([1, 100]).map((row) => (row.page % 4 === 0 ? { ...row, durationSec: 0 } : row));
    expect(completions(100, reads)).toEqual([]);
  });

  it('is found among hundreds of thousands of pages in good time', () => {
    const reads = read(...Array.from({ length: 300 }, (): [number, number] => [1, 1000]));
    const began = performance.now();
    expect(findCompletions(reads, 1000, minuteOf)).toHaveLength(300);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
