import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureList, LibraryFolderList } from '../../server/api/desk/schemas.ts';
import type { Answer } from '../support/client.ts';
import { formOf } from '../support/form.ts';
import { aPage, makeCbr, makeCbz } from '../support/make-comic.ts';
import { makeEpub } from '../support/make-epub.ts';
import { makeFb2 } from '../support/make-fb2.ts';
import { makeSidecar } from '../support/make-sidecar.ts';
import { koreaderChecksum, startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { writeZip } from '../support/zip-writer.ts';

const page = (name: string) => ({ name, content: aPage(name), isStored: true });
const djvu = Buffer.concat([Buffer.from('AT&TFORM\0\0\0\x10DJVU', 'latin1'), Buffer.alloc(400, 7)]);
const files = {
  'Maps - Ann Author.djvu': djvu,
  'Maps - Ann Author.sdr/metadata.djvu.lua': makeSidecar({
    partial_md5_checksum: koreaderChecksum(djvu),
    percent_finished: 0.25,
    summary: { status: 'reading', modified: '2026-03-12' },
  }),
  'help.chm': Buffer.from(`ITSF${'x'.repeat(100)}`),
  'old.lit': Buffer.from(`ITOLITLS${'x'.repeat(100)}`),
  'bought.kfx': Buffer.concat([
    Buffer.from([0xea]),
    Buffer.from('DRMION'),
    Buffer.from([0xee]),
    Buffer.alloc(90, 1),
  ]),
  'pages.oxps': writeZip([
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: 'FixedDocSeq.fdseq', content: '<FixedDocumentSequence/>' },
  ]),
  'comic.zip': makeCbz(['1.jpg', '2.jpg', '3.jpg']),
  'other comic.rar': makeCbr(['1.jpg', '2.jpg']),
  'novel.zip': makeEpub({ title: 'Packed Novel' }),
  'story.zip': writeZip([
    { name: 'story.fb2', content: makeFb2({ titleInfo: '<book-title>Packed Story</book-title>' }) },
  ]),
  // What people pack besides.
  'taxes.zip': writeZip([
    { name: '2025.xlsx', content: 'numbers' },
    { name: 'scan.jpg', content: aPage('scan') },
    { name: 'letter.docx', content: 'words' },
  ]),
  'programs.rar': makeCbr([{ name: 'setup.exe', content: 'program' }]),
  'renamed.djvu': Buffer.from('no maps at all'),
};

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ files });
  token = await server.claim();
});
afterAll(() => server.close());

type Item = { id: string; title: string; content_type: string };
const items = async () => (await server.data<{ items: Item[] }>('/items')).items;
const formatOf = async (id: string) =>
  (await server.data<{ item: { format: string } }>(`/items/${id}`)).item.format;
const upload = (name: string, bytes: Uint8Array): Promise<Answer> => {
  const form = formOf({ name, bytes });
  const headers = { ...form.headers, authorization: `Bearer ${token}` };
  return server.get('/api/v1/files/upload', { method: 'POST', raw: form.raw, headers });
};

describe('files of a folder', () => {
  it('that are known and not read are books by their names, with their files', async () => {
    const found = await items();
    const formats = await Promise.all(found.map(async ({ id, title }) => [title, await formatOf(id)]));
    expect(Object.fromEntries(formats)).toEqual({
      'Maps - Ann Author': 'djvu',
      help: 'chm',
      old: 'lit',
      bought: 'kfx',
      pages: 'xps',
      comic: 'cbz',
      'other comic': 'cbr',
      'Packed Novel': 'epub',
      'Packed Story': 'fb2',
    });
    const maps = found.find(({ title }) => title.startsWith('Maps'))!;
    const sent = await server.get(`/assets/files/${maps.id}.djvu`);
    expect([sent.headers['content-type'], sent.bytes.equals(djvu)]).toEqual(['image/vnd.djvu', true]);
  });

  it('have what KOReader knows of them', async () => {
    const maps = (await items()).find(({ title }) => title.startsWith('Maps'))!;
    expect(maps).toMatchObject({ status: 'reading', progress_percentage: 25 });
  });

  it('that pack something else are nothing to tell of, and are not opened again', async () => {
    const { failures } = (await server.desk('GET', '/failures')).json() as FailureList;
    expect(failures.map(({ name, reason }) => [name, reason])).toEqual([['renamed.djvu', 'unsupported']]);
    const { folders } = (await server.desk('GET', '/folders')).json() as LibraryFolderList;
    expect(folders[0]?.not_read).toEqual([]);
    await server.rescan();
    const { jobs } = (await server.desk('GET', '/jobs')).json() as { jobs: { kind: string; counts: { read: number } | null }[] }; // prettier-ignore
    expect(jobs.find(({ kind }) => kind === 'scan-folder')?.counts?.read).toBe(0);
    expect(await items()).toHaveLength(9);
  });

  it('that were books once and are none any more are told of', async () => {
    server.put({ 'novel.zip': writeZip([{ name: 'notes.xlsx', content: 'numbers' }]) });
    await server.rescan();
    const { failures } = (await server.desk('GET', '/failures')).json() as FailureList;
    expect(failures.map(({ name }) => name)).toEqual(['novel.zip', 'renamed.djvu']);
    expect((await items()).map(({ title }) => title)).toContain('Packed Novel');
  });

  it('become books when there is one in them at last', async () => {
    server.put({ 'taxes.zip': writeZip([page('1.jpg'), page('2.jpg')]) });
    await server.rescan();
    expect((await items()).map(({ title }) => title)).toContain('taxes');
  });
});

describe('uploads', () => {
  it.each([
    ['comic.zip', makeCbz(['a.jpg', 'b.jpg']), 'cbz'],
    ['book.zip', makeEpub({ title: 'Up' }), 'epub'],
    ['maps.djvu', djvu, 'djvu'],
  ] as const)('take %s as what is in it', async (name, bytes, format) => {
    const answer = await upload(name, bytes);
    expect([answer.status, (answer.json() as { file_format: string }).file_format]).toEqual([201, format]);
  });

  it('take no archive of anything else', async () => {
    const answer = await upload('taxes.zip', files['taxes.zip']);
    expect([answer.status, answer.text]).toEqual([415, expect.stringContaining('there is no book in it')]);
  });
});
