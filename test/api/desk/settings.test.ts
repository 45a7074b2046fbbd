import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Setting, SettingList } from '../../../server/api/desk/schemas.ts';
import { readCommandLine } from '../../../server/config/options.ts';
import type { Refusal } from '../../support/client.ts';
import { at } from '../../support/clock.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';

const began = Date.parse('2026-03-10T23:30:00Z') / 1000;
const book = makeEpub({ title: 'Emma' });
const stray = 'f'.repeat(32);
/** Five pages late in the evening, and a minute of a book that is not here on the next. */
const statistics = {
  books: [
    { title: 'Emma', md5: koreaderChecksum(book), pages: 10 },
    { title: 'Elsewhere', md5: stray, pages: 10 },
  ],
  reads: [
    ...Array.from({ length: 5 }, (_, page) => [1, page + 1, began + page * 60, 60, 10] as const),
    [2, 1, began + 86_400, 60, 10] as const,
  ].map((read) => [...read] as [number, number, number, number, number]),
};

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({
    clock: at('2026-03-14T12:00:00Z'),
    options: { given: { watch: '--watch' } },
    files: {
      'emma.epub': book,
      'emma.sdr/metadata.epub.lua': makeSidecar({
        partial_md5_checksum: koreaderChecksum(book),
        percent_finished: 0.5,
        doc_pages: 10,
        pagemap_doc_pages: 300,
        pagemap_chars_per_synthetic_page: 1500,
        summary: { status: 'reading', modified: '2026-03-10' },
      }),
    },
    statistics,
  });
  token = await server.claim();
});
afterAll(() => server.close());

const list = async (): Promise<Setting[]> =>
  ((await server.desk('GET', '/settings')).json() as SettingList).settings;
