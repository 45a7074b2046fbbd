import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { UnreadableFile } from '../../../server/formats/book.ts';
import { readText } from '../../../server/formats/text/of-book.ts';
import { readPassages } from '../../../server/formats/text/passages.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { makePalmDatabase } from '../../support/make-mobi.ts';

const folder = mkdtempSync(join(tmpdir(), 'shelf-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function opened<T>(name: string, bytes: Uint8Array, read: (source: { fd: number; sizeBytes: number; name: string }) => AsyncIterable<T>): Promise<T[]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    const all: T[] = [];
    for await (const each of read({ fd, sizeBytes: statSync(path).size, name })) all.push(each);
    return all;
  } finally {
    closeSync(fd);
  }
} // prettier-ignore
const parts = (name: string, bytes: Uint8Array | string) => opened(name, Buffer.from(bytes), readText);

/** A MOBI book of these text records. */
function mobi(
  records: Uint8Array[],
  { compression = 1, lengthBytes = 10_000, flags = 0, encryption = 0 } = {},
): Buffer {
  const header = Buffer.alloc(260);
  header.writeUInt16BE(compression, 0);
  header.writeUInt32BE(lengthBytes, 4);
  header.writeUInt16BE(records.length, 8);
  header.writeUInt16BE(encryption, 12);
  header.write('MOBI', 16, 'latin1');
  header.writeUInt32BE(232, 20);
  header.writeUInt32BE(65001, 28);
  header.writeUInt32BE(6, 36);
  header.writeUInt32BE(flags, 240);
  return makePalmDatabase('Text', 'BOOKMOBI', [header, ...records]);
}

describe('the text of a book', () => {
  it('is what a reader of an EPUB sees, file by file, with headings as titles', async () => {
    const style = '<html><head><title>No</title><style>p{}</style></head><body><h2>Two</h2><p>a<b>b</b>c<br/>d</p><script>x</script></body></html>';
    const book = makeEpub({ chapters: [{ title: 'One', text: 'Caf\u00e9 & more' }, { title: 'x' }], files: [{ name: 'OEBPS/c2.xhtml', content: style }] });
    expect(await parts('a.epub', book)).toEqual([
      { title: 'One', text: 'One\nCafé & more' },
      { title: 'Two', text: 'Two\nabc\nd' },
    ]);
  }); // prettier-ignore

  it('is every section of a FictionBook, without its description', async () => {
    const fb2 = '<FictionBook><description><title-info><book-title>Hidden</book-title></title-info></description><body><section><title><p>A</p></title><p>one</p><section><p>two</p></section></section></body><binary id="c">AAAA</binary></FictionBook>'; // prettier-ignore
    expect(await parts('a.fb2', fb2)).toEqual([{ title: 'A', text: 'A\none' }, { text: 'two' }]);
  });

  it('of a plain file is read in the letters it was written in', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße', 'utf16le')]);
    expect(await parts('a.txt', 'Grüße')).toEqual([{ text: 'Grüße' }]);
    expect(await parts('b.txt', utf16)).toEqual([{ text: 'Grüße' }]);
    expect(await parts('c.txt', Buffer.from('Grüße', 'latin1'))).toEqual([{ text: 'Grüße' }]);
  });

  it('of a MOBI is unpacked: letters, runs, blanks and repetitions', async () => {
    // "ab", a run of two, " c", then three from two back.
    const packed = Buffer.from([0x61, 0x62, 0x02, 0xc3, 0xa9, 0xe3, 0x80, 0x10]);
    expect(await parts('a.mobi', mobi([packed], { compression: 2 }))).toEqual([{ text: 'abé c c' }]);
  });

  it('of a MOBI parts at pages and leaves out what stands behind each record', async () => {
    const records = [Buffer.from('<h1>One</h1>fir\x01\x82', 'latin1'), Buffer.from('st<mbp:pagebreak/><h1>Two</h1>x\x01\x82', 'latin1')];
    expect(await parts('b.mobi', mobi(records, { flags: 2 }))).toEqual([
      { title: 'One', text: 'One\nfirst' },
      { title: 'Two', text: 'Two\nx' },
    ]);
  }); // prettier-ignore

  it('is refused where it cannot be read', async () => {
    const reason = async (name: string, bytes: Uint8Array) =>
      parts(name, bytes).then(
        () => 'read',
        (error: unknown) => (error instanceof UnreadableFile ? error.reason : error),
      );
    expect(await reason('locked.mobi', mobi([Buffer.from('x')], { encryption: 2 }))).toBe('encrypted');
    expect(await reason('huff.mobi', mobi([Buffer.from('x')], { compression: 17480 }))).toBe('unsupported');
    expect(await reason('empty.txt', Buffer.alloc(0))).toBe('empty');
    expect(await reason('a.bin', Buffer.from('nothing'))).toBe('unsupported');
  });

  it('is cut into passages that together are the whole, none in the middle of a character', async () => {
    const text = '🐉'.repeat(10_000);
    const passages = (await opened('a.txt', Buffer.from(text), readPassages)).flat();
    expect(passages.length).toBeGreaterThan(2);
    expect(passages.map(({ content }) => inflateRawSync(content).toString()).join('')).toBe(text);
  });
});
