import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { rescale } from '../../../../server/formats/koreader/page-stat.ts';
import { makeStatistics } from '../../../support/make-statistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-stat-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("KOReader's page arithmetic", () => {
  it.each([
    // page, of, pages today, seconds → first, last, each
    [1, 100, 300, 90, 1, 3, 30],
    [25, 120, 300, 60, 61, 62, 30],
    [10, 100, 200, 60, 19, 20, 30],
    [30, 200, 200, 30, 30, 30, 30],
    [1, 10, 100, 9, 1, 10, 0],
    [2, 300, 100, 50, 1, 1, 50],
    [5, 100, 0, 50, 1, 1, 50],
  ])(
    'spreads page %d of %d over a book of %d pages',
    (page, totalPages, pages, durationSec, firstPage, lastPage, durationEach) => {
      expect(rescale(page, totalPages, pages, durationSec)).toEqual({ firstPage, lastPage, durationEach });
    },
  );

  it('has no pages for a layout without pages', () => {
    expect(rescale(1, 0, 100, 60)).toBeUndefined();
  });

  it("agrees with the database's own view row by row", () => {
    const pages = 301;
    const reads = [0, 1, 2, 7, 99, 100, 101, 150].flatMap((page, row) =>
      [1, 3, 100, 101, 299, 900].map(
        (total, column) => [1, page, row * 10 + column, 61 + row, total] as const,
      ),
    );
    const db = makeStatistics(join(folder, 'view.sqlite3'), {
      books: [{ pages }],
      reads: reads.map((read) => [...read]),
    });
    const expected = db
      .prepare('select start_time, page, duration from page_stat order by start_time, page')
      .raw()
      .all();
    db.close();
    const ours = reads
      .toSorted((a, b) => a[2] - b[2])
      .flatMap(([, page, start, durationSec, total]) => {
        const { firstPage, lastPage, durationEach } = rescale(page, total, pages, durationSec) ?? {
          firstPage: 1,
          lastPage: 0,
          durationEach: 0,
        };
        return Array.from({ length: lastPage - firstPage + 1 }, (_, i) => [
          start,
          firstPage + i,
          durationEach,
        ]);
      });
    expect(ours).toEqual(expected);
    expect(ours.length).toBeGreaterThan(reads.length);
  });

  it('stops after a thousand pages, as the view does', () => {
    expect(rescale(1, 1, 5000, 10_000)).toEqual({ firstPage: 1, lastPage: 1000, durationEach: 2 });
  });
});
