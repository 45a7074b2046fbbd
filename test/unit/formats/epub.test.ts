import { describe, expect, it } from 'vitest';
import type { BookMetadata, BookReading } from '../../../server/formats/book.ts';
import { readEpub } from '../../../server/formats/epub/read.ts';
import { withBookFile } from '../../support/book-file.ts';
import { epubParts, type EpubBook, makeEpub } from '../../support/make-epub.ts';
import { writeZip, type ZipPart } from '../../support/zip-writer.ts';

const read = (bytes: Uint8Array): Promise<BookReading> => withBookFile(bytes, 'book.epub', readEpub);

const metadataOf = async (book: EpubBook): Promise<BookMetadata> => (await read(makeEpub(book))).metadata;

const coverOf = async (book: EpubBook): Promise<string | undefined> => {
  const { cover } = await read(makeEpub(book));
  return cover && Buffer.from(cover).toString();
};

const jpeg = Buffer.from('\xff\xd8\xff picture', 'latin1');

describe('readEpub', () => {
  it('reads a complete book', async () => {
    const reading = await read(
      makeEpub({
        title: 'The Book',
        authors: ['Ann Author', 'Bo Writer'],
        language: 'de-CH',
        publisher: 'House & Sons',
        date: '1999-05-03',
        description: '<p>About <script>x()</script>it.</p>',
        subjects: ['Fiction', 'Sea'],
        identifiers: ['urn:isbn:9780000000002'],
        series: { name: 'Saga', index: '2.0' },
        chapters: [{ title: 'One' }, { title: 'Two' }],
        cover: jpeg,
      }),
    );
    expect(reading).toEqual({
      format: 'epub',
      contentType: 'book',
      cover: new Uint8Array(jpeg),
      metadata: {
        title: 'The Book',
        authors: ['Ann Author', 'Bo Writer'],
        language: 'de-CH',
        publisher: 'House & Sons',
        publishedOn: '1999-05-03',
        description: '<p>About it.</p>',
        subjects: ['Fiction', 'Sea'],
        identifiers: [{ scheme: 'isbn', value: '9780000000002' }],
        series: { name: 'Saga', index: '2' },
        chapters: [
          { title: 'One', position: 0, depth: 0 },
          { title: 'Two', position: 0.5, depth: 0 },
        ],
      },
    });
  });

  it('says nothing of what the book does not say', async () => {
    expect(await metadataOf({ chapters: [], nav: null, language: ' ' })).toEqual({
      authors: [],
      subjects: [],
      identifiers: [],
      chapters: [],
    });
  });

  it('finds the only package document when the container is missing, damaged or leads outside', async () => {
    const parts = epubParts({ title: 'Found' });
    const container = (full: string): ZipPart => ({
      name: 'META-INF/container.xml',
      content: `<container><rootfiles><rootfile full-path="${full}"/></rootfiles></container>`,
    });
    const others = parts.filter(({ name }) => name !== 'META-INF/container.xml');
    expect((await read(writeZip(others))).metadata.title).toBe('Found');
    expect((await read(writeZip([...others, container('../../etc/book.opf')]))).metadata.title).toBe('Found');
    expect(
      (await read(writeZip([...others, { ...container('x'), claim: { crc32: 7 } }]))).metadata.title,
    ).toBe('Found');
  });

  it('takes the first package the container names and the archive has', async () => {
    const container =
      '<container><rootfiles><rootfile full-path="a.pdf" media-type="application/pdf"/><rootfile full-path="gone.opf"/>' +
      '<rootfile full-path="my%20second.opf"/><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>';
    const second = '<package><metadata><title>Second</title></metadata></package>';
    const files = [
      { name: 'META-INF/container.xml', content: container },
      { name: 'my second.opf', content: second },
    ];
    expect((await metadataOf({ title: 'First', files })).title).toBe('Second');
  });

  it('refuses an archive without a package, and a package that is damaged or too large', async () => {
    await expect(read(writeZip([{ name: 'picture.png' }]))).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(read(makeEpub({ opf: 'no elements' }))).rejects.toMatchObject({ reason: 'corrupt' });
    await expect(read(makeEpub({ opf: Buffer.alloc(9_000_000, 32) }))).rejects.toMatchObject({
      reason: 'too_large',
    });
  });

  it('reads a package in UTF-16 and one that is not well-formed', async () => {
    const opf = '<package><metadata><title>Ünï</title></metadata></package>';
    expect((await metadataOf({ opf: Buffer.from(`\ufeff${opf}`, 'utf16le') })).title).toBe('Ünï');
    expect(
      (await metadataOf({ opf: '<package><metadata><title>A &nbsp;&what; B & C</metadata>' })).title,
    ).toBe('A B & C');
  });

  it('never expands the entities of a document type', async () => {
    const opf =
      '<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "ha">]>' +
      '<package><metadata><title>a&x;b&y;c</title></metadata></package>';
    expect((await metadataOf({ opf })).title).toBe('abc');
  });
});

