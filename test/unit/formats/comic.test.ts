import { describe, expect, it } from 'vitest';
import { readComic } from '../../../server/formats/comic/read.ts';
import { withBookFile } from '../../support/book-file.ts';
import { aPage, makeCbr, makeCbz } from '../../support/make-comic.ts';

const readCbz = (bytes: Uint8Array) => withBookFile(bytes, 'a.cbz', (source) => readComic(source, 'cbz'));
const readCbr = (bytes: Uint8Array) => withBookFile(bytes, 'a.cbr', (source) => readComic(source, 'cbr'));
const comicInfo = (fields: string) => `<?xml version="1.0"?><ComicInfo>${fields}</ComicInfo>`;
const withInfo = (content: string, name = 'ComicInfo.xml') =>
  readCbz(makeCbz([{ name, content }, '1.jpg', '2.jpg']));

describe('readComic', () => {
  it('reads what ComicInfo.xml says', async () => {
    const { metadata, format, contentType } = await withInfo(
      comicInfo(`<Title>The Beginning</Title><Series>Captain</Series><Number>1.5</Number><Count>7</Count>
        <Summary>A &lt;b&gt;bold&lt;/b&gt; start</Summary><Year>1950</Year><Month>11</Month><Day>1</Day>
        <Editor>Ed Fay</Editor><Inker>Bo Ray</Inker><Writer>Ann Lee, Cy Dee</Writer><Penciller>Bo Ray</Penciller>
        <Publisher>Press</Publisher><Genre>Space, Action , Space</Genre><LanguageISO>en</LanguageISO>
        <Web>https://comicvine.gamespot.com/captain-1/4000-145269/</Web><GTIN>978-3-16-148410-0</GTIN>`),
    );
    expect({ format, contentType }).toEqual({ format: 'cbz', contentType: 'comic' });
    expect(metadata).toEqual({
      title: 'The Beginning',
      authors: ['Ann Lee', 'Cy Dee', 'Bo Ray', 'Ed Fay'],
      series: { name: 'Captain', index: '1.5' },
      language: 'en',
      publisher: 'Press',
      publishedOn: '1950-11-01',
      description: 'A <b>bold</b> start',
      subjects: ['Space', 'Action'],
      identifiers: [
        { scheme: 'isbn', value: '978-3-16-148410-0' },
        { scheme: 'comicvine', value: '145269' },
      ],
      pageCount: 2,
      chapters: [],
    });
  });

  it.each([
    ['<Series>Captain</Series><Number>3</Number>', 'Captain #3'],
    ['<Title> </Title><Series>Captain</Series>', 'Captain'],
    ['<Number>3</Number>', undefined],
  ])('makes a title of %s', async (fields, title) => {
    expect((await withInfo(comicInfo(fields))).metadata.title).toBe(title);
  });

  it('takes the ComicInfo nearest to the root, in any letter case, and none of macOS', async () => {
    const { metadata } = await readCbz(
      makeCbz([
        { name: '__MACOSX/ComicInfo.xml', content: comicInfo('<Title>Fork</Title>') },
        { name: 'book/pages/ComicInfo.xml', content: comicInfo('<Title>Deep</Title>') },
        { name: 'book/comicinfo.XML', content: comicInfo('<Title>Near</Title>') },
        'book/1.jpg',
      ]),
    );
    expect(metadata.title).toBe('Near');
  });

  it('keeps what a damaged ComicInfo says before the damage', async () => {
    const { metadata } = await withInfo('<ComicInfo><Title>Torn</Title><Series>Captain</Series><Writer>Ann');
    expect(metadata).toMatchObject({ title: 'Torn', series: { name: 'Captain' } });
  });

  it('reads MetronInfo.xml when there is no ComicInfo', async () => {
    const metron = `<MetronInfo><IDS><ID source="Metron">1</ID><ID source="Comic Vine">290431</ID></IDS>
      <Publisher><Name>Press</Name></Publisher><Series lang="en"><Name>League</Name></Series><Number>1</Number>
      <Stories><Story>Part One</Story><Story>Part Two</Story></Stories><CoverDate>2011-10-01</CoverDate>
      <Genres><Genre>Crime</Genre></Genres><GTIN><ISBN>9783161484100</ISBN></GTIN><Credits>
      <Credit><Creator>Ed Fay</Creator><Roles><Role>Associate Editor</Role></Roles></Credit>
      <Credit><Creator>The Boss</Creator><Roles><Role>Publisher</Role></Roles></Credit>
      <Credit><Creator>Ann Lee</Creator><Roles><Role>Cover</Role><Role>Writer</Role></Roles></Credit>
      </Credits></MetronInfo>`;
    expect((await withInfo(metron, 'MetronInfo.xml')).metadata).toEqual({
      title: 'Part One; Part Two',
      authors: ['Ann Lee', 'Ed Fay'],
      series: { name: 'League', index: '1' },
      language: 'en',
      publisher: 'Press',
      publishedOn: '2011-10-01',
      subjects: ['Crime'],
      identifiers: [
        { scheme: 'isbn', value: '9783161484100' },
        { scheme: 'comicvine', value: '290431' },
      ],
      pageCount: 2,
      chapters: [],
    });
  });

  it('puts page 2 before page 10, folder by folder', async () => {
    const { cover, metadata } = await readCbz(
      makeCbz(['b/1.jpg', 'a 1/page1.jpg', 'a/Page10.jpg', 'a/page2.PNG']),
    );
    expect(cover).toEqual(aPage('a/page2.PNG'));
    expect(metadata.pageCount).toBe(4);
  });

  it('counts only pages: no hidden files, resource forks or other kinds', async () => {
    const names = [
      '1.jpeg',
      '2.webp',
      '3.gif',
      '4.avif',
      '5.tif',
      '6.TIFF',
      'x.txt',
      'jpg',
      '.0.jpg',
      '._1.jpg',
      '.hidden/0.jpg',
      '__MACOSX/0.jpg',
    ];
    const { cover, metadata } = await readCbz(makeCbz(names));
    expect([metadata.pageCount, cover]).toEqual([6, aPage('1.jpeg')]);
  });

  it('takes the page ComicInfo names as front cover', async () => {
    const pages = '<Pages><Page Image="0"/><Page Image="1" Type="FrontCover"/></Pages>';
    expect((await withInfo(comicInfo(pages))).cover).toEqual(aPage('2.jpg'));
    const beyond = await withInfo(comicInfo(pages.replace('"1"', '"99"')));
    expect(beyond.cover).toEqual(aPage('1.jpg'));
  });

  it('takes the next page as cover when the first is no picture that can be shown', async () => {
    const cover = await withBookFile(makeCbz(['1.avif', '2.png']), 'a.cbz', async (source) => {
      const isPicture = async (image: Uint8Array) => Buffer.from(image).equals(aPage('2.png'));
      return (await readComic({ ...source, isPicture }, 'cbz')).cover;
    });
    expect(cover).toEqual(aPage('2.png'));
  });

  it('takes the next page as cover when the first cannot be read', async () => {
    const broken = { name: '1.jpg', content: aPage('broken'), claim: { crc32: 1 } };
    const { cover, metadata } = await readCbz(makeCbz([broken, '2.jpg']));
    expect([metadata.pageCount, cover]).toEqual([2, aPage('2.jpg')]);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['an archive without pages', makeCbz([{ name: 'a.txt', content: 'x' }]), 'empty'],
    [
      'an archive with a password',
      makeCbz([{ name: '1.jpg', content: 'x', isEncrypted: true }]),
      'encrypted',
    ],
    ['a 7-Zip archive', Buffer.from('377abcaf271c0004', 'hex'), 'unsupported'],
    ['something else', Buffer.alloc(100, 'x'), 'corrupt'],
  ])('refuses %s', async (_, bytes, reason) => {
    await expect(readCbz(bytes)).rejects.toMatchObject({ name: 'UnreadableFile', reason });
  });
});

