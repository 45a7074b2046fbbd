import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureList } from '../../../server/api/desk/schemas.ts';
import { makeFb2 } from '../../support/make-fb2.ts';
import { makeSidecar } from '../../support/make-sidecar.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import type { Item, ItemAnswer } from '../koshelf/shelf.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const items = async (): Promise<Item[]> => (await server.data<{ items: Item[] }>('/items')).items;
const failures = async () => ((await server.desk('GET', '/failures')).json() as FailureList).failures;
const book = (title: string): Buffer => makeFb2({ titleInfo: `<book-title>${title}</book-title>` });
/** Without a title of its own a book is called like its file. */
const untitled = (seed: string): Buffer => makeFb2({ body: `<section><p>${seed}</p></section>` });

const names = {
  'emoji 📚👩‍👩‍👧.fb2': 'emoji 📚👩‍👩‍👧',
  'line\nbreak\tand tab.fb2': 'line break and tab',
  'quotes \'"`$(touch x);&|.fb2': 'quotes \'"`$(touch x);&|',
  'back\\slash ..\\up.fb2': 'back\\slash ..\\up',
  'right to left \u202ecod.fb2': 'right to left \u202ecod',
  'Ångström decomposed A\u030angstro\u0308m.fb2': 'Ångström decomposed A\u030angstro\u0308m',
  'percent %2F %00.fb2': 'percent %2F %00',
  '-rf --help.fb2': '-rf --help',
  ' leading and trailing .fb2': 'leading and trailing',
  '<img src=x onerror=alert(1)>.fb2': '<img src=x onerror=alert(1)>',
};

describe('a file with a strange name', () => {
  it('is read, found under its name, and sent as it is', async () => {
    server.put(Object.fromEntries(Object.keys(names).map((name) => [name, untitled(name)])));
    await server.rescan();
    expect(await failures()).toEqual([]);
    const found = await items();
    expect(found.map(({ title }) => title).sort()).toEqual(Object.values(names).sort());
    for (const [name, title] of Object.entries(names)) {
      const { id } = found.find((item) => item.title === title)!;
      const answer = await server.get(`/assets/files/${id}.fb2`);
      expect(answer.bytes).toEqual(untitled(name));
      const [, encoded = ''] = /filename\*=UTF-8''(\S*)$/.exec(answer.headers['content-disposition']!)!;
      expect(decodeURIComponent(encoded)).toBe(name);
    }
  });

  it('is read when its bytes are no UTF-8, and is not confused with one that looks the same', async () => {
    const bytesOf = (last: number) =>
      Buffer.concat([Buffer.from(`${server.libraryDir}/caf`), Buffer.from([last]), Buffer.from('.fb2')]);
    writeFileSync(bytesOf(0xe9), book('Latin'));
    writeFileSync(bytesOf(0xea), book('Other'));
    await server.rescan();
    const found = await items();
    expect(found.map(({ title }) => title)).toEqual(['Latin', 'Other']);
    for (const { id, title } of found) {
      expect((await server.get(`/assets/files/${id}.fb2`)).bytes).toEqual(book(title));
    }
    await server.rescan();
    expect((await items()).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
  });

  it('keeps its sidecar, whatever its bytes are', async () => {
    const path = Buffer.concat([Buffer.from(`${server.libraryDir}/caf`), Buffer.from([0xe9])]);
    mkdirSync(Buffer.concat([path, Buffer.from('.sdr')]));
    writeFileSync(Buffer.concat([path, Buffer.from('.fb2')]), book('Latin'));
    writeFileSync(
      Buffer.concat([path, Buffer.from('.sdr/metadata.fb2.lua')]),
      makeSidecar({ percent_finished: 0.5, summary: { rating: 4 } }),
    );
    await server.rescan();
    expect(await items()).toEqual([expect.objectContaining({ title: 'Latin', rating: 4 })]);
  });

  it('is found at the end of a long path', async () => {
    // macOS allows 1,024 bytes.
    const folder = join('x'.repeat(200), 'y'.repeat(200));
    server.put({ [join(folder, `${'n'.repeat(240)}.fb2`)]: book('Deep') });
    await server.rescan();
    expect((await items()).map(({ title }) => title)).toEqual(['Deep']);
  });
});

describe('a sidecar with strange words', () => {
  it('is shown as it was written, without a broken character', async () => {
    server.put({
      'a.fb2': book('A'),
      'a.sdr/metadata.fb2.lua': makeSidecar({
        percent_finished: 0.5,
        annotations: [
          {
            datetime: '2026-01-05 10:15:00',
            drawer: 'lighten',
            page: '/p',
            pos0: '/p.0',
            pos1: '/p.9',
            text: 'Zwölf 📚 \u202e "quoted" \n lines',
            note: Buffer.from([0x63, 0xe9, 0x21]),
          },
        ],
      }),
    });
    await server.rescan();
    const [item] = await items();
    const { highlights } = await server.data<ItemAnswer>(`/items/${item!.id}?include=highlights`);
    expect(highlights).toEqual([
      expect.objectContaining({ text: 'Zwölf 📚 \u202e "quoted" \n lines', note: 'c\ufffd!' }),
    ]);
  });
});
