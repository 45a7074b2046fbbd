import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import type { StatisticsReadRow } from '../../support/make-statistics.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const began = Date.parse('2026-03-10T09:00:00Z') / 1000;
const short = makeEpub({ title: 'Short' });
const long = makeEpub({ title: 'Long' });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    clock: at('2026-03-14'),
    files: {
      'short.epub': short,
      'short.sdr/metadata.epub.lua': makeSidecar({
        partial_md5_checksum: koreaderChecksum(short),
        percent_finished: 1,
        summary: { status: 'complete', modified: '2026-03-12' },
      }),
      'long.epub': long,
    },
    statistics: {
      books: [
        { title: 'Short', md5: koreaderChecksum(short), pages: 300 },
        { title: 'Long', md5: koreaderChecksum(long), pages: 10 },
      ],
      // Two pages of a book that is called finished; another one from its first page to its last, a minute each.
      reads: [
        [1, 1, began, 40, 300],
        [1, 2, began + 40, 40, 300],
        ...Array.from({ length: 10 }, (_, page): StatisticsReadRow => [
          2,
          page + 1,
          began + 86_400 + page * 60,
          60,
          10,
        ]),
      ],
    },
  });
});
afterAll(() => server.close());

type Finished = { items: { title: string; end_date: string }[] };
const finished = async () =>
  (await server.data<Finished>('/reading/completions?year=2026&group_by=none')).items.map(
    ({ title, end_date: day }) => `${title} ${day}`,
  );
const readingTime = async () =>
  (await server.data<{ overview: { reading_time_sec: number } }>('/reading/summary')).overview
    .reading_time_sec;
/** Where each completion comes from, as the library file keeps it. */
const sources = () => {
  const db = new Database(join(server.dataDir, 'papyrus-shelf.sqlite'), { readonly: true });
  try {
    return db
      .prepare(
        'select r.title, c.source from read_completions c join read_books r using (read_book_id) order by r.title',
      )
      .raw()
      .all();
  } finally {
    db.close();
  }
};

describe('options of how reading is counted', () => {
  it('complete a book by KOReader’s word and mark it so, until that is switched off and on again', async () => {
    expect(await finished()).toEqual(['Short 2026-03-12', 'Long 2026-03-11']);
    expect(sources()).toEqual([
      ['Long', 'pages'],
      ['Short', 'mark'],
    ]);
    await server.restart({ finishedMark: false });
    expect(await finished()).toEqual(['Long 2026-03-11']);
    const abroad = await server.data<Finished>('/reading/completions?year=2026&group_by=none&tz=Asia/Tokyo');
    expect(abroad.items.map(({ title }) => title)).toEqual(['Long']);
    await server.restart();
    expect(await finished()).toEqual(['Short 2026-03-12', 'Long 2026-03-11']);
  });

  it('leave out days of less reading, in every chart and in every zone', async () => {
    expect(await readingTime()).toBe(680);
    await server.restart({ minTimePerDay: 120 });
    expect(await readingTime()).toBe(600);
    const { points } = await server.data<{ points: unknown[] }>(
      '/reading/metrics?metric=pages_read&group_by=total&tz=Asia/Tokyo',
    );
    expect(points).toEqual([{ key: 'all-time', pages_read: 10 }]);
    await server.restart({ minTimePerDay: 3600, minPagesPerDay: 2 });
    expect(await readingTime()).toBe(680);
    await server.restart({ minTimePerDay: null, minPagesPerDay: 11 });
    expect(await readingTime()).toBe(0);
    await server.restart();
    expect(await readingTime()).toBe(680);
  });
});
