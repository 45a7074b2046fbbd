import { describe, expect, it } from 'vitest';
import { createBooks } from '../../../server/library/books.ts';
import { takeInFile } from '../../../server/library/intake.ts';
import {
  bookBeside,
  forgetSidecars,
  noteUnreadableSidecar,
  takeInSidecar,
} from '../../../server/koreader/ingest-sidecar.ts';
import { createSidecars } from '../../../server/koreader/sidecars.ts';
import { changeAnnotation, changeBookmark, removeAnnotation } from '../../../server/marks/change-marks.ts';
import { createMarks } from '../../../server/marks/marks.ts';
import { aBookmark, aFile, aHighlight, aSidecar, aUser, checksumOf } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { LuaContent } from '../../support/make-sidecar.ts';

type Content = Record<string, LuaContent | undefined>;
const BESIDE = '/books/emma.sdr/metadata.epub.lua';
/** After all that a person says here. */
const TOMORROW = Date.UTC(2026, 2, 15);
const ELSEWHERE = '/docsettings/mnt/onboard/emma.sdr/metadata.epub.lua';

function open() {
  const shelf = openShelf();
  const { catalogue, clock, ownerId, folderId, write, rows } = shelf;
  const books = createBooks({ catalogue, clock });
  const marks = createMarks({ catalogue });
  const placeOf = (path: string, modifiedMs: number) => ({
    ownerId,
    folderId,
    path: Buffer.from(path),
    sizeBytes: 1,
    modifiedMs,
  });
  const scan = (path: string, file: Omit<Parameters<typeof aFile>[1], 'path'> = {}) =>
    write((db) => takeInFile(db, aFile(shelf, { path, ...file }), clock.now()))!;
  const take = (path: string, content: Content, { modifiedMs = 1000, zone = 'UTC' } = {}) =>
    write((db) =>
      takeInSidecar(db, placeOf(path, modifiedMs), aSidecar(content), { now: clock.now(), zone }),
    );
  const cut = (path: string, modifiedMs = 2000) =>
    write((db) =>
      noteUnreadableSidecar(
        db,
        placeOf(path, modifiedMs),
        { reason: 'corrupt', message: 'Cut off.' },
        clock.now(),
      ),
    );
  const vanish = (path: string) =>
    write((db) => forgetSidecars(db, ownerId, rows('select sidecar_id as fileId, path from koreader_sidecars where path = ?', Buffer.from(path)) as never, clock.now())); // prettier-ignore
  const get = (bookId: string | undefined) => books.get(ownerId, bookId ?? 'none');
  const lines = (bookId: string | undefined) =>
    marks.ofBook(bookId ?? 'none').highlights.map(({ text }) => text);
  return {
    ...shelf,
    books,
    marks,
    sidecars: createSidecars({ catalogue }),
    scan,
    take,
    cut,
    vanish,
    get,
    lines,
  };
}

