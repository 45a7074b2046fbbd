import { describe, expect, it } from 'vitest';
import { readFb2 } from '../../../server/formats/fb2/read.ts';
import { withBookFile } from '../../support/book-file.ts';
import { type Fb2Parts, makeFb2 } from '../../support/make-fb2.ts';
import { writeZip } from '../../support/zip-writer.ts';

const readBytes = (bytes: Uint8Array) => withBookFile(bytes, 'book.fb2', readFb2);
const read = (parts: Fb2Parts) => readBytes(makeFb2(parts));

describe('readFb2', () => {
  it('reads what title-info and publish-info say', async () => {
    const { metadata, format, contentType } = await read({
      titleInfo: `<genre>sf_fantasy</genre><genre>prose</genre>
        <author><first-name> Ann </first-name><middle-name>B.</middle-name><last-name>Lee</last-name></author>
        <author><nickname>ray</nickname></author>
        <translator><first-name>Not</first-name><last-name>Author</last-name></translator>
        <book-title>The
          Sea</book-title><lang>en</lang><sequence name="Waves" number="2.5"/>
        <date value="1999-05-04">May 1999</date>`,
      publishInfo: `<publisher>Small Press</publisher><year>2008</year><isbn>978-3-16-148410-0, 3-16-148410-X</isbn>
        <sequence name="Paperbacks" number="7"/>`,
    });
    expect({ format, contentType }).toEqual({ format: 'fb2', contentType: 'book' });
    expect(metadata).toEqual({
      title: 'The Sea',
      authors: ['Ann B. Lee', 'ray'],
      series: { name: 'Waves', index: '2.5' },
      language: 'en',
      publisher: 'Small Press',
      publishedOn: '2008',
      subjects: ['sf_fantasy', 'prose'],
      identifiers: [
        { scheme: 'isbn', value: '978-3-16-148410-0' },
        { scheme: 'isbn', value: '3-16-148410-X' },
      ],
      chapters: [],
    });
  });

  it('takes the date of writing and the series of the edition when there are no others', async () => {
    const { metadata } = await read({
      titleInfo: '<date value="201-105-26">26.10.2015</date>',
      publishInfo: '<sequence name="Paperbacks"/>',
    });
    expect(metadata).toMatchObject({ publishedOn: '2015-10-26', series: { name: 'Paperbacks' } });
    expect(metadata.series).not.toHaveProperty('index');
  });

  it('leaves out what the document does not say', async () => {
    expect(
      (await read({ titleInfo: '<author><first-name/></author><book-title> </book-title>' })).metadata,
    ).toEqual({
      authors: [],
      subjects: [],
      identifiers: [],
      chapters: [],
    });
  });

  it.each(['utf-8', 'windows-1251', 'utf-16le'] as const)('reads a document in %s', async (encoding) => {
    const { metadata } = await read({
      titleInfo: '<book-title>Война и мир</book-title>',
      body: '<section><title><p>Часть первая</p></title></section>',
      encoding,
    });
    expect([metadata.title, metadata.chapters[0]?.title]).toEqual(['Война и мир', 'Часть первая']);
  });

  it('turns the annotation into safe HTML', async () => {
    const { metadata } = await read({
      titleInfo: `<annotation><p>One <emphasis>two</emphasis> <strong>three</strong> &lt;b&gt; &amp; four<a l:href="#n1"
        type="note">[1]</a></p><empty-line/><cite><p>Said</p></cite><p><a l:href="https://example.org/">there</a>
        <a l:href="javascript:alert(1)">here</a></p><script>alert(1)</script></annotation>`,
    });
    expect(metadata.description).toContain(
      '<p>One <em>two</em> <strong>three</strong> &lt;b&gt; &amp; four</p><br>',
    );
    expect(metadata.description).toContain('<blockquote><p>Said</p></blockquote>');
    expect(metadata.description).toContain('href="https://example.org/"');
    expect(metadata.description).not.toMatch(/script|alert|\[1\]/);
  });

  it('reads the cover the description names, the first of that id', async () => {
    const { cover } = await read({
      titleInfo: '<coverpage><image l:href="#c.jpg"/></coverpage>',
      rest: `<body name="notes"/><binary id="x.jpg">${base64('other')}</binary>
        <binary id="c.jpg">\r\n ${base64('the cover').slice(0, 5)}\n${base64('the cover').slice(5)}\n</binary>
        <binary id="c.jpg">${base64('second')}</binary>`,
    });
    expect(Buffer.from(cover ?? []).toString()).toBe('the cover');
  });

  it('has no cover when the binary named is not there or empty', async () => {
    const titleInfo = '<coverpage><image l:href="#c.jpg"/></coverpage>';
    expect(await read({ titleInfo })).not.toHaveProperty('cover');
    expect(await read({ titleInfo, rest: '<binary id="c.jpg"> </binary>' })).not.toHaveProperty('cover');
  });

  it('lists section titles of the first body with depth and place in its text', async () => {
    const { metadata } = await read({
      body:
        '<title><p>The book</p></title>' +
        '<section><title><p>Part</p><empty-line/><p>One<a l:href="#n" type="note">[3]</a></p></title>' +
        `<section><title><p>Chapter 1</p></title><p>${'x'.repeat(70)}</p></section></section>` +
        '<section><title><p>Part Two</p></title></section>',
      rest: '<body name="notes"><section><title><p>Note</p></title></section></body>',
    });
    expect(metadata.chapters.map(({ title, depth }) => [title, depth])).toEqual([
      ['Part One', 0],
      ['Chapter 1', 1],
      ['Part Two', 0],
    ]);
    // 8 + 10 + 9 + 70 + 8 characters of text in all.
    expect(metadata.chapters.map(({ position }) => position)).toEqual([8 / 105, 18 / 105, 97 / 105]);
  });

  it('takes short first paragraphs of top-level sections for titles when there are none', async () => {
    const { metadata } = await read({
      body: `<section><p>Once</p><p>not me</p></section><section><p>${'long '.repeat(20)}</p></section>
        <section><p>Again</p><section><p>inner</p></section></section>`,
    });
    expect(metadata.chapters.map(({ title }) => title)).toEqual(['Once', 'Again']);
  });

  it('reads the first FictionBook of an archive', async () => {
    const content = makeFb2({ titleInfo: '<book-title>Zipped</book-title>' });
    const bytes = writeZip([
      { name: 'readme.txt', content: 'x' },
      { name: 'a/Book.FB2', content },
    ]);
    expect((await readBytes(bytes)).metadata.title).toBe('Zipped');
  });

  it('keeps what stands before the damage', async () => {
    const whole = makeFb2({
      titleInfo: '<book-title>Cut</book-title><author><last-name>Lee</last-name></author>',
      body: '<section><title><p>One</p></title><p>text</p></section>',
    });
    const cut = await readBytes(whole.subarray(0, whole.indexOf('text')));
    expect(cut.metadata).toMatchObject({ title: 'Cut', authors: ['Lee'], chapters: [{ title: 'One' }] });
  });

  it('never expands entities a document declares', async () => {
    const document = makeFb2({ titleInfo: '<book-title>a&lol;b</book-title>' })
      .toString()
      .replace('?>', '?><!DOCTYPE x [<!ENTITY lol "expanded"><!ENTITY f SYSTEM "file:///etc/passwd">]>');
    expect((await readBytes(Buffer.from(document))).metadata.title).toBe('ab');
  });

  it.each([
    ['empty file', Buffer.alloc(0), 'empty'],
    ['file that is another XML', Buffer.from('<html><body>FictionBook</body></html>'), 'corrupt'],
    ['file without markup', Buffer.from('just text'), 'corrupt'],
    ['archive without a FictionBook', writeZip([{ name: 'a.txt', content: 'x' }]), 'unsupported'],
    ['document nested without end', makeFb2({ body: '<section>'.repeat(10_000) }), 'too_large'],
  ])('refuses an %s', async (_, bytes, reason) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ name: 'UnreadableFile', reason });
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
