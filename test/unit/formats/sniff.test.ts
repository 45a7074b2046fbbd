import type { BookFormat } from '../../../server/formats/formats.ts';
import { describe, expect, it } from 'vitest';
import { isBookName, sniff } from '../../../server/formats/sniff.ts';
import { withBookFile } from '../../support/book-file.ts';
import { makeEpub } from '../../support/make-epub.ts';
import { writeZip } from '../../support/zip-writer.ts';

const sniffed = (bytes: Uint8Array | string, name: string): Promise<BookFormat | undefined> =>
  withBookFile(Buffer.from(bytes), name, sniff);

const zipOf = (...names: string[]): Buffer => writeZip(names.map((name) => ({ name, content: 'x' })));

const fictionBook =
  '<?xml version="1.0"?>\n<!-- <html> --><FictionBook xmlns="u"><description/></FictionBook>';

const mobi = (version: number): Buffer => {
  const bytes = Buffer.alloc(200);
  bytes.write('BOOKMOBI', 60);
  bytes.writeUInt32BE(100, 78);
  bytes.writeUInt32BE(version, 136);
  return bytes;
};

describe('sniff', () => {
  it('knows an EPUB by its mimetype or its container, whatever it is called', async () => {
    expect(await sniffed(makeEpub(), 'book.pdf')).toBe('epub');
    expect(await sniffed(makeEpub().subarray(0, 200), 'book.zip')).toBe('epub');
    expect(await sniffed(zipOf('META-INF/container.xml', 'x.opf'), 'a.bin')).toBe('epub');
    expect(await sniffed(writeZip([{ name: 'mimetype', content: 'application/epub+zip\n' }]), 'a')).toBe(
      'epub',
    );
  });

  it('knows FB2 in any encoding and in an archive', async () => {
    expect(await sniffed(fictionBook, 'a.xml')).toBe('fb2');
    expect(await sniffed(Buffer.from(`\ufeff${fictionBook}`, 'utf16le'), 'a')).toBe('fb2');
    expect(await sniffed(`\ufeff${fictionBook.replaceAll('FictionBook', 'f:FictionBook')}`, 'a')).toBe('fb2');
    expect(await sniffed(zipOf('folder/Book.FB2'), 'a.zip')).toBe('fb2');
    expect(await sniffed(zipOf('book.xml'), 'a.fb2.zip')).toBe('fb2');
    expect(await sniffed('<html><FictionBook/></html>', 'a.fb2')).toBeUndefined();
  });

  it('knows comics by their pages, their metadata or their name', async () => {
    expect(await sniffed(zipOf('1.jpg', '2.PNG', 'credits.txt', '__MACOSX/._1.jpg'), 'a.zip')).toBe('cbz');
    expect(await sniffed(zipOf('x/ComicInfo.xml'), 'a.zip')).toBe('cbz');
    expect(await sniffed(zipOf('readme.txt'), 'a.cbz')).toBe('cbz');
    expect(await sniffed('Rar!\x1a\x07\x00', 'a.cbz')).toBe('cbr');
  });

  it('takes archives that only have pictures too for none of ours', async () => {
    expect(
      await sniffed(zipOf('[Content_Types].xml', 'word/a.bin', 'word/b.bin', 'word/1.png'), 'a.docx'),
    ).toBeUndefined();
    const odt = writeZip([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text' },
      { name: 'a.png' },
    ]);
    expect(await sniffed(odt, 'a.odt')).toBeUndefined();
  });

  it('leaves a damaged archive to the reader its name promises', async () => {
    const cut = writeZip([{ name: 'a', content: 'x'.repeat(1000) }]).subarray(0, -30);
    expect(await sniffed(cut, 'a.epub')).toBe('epub');
    expect(await sniffed(cut, 'a.cbz')).toBe('cbz');
    expect(await sniffed(cut, 'a.fb2.zip')).toBe('fb2');
    expect(await sniffed(cut, 'a.zip')).toBeUndefined();
  });

  it('tells MOBI from KF8 by the version, and a file with both by its name', async () => {
    expect(await sniffed(mobi(6), 'a.mobi')).toBe('mobi');
    expect(await sniffed(mobi(8), 'a.mobi')).toBe('azw3');
    expect(await sniffed(mobi(6), 'a.azw3')).toBe('azw3');
    expect(await sniffed(mobi(0xffffffff), 'a.prc')).toBe('mobi');
    expect(await sniffed(mobi(6).subarray(0, 70), 'a.mobi')).toBe('mobi');
    expect(await sniffed('not really', 'a.mobi')).toBeUndefined();
  });

  it('knows a PDF whose header stands a little later', async () => {
    expect(await sniffed('%PDF-1.7', 'a')).toBe('pdf');
    expect(await sniffed(`${' '.repeat(1000)}%PDF-1.7`, 'a.pdf')).toBe('pdf');
    expect(await sniffed(`${' '.repeat(1100)}%PDF-1.7`, 'a.pdf')).toBeUndefined();
    expect(await sniffed('About %PDF-1.7', 'a.txt')).toBe('txt');
  });

  it('takes text for a book only by its name, and only when it is text', async () => {
    expect(await sniffed('Once upon a time', 'a.txt')).toBe('txt');
    expect(await sniffed(Buffer.from('\ufeffOnce', 'utf16le'), 'A.TXT')).toBe('txt');
    expect(await sniffed('Once upon a time', 'a.md')).toBeUndefined();
    expect(await sniffed('Once\0upon', 'a.txt')).toBeUndefined();
  });

  it.each([
    ['AT&TFORM', 'djvu'],
    ['ITSF', 'chm'],
    ['ITOLITLS', 'lit'],
    ['CONT\x02\x00', 'kfx'],
    ['\xeaDRMION\xee', 'kfx'],
  ])('knows what begins with %j for %s, whatever it is called', async (content, format) => {
    expect(await sniffed(Buffer.from(content, 'latin1'), 'a.txt')).toBe(format);
  });

  it.each([
    ['', 'a.epub'],
    ['', 'a.txt'],
    ['7z\xbc\xaf\x27\x1c', 'a.cb7'],
    ['{\\rtf1', 'a.rtf'],
  ])('knows nothing of %j called %s', async (content, name) => {
    expect(await sniffed(Buffer.from(content, 'latin1'), name)).toBeUndefined();
  });
});

describe('isBookName', () => {
  it.each([
    'a.epub',
    'A.KEPUB.EPUB',
    'a.kepub',
    'a.fb2',
    'a.fb2.zip',
    'a.fbz',
    'a.azw3',
    'a.b.pdf',
    'a.cbr',
    'a.txt',
    'a.djvu',
    'a.zip',
    'a.rar',
  ])('is true for %s', (name) => {
    expect(isBookName(name)).toBe(true);
  });

  it.each(['zip', 'a.jpg', 'epub', '.epub', '._a.epub', 'a.epub.part', 'a.sdr', 'metadata.epub.lua'])(
    'is false for %s',
    (name) => {
      expect(isBookName(name)).toBe(false);
    },
  );
});