const shown = async (name: string) => (await list()).find((each) => each.name === name)?.value;
const change = (values: Record<string, unknown>) => server.desk('PATCH', '/settings', { values });
async function changed(values: Record<string, unknown>): Promise<void> {
  const answer = await change(values);
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
  await server.settled();
}
const config = () => {
  const path = join(server.dataDir, 'config.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
};
type Points = { points: { key: string; pages_read: number }[] };
const days = async () =>
  (await server.data<Points>('/reading/metrics?metric=pages_read&group_by=day')).points
    .filter((point) => point.pages_read > 0)
    .map((point) => point.key);
type Summary = { overview: { reading_time_sec: number } };
const readingTime = async () => (await server.data<Summary>('/reading/summary')).overview.reading_time_sec;
const pagesRead = async () =>
  (await server.data<{ points: { pages_read: number }[] }>('/reading/metrics?metric=pages_read&group_by=total')).points[0]?.pages_read; // prettier-ignore

describe('settings changed while the server runs', () => {
  it('are listed with what they are, what they are usually, and who alone may change them', async () => {
    const settings = await list();
    expect(settings.find(({ name }) => name === 'title')).toEqual({
      name: 'title',
      group: 'The KoShelf API',
      label: 'What the library is called',
      hint: 'In KoShelf’s web app.',
      value: 'Papyrus Shelf',
      usual: 'Papyrus Shelf',
      choices: [],
      given_by: null,
    });
    expect(settings.find(({ name }) => name === 'watch')).toMatchObject({ value: 'off', given_by: '--watch', choices: ['auto', 'poll', 'off'] }); // prettier-ignore
    expect(settings.find(({ name }) => name === 'minTimePerDay')).toMatchObject({
      value: '30s',
      usual: '30s',
    });
    for (const secret of ['koshelfPassword', 'smtpPassword', 'dataDir', 'port'])
      expect(settings.map(({ name }) => name)).not.toContain(secret);
  });

  it('are written into the config file, where they are read at the next start', async () => {
    writeFileSync(join(server.dataDir, 'config.json'), JSON.stringify({ storageQuota: 5, title: 'Before' }));
    await changed({ title: 'Aunt’s books', language: 'de_DE' });
    expect(config()).toEqual({ storageQuota: 5, title: 'Aunt’s books', language: 'de_DE' });
    expect(await server.data('/site')).toMatchObject({ title: 'Aunt’s books', language: 'de_DE' });
    const line = readCommandLine(['--data-dir', server.dataDir], { PAPYRUS_SHELF_LANGUAGE: 'fr_FR' });
    expect(line).toMatchObject({
      options: { title: 'Aunt’s books', language: 'fr_FR', given: { language: 'PAPYRUS_SHELF_LANGUAGE' } },
    });
    await changed({ title: '', language: null });
    expect(config()).toEqual({ storageQuota: 5 });
    expect(await server.data('/site')).toMatchObject({ title: 'Papyrus Shelf', language: 'en_US' });
  });

  it('are refused by name, and then none of them is changed', async () => {
    const before = await list();
    const answer = await change({ title: 'Fine', dayStart: 'noon', timeZone: 'Mars/Base', port: '1' });
    const { error } = answer.json() as Refusal;
    expect([answer.status, error.details]).toEqual([
      400,
      {
        fields: {
          dayStart: 'should be a time such as 04:00',
          timeZone: 'should be an IANA zone such as Europe/Berlin',
          port: 'cannot be changed here',
        },
      },
    ]);
    const given = await change({ watch: 'auto' });
    expect([given.status, given.text]).toEqual([409, expect.stringContaining('--watch')]);
    expect(await list()).toEqual(before);
  });

  it('are not changed when the config file cannot be read', async () => {
    const path = join(server.dataDir, 'config.json');
    writeFileSync(path, '{ "title": ');
    const answer = await change({ title: 'New' });
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('Mend it first')]);
    expect([readFileSync(path, 'utf8'), await shown('title')]).toEqual(['{ "title": ', 'Papyrus Shelf']);
    writeFileSync(path, '{}');
  });

  it('count reading in another zone, from another hour, in all that was worked out before', async () => {
    expect(await days()).toEqual(['2026-03-10', '2026-03-11']);
    await changed({ timeZone: 'Asia/Tokyo' });
    expect(await days()).toEqual(['2026-03-11', '2026-03-12']);
    await changed({ dayStart: '10:00' });
    expect(await days()).toEqual(['2026-03-10', '2026-03-11']);
    await changed({ timeZone: 'UTC', dayStart: null });
    expect(await days()).toEqual(['2026-03-10', '2026-03-11']);
  });

  it('count less reading a day, and books that are not here', async () => {
    expect(await readingTime()).toBe(360);
    await changed({ minTimePerDay: '2m' });
    expect([await readingTime(), await shown('minTimePerDay')]).toEqual([300, '2m']);
    await changed({ minTimePerDay: 'off', includeAllStats: false });
    expect([await readingTime(), await shown('minTimePerDay')]).toEqual([300, 'off']);
    await changed({ minTimePerDay: null, includeAllStats: true });
    expect(await readingTime()).toBe(360);
  });

  it('use KOReader’s stable pages or the screen’s', async () => {
    const pages = async () => {
      const { items } = await server.data<{ items: { id: string; title: string }[] }>('/items');
      const { id } = items.find(({ title }) => title === 'Emma')!;
      return (await server.data<{ item: { pages: number } }>(`/items/${id}`)).item.pages;
    };
    expect([await pages(), await pagesRead()]).toEqual([300, 151]);
    await changed({ stablePages: false });
    expect([await pages(), await pagesRead()]).toEqual([10, 6]);
    await changed({ stablePages: true });
    expect([await pages(), await pagesRead()]).toEqual([300, 151]);
  });

  it('write back what was said while that was off', async () => {
    const { books } = (await server.papyrus('GET', '/books', undefined, token)).json() as { books: { book_id: string }[] }; // prettier-ignore
    const [{ book_id: id }] = books as [{ book_id: string }];
    const sidecar = () => readFileSync(join(server.libraryDir, 'emma.sdr/metadata.epub.lua'), 'utf8');
    const patch = (rating: number) => server.koshelf(`/items/${id}`, { method: 'PATCH', body: { rating } });
    await server.papyrus('PATCH', `/books/${id}`, { rating: 4 }, token);
    await server.settled();
    expect([sidecar().includes('["rating"]'), (await patch(3)).status]).toEqual([false, 404]);
    await changed({ writeback: true });
    expect([sidecar().includes('["rating"] = 4'), (await patch(3)).status]).toEqual([true, 204]);
    expect(await server.data('/site')).toMatchObject({ capabilities: { has_writeback: true } });
    await changed({ writeback: false });
    expect((await patch(2)).status).toBe(404);
    expect(sidecar()).toContain('["rating"] = 3');
  });

  it('make backups when the person says so', async () => {
    await changed({ backupSchedule: 'weekly', backupTime: '05:30' });
    expect((await server.desk('GET', '/backups')).json()).toMatchObject({ schedule: 'weekly', at: '05:30' });
    await changed({ backupSchedule: 'off', backupTime: null });
    expect((await server.desk('GET', '/backups')).json()).toMatchObject({ schedule: 'off', at: '03:00' });
  });

  it('begin and end watching', async () => {
    await server.restart({ given: {}, watch: 'off' });
    const titles = async () => (await server.data<{ items: { title: string }[] }>('/items')).items.length;
    await changed({ watch: 'poll', pollInterval: '1' });
    server.put({ 'new.epub': makeEpub({ title: 'New' }) });
    await vi.waitFor(async () => expect(await titles()).toBe(2), { timeout: 15_000, interval: 200 });
    await changed({ watch: 'off' });
  });
});
