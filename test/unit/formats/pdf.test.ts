import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BookReading } from '../../../server/formats/book.ts';
import { isMadeUpTitle, splitAuthors } from '../../../server/formats/pdf/metadata.ts';
import { readPdf } from '../../../server/formats/pdf/read.ts';
import { makePdf, makeXmp, type PdfParts } from '../../support/make-pdf.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-pdf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const readBytes = async (bytes: Uint8Array, name = 'book.pdf'): Promise<BookReading> => {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    return await readPdf({ fd, sizeBytes: bytes.length, name });
  } finally {
    closeSync(fd);
  }
};

const read = (parts: PdfParts, name?: string): Promise<BookReading> => readBytes(makePdf(parts), name);

/** The PDF with these bytes in place of as many letters of a text. */
const withBytes = (parts: PdfParts, placeholder: string, bytes: Buffer): Buffer => {
  const pdf = makePdf(parts);
  bytes.copy(pdf, pdf.indexOf(placeholder));
  return pdf;
};

describe('the metadata of a PDF', () => {
  it('is UTF-8 where a program wrote that without saying so, in all its texts', async () => {
    const title = Buffer.from('raw utf8 é жы 三体');
    const placeholder = 'T'.repeat(title.length);
    const named = await readBytes(withBytes({ info: { Title: placeholder } }, placeholder, title));
    expect(named.metadata.title).toBe('raw utf8 é жы 三体');
    const outline = [{ title: placeholder, page: 0 }];
    const { metadata } = await readBytes(withBytes({ outline }, placeholder, title));
    expect(metadata.chapters.map((chapter) => chapter.title)).toEqual(['raw utf8 é жы 三体']);
    // PDFDocEncoding: a dagger, a bullet, an é.
    const western = Buffer.from([0x43, 0x61, 0x66, 0xe9, 0x20, 0x81, 0x80]);
    const cafe = await readBytes(withBytes({ info: { Title: 'TTTTTTT' } }, 'TTTTTTT', western));
    expect(cafe.metadata.title).toBe('Café †•');
  });

  it('takes a comic’s own document out of the keywords, and no other markup', async () => {
    const comic = `<?xml version="1.0"?><ComicInfo><Title>Origins</Title><Series>Saga</Series><Number>½</Number>
      <Writer>Ann Lee</Writer><Genre>Space, Opera</Genre><LanguageISO>en</LanguageISO></ComicInfo>`;
    expect((await read({ info: { Keywords: comic, Author: 'Bo Ray' } })).metadata).toMatchObject({
      title: 'Origins',
      authors: ['Bo Ray'],
      series: { name: 'Saga', index: '½' },
      subjects: ['Space', 'Opera'],
      language: 'en',
    });
    expect((await read({ info: { Keywords: '<html><b>a, b</b></html>' } })).metadata.subjects).toEqual([]);
    expect((await read({ info: { Keywords: 'x < y, z' } })).metadata.subjects).toEqual(['x < y', 'z']);
  });

  it('comes from the information dictionary', async () => {
    const { metadata, format, contentType } = await read({
      pages: 3,
      info: {
        Title: 'Дом\0',
        Author: 'Ann Lee; Bo Ray',
        Subject: 'A <b>house</b>',
        Keywords: 'home, walls,home',
      },
      language: 'ru-RU',
    });
    expect({ format, contentType }).toEqual({ format: 'pdf', contentType: 'book' });
    expect(metadata).toEqual({
      title: 'Дом',
      authors: ['Ann Lee', 'Bo Ray'],
      language: 'ru-RU',
      description: 'A <b>house</b>',
      subjects: ['home', 'walls'],
      identifiers: [],
      pageCount: 3,
      chapters: [],
    });
  });

  it('comes from XMP where the dictionary is silent, series and identifiers as calibre writes them', async () => {
    const { metadata } = await read({
      xmp: makeXmp(
        `<dc:title><rdf:Alt><rdf:li xml:lang="de">Das Haus</rdf:li><rdf:li xml:lang="x-default">The House</rdf:li></rdf:Alt></dc:title>` +
          `<dc:creator><rdf:Seq><rdf:li>Ann Lee</rdf:li><rdf:li>Bo Ray</rdf:li></rdf:Seq></dc:creator>` +
          `<dc:publisher><rdf:Bag><rdf:li>Brick &amp; Sons</rdf:li></rdf:Bag></dc:publisher>` +
          `<dc:date><rdf:Seq><rdf:li>2019-05-04T00:00:00+00:00</rdf:li></rdf:Seq></dc:date>` +
          `<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>` +
          `<dc:subject><rdf:Bag><rdf:li>Homes</rdf:li></rdf:Bag></dc:subject>` +
          `<prism:isbn>9780000000002</prism:isbn>` +
          `<xmp:Identifier><rdf:Bag><rdf:li rdf:parseType="Resource"><xmpidq:Scheme>goodreads</xmpidq:Scheme><rdf:value>77</rdf:value></rdf:li></rdf:Bag></xmp:Identifier>` +
          `<calibre:series rdf:parseType="Resource"><rdf:value>Rooms</rdf:value><calibreSI:series_index>2.50</calibreSI:series_index></calibre:series>`,
      ),
    });
    expect(metadata).toMatchObject({
      title: 'The House',
      authors: ['Ann Lee', 'Bo Ray'],
      publisher: 'Brick & Sons',
      publishedOn: '2019-05-04',
      language: 'en',
      subjects: ['Homes'],
      series: { name: 'Rooms', index: '2.5' },
      identifiers: [
        { scheme: 'isbn', value: '9780000000002' },
        { scheme: 'goodreads', value: '77' },
      ],
    });
  });

  it('takes no publication date from the day the file was made', async () => {
    const { metadata } = await read({ info: { CreationDate: 'D:20200102030405Z' } });
    expect(metadata.publishedOn).toBeUndefined();
  });

  it('leaves out titles a program made up and the file name as a title', async () => {
    const { metadata } = await read({ info: { Title: 'Microsoft Word - thesis.doc' } });
    expect(metadata.title).toBeUndefined();
    expect((await read({ info: { Title: 'scan 12' } }, 'scan 12')).metadata.title).toBeUndefined();
    const madeUp = [
      'untitled',
      'Untitled-2',
      'thesis_final.docx',
      'PowerPoint Presentation',
      '---',
      'Layout 1',
    ];
    expect(madeUp.filter((title) => !isMadeUpTitle(title))).toEqual([]);
    const real = ['Untitled Goose Game', 'Learning Node.js', 'The Title', 'A Document of Faith', '1984'];
    expect(real.filter(isMadeUpTitle)).toEqual([]);
  });

  it('takes no address of a program for an author', async () => {
    expect((await read({ info: { Author: 'https://imagemagick.org' } })).metadata.authors).toEqual([]);
    expect((await read({ info: { Author: 'Administrator' } })).metadata.authors).toEqual([]);
  });

  it('survives an XMP packet that is not XML', async () => {
    const { metadata } = await read({ info: { Title: 'Whole' }, xmp: '<<<<rdf & broken' });
    expect(metadata.title).toBe('Whole');
  });
});