describe('titles', () => {
  it('takes the title said to be main and the subtitle', async () => {
    const metadata =
      '<dc:title id="t1">Under</dc:title><meta refines="#t1" property="title-type">subtitle</meta>' +
      '<dc:title id="t2">Main</dc:title><meta refines="#t2" property="title-type">main</meta>';
    expect(await metadataOf({ metadata })).toMatchObject({ title: 'Main', subtitle: 'Under' });
  });

  it('takes the first title that is no other kind', async () => {
    const metadata =
      '<dc:title> </dc:title><dc:title id="t1">Under</dc:title><meta refines="#t1" property="title-type">subtitle</meta>' +
      '<dc:title>First</dc:title><dc:title>Second</dc:title>';
    expect(await metadataOf({ metadata })).toMatchObject({ title: 'First', subtitle: 'Under' });
  });

  it('follows the display order', async () => {
    const metadata =
      '<dc:title id="a">Later</dc:title><meta refines="#a" property="display-seq">2</meta>' +
      '<dc:title id="b">Sooner</dc:title><meta refines="#b" property="display-seq">1</meta>';
    expect((await metadataOf({ metadata })).title).toBe('Sooner');
  });

  it('cleans and cuts titles', async () => {
    expect((await metadataOf({ title: ' A\n\u202egpj.exe\u202c \u0085 B ' })).title).toBe('A gpj.exe B');
    expect((await metadataOf({ title: 'x'.repeat(300_000) })).title).toHaveLength(500);
  });
});

describe('authors', () => {
  it('keeps those who wrote the book, by EPUB 2 and EPUB 3 roles', async () => {
    const metadata =
      '<dc:creator opf:role="ill">Ida Illustrator</dc:creator><dc:creator opf:role="aut"> Ann\n Author </dc:creator>' +
      '<dc:creator id="c1">Tom Translator</dc:creator><meta refines="#c1" property="role">trl</meta>' +
      '<dc:creator id="c2">Bo Writer</dc:creator><meta refines="c2" property="role" scheme="marc:relators">AUT</meta>' +
      '<dc:creator>No Role</dc:creator><dc:creator>No Role</dc:creator>';
    expect((await metadataOf({ metadata })).authors).toEqual(['Ann Author', 'Bo Writer', 'No Role']);
  });

  it('keeps everybody when nobody wrote it', async () => {
    const metadata = '<dc:creator opf:role="edt">Ed</dc:creator><dc:creator opf:role="ill">Ida</dc:creator>';
    expect((await metadataOf({ metadata })).authors).toEqual(['Ed', 'Ida']);
  });
});

describe('series', () => {
  const collection = (id: string, name: string, kind?: string, index?: string): string =>
    `<meta property="belongs-to-collection" id="${id}">${name}</meta>` +
    (kind === undefined ? '' : `<meta refines="#${id}" property="collection-type">${kind}</meta>`) +
    (index === undefined ? '' : `<meta refines="#${id}" property="group-position">${index}</meta>`);

  it('prefers a collection that is a series', async () => {
    const metadata = collection('a', 'Set', 'set', '1') + collection('b', 'Saga', 'series', '3');
    expect((await metadataOf({ metadata })).series).toEqual({ name: 'Saga', index: '3' });
  });

  it('prefers a collection to what calibre says, and one with an index to one without', async () => {
    const metadata = collection('a', 'First') + collection('b', 'Second', undefined, '7');
    expect((await metadataOf({ metadata, series: { name: 'Other', index: '1' } })).series).toEqual({
      name: 'Second',
      index: '7',
    });
  });

  it('prefers what calibre says to a set without a number, which is often an imprint', async () => {
    const metadata = collection('a', 'Publisher Imprint', 'set');
    const series = { name: 'True Series', index: '2' };
    expect((await metadataOf({ metadata, series })).series).toEqual(series);
    expect((await metadataOf({ metadata })).series).toEqual({ name: 'Publisher Imprint' });
    const saga = collection('a', 'Saga', 'series');
    expect((await metadataOf({ metadata: saga, series })).series).toEqual(series);
  });

  it.each([
    ['2.0', '2'],
    ['1,5', '1.5'],
    ['-1', '-1'],
    ['3-4', '3-4'],
    ['½', '0.5'],
    ['2.50', '2.5'],
    ['10', '10'],
    ['0.0', '0'],
    ['1.', '1'],
    ['100.10', '100.1'],
    ['II', 'II'],
  ])('gives the index %s as %s', async (written, index) => {
    expect((await metadataOf({ series: { name: 'S', index: written } })).series).toEqual({
      name: 'S',
      index,
    });
  });

  it('has no series without a name', async () => {
    const metadata =
      '<meta name="calibre:series" content=" "/><meta name="calibre:series_index" content="1"/>';
    expect((await metadataOf({ metadata })).series).toBeUndefined();
  });
});