describe('the book of a sidecar', () => {
  it('is the file it lies beside, whatever checksum it names', () => {
    const { scan, take, get } = open();
    const emma = scan('/books/emma.epub', { content: 'emma' });
    scan('/books/other.epub', { content: 'other' });
    expect(take(BESIDE, { partial_md5_checksum: checksumOf('other'), percent_finished: 0.5 })).toBe(emma);
    expect(get(emma)).toMatchObject({ hasFile: true, hasSidecar: true });
  });

  it('is the book of its checksum when it lies elsewhere', () => {
    const { scan, take } = open();
    const emma = scan('/books/austen-emma.epub', { content: 'emma' });
    expect(take(ELSEWHERE, { partial_md5_checksum: checksumOf('emma'), percent_finished: 0.5 })).toBe(emma);
  });

  it('is found by any checksum the book ever had', () => {
    const { scan, take } = open();
    const emma = scan('/books/emma.epub', { content: 'first edition', metadata: { title: 'Emma' } });
    expect(scan('/books/emma.epub', { content: 'second edition', metadata: { title: 'Emma' } })).toBe(emma);
    expect(
      take(ELSEWHERE, { partial_md5_checksum: checksumOf('first edition'), percent_finished: 0.1 }),
    ).toBe(emma);
  });

  it('is the only file with the name the device knew', () => {
    const { scan, take } = open();
    const emma = scan('/books/deep/Emma (Austen).epub', { content: 'emma' });
    const content = {
      doc_path: '/mnt/onboard/Emma (Austen).epub',
      partial_md5_checksum: 'a'.repeat(32),
      percent_finished: 0.5,
    };
    expect(take(ELSEWHERE, content)).toBe(emma);
  });

  // What macOS calls a file, and what every other system does.
  const [decomposed, whole] = ['Re\u0301sume\u0301', 'R\u00e9sum\u00e9'];
  it.each([
    [decomposed, whole],
    [whole, decomposed],
    [decomposed, decomposed],
    ['Re\u0301sum\u00e9', whole],
  ])('is the file beside it in whichever form both names are', (book, sdr) => {
    const { scan, take, rows } = open();
    const resume = scan(`/books/${book}.epub`, { content: 'resume' });
    expect(take(`/books/${sdr}.sdr/metadata.epub.lua`, { annotations: [aHighlight(1)] })).toBe(resume);
    expect(rows('select name from book_files')).toEqual([{ name: `${book}.epub` }]);
  });

  it('is the only file with the name the device knew in another form', () => {
    const { scan, take } = open();
    const resume = scan(`/books/deep/${whole}.epub`, { content: 'resume' });
    const content = { doc_path: `/Users/x/${decomposed}.epub`, percent_finished: 0.5 };
    expect(take('/docsettings/x.sdr/metadata.epub.lua', content)).toBe(resume);
  });

  it('is the file of exactly that name where both forms lie side by side', () => {
    const { scan, take } = open();
    const ids = [decomposed, whole].map((name) =>
      scan(`/books/${name}.epub`, { content: name, metadata: { title: name === whole ? 'One' : 'Two' } }),
    );
    for (const [index, name] of [decomposed, whole].entries())
      expect(take(`/books/${name}.sdr/metadata.epub.lua`, { percent_finished: 0.5 })).toBe(ids[index]);
  });

  it('is no guess between two files of that name', () => {
    const { scan, take, get } = open();
    const ids = ['one', 'two'].map((folder) =>
      scan(`/books/${folder}/Emma.epub`, { content: folder, metadata: { title: folder } }),
    );
    const bookId = take(ELSEWHERE, { doc_path: '/mnt/onboard/Emma.epub', percent_finished: 0.5 });
    expect(ids).not.toContain(bookId);
    expect(get(bookId)).toMatchObject({ title: 'Emma', hasFile: false, hasSidecar: true });
  });

  it('is a book of its own when its file is nowhere', () => {
    const { take, get } = open();
    const bookId = take('/docsettings/x.sdr/metadata.pdf.lua', {
      doc_path: '/mnt/onboard/Persuasion.pdf',
      doc_pages: 250,
      doc_props: { title: 'Persuasion', authors: 'Jane Austen\nAnother', series: 'Novels', series_index: 6, language: 'en', keywords: 'a\nb', description: '<p>Late.</p><script>x()</script>' },
      annotations: [aHighlight(1)],
    }); // prettier-ignore
    expect(get(bookId)).toMatchObject({
      title: 'Persuasion', authors: ['Jane Austen', 'Another'], seriesName: 'Novels', seriesIndex: '6', language: 'en', subjects: ['a', 'b'], description: '<p>Late.</p>', pageCount: 250, hasFile: false, hasSidecar: true, origins: { title: 'sidecar' },
    }); // prettier-ignore
  });

  it.each([
    ['/d/x.sdr/metadata.cbz.lua', undefined, 'cbz', 'comic'],
    ['/d/x.sdr/metadata.CBZ.lua', '/mnt/onboard/Saga.CBZ', 'cbz', 'comic'],
    ['/d/x.sdr/metadata.cb7.lua', '/mnt/onboard/Saga.cb7', undefined, 'comic'],
    ['/d/x.sdr/metadata.zip.lua', '/mnt/onboard/Emma.fb2.zip', 'fb2', 'book'],
    ['/d/x.sdr/metadata.zip.lua', '/mnt/onboard/Site.html.zip', undefined, 'book'],
    ['/d/x.sdr/metadata.epub.lua', 'C:\\Books\\Emma.kepub.epub', 'epub', 'book'],
    ['/d/x.sdr/metadata.djvu.lua', '/mnt/onboard/Map.djvu', 'djvu', 'book'],
    ['/d/x.sdr/metadata.mht.lua', '/mnt/onboard/Page.mht', undefined, 'book'],
    ['/d/x.sdr/metadata._.lua', '/mnt/onboard/Emma', undefined, 'book'],
  ])('%s of %s is of the kind %s, a %s', (path, docPath, format, contentType) => {
    const { take, get, sidecars } = open();
    const bookId = take(path, { doc_path: docPath, percent_finished: 0.1 });
    expect(sidecars.ofBook(bookId!)?.says.format).toBe(format);
    expect(get(bookId).contentType).toBe(contentType);
  });

  it("has as many pages as the device counted where they are the document's own", () => {
    const { take, get } = open();
    const pagesOf = (name: string) =>
      get(
        take(`/d/${name}.sdr/metadata.x.lua`, { doc_path: `/x/${name}`, doc_pages: 30, percent_finished: 1 }),
      ).pageCount;
    expect(['a.pdf', 'b.djvu', 'c.cb7', 'd.epub'].map(pagesOf)).toEqual([30, 30, 30, null]);
  });

  it('has the identifiers KOReader read when its file is nowhere', () => {
    const { take, get } = open();
    const identifiers = 'isbn:9780141439587\nurn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427\ncalibre:12';
    expect(get(take(ELSEWHERE, { doc_props: { identifiers }, percent_finished: 0.1 }))).toMatchObject({
      identifiers: [
        { scheme: 'isbn', value: '9780141439587' },
        { scheme: 'uuid', value: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' },
        { scheme: 'calibre', value: '12' },
      ],
      isbn13: '9780141439587',
      origins: { identifiers: 'sidecar' },
    });
  });

  it('is called after the document when the sidecar knows no title', () => {
    const { take, get } = open();
    expect(get(take('/d/My_Book.sdr/metadata.epub.lua', { percent_finished: 0.1 })).title).toBe('My Book');
  });

  it('stays its own when it is read again, though nothing else names it', () => {
    const { take, rows } = open();
    const first = take(ELSEWHERE, { percent_finished: 0.1 });
    expect(take(ELSEWHERE, { percent_finished: 0.2 }, { modifiedMs: 2000 })).toBe(first);
    expect(rows('select progress from books')).toEqual([{ progress: 0.2 }]);
  });

  it('is not made again after the person removed it, whatever they read since', () => {
    const { take, books, ownerId, rows } = open();
    books.remove(ownerId, take(ELSEWHERE, { percent_finished: 0.1 })!);
    expect(take(ELSEWHERE, { percent_finished: 0.2 }, { modifiedMs: 2000 })).toBeUndefined();
    expect(take(ELSEWHERE, { percent_finished: 0.3 }, { modifiedMs: 3000 })).toBeUndefined();
    expect(rows('select title from books')).toEqual([]);
  });

  it('is none when nobody read: no place, no mark, no word', () => {
    const { take, rows } = open();
    expect(take(ELSEWHERE, { doc_path: '/mnt/onboard/Emma.epub', percent_finished: 0 })).toBeUndefined();
    expect(rows('select title from books')).toEqual([]);
    expect(rows('select name, failure_reason as reason from koreader_sidecars')).toEqual([
      { name: 'metadata.epub.lua', reason: null },
    ]);
  });

  it('is the file that turns up later, with all that was known', () => {
    const { scan, take, get, lines } = open();
    const bookId = take(ELSEWHERE, {
      partial_md5_checksum: checksumOf('emma'),
      annotations: [aHighlight(1)],
    });
    expect(scan('/books/emma.epub', { content: 'emma', metadata: { title: 'Emma' } })).toBe(bookId);
    expect(get(bookId)).toMatchObject({ title: 'Emma', hasFile: true, hasSidecar: true });
    expect(lines(bookId)).toEqual(['Line 1']);
  });

  it("is never another person's", () => {
    const { scan, take, get, ownerId, write, folderId, clock } = open();
    const mine = scan('/books/emma.epub', { content: 'emma' });
    const other = write((db) => aUser(db));
    const place = { ownerId: other, folderId, path: Buffer.from(ELSEWHERE), sizeBytes: 1, modifiedMs: 1 };
    const content = {
      partial_md5_checksum: checksumOf('emma'),
      doc_path: '/x/emma.epub',
      annotations: [aHighlight(1)],
    };
    const theirs = write((db) =>
      takeInSidecar(db, place, aSidecar(content), { now: clock.now(), zone: 'UTC' }),
    );
    expect(theirs).not.toBe(mine);
    expect(take(BESIDE, content)).toBe(mine);
    expect(get(mine).ownerId).toBe(ownerId);
  });
});

describe('where a sidecar lies', () => {
  it.each([
    ['/books/Book.sdr/metadata.epub.lua', '/books/Book.epub'],
    ['/books/Book.sdr/metadata.epub.lua.old', '/books/Book.epub'],
    ['/books/Book.fb2.sdr/metadata.zip.lua', '/books/Book.fb2.zip'],
    ['/books/Book.fb2.sdr/metadata.fb2.lua', '/books/Book.fb2.fb2'],
    ['/books/Book.sdr/metadata._.lua', '/books/Book'],
    ['/books/a.sdr/b.sdr/metadata.pdf.lua', '/books/a.sdr/b.pdf'],
    ['/books/Book.pdf.kpdfview.lua', '/books/Book.pdf'],
    ['/books/Book.sdr/Book.epub.lua', '/books/Book.epub'],
    ['/hash/ab/abcdef/metadata.epub.lua', undefined],
    ['metadata.epub.lua', undefined],
  ])('%s belongs to %s', (sidecar, book) => {
    expect(bookBeside(Buffer.from(sidecar))?.toString()).toBe(book);
  });

  it('may be a name that is not valid UTF-8', () => {
    const name = Buffer.from([0x2f, 0x63, 0x61, 0x66, 0xe9]);
    expect(bookBeside(Buffer.concat([name, Buffer.from('.sdr/metadata.epub.lua')]))).toEqual(
      Buffer.concat([name, Buffer.from('.epub')]),
    );
  });
});

describe('the marks of a sidecar', () => {
  const content = {
    partial_md5_checksum: checksumOf('emma'),
    annotations: [aHighlight(1, { note: 'Yes' }), aBookmark(2), aHighlight(3)],
  };

  it('are its highlights and bookmarks, in the order of the text', () => {
    const { scan, take, marks } = open();
    const bookId = scan('/books/emma.epub', { content: 'emma' });
    take(BESIDE, content, { zone: 'Europe/Berlin' });
    const { highlights, bookmarks } = marks.ofBook(bookId);
    expect(highlights).toMatchObject([
      { text: 'Line 1', note: 'Yes', color: 'yellow', drawer: 'lighten', chapter: 'One', pageNumber: 1, startPosition: '/body/p[1].0', endPosition: '/body/p[1].9', source: 'koreader', deviceDatetime: '2024-01-01 10:00:00', createdAt: new Date('2024-01-01T09:00:00Z'), positionIndex: 0 },
      { text: 'Line 3', note: null, positionIndex: 2 },
    ]); // prettier-ignore
    expect(bookmarks).toMatchObject([{ text: 'in One', position: '/body/p[2].0', positionIndex: 1 }]);
  });

  it('are dated also in the hour the clocks leave out, and once the server knows how', () => {
    const { scan, take, marks, write } = open();
    const bookId = scan('/books/emma.epub');
    const inTheGap = { annotations: [aHighlight(1, { datetime: '2024-03-31 02:30:00' })] };
    const madeAt = () => marks.ofBook(bookId).highlights.map(({ createdAt }) => createdAt);
    take(BESIDE, inTheGap, { zone: 'Europe/Berlin' });
    expect(madeAt()).toEqual([new Date('2024-03-31T01:30:00Z')]);
    write((db) => db.$client.prepare('update annotations set created_at = null').run());
    take(BESIDE, inTheGap, { zone: 'Europe/Berlin' });
    expect(madeAt()).toEqual([new Date('2024-03-31T01:30:00Z')]);
  });

  const idsOf = ({ marks }: ReturnType<typeof open>, bookId: string) => {
    const { highlights, bookmarks } = marks.ofBook(bookId);
    return [
      ...highlights.map(({ annotationId }) => annotationId),
      ...bookmarks.map(({ bookmarkId }) => bookmarkId),
    ];
  };

  it('keep their ids, and nothing is written, when it is read again unchanged', () => {
    const shelf = open();
    const bookId = shelf.scan('/books/emma.epub', { content: 'emma' });
    shelf.take(BESIDE, content);
    const [before, revision] = [idsOf(shelf, bookId), shelf.catalogue.revision()];
    shelf.clock.forward({ days: 1 });
    shelf.take(BESIDE, content);
    expect(idsOf(shelf, bookId)).toEqual(before);
    expect(shelf.catalogue.revision()).toBe(revision);
  });

  it('keep their ids when a word of them changes, and when one is added before them', () => {
    const shelf = open();
    const bookId = shelf.scan('/books/emma.epub', { content: 'emma' });
    shelf.take(BESIDE, content);
    const [first, second] = idsOf(shelf, bookId);
    shelf.take(BESIDE, {
      ...content,
      annotations: [aHighlight(9), aHighlight(1, { note: 'No', color: 'red' }), aBookmark(2), aHighlight(3)],
    });
    const { highlights } = shelf.marks.ofBook(bookId);
    expect(highlights.map(({ annotationId }) => annotationId).slice(1)).toEqual([first, second]);
    expect(highlights[1]).toMatchObject({ note: 'No', color: 'red', positionIndex: 1, version: 2 });
  });

  it('have the same ids in a library that was built anew', () => {
    const ids = [1, 2].map(() => {
      const shelf = open();
      const bookId = shelf.scan('/books/emma.epub', { content: 'emma' });
      shelf.take(BESIDE, content);
      return idsOf(shelf, bookId);
    });
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(3);
  });

  it('have ids of their own in a copy that lies beside another book, and in the library of another person', () => {
    const shelf = open();
    const emma = shelf.scan('/books/emma.epub', { content: 'emma' });
    const copy = shelf.scan('/books/copy.epub', { content: 'copy', metadata: { title: 'Copy' } });
    shelf.take(BESIDE, content);
    expect(shelf.take('/books/copy.sdr/metadata.epub.lua', content)).toBe(copy);
    expect(new Set([...idsOf(shelf, emma), ...idsOf(shelf, copy)]).size).toBe(6);
    shelf.take('/books/copy.sdr/metadata.epub.lua', content);
    expect(idsOf(shelf, copy)).toHaveLength(3);
  });

  it('go when they are gone from it', () => {
    const { scan, take, lines, marks } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, content);
    take(BESIDE, { ...content, annotations: [aHighlight(3)] });
    expect(lines(bookId)).toEqual(['Line 3']);
    expect(marks.ofBook(bookId).bookmarks).toEqual([]);
  });

  it('move over when a bookmark becomes a highlight', () => {
    const { scan, take, marks } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, { annotations: [aBookmark(1)] });
    take(BESIDE, { annotations: [aBookmark(1, { drawer: 'lighten' })] });
    expect(marks.ofBook(bookId)).toMatchObject({ highlights: [{ text: 'in One' }], bookmarks: [] });
  });

  it('stay when it is cut in half, and follow it again when it is whole', () => {
    const { scan, take, cut, lines, get, rows, sidecars } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, { ...content, summary: { rating: 3 } });
    cut(BESIDE);
    expect(lines(bookId)).toEqual(['Line 1', 'Line 3']);
    expect(get(bookId)).toMatchObject({ hasSidecar: true, rating: 3 });
    expect(rows('select failure_reason as reason from koreader_sidecars')).toEqual([{ reason: 'corrupt' }]);
    expect(sidecars.ofBook(bookId)?.summary).toEqual({ rating: 3 });
    take(BESIDE, { ...content, annotations: [aHighlight(3)] }, { modifiedMs: 3000 });
    expect(lines(bookId)).toEqual(['Line 3']);
    expect(rows('select failure_reason as reason from koreader_sidecars')).toEqual([{ reason: null }]);
  });

  it('stay when it leaves the disk', () => {
    const { scan, take, vanish, lines, get } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, content);
    vanish(BESIDE);
    expect(lines(bookId)).toEqual(['Line 1', 'Line 3']);
    expect(get(bookId)).toMatchObject({ hasSidecar: false, hasFile: true });
    take(BESIDE, content);
    expect(lines(bookId)).toEqual(['Line 1', 'Line 3']);
  });

  it('written in Papyrus are not its business', () => {
    const { scan, take, lines, write, ownerId } = open();
    const bookId = scan('/books/emma.epub');
    write((db) => db.$client.prepare("insert into annotations (annotation_id, owner_id, book_id, source, text, updated_at) values ('p', ?, ?, 'papyrus', 'Mine', 1)").run(ownerId, bookId)); // prettier-ignore
    take(BESIDE, { annotations: [] });
    take(BESIDE, { annotations: [], percent_finished: 0.1 });
    expect(lines(bookId)).toEqual(['Mine']);
  });
});

