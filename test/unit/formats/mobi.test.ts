import { describe, expect, it } from 'vitest';
import { readMobi } from '../../../server/formats/mobi/read.ts';
import { makeMobi, makePalmDatabase, type MobiFile } from '../../support/make-mobi.ts';
import { withBookFile } from '../../support/book-file.ts';

const readBytes = (bytes: Uint8Array) => withBookFile(bytes, 'book.mobi', readMobi);
const read = (file: MobiFile) => readBytes(makeMobi(file));

const jpeg = (label: string) =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(`${label}........`)]);
const notAnImage = Buffer.from('FONT and nothing else');

describe('readMobi', () => {
  it('reads what the EXTH records say', async () => {
    const { metadata, format, contentType } = await read({
      exth: [
        [100, 'Ann Lee'],
        [100, 'Bo Ray'],
        [101, 'Small Press'],
        [103, '<p>Good <script>alert(1)</script>story</p>'],
        [104, 'ISBN: 978-3-16-148410-0'],
        [105, 'Fiction; Sea'],
        [106, '2008-06-27T04:00:00+00:00'],
        [113, 'B000FA64PK'],
        [503, 'The Sea'],
        [524, 'en_GB'],
      ],
      fullName: 'not this',
    });
    expect({ format, contentType }).toEqual({ format: 'mobi', contentType: 'book' });
    expect(metadata).toEqual({
      title: 'The Sea',
      authors: ['Ann Lee', 'Bo Ray'],
      language: 'en-GB',
      publisher: 'Small Press',
      publishedOn: '2008-06-27',
      description: '<p>Good story</p>',
      subjects: ['Fiction', 'Sea'],
      identifiers: [
        { scheme: 'isbn', value: '978-3-16-148410-0' },
        { scheme: 'mobi-asin', value: 'B000FA64PK' },
      ],
      chapters: [],
    });
  });

  it('takes the full name as title without EXTH 503, and the database name without both', async () => {
    expect((await read({ fullName: 'Full name' })).metadata.title).toBe('Full name');
    expect((await read({ palmName: 'Palm_name' })).metadata.title).toBe('Palm name');
  });

  it('leaves the title out when nothing names the book', async () => {
    expect((await read({ palmName: '' })).metadata).not.toHaveProperty('title');
  });

  it('parts authors at semicolons, line ends and ampersands between full names', async () => {
    const { metadata } = await read({
      exth: [
        [100, 'Lee, Ann; Ray, Bo\nCy Dee'],
        [100, 'Di Ex & Ed Fay'],
        [100, 'Preston & Child'],
        [100, 'ann LEE'],
        [100, 'Ann Lee'],
        [100, 'Unknown'],
      ],
    });
    expect(metadata.authors).toEqual([
      'Lee, Ann',
      'Ray, Bo',
      'Cy Dee',
      'Di Ex',
      'Ed Fay',
      'Preston & Child',
      'ann LEE',
    ]);
  });

  it('reads text in the encoding the header declares', async () => {
    const western = await read({
      codePage: 1252,
      exth: [[503, Buffer.from([0x93, 0xc9, 0x74, 0xe9, 0x94])]],
    });
    const unicode = await read({ exth: [[503, 'Été — 夏']] });
    expect([western.metadata.title, unicode.metadata.title]).toEqual(['“Été”', 'Été — 夏']);
  });

  it('reads text that is not the UTF-8 it says it is as Windows-1252', async () => {
    expect((await read({ exth: [[503, Buffer.from([0xc9, 0x74, 0xe9])]] })).metadata.title).toBe('Été');
  });

  it.each([
    [0x0409, 'en-US'],
    [0x0009, 'en'],
    [0x0416, 'pt-BR'],
    [0x0419, 'ru'],
    [0, undefined],
  ])('names the language of locale %i %s', async (locale, language) => {
    expect((await read({ locale })).metadata.language).toBe(language);
  });

  it.each([
    ['2008', '2008'],
    ['2008-06', '2008-06'],
    ['2008-02-31', '2008-02'],
    ['2008-13-01', '2008'],
    ['26.10.2015', '2015-10-26'],
    ['6/27/2008', '2008-06-27'],
    ['0101-01-01T00:00:00+00:00', undefined],
    ['soon', undefined],
  ])('reads the date %s as %s', async (written, publishedOn) => {
    expect((await read({ exth: [[106, written]] })).metadata.publishedOn).toBe(publishedOn);
  });

  it('takes the second ASIN record when the first is none', async () => {
    expect(
      (
        await read({
          exth: [
            [113, '0c3fa0e1-5a1b-4c5e'],
            [504, 'B00ABCDEF1'],
          ],
        })
      ).metadata.identifiers,
    ).toEqual([{ scheme: 'mobi-asin', value: 'B00ABCDEF1' }]);
  });

  it('calls a KF8 book azw3 and a file with both kinds mobi', async () => {
    const kf8 = await read({ version: 8 });
    const both = await read({ version: 6, kf8: { version: 8 } });
    expect([kf8.format, both.format]).toEqual(['azw3', 'mobi']);
  });

  it('fills gaps of a combined file from its KF8 book', async () => {
    const { metadata, cover } = await read({
      exth: [[100, 'Ann Lee']],
      kf8: {
        version: 8,
        fullName: 'From KF8',
        exth: [
          [100, 'Someone Else'],
          [101, 'Press'],
          [201, 1],
        ],
        images: [jpeg('inside'), jpeg('cover')],
        textLengthBytes: 100,
        chapters: [{ title: 'One', position: 50, depth: 0 }],
      },
    });
    expect(metadata).toMatchObject({ title: 'From KF8', authors: ['Ann Lee'], publisher: 'Press' });
    expect(metadata.chapters).toEqual([{ title: 'One', position: 0.5, depth: 0 }]);
    expect(cover).toEqual(jpeg('cover'));
  });

  it('reads the metadata of a locked book', async () => {
    const locked = await read({ encryptionType: 2, exth: [[503, 'Locked']] });
    expect([locked.metadata.title, locked.protection]).toEqual(['Locked', 'kindle']);
    expect((await read({ exth: [[503, 'Open']] })).protection).toBeUndefined();
  });

  it('takes the cover record, else the thumbnail, else the first image', async () => {
    const images = [notAnImage, jpeg('first'), jpeg('cover'), jpeg('thumbnail')];
    const named = await read({
      images,
      exth: [
        [201, 2],
        [202, 3],
      ],
    });
    const thumbnail = await read({
      images,
      exth: [
        [201, 0],
        [202, 3],
      ],
    });
    const neither = await read({ images });
    expect([named.cover, thumbnail.cover, neither.cover]).toEqual([
      jpeg('cover'),
      jpeg('thumbnail'),
      jpeg('first'),
    ]);
  });

  it('has no cover when the records hold no images', async () => {
    expect(await read({ images: [notAnImage], exth: [[201, 0]] })).not.toHaveProperty('cover');
    expect(await read({ images: [jpeg('x')], exth: [[201, 0xfffffff0]] })).toHaveProperty('cover', jpeg('x'));
  });

  it('reads chapters with their depth and part of the text, in reading order', async () => {
    const { metadata } = await read({
      textLengthBytes: 20_000,
      chapters: [
        { title: 'Part I', position: 0, depth: 0 },
        { title: 'Part II', position: 10_000, depth: 0 },
        { title: 'Kapitel — 1', position: 500, depth: 1 },
        { title: 'Chapter 2', position: 10_000, depth: 1 },
        { title: 'Beyond', position: 99_999, depth: 1 },
      ],
    });
    expect(metadata.chapters).toEqual([
      { title: 'Part I', position: 0, depth: 0 },
      { title: 'Kapitel — 1', position: 0.025, depth: 1 },
      { title: 'Part II', position: 0.5, depth: 0 },
      { title: 'Chapter 2', position: 0.5, depth: 1 },
      { title: 'Beyond', position: 1, depth: 1 },
    ]);
  });

  it('gives the database name of a PalmDOC text, which has no other', async () => {
    const { metadata } = await readBytes(makePalmDatabase('Old_text', 'TEXtREAd', [Buffer.alloc(16)]));
    expect(metadata).toEqual({ title: 'Old text', authors: [], subjects: [], identifiers: [], chapters: [] });
  });

  it('reads what is left of a file that is cut off', async () => {
    const whole = makeMobi({
      exth: [
        [503, 'Cut'],
        [201, 0],
      ],
      images: [jpeg('cover')],
      textLengthBytes: 10,
      chapters: [{ title: 'One', position: 0, depth: 0 }],
    });
    const reading = await readBytes(whole.subarray(0, whole.length - 120));
    expect(reading.metadata).toMatchObject({ title: 'Cut', chapters: [] });
  });

  it.each([
    ['empty', Buffer.alloc(0), 'empty'],
    ['short', Buffer.from('Not a mobi'), 'corrupt'],
    ['text', Buffer.alloc(500, 'a'), 'corrupt'],
    ['a database without records', makePalmDatabase('x', 'BOOKMOBI', []), 'corrupt'],
    ['a Topaz book', Buffer.concat([Buffer.alloc(60), Buffer.from('TPZ0'), Buffer.alloc(50)]), 'unsupported'],
  ])('refuses a file that is %s', async (_, bytes, reason) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ name: 'UnreadableFile', reason });
  });

  it('survives EXTH counts and lengths that lie', async () => {
    const bytes = makeMobi({
      exth: [
        [503, 'Liar'],
        [100, 'Ann Lee'],
      ],
    });
    bytes.writeUInt32BE(0xffffffff, bytes.indexOf('EXTH') + 8);
    bytes.writeUInt32BE(0xfffffff0, bytes.indexOf('Ann Lee') - 4);
    expect((await readBytes(bytes)).metadata.title).toBe('Liar');
  });

  it('calls a book corrupt whose record table runs through its records', async () => {
    const bytes = makeMobi({ fullName: 'Liar' });
    bytes.writeUInt16BE(0xffff, 76);
    await expect(readBytes(bytes)).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('reads chapters of several records, no more than 5,000', async () => {
    const chapters = Array.from({ length: 5100 }, (_, n) => ({ title: `${n}`, position: n, depth: 0 }));
    const { metadata } = await read({ textLengthBytes: 10_000, chapters });
    expect(metadata.chapters).toHaveLength(5000);
    expect(metadata.chapters.at(-1)).toEqual({ title: '4999', position: 0.4999, depth: 0 });
  });
});
