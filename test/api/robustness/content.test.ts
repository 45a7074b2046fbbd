import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureList } from '../../../server/api/desk/schemas.ts';
import { makeCbr, makeCbz } from '../../support/make-comic.ts';
import { epubParts, makeEpub } from '../../support/make-epub.ts';
import { makeFb2 } from '../../support/make-fb2.ts';
import { makeMobi } from '../../support/make-mobi.ts';
import { makePdf } from '../../support/make-pdf.ts';
import { startTestServer } from '../../support/server.ts';
import type { TestServer } from '../../support/server.ts';
import { writeZip } from '../../support/zip-writer.ts';
import type { ZipPart } from '../../support/zip-writer.ts';
import type { Item, ItemAnswer } from '../koshelf/shelf.ts';

const MB = 1024 * 1024;
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
const opf = (doctype: string, title: string): string =>
  `<?xml version="1.0"?>${doctype}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title></metadata><manifest/><spine/></package>`;
const laughs = `<!DOCTYPE package [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join('')}]>`;
const container = (path: string): ZipPart => ({
  name: 'META-INF/container.xml',
  content: `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="${path}" media-type="application/oebps-package+xml"/></rootfiles></container>`,
});
const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  for (let at = 100; at < copy.length - 200; at += 97) copy[at] = copy[at]! ^ 0xff;
  return copy;
};
/** A PNG that says it is 100,000 pixels wide and high. */
const hugePicture = (): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(100_000, 0);
  size.writeUInt32BE(100_000, 4);
  size.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.alloc(MB))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