describe('splitAuthors', () => {
  it.each([
    ['Ann Lee; Bo Ray', ['Ann Lee', ' Bo Ray']],
    ['Ann Lee & Bo Ray', ['Ann Lee', 'Bo Ray']],
    ['Ann Lee, Bo Ray, Cy Fox and Di Oak', ['Ann Lee', 'Bo Ray', 'Cy Fox', 'Di Oak']],
    ['Simon & Schuster', ['Simon & Schuster']],
    ['García Márquez, Gabriel José', ['García Márquez, Gabriel José']],
    ['Lee, Ann', ['Lee, Ann']],
  ])('splits %j only where names end', (raw, names) => {
    expect(splitAuthors(raw)).toEqual(names);
  });
});

describe('the outline of a PDF', () => {
  it('gives chapters in order with their depth and their part of the pages', async () => {
    const { metadata } = await read({
      pages: 4,
      outline: [
        { title: 'One', page: 0 },
        { title: 'Two', page: 1, children: [{ title: 'Two, first', page: 2 }] },
        { title: 'Three', page: 3 },
      ],
    });
    expect(metadata.chapters).toEqual([
      { title: 'One', position: 0, depth: 0 },
      { title: 'Two', position: 0.25, depth: 0 },
      { title: 'Two, first', position: 0.5, depth: 1 },
      { title: 'Three', position: 0.75, depth: 0 },
    ]);
  });

  it('leaves out entries that lead to no page', async () => {
    const { metadata } = await read({
      pages: 2,
      outline: [
        { title: 'Gone', page: 9 },
        { title: 'Here', page: 1 },
      ],
    });
    expect(metadata.chapters).toEqual([{ title: 'Here', position: 0.5, depth: 0 }]);
  });
});