describe('what a person said of a mark', () => {
  const one = aHighlight(1, { note: 'Device' });
  const spoken = () => {
    const shelf = open();
    const bookId = shelf.scan('/books/emma.epub');
    shelf.take(BESIDE, { annotations: [one, aBookmark(2)] });
    const { highlights, bookmarks } = shelf.marks.ofBook(bookId);
    shelf.write((db) => {
      const { ownerId, clock } = shelf;
      changeAnnotation(
        db,
        ownerId,
        highlights[0]!.annotationId,
        { note: 'Mine', color: '#00ff00' },
        { now: clock.now() },
      );
      changeBookmark(db, ownerId, bookmarks[0]!.bookmarkId, { note: 'Here' }, { now: clock.now() });
    });
    const notes = () => {
      const now = shelf.marks.ofBook(bookId);
      return [...now.highlights, ...now.bookmarks].map(({ note, color }) => [note, color]);
    };
    return { ...shelf, bookId, notes, id: highlights[0]!.annotationId };
  };
  const MINE = [
    ['Mine', '#00ff00'],
    ['Here', null],
  ];

  it('stays when KOReader puts the mark aside for its other engine, and when it takes it out again', () => {
    const { take, notes, marks, bookId, id } = spoken();
    take(BESIDE, { annotations: [], annotations_rolling: [one, aBookmark(2)], last_page: 3 });
    expect(notes()).toEqual(MINE);
    take(BESIDE, {
      annotations: [{ page: 3, datetime: '2024-05-01 00:00:00' }],
      annotations_rolling: [one, aBookmark(2)],
    });
    expect(notes()).toEqual([MINE[0], [null, null], MINE[1]]);
    take(BESIDE, { annotations: [one, aBookmark(2)] });
    expect(notes()).toEqual(MINE);
    expect(marks.ofBook(bookId).highlights.map(({ annotationId }) => annotationId)).toEqual([id]);
  });

  it('comes back with the mark when it was gone for a while', () => {
    const { take, notes, marks, bookId, id, rows } = spoken();
    take(BESIDE, { annotations: [] });
    expect(notes()).toEqual([]);
    take(BESIDE, { annotations: [one, aBookmark(2)] });
    expect(notes()).toEqual(MINE);
    expect(marks.ofBook(bookId).highlights).toMatchObject([
      { annotationId: id, deviceSays: { note: { is: 'Device' }, color: { is: 'yellow' } } },
    ]);
    expect(rows('select * from kept_words')).toEqual([]);
  });

  it('gives way when the device said something new of the mark that comes back', () => {
    const { take, notes } = spoken();
    take(BESIDE, { annotations: [] });
    take(BESIDE, { annotations: [aHighlight(1, { note: 'Device, again' })] }, { modifiedMs: TOMORROW });
    expect(notes()).toEqual([['Device, again', '#00ff00']]);
  });

  it('goes with a bookmark that becomes a highlight', () => {
    const { take, notes, rows } = spoken();
    take(BESIDE, { annotations: [one, aBookmark(2, { drawer: 'lighten' })] });
    expect(notes()).toEqual([
      ['Mine', '#00ff00'],
      ['Here', null],
    ]);
    expect(rows('select * from kept_words')).toEqual([]);
  });

  it('is not kept of a mark the person removed', () => {
    const { take, write, ownerId, clock, rows, id, notes } = spoken();
    write((db) => removeAnnotation(db, ownerId, id, clock.now()));
    take(BESIDE, { annotations: [aBookmark(2)] });
    take(BESIDE, { annotations: [one, aBookmark(2)] });
    expect(notes()).toEqual([['Here', null]]);
    expect(rows('select * from kept_words')).toEqual([]);
  });
});

