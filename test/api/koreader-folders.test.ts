// Where KOReader's files lie: beside the books, by path in docsettings, by checksum in hashdocsettings, one of each a device.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aHighlight } from '../support/builders.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import type { LuaContent } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { Files, TestServer } from '../support/server.ts';

let server: TestServer;
let devices: string;
beforeEach(() => (devices = realpathSync(mkdtempSync(join(tmpdir(), 'devices-')))));
afterEach(async () => {
  await server.close();
  rmSync(devices, { recursive: true });
});

const emma = makeEpub({ title: 'Emma' });
const md5 = koreaderChecksum(emma);
const put = (path: string, bytes: Uint8Array) => {
  mkdirSync(dirname(join(devices, path)), { recursive: true });
  writeFileSync(join(devices, path), bytes);
};
const sidecar = (annotations: LuaContent[]) =>
  makeSidecar({ partial_md5_checksum: md5, percent_finished: 0.5, annotations });
const titles = async () =>
  (await server.data<{ items: { title: string }[] }>('/items?scope=all')).items.map(({ title }) => title);
/** What is marked in all books, by date. */
const lines = async () =>
  (await server.data<{ annotations: { text?: string }[] }>('/annotations')).annotations
    .map(({ text }) => text)
    .toReversed();

describe("KOReader's folders", () => {
  it('are all read: beside the books, and two of each other kind', async () => {
    const files: Files = { 'Emma.epub': emma, 'Emma.sdr/metadata.epub.lua': sidecar([aHighlight(1)]) };
    put('reader/docsettings/mnt/onboard/Emma.sdr/metadata.epub.lua', sidecar([aHighlight(2)]));
    put('phone/docsettings/sdcard/Emma.sdr/metadata.epub.lua', sidecar([aHighlight(3)]));
    put(`tablet/hash/${md5.slice(0, 2)}/${md5}.sdr/metadata.epub.lua`, sidecar([aHighlight(4)]));
    put(`old/hash/${md5.slice(0, 2)}/${md5}.sdr/metadata.epub.lua`, sidecar([aHighlight(5)]));
    const at = (...names: string[]) => names.map((name) => join(devices, name));
    server = await startTestServer({
      files,
      options: {
        docsettings: at('reader/docsettings', 'phone/docsettings'),
        hashdocsettings: at('tablet/hash', 'old/hash'),
      },
    });
    expect(await titles()).toEqual(['Emma']);
    expect(await lines()).toEqual([1, 2, 3, 4, 5].map((n) => `Line ${n}`));
    await server.rescan();
    expect(await lines()).toEqual([1, 2, 3, 4, 5].map((n) => `Line ${n}`));
  });

  it.each([
    ['Re\u0301sume\u0301', 'R\u00e9sum\u00e9'],
    ['R\u00e9sum\u00e9', 'Re\u0301sume\u0301'],
  ])('belong to the book of that name in another form of Unicode', async (book, sdr) => {
    const marked = makeSidecar({ percent_finished: 0.5, annotations: [aHighlight(1)] });
    server = await startTestServer({
      files: { [`${book}.epub`]: emma, [`${sdr}.sdr/metadata.epub.lua`]: marked },
    });
    expect([await titles(), await lines()]).toEqual([['Emma'], ['Line 1']]);
  });
});

describe('what a person set in KOReader', () => {
  const picture = (background: string) =>
    sharp({ create: { width: 60, height: 90, channels: 3, background } })
      .png()
      .toBuffer();
  const custom = (props: Record<string, LuaContent>) =>
    makeSidecar({ custom_props: props, doc_props: { title: 'Emma', pages: 123 } });
  const item = async () => {
    const { items } = await server.data<{ items: { id: string }[] }>('/items?scope=all');
    const { item: detail } = await server.data<{ item: Record<string, unknown> & { cover_url?: string } }>(
      `/items/${items[0]?.id}`,
    );
    return detail;
  };
  const colorOf = async () => {
    const { bytes } = await server.get((await item()).cover_url!);
    const { dominant } = await sharp(bytes).stats();
    return dominant.r > dominant.b ? 'red' : 'blue';
  };

  it('is shown over what the file says, in both APIs, until it is taken away there', async () => {
    const book = makeEpub({ title: 'Emma', authors: ['Jane Austen'], cover: await picture('#00f') });
    server = await startTestServer({
      files: {
        'Emma.epub': book,
        'Emma.sdr/custom_metadata.lua': custom({ title: 'My Emma', series: 'Austen', series_index: 2.5 }),
        'Emma.sdr/cover.png': await picture('#f00'),
      },
    });
    expect(await item()).toMatchObject({
      title: 'My Emma',
      authors: ['Jane Austen'],
      series: { name: 'Austen', index: '2.5' },
      has_metadata: false,
    });
    expect(await colorOf()).toBe('red');
    const token = await server.claim();
    const found = await server.papyrus('GET', '/books?search=my%20emma', undefined, token);
    expect((found.json() as { books: { title: string }[] }).books.map(({ title }) => title)).toEqual(['My Emma']); // prettier-ignore
    server.put({ 'Emma.sdr/custom_metadata.lua': custom({ title: 'Our Emma' }) });
    server.remove('Emma.sdr/cover.png');
    await server.rescan();
    expect(await item()).toMatchObject({ title: 'Our Emma' });
    expect(await item()).not.toHaveProperty('series');
    expect(await colorOf()).toBe('blue');
  });

  it('is what it was before when the file is damaged, which the desk tells', async () => {
    server = await startTestServer({
      files: { 'Emma.epub': emma, 'Emma.sdr/custom_metadata.lua': custom({ title: 'My Emma' }) },
    });
    server.put({ 'Emma.sdr/custom_metadata.lua': 'return { cut', 'Emma.sdr/cover.jpg': 'no picture' });
    await server.rescan();
    expect((await item()).title).toBe('My Emma');
    const { failures, total } = (await server.desk('GET', '/failures')).json() as {
      failures: { name: string; reason: string }[];
      total: number;
    };
    expect(new Map(failures.map(({ name, reason }) => [name, reason]))).toEqual(
      new Map([
        ['cover.jpg', 'unsupported'],
        ['custom_metadata.lua', 'corrupt'],
      ]),
    );
    expect(total).toBe(2);
  });
});

describe('marks that are in no sidecar of today', () => {
  it('are found in an export of another device and in the files of old versions', async () => {
    const old = (n: number) =>
      makeSidecar({ last_page: n, bookmarks: [{ page: n, datetime: `2012-01-0${n} 10:00:00`, notes: `Old ${n}` }] }); // prettier-ignore
    server = await startTestServer({
      files: {
        'Emma.epub': emma,
        'Emma.sdr/Emma.epub.annotations.lua': makeSidecar({ device_id: 'other', annotations: [aHighlight(1)] }), // prettier-ignore
        'Emma.sdr/Emma.epub.lua': old(1),
        'Emma.epub.kpdfview.lua': old(2),
      },
      options: { writeback: true },
    });
    expect(await titles()).toEqual(['Emma']);
    expect(await lines()).toEqual(['Old 1', 'Old 2', 'Line 1']);
    const { annotations } = await server.data<{ annotations: { id: string; item: { id: string } }[] }>('/annotations'); // prettier-ignore
    const token = await server.claim();
    const [newest] = annotations;
    const changed = await server.papyrus('PATCH', `/annotations/${newest?.id}`, { note: 'Mine' }, token);
    expect(changed.status).toBe(200);
    await server.rescan();
    const again = await server.data<{ annotations: { note?: string }[] }>('/annotations');
    expect(again.annotations[0]?.note).toBe('Mine');
  });
});
