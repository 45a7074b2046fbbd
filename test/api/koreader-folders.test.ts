// Where KOReader's files lie: beside the books, by path in docsettings, by checksum in hashdocsettings, one of each a device.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