describe('a mark of an old KOReader', () => {
  const old = {
    bookmarks: [
      { datetime: '2020-01-01 10:00:00', notes: 'A line', highlighted: true, page: '/body/p[1].0', pos0: '/body/p[1].0', pos1: '/body/p[1].9' },
    ],
  }; // prettier-ignore
  const moved = (mark: Content = {}) => ({
    annotations: [
      { datetime: '2020-01-01 10:00:00', text: 'A line', drawer: 'lighten', color: 'yellow', page: '/body/p[1].0', pos0: '/body/p[1].0', pos1: '/body/p[1].9', ...mark },
    ],
  }); // prettier-ignore
  const colored = () => {
    const shelf = open();
    const bookId = shelf.scan('/books/emma.epub');
    shelf.take(BESIDE, old);
    const { annotationId } = shelf.marks.ofBook(bookId).highlights[0]!;
    shelf.write((db) =>
      changeAnnotation(db, shelf.ownerId, annotationId, { color: '#2196F3' }, { now: shelf.clock.now() }),
    );
    return { ...shelf, color: () => shelf.marks.ofBook(bookId).highlights.map(({ color }) => color) };
  };

  it('keeps the colour a person gave it when a newer one takes it over and fills in its own', () => {
    const { take, color } = colored();
    take(BESIDE, moved(), { modifiedMs: TOMORROW });
    expect(color()).toEqual(['#2196F3']);
    take(BESIDE, { ...moved(), percent_finished: 0.5 }, { modifiedMs: TOMORROW + 1000 });
    expect(color()).toEqual(['#2196F3']);
  });

  it('has the colour the device gives it later', () => {
    const { take, color } = colored();
    take(BESIDE, moved(), { modifiedMs: TOMORROW });
    const red = { color: 'red', datetime_updated: '2026-03-15 10:00:00' };
    take(BESIDE, moved(red), { modifiedMs: TOMORROW + 86_400_000 });
    expect(color()).toEqual(['red']);
  });
});