describe('dates, languages and pages', () => {
  it('prefers the publication to other dates and ignores modifications', async () => {
    const metadata =
      '<dc:date opf:event="modification">2020-01-01</dc:date><dc:date opf:event="creation">2001</dc:date>' +
      '<dc:date opf:event="publication">1998-07</dc:date>';
    expect((await metadataOf({ metadata })).publishedOn).toBe('1998-07');
    const modified = '<dc:date opf:event="modification">2020-01-01</dc:date>';
    expect((await metadataOf({ metadata: modified })).publishedOn).toBeUndefined();
  });

  it('passes over dates no book has', async () => {
    expect((await metadataOf({ date: '0101-01-01T00:00:00+00:00' })).publishedOn).toBeUndefined();
  });

  it('takes the first language', async () => {
    expect((await metadataOf({ language: 'fr', metadata: '<dc:language>en</dc:language>' })).language).toBe(
      'fr',
    );
  });

  it.each([
    ['321', 321],
    ['0', undefined],
    ['many', undefined],
    ['99999999999', undefined],
  ])('reads a stated number of pages of %s', async (stated, pageCount) => {
    const metadata = `<meta property="schema:numberOfPages">${stated}</meta>`;
    expect((await metadataOf({ metadata })).pageCount).toBe(pageCount);
  });
});

describe('identifiers', () => {
  it.each([
    ['<dc:identifier opf:scheme="ISBN">978-3-16-148410-0</dc:identifier>', 'ISBN', '978-3-16-148410-0'],
    ['<dc:identifier opf:scheme="ISBN">urn:isbn:9783161484100</dc:identifier>', 'ISBN', '9783161484100'],
    ['<dc:identifier opf:scheme="URN">urn:isbn:9783161484100</dc:identifier>', 'isbn', '9783161484100'],
    ['<dc:identifier scheme="GOODREADS">12</dc:identifier>', 'GOODREADS', '12'],
    ['<dc:identifier>isbn:9783161484100</dc:identifier>', 'isbn', '9783161484100'],
    ['<dc:identifier>9783161484100</dc:identifier>', 'isbn', '9783161484100'],
    ['<dc:identifier>3-16-148410-X</dc:identifier>', 'isbn', '3-16-148410-X'],
    ['<dc:identifier>9783161484101</dc:identifier>', 'unknown', '9783161484101'],
    ['<dc:identifier>urn:uuid:A-1</dc:identifier>', 'uuid', 'A-1'],
    ['<dc:identifier>https://doi.org/10.1000/182</dc:identifier>', 'doi', '10.1000/182'],
    ['<dc:identifier>calibre:77</dc:identifier>', 'calibre', '77'],
    ['<dc:identifier>http://e.org/1</dc:identifier>', 'uri', 'http://e.org/1'],
    ['<dc:identifier>plain</dc:identifier>', 'unknown', 'plain'],
    [
      '<dc:identifier id="i">9783161484100</dc:identifier><meta refines="#i" property="identifier-type">15</meta>',
      'isbn',
      '9783161484100',
    ],
  ])('reads %s', async (metadata, scheme, value) => {
    expect((await metadataOf({ metadata })).identifiers).toEqual([{ scheme, value }]);
  });
});