describe('the cover of a PDF', () => {
  it('is the first page on white, 600 pixels on the long side', async () => {
    // The lower half is painted red.
    const { cover } = await read({ drawing: '1 0 0 rg 0 0 200 150 re f', size: [200, 300] });
    const { data, info } = await sharp(cover).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([400, 600]);
    const pixel = (x: number, y: number): number[] => [
      ...data.subarray((y * 400 + x) * 3, (y * 400 + x) * 3 + 3),
    ];
    expect(Math.min(...pixel(200, 100))).toBeGreaterThan(250);
    const [red = 0, green = 255, blue = 255] = pixel(200, 500);
    expect(red).toBeGreaterThan(240);
    expect(Math.max(green, blue)).toBeLessThan(20);
  });

  it('is the next page where the first is blank, or as good as blank', async () => {
    const { cover } = await read({ pages: 3, drawnPage: 2 });
    const { dominant } = await sharp(cover).stats();
    const [bottomLeft] = await sharp(cover)
      .extract({ left: 10, top: 580, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect([dominant.r > 240, bottomLeft! < 20]).toEqual([true, true]);
    const speck = await read({ drawing: '0 g 100 20 4 6 re f' });
    expect([speck.cover, speck.isPartial]).toEqual([undefined, undefined]);
    expect((await read({ drawing: '' })).cover).toBeUndefined();
    expect((await read({ pages: 5, drawnPage: 4 })).cover).toBeUndefined();
  });

  it('is looked for as long as the work takes, not the clock, and is asked for again when that was too much', async () => {
    const now = vi.spyOn(performance, 'now');
    let clock = 0;
    // Twelve seconds pass at every look: somebody else has the processor.
    now.mockImplementation(() => (clock += 5_000));
    const used = vi.spyOn(process, 'threadCpuUsage').mockReturnValue({ user: 1_000, system: 0 });
    const busy = await read({});
    expect([busy.cover !== undefined, busy.isPartial]).toEqual([true, undefined]);
    used.mockReturnValue({ user: 60_000_000, system: 0 });
    const dear = await read({ outline: [{ title: 'One', page: 0 }] });
    expect(dear).toMatchObject({ isPartial: true, metadata: { pageCount: 1, chapters: [] } });
    expect(dear.cover).toBeUndefined();
    vi.restoreAllMocks();
  });

  it('stays small for a page of any shape', async () => {
    const { cover } = await read({ size: [14_400, 3] });
    const { width, height } = await sharp(cover).metadata();
    expect([width, height]).toEqual([600, 1]);
  });
});

describe('a PDF that is not as it should be', () => {
  it('is read without its cross-reference table', async () => {
    const whole = makePdf({ info: { Title: 'Found again' }, pages: 2 }).toString('latin1');
    const damaged = whole.slice(0, whole.indexOf('xref\n')) + whole.slice(whole.indexOf('trailer'));
    const { metadata } = await readBytes(Buffer.from(damaged, 'latin1'));
    expect(metadata).toMatchObject({ title: 'Found again', pageCount: 2 });
  });

  it('runs nothing it brings', async () => {
    const { metadata } = await read({
      catalogue: '/OpenAction<</S/JavaScript/JS(globalThis.hacked = 1)>>/AA<</WC<</S/Launch/F(/bin/sh)>>>>',
      info: { Title: 'Quiet' },
    });
    expect(metadata.title).toBe('Quiet');
    expect('hacked' in globalThis).toBe(false);
  });

  it('is refused as encrypted when it wants a password', async () => {
    const encryption = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${'41'.repeat(32)}>/U<${'42'.repeat(32)}>>>/ID[<aa><aa>]`;
    const bytes = makePdf().toString('latin1').replace('trailer<<', `trailer<<${encryption}`);
    await expect(readBytes(Buffer.from(bytes, 'latin1'))).rejects.toMatchObject({
      reason: 'encrypted',
      message: 'This PDF is protected by a password.',
    });
  });

  it('is refused as corrupt when it is something else', async () => {
    await expect(readBytes(Buffer.from('PK\x03\x04 not a PDF'))).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(readBytes(Buffer.alloc(0))).rejects.toMatchObject({ reason: 'empty' });
  });

  it('is refused when the file is shorter than it was said to be', async () => {
    const path = join(folder, 'short');
    const bytes = makePdf({ ballast: 1_000_000 });
    writeFileSync(path, bytes.subarray(0, 600_000));
    const fd = openSync(path, 'r');
    try {
      await expect(readPdf({ fd, sizeBytes: bytes.length, name: 'short' })).rejects.toMatchObject({
        reason: 'corrupt',
      });
    } finally {
      closeSync(fd);
    }
  });
});

it('leaves the file open and usable for the caller', async () => {
  const path = join(folder, 'open');
  const bytes = makePdf({ ballast: 2_000_000, info: { Title: 'Large' } });
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    const { metadata } = await readPdf({ fd, sizeBytes: bytes.length, name: 'open' });
    expect(metadata.title).toBe('Large');
    expect(readSync(fd, Buffer.alloc(5), 0, 5, 0)).toBe(5);
  } finally {
    closeSync(fd);
  }
});