describe('two sidecars of one book', () => {
  const PHONE = '/phone/emma.sdr/metadata.epub.lua';
  const READER = '/reader/emma.sdr/metadata.epub.lua';
  const both = (annotations: LuaContent[], more: Content = {}) => ({
    partial_md5_checksum: checksumOf('emma'),
    annotations,
    ...more,
  });
  const start = () => {
    const shelf = open();
    return { ...shelf, bookId: shelf.scan('/books/emma.epub', { content: 'emma' }) };
  };
  type Step = [path: string, content: Content, modifiedMs: number];
  /** The same whichever is read first. */
  const inBothOrders = (steps: [Step, Step], check: (shelf: ReturnType<typeof start>) => void) => {
    for (const order of [steps, steps.toReversed()]) {
      const shelf = start();
      for (const [path, content, modifiedMs] of order) shelf.take(path, content, { modifiedMs });
      check(shelf);
    }
  };

  it('take nothing away that the second never said, and keep what was said of the first over the second', () => {
    const { take, get, marks, books, bookId, ownerId, write, clock } = start();
    take(PHONE, both([aHighlight(1, { note: 'Old' })], { summary: { rating: 2, note: 'Hm.' } }));
    const { annotationId } = marks.ofBook(bookId).highlights[0]!;
    books.change(ownerId, bookId, { rating: 5, status: 'completed' });
    write((db) => changeAnnotation(db, ownerId, annotationId, { note: 'Mine' }, { now: clock.now() }));
    const later = { modifiedMs: TOMORROW };
    take(READER, both([aHighlight(1, { note: 'Old' })], { percent_finished: 0.1, summary: { status: 'reading', modified: '2026-03-15' } }), later); // prettier-ignore
    expect(get(bookId)).toMatchObject({ rating: 5, reviewNote: 'Hm.', status: 'completed', progress: 0.1 });
    expect(marks.ofBook(bookId).highlights).toMatchObject([
      { note: 'Mine', deviceSays: { note: { is: 'Old' } } },
    ]);
  });

  it('both keep a word that the one KOReader does not open dates later', () => {
    const { take, marks, bookId, ownerId, write, clock } = start();
    const dated = { note: 'Said there', datetime_updated: '2026-03-16 10:00:00' };
    take(PHONE, both([aHighlight(1)]));
    const { annotationId } = marks.ofBook(bookId).highlights[0]!;
    write((db) => changeAnnotation(db, ownerId, annotationId, { color: '#2196F3' }, { now: clock.now() }));
    take(PHONE, both([aHighlight(1, dated)]), { modifiedMs: TOMORROW + 86_400_000 });
    take(READER, both([aHighlight(1)]), { modifiedMs: TOMORROW + 2 * 86_400_000 });
    expect(marks.ofBook(bookId).highlights).toMatchObject([
      { note: 'Said there', color: '#2196F3', deviceSays: { note: { is: null }, color: { is: 'yellow' } } },
    ]);
  });

  it('give the marks of both', () => {
    inBothOrders(
      [[PHONE, both([aHighlight(1), aHighlight(2)]), 1000], [READER, both([aHighlight(2), aHighlight(3)]), 2000]],
      ({ lines, bookId }) => expect(new Set(lines(bookId))).toEqual(new Set(['Line 1', 'Line 2', 'Line 3'])),
    ); // prettier-ignore
  });

  it('believe the newer about a mark both have', () => {
    inBothOrders(
      [[PHONE, both([aHighlight(1, { note: 'old' })]), 1000], [READER, both([aHighlight(1, { note: 'new' })]), 2000]],
      ({ marks, bookId }) => expect(marks.ofBook(bookId).highlights.map(({ note }) => note)).toEqual(['new']),
    ); // prettier-ignore
  });

  it('believe the newer about the reading', () => {
    inBothOrders(
      [
        [PHONE, both([], { percent_finished: 0.9, summary: { status: 'complete', rating: 2 } }), 1000],
        [READER, both([], { percent_finished: 0.3, summary: { status: 'reading', rating: 4 } }), 2000],
      ],
      ({ get, bookId }) =>
        expect(get(bookId)).toMatchObject({ progress: 0.3, status: 'in_progress', rating: 4 }),
    );
  });

  it('keep a mark as long as one of them has it', () => {
    const { take, lines, bookId } = start();
    take(PHONE, both([aHighlight(1)]), { modifiedMs: 1000 });
    take(READER, both([aHighlight(1)]), { modifiedMs: 2000 });
    take(READER, both([]), { modifiedMs: 3000 });
    expect(lines(bookId)).toEqual(['Line 1']);
    take(PHONE, both([]), { modifiedMs: 4000 });
    expect(lines(bookId)).toEqual([]);
  });

  it('leave the other when one leaves the disk', () => {
    const { take, vanish, get, sidecars, bookId } = start();
    take(PHONE, both([], { percent_finished: 0.5 }), { modifiedMs: 1000 });
    take(READER, both([], { percent_finished: 0.7 }), { modifiedMs: 2000 });
    expect(sidecars.ofBook(bookId)?.percentFinished).toBe(0.7);
    vanish(READER);
    expect(get(bookId).hasSidecar).toBe(true);
    expect(sidecars.ofBook(bookId)?.percentFinished).toBe(0.5);
  });
});