/** Bytes, and what comes of them: a title, or the reason why there is none. */
const files: Record<string, { bytes: Uint8Array | string; title?: string; reason?: string }> = {
  'good.epub': { bytes: makeEpub({ title: 'Good' }), title: 'Good' },
  'empty.epub': { bytes: '', reason: 'empty' },
  'half.epub': { bytes: half(makeEpub({ title: 'Half' })), reason: 'corrupt' },
  'half.cbz': { bytes: half(makeCbz(['1.jpg', '2.jpg'])), reason: 'corrupt' },
  'half.pdf': { bytes: makePdf({ info: { Title: 'Half' } }).subarray(0, 60), reason: 'corrupt' },
  'half.mobi': { bytes: makeMobi({ fullName: 'Half' }).subarray(0, 90), reason: 'corrupt' },
  'half.fb2': { bytes: half(makeFb2({ titleInfo: '<book-title>Half</book-title>' })), title: 'Half' },
  'flipped.epub': { bytes: flipped(makeEpub({ title: 'Flipped' })), reason: 'corrupt' },
  'half.cbr': { bytes: half(makeCbr(['1.jpg', '2.jpg', '3.jpg'])) },
  'no container.epub': {
    bytes: writeZip([{ name: 'mimetype', content: 'application/epub+zip', isStored: true }]),
    reason: 'corrupt',
  },
  'bomb.epub': { bytes: makeEpub({ opf: Buffer.alloc(64 * MB, ' ') }), reason: 'too_large' },
  'lying bomb.epub': {
    bytes: writeZip(
      epubParts({ title: 'Bomb' }).map((part) =>
        part.name === 'OEBPS/book.opf'
          ? { ...part, content: Buffer.alloc(64 * MB, ' '), claim: { sizeBytes: 500 } }
          : part,
      ),
    ),
    reason: 'corrupt',
  },
  'too many.epub': {
    bytes: writeZip(
      Array.from({ length: 20_001 }, (_, n) => ({ name: `${n}`, content: '', isStored: true })),
    ),
    reason: 'too_large',
  },
  'long package.epub': {
    bytes: makeEpub({ title: 'Long', metadata: '<!-- -->'.repeat(4 * MB) }),
    reason: 'too_large',
  },
  'laughs.epub': { bytes: makeEpub({ opf: opf(laughs, 'Laughs &a30;') }) },
  'outside entity.epub': {
    bytes: makeEpub({
      opf: opf('<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 'Outside &x;'),
    }),
  },
  'outside dtd.epub': {
    bytes: makeEpub({ opf: opf('<!DOCTYPE package SYSTEM "http://127.0.0.1:1/evil.dtd">', 'Outside DTD') }),
    title: 'Outside DTD',
  },
  'climbing.epub': {
    bytes: writeZip([
      ...epubParts({ title: 'Climbing' }),
      { name: '../../../climbed.txt', content: 'outside' },
      { name: '/tmp/shelf-climbed.txt', content: 'outside' },
      { name: '..\\..\\climbed.txt', content: 'outside' },
    ]),
    title: 'Climbing',
  },
  'climbing container.epub': {
    bytes: writeZip([
      { name: 'mimetype', content: 'application/epub+zip', isStored: true },
      container('../../../../../../etc/passwd'),
    ]),
    reason: 'corrupt',
  },
  'link inside.epub': {
    bytes: makeEpub({
      title: 'Link inside',
      manifest: '<item id="x" href="cover.png" media-type="image/png" properties="cover-image"/>',
      files: [{ name: 'OEBPS/cover.png', content: '/etc/passwd', isSymbolicLink: true, isStored: true }],
    }),
    title: 'Link inside',
  },
  'locked.epub': {
    bytes: writeZip(
      epubParts({ title: 'Locked' }).map((part) => ({ ...part, isEncrypted: part.name !== 'mimetype' })),
    ),
    reason: 'encrypted',
  },
  'locked.cbr': { bytes: makeCbr([{ name: '1.jpg', content: 'x', isEncrypted: true }]), reason: 'encrypted' },
  'really an epub.pdf': { bytes: makeEpub({ title: 'Really an EPUB' }), title: 'Really an EPUB' },
  'really a pdf.epub': { bytes: makePdf({ info: { Title: 'Really a PDF' } }), title: 'Really a PDF' },
  'really a comic.mobi': { bytes: makeCbz(['1.jpg', '2.jpg']), title: 'really a comic' },
  'really a program.epub': { bytes: '#!/bin/sh\ntouch /tmp/shelf-climbed.txt\n', reason: 'unsupported' },
  'zeros.mobi': { bytes: Buffer.alloc(MB), reason: 'unsupported' },
  'huge picture.cbz': { bytes: makeCbz([{ name: '1.png', content: hugePicture() }]), title: 'huge picture' },
  'huge title.epub': { bytes: makeEpub({ title: 'Huge '.repeat(400_000) }) },
  'script.epub': {
    bytes: makeEpub({
      title: '<script>alert(1)</script>',
      description:
        '<p onclick="alert(1)">Text</p><img src=x onerror=alert(1)><iframe src="javascript:alert(1)"></iframe>',
    }),
    title: '<script>alert(1)</script>',
  },
  'deep.fb2': {
    bytes: `<?xml version="1.0"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info><book-title>Deep</book-title></title-info></description><body>${'<section>'.repeat(200_000)}${'</section>'.repeat(200_000)}</body></FictionBook>`,
  },
};

let server: TestServer;
let items: Item[];
const failures: Record<string, { reason: string; message: string }> = {};
let tookMs: number;
let grewBytes: number;
beforeAll(async () => {
  server = await startTestServer({ files: { 'first.epub': makeEpub({ title: 'First' }) } });
  const { libraryDir } = server;
  server.put(Object.fromEntries(Object.entries(files).map(([name, { bytes }]) => [name, bytes])));
  // What is not a file, or leads out of the library, however it is called.
  mkdirSync(join(libraryDir, 'folder.epub'));
  const outside = join(dirname(libraryDir), 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.epub'), makeEpub({ title: 'Secret' }));
  symlinkSync(join(outside, 'secret.epub'), join(libraryDir, 'link to a secret.epub'));
  symlinkSync(outside, join(libraryDir, 'linked'));
  symlinkSync(libraryDir, join(libraryDir, 'loop'));
  symlinkSync('itself.epub', join(libraryDir, 'itself.epub'));
  symlinkSync('nowhere', join(libraryDir, 'broken.epub'));
  execFileSync('mkfifo', [join(libraryDir, 'pipe.epub')]);
  const before = process.memoryUsage().rss;
  const started = performance.now();
  await server.rescan();
  tookMs = performance.now() - started;
  grewBytes = process.memoryUsage().rss - before;
  ({ items } = await server.data<{ items: Item[] }>('/items'));
  const list = (await server.desk('GET', '/failures')).json() as FailureList;
  for (const { name, reason, message } of list.failures) failures[name] = { reason, message };
}, 60_000);
afterAll(() => server.close());

describe('a folder full of bad files', () => {
  it.each(Object.entries(files).filter(([, { title }]) => title !== undefined))(
    'has something to read in "%s"',
    (name, { title }) => {
      expect(failures[name]).toBeUndefined();
      expect(items.map((item) => item.title)).toContain(title);
    },
  );

  it.each(Object.entries(files).filter(([, { reason }]) => reason !== undefined))(
    'has a reason for "%s", in words for the person',
    (name, { reason }) => {
      expect(failures[name]).toEqual({ reason, message: expect.stringMatching(/^[A-Z][^/]*\.$/) });
    },
  );

  it('takes the file a link leads to, says which links lead to none, and fails no pipe or folder', () => {
    const others = Object.keys(failures).filter((name) => !(name in files));
    expect(others.toSorted()).toEqual(['broken.epub', 'itself.epub', 'linked']);
    expect(items.map(({ title }) => title)).toContain('Secret');
  });

  it('shows no word of what lies outside', async () => {
    const passwd = 'root:';
    for (const { id, title } of items) {
      expect(title).not.toContain(passwd);
      const answer = await server.koshelf(`/items/${id}?include=all`);
      expect([title, answer.status]).toEqual([title, 200]);
      expect(answer.text).not.toContain(passwd);
      const cover = await server.get(`/assets/covers/${id}.webp`);
      expect([title, [200, 404].includes(cover.status)]).toEqual([title, true]);
      expect(cover.text).not.toContain(passwd);
    }
  });

  it('writes nothing outside its own folder', () => {
    const { libraryDir } = server;
    expect(existsSync('/tmp/shelf-climbed.txt')).toBe(false);
    const names = readdirSync(dirname(libraryDir)).sort();
    expect(names).toEqual(['data', 'library', 'outside']);
    const expected = [
      'broken.epub',
      'first.epub',
      'folder.epub',
      'itself.epub',
      'link to a secret.epub',
      'linked',
      'loop',
      'pipe.epub',
      ...Object.keys(files),
    ];
    expect(readdirSync(libraryDir).sort()).toEqual(expected.sort());
    for (const [name, { bytes }] of Object.entries(files))
      expect(statSync(join(libraryDir, name)).size).toBe(Buffer.byteLength(bytes));
  });

  it('unfolds no entity', () => {
    for (const name of ['laughs.epub', 'outside entity.epub']) {
      const word = name === 'laughs.epub' ? 'Laughs' : 'Outside ';
      const title = items.find((item) => item.title.startsWith(word))?.title ?? '';
      expect(title.length).toBeLessThan(200);
      expect(failures[name] === undefined || failures[name].reason === 'corrupt').toBe(true);
    }
  });

  it('keeps no script in a description, and titles as text', async () => {
    const { id } = items.find(({ title }) => title.startsWith('<script>'))!;
    const { item } = await server.data<ItemAnswer>(`/items/${id}`);
    expect(item.description).toContain('Text');
    expect(item.description).not.toMatch(/script|onclick|onerror|iframe/i);
  });

  it('keeps what one file can make of a list within bounds', async () => {
    const longest = Math.max(...items.map((item) => JSON.stringify(item).length));
    expect(longest).toBeLessThan(20_000);
    expect((await server.koshelf('/items')).bytes.length).toBeLessThan(100_000);
  });

  it('takes neither long nor much memory', () => {
    expect(tookMs).toBeLessThan(20_000);
    expect(grewBytes).toBeLessThan(700 * MB);
  });

  it('reads none of them again while they stay as they are', async () => {
    await server.rescan();
    const { jobs } = (await server.desk('GET', '/jobs')).json() as {
      jobs: { kind: string; counts: object }[];
    };
    // The first book and the linked one are read no more either; three links are looked at and still lead to no file.
    const unchanged = Object.keys(files).length + 2;
    const seen = unchanged + 3;
    expect(jobs.find(({ kind }) => kind === 'scan-folder')?.counts).toEqual({
      seen,
      unchanged,
      read: 0,
      failed: 3,
    });
  });
});