describe('chapters', () => {
  const chapters = [
    { title: 'A', text: 'x'.repeat(1000) },
    { title: 'B', text: 'x'.repeat(1000) },
    { title: 'C', text: 'x'.repeat(2000) },
  ];

  it('keeps the nesting of a navigation document, in its order, with headings that lead nowhere', async () => {
    const nav =
      '<html><body><nav epub:type="landmarks"><ol><li><a href="c3.xhtml">No</a></li></ol></nav>' +
      '<nav epub:type="toc"><h1>Contents</h1><ol><li><span>Part</span><ol><li><a href="c2.xhtml#x">B <i>two</i></a>' +
      '</li></ol></li><li><a href="./c1.xhtml">A</a></li><li><a href="gone.xhtml">Gone</a></li><li><a href="c1.xhtml"> ' +
      '</a></li><li><a href="http://e.org/c1.xhtml">Out</a></li></ol></nav></body></html>';
    const { chapters: found } = await metadataOf({ chapters, nav });
    expect(found.map(({ title, depth }) => [title, depth])).toEqual([
      ['Part', 0],
      ['B two', 1],
      ['A', 0],
    ]);
    expect(found[0]?.position).toBeCloseTo(0.25, 1);
    expect(found[1]?.position).toBe(found[0]?.position);
    expect(found[2]?.position).toBe(0);
  });

  it('reads an NCX with parents and children where there is no navigation document', async () => {
    const point = (title: string, src: string, inner = ''): string =>
      `<navPoint><navLabel><text>${title}</text></navLabel><content src="${src}"/>${inner}</navPoint>`;
    const ncx = `<ncx><navMap>${point('Part', 'c1.xhtml', point('One', 'c2.xhtml#a'))}${point('Last', 'c3.xhtml')}</navMap>
      <pageList><pageTarget value="1"/><pageTarget value="2"/></pageList></ncx>`;
    const found = await metadataOf({
      chapters,
      nav: null,
      manifest: '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
      spine: 'toc="toc"',
      files: [{ name: 'OEBPS/toc.ncx', content: ncx }],
    });
    expect(found.chapters.map(({ title, depth }) => [title, depth])).toEqual([
      ['Part', 0],
      ['One', 1],
      ['Last', 0],
    ]);
    expect(found.pageCount).toBe(2);
  });

  it('counts the page list of a navigation document', async () => {
    const nav =
      '<html><body><nav epub:type="toc"><ol><li><a href="c1.xhtml">A</a></li></ol></nav><nav epub:type="page-list">' +
      '<ol><li><a href="c1.xhtml#1">1</a></li><li><a href="c1.xhtml#2">2</a></li><li><a href="c2.xhtml#3">3</a></li>' +
      '</ol></nav></body></html>';
    expect((await metadataOf({ nav })).pageCount).toBe(3);
  });

  it('follows percent-encoded references', async () => {
    const opf = `<package><metadata/><manifest><item id="n" href="n.xhtml" properties="nav"/>
      <item id="c" href="my%20chapter%201.xhtml"/></manifest><spine><itemref idref="c"/></spine></package>`;
    const found = await metadataOf({
      opf,
      files: [
        {
          name: 'OEBPS/n.xhtml',
          content:
            '<html><nav type="toc"><ol><li><a href="my chapter%201.xhtml#a">T</a></li></ol></nav></html>',
        },
        { name: 'OEBPS/my chapter 1.xhtml', content: 'text' },
      ],
    });
    expect(found.chapters).toEqual([{ title: 'T', position: 0, depth: 0 }]);
  });

  it('does without chapters when the table of contents is damaged', async () => {
    const parts = epubParts({ title: 'T' }).map((part) =>
      part.name === 'OEBPS/nav.xhtml' ? { ...part, claim: { crc32: 1 } } : part,
    );
    expect((await read(writeZip(parts))).metadata).toMatchObject({ title: 'T', chapters: [] });
  });

  it('leaves out chapters that are encrypted, but not those of a book with obfuscated fonts', async () => {
    const encrypted = (algorithm: string): ZipPart => ({
      name: 'META-INF/encryption.xml',
      content: `<encryption xmlns:e="u"><e:EncryptedData><e:EncryptionMethod Algorithm="${algorithm}"/><e:CipherData>
        <e:CipherReference URI="OEBPS/c1.xhtml"/></e:CipherData></e:EncryptedData></encryption>`,
    });
    const locked = await metadataOf({
      title: 'Locked',
      chapters,
      files: [encrypted('http://www.w3.org/2001/04/xmlenc#aes128-cbc')],
    });
    expect(locked.title).toBe('Locked');
    expect(locked.chapters.map(({ title }) => title)).toEqual(['B', 'C']);
    const fonts = await metadataOf({ chapters, files: [encrypted('http://www.idpf.org/2008/embedding')] });
    expect(fonts.chapters).toHaveLength(3);
  });

  it.each([
    ['lcp', 'http://www.w3.org/2001/04/xmlenc#aes256-cbc', 'META-INF/license.lcpl'],
    ['adobe', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'META-INF/rights.xml'],
    ['apple', 'http://itunes.apple.com/dataenc', 'META-INF/sinf.xml'],
    ['unknown', 'http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'META-INF/other.xml'],
    [undefined, 'http://ns.adobe.com/pdf/enc#RC', 'META-INF/rights.xml'],
  ])('tells that %s locked a book by what the seller left in it', async (protection, algorithm, name) => {
    const encryption = `<encryption xmlns:e="u"><e:EncryptedData><e:EncryptionMethod Algorithm="${algorithm}"/>
      <e:CipherData><e:CipherReference URI="OEBPS/c1.xhtml"/></e:CipherData></e:EncryptedData></encryption>`;
    const files = [
      { name: 'META-INF/encryption.xml', content: encryption },
      { name, content: '{}' },
    ];
    expect((await read(makeEpub({ files }))).protection).toBe(protection);
  });
});

describe('covers', () => {
  const image: ZipPart = { name: 'OEBPS/img/front.jpg', content: 'front' };
  const item = '<item id="front" href="img/front.jpg" media-type="image/jpeg"/>';
  const cover = (target: string): string => `<meta name="cover" content="${target}"/>`;

  it('follows the EPUB 2 meta by id and by file', async () => {
    expect(await coverOf({ metadata: cover('front'), manifest: item, files: [image] })).toBe('front');
    expect(await coverOf({ metadata: cover('img/front.jpg'), manifest: item, files: [image] })).toBe('front');
  });

  it('follows the guide to the image of a page', async () => {
    const page = {
      name: 'OEBPS/c.xhtml',
      content: '<html><svg><image xlink:href="img/front.jpg"/></svg></html>',
    };
    const guide = '<guide><reference type="cover" href="c.xhtml#top"/></guide>';
    expect(await coverOf({ guide, manifest: item, files: [image, page] })).toBe('front');
  });

  it('takes an image named cover when nothing is marked', async () => {
    const files = [
      { name: 'OEBPS/discover.jpg', content: 'no' },
      { name: 'OEBPS/The Cover.jpg', content: 'yes' },
    ];
    const manifest =
      '<item id="a" href="discover.jpg" media-type="image/jpeg"/><item id="b" href="The%20Cover.jpg" media-type="image/jpeg"/>';
    expect(await coverOf({ manifest, files })).toBe('yes');
  });

  it('takes the one picture of a first page that has nothing else', async () => {
    const manifest = '<item id="p" href="pic.jpg" media-type="image/jpeg"/>';
    const picture = { name: 'OEBPS/pic.jpg', content: 'picture' };
    const first = (body: string) => ({
      name: 'OEBPS/c1.xhtml',
      content: `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Cover</title></head><body>${body}</body></html>`,
    });
    const of = (body: string) => coverOf({ manifest, files: [picture, first(body)] });
    expect(await of('<div><img src="pic.jpg" alt=""/></div>')).toBe('picture');
    expect(
      await of(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><image x:href="pic.jpg"/></svg>',
      ),
    ).toBe('picture');
    expect(await of('<p>By Ann</p><img src="pic.jpg"/>')).toBeUndefined();
    expect(await of('<img src="pic.jpg"/><img src="pic.jpg"/>')).toBeUndefined();
  });

  it('goes on to the next way when the marked image is missing or damaged', async () => {
    const manifest = `<item id="c" href="gone.jpg" media-type="image/jpeg" properties="cover-image"/>${item}
      <item id="d" href="bad.jpg" media-type="image/jpeg" properties="cover-image"/>`;
    const files: ZipPart[] = [image, { name: 'OEBPS/bad.jpg', content: 'bad', claim: { crc32: 1 } }];
    expect(await coverOf({ metadata: cover('front'), manifest, files })).toBe('front');
  });

  it('has no cover rather than one of another place or of unreasonable size', async () => {
    const outside =
      '<item id="x" href="../../../etc/passwd" media-type="image/jpeg" properties="cover-image"/>';
    expect(await coverOf({ manifest: outside })).toBeUndefined();
    const remote =
      '<item id="x" href="http://e.org/c.jpg" media-type="image/jpeg" properties="cover-image"/>';
    expect(await coverOf({ manifest: remote })).toBeUndefined();
    const large = '<item id="x" href="c.jpg" media-type="image/jpeg" properties="cover-image"/>';
    const claim = { sizeBytes: 33 * 1024 * 1024 };
    expect(
      await coverOf({ manifest: large, files: [{ name: 'OEBPS/c.jpg', content: 'x', claim }] }),
    ).toBeUndefined();
  });
});