describe('what the device says of the reading', () => {
  it('is taken over', () => {
    const { scan, take, get } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, {
      percent_finished: 0.25,
      last_xpointer: '/body/p[7]',
      summary: { status: 'abandoned', rating: 4, note: 'Slow.' },
    });
    expect(get(bookId)).toMatchObject({
      status: 'abandoned', progress: 0.25, currentLocator: '/body/p[7]', rating: 4, reviewNote: 'Slow.', completedAt: null,
    }); // prettier-ignore
  });

  it.each([
    [{ percent_finished: 0.1 }, 'in_progress'],
    [{ percent_finished: 0 }, 'not_started'],
    [{}, 'not_started'],
    [{ summary: { status: 'reading' } }, 'in_progress'],
    [{ summary: { status: 'complete' } }, 'completed'],
    [{ summary: { status: 'whatever' }, percent_finished: 0.1 }, 'in_progress'],
  ])('%j makes the status %s', (content: Content, status) => {
    const { scan, take, get } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, content);
    expect(get(bookId).status).toBe(status);
  });

  it('finished the book at noon of the day it says, where the reader is', () => {
    const { scan, take, get } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, { summary: { status: 'complete', modified: '2024-07-15' } }, { zone: 'America/New_York' });
    expect(get(bookId).completedAt).toEqual(new Date('2024-07-15T16:00:00Z'));
  });

  it('leaves what the person set before it was read first', () => {
    const { scan, take, get, books, ownerId } = open();
    const bookId = scan('/books/emma.epub');
    books.change(ownerId, bookId, { rating: 5, status: 'paused' });
    take(BESIDE, { summary: { rating: 2, status: 'complete' }, percent_finished: 0.5 });
    expect(get(bookId)).toMatchObject({ rating: 5, status: 'paused', progress: 0.5 });
  });

  it('leaves what the person set as long as the device says nothing new, and yields to it then', () => {
    const { scan, take, get, books, ownerId } = open();
    const bookId = scan('/books/emma.epub');
    const said = { summary: { rating: 2, status: 'reading', note: 'Hm.' }, percent_finished: 0.1 };
    take(BESIDE, said);
    books.change(ownerId, bookId, { rating: 5, status: 'paused' });
    take(BESIDE, said, { modifiedMs: 2000 });
    take(BESIDE, { ...said, percent_finished: 0.2 }, { modifiedMs: 3000 });
    expect(get(bookId)).toMatchObject({ rating: 5, status: 'paused', progress: 0.2 });
    take(
      BESIDE,
      { ...said, percent_finished: 0.2, summary: { rating: 3, status: 'complete', note: 'Hm.' } },
      { modifiedMs: TOMORROW },
    );
    expect(get(bookId)).toMatchObject({ rating: 3, status: 'completed', reviewNote: 'Hm.' });
    expect(get(bookId).origins.rating).not.toBe('person');
  });

  it('takes a rating away when the device did', () => {
    const { scan, take, get } = open();
    const bookId = scan('/books/emma.epub');
    take(BESIDE, { summary: { rating: 2, note: 'Hm.' }, percent_finished: 0.1 });
    take(BESIDE, { percent_finished: 0.1 }, { modifiedMs: 2000 });
    expect(get(bookId)).toMatchObject({ rating: null, reviewNote: null, progress: 0.1 });
  });
});