describe('readComic of a RAR archive', () => {
  it('reads pages, cover and ComicInfo', async () => {
    const info = { name: 'x/ComicInfo.xml', content: comicInfo('<Title>Packed</Title>') };
    const { cover, format, metadata } = await readCbr(makeCbr(['x/10.jpg', 'x/9.jpg', info]));
    expect({ format, cover }).toEqual({ format: 'cbr', cover: aPage('x/9.jpg') });
    expect(metadata).toMatchObject({ title: 'Packed', pageCount: 2 });
  });

  it('reads a ZIP archive that is called CBR', async () => {
    const { format, metadata } = await readCbr(makeCbz(['1.jpg']));
    expect([format, metadata.pageCount]).toEqual(['cbr', 1]);
  });

  it('reads several archives at the same time', async () => {
    const numbers = Array.from({ length: 8 }, (_, n) => n);
    const readings = await Promise.all(numbers.map((n) => readCbr(makeCbr([`page ${n}.jpg`]))));
    expect(readings.map(({ cover }) => cover)).toEqual(numbers.map((n) => aPage(`page ${n}.jpg`)));
  });

  it('leaves the handlers of the process as they were', async () => {
    const events = ['uncaughtException', 'unhandledRejection'];
    const before = events.map((event) => process.rawListeners(event));
    await readCbr(makeCbr(['1.jpg']));
    expect(events.map((event) => process.rawListeners(event))).toEqual(before);
  });

  it('leaves out names that lead outside, and links, which have no content', async () => {
    const { cover, metadata } = await readCbr(
      makeCbr([
        '../0.jpg',
        '/etc/0.jpg',
        'C:\\0.jpg',
        'a\\..\\0.jpg',
        { name: 'link.jpg', content: '' },
        'z.jpg',
      ]),
    );
    expect([metadata.pageCount, cover]).toEqual([1, aPage('z.jpg')]);
  });

  it('reads the metadata of a cut-off archive and the pages before the cut', async () => {
    const whole = makeCbr(['1.jpg', '2.jpg', '3.jpg']);
    const { cover, metadata } = await readCbr(whole.subarray(0, whole.length - 30));
    expect(cover).toEqual(aPage('1.jpg'));
    expect(metadata.pageCount).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['a page that claims to be enormous', { sizeBytes: 2 ** 50 }],
    ['a page that is not packed as it claims', { method: 3 }],
    ['a dictionary of 4 GB', { method: 3, dictionaryExponent: 15 }],
  ])('has the next page as cover after %s', async (_, claim) => {
    const hostile = { name: '1.jpg', content: Buffer.alloc(500, 0x55), claim };
    const { cover } = await readCbr(makeCbr([hostile, '2.jpg']));
    expect(cover).toEqual(aPage('2.jpg'));
  });

  it('unpacks nothing behind an enormous file of a solid archive', async () => {
    const first = { name: 'a.bin', content: 'x', claim: { sizeBytes: 2 ** 40, method: 3 } };
    const { cover, metadata } = await readCbr(makeCbr([first, 'b.jpg'], { isSolid: true }));
    expect([metadata.pageCount, cover]).toEqual([1, undefined]);
  });

  it.each([
    ['pages with a password', makeCbr([{ name: '1.jpg', content: 'x', isEncrypted: true }]), 'encrypted'],
    ['a list with a password', makeCbr(['1.jpg'], { hasEncryptedHeaders: true }), 'encrypted'],
    ['one part of several', makeCbr(['1.jpg'], { isVolume: true }), 'unsupported'],
    ['no pages', makeCbr([]), 'empty'],
    ['a damaged head', withByte(makeCbr(['1.jpg']), 13, 0xff), 'corrupt'],
  ])('refuses an archive with %s', async (_, bytes, reason) => {
    await expect(readCbr(bytes)).rejects.toMatchObject({ name: 'UnreadableFile', reason });
  });
});

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}
