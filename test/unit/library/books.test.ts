import { describe, expect, it } from 'vitest';
import { createBooks } from '../../../server/library/books.ts';
import { seriesNamed } from '../../../server/library/series.queries.ts';
import { forgetFiles, takeInFile } from '../../../server/library/intake.ts';
import { deleteBooksAbsentSince } from '../../../server/library/intake.queries.ts';
import { takeInSidecar } from '../../../server/koreader/ingest-sidecar.ts';
import { aFile, aHighlight, anAnnotation, aSidecar, aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

function open() {
  const shelf = openShelf();
  const books = createBooks({ catalogue: shelf.catalogue, clock: shelf.clock });
  const scan = (path: string, file: Partial<Parameters<typeof aFile>[1]> = {}) =>
    shelf.write((db) => takeInFile(db, aFile(shelf, { path, ...file }), shelf.clock.now()));
  return { ...shelf, books, scan };
}
const notFound = expect.objectContaining({ kind: 'not_found' }) as Error;

describe('adding a book', () => {
  it('keeps what the person wrote, locked where files speak of it too', () => {
    const { books, ownerId, clock } = open();
    const book = books.create(ownerId, {
      title: 'Emma',
      authors: ['Jane Austen'],
      isPhysical: true,
      physicalLocation: 'Kitchen',
    });
    expect(book).toMatchObject({
      title: 'Emma', authors: ['Jane Austen'], isPhysical: true, physicalLocation: 'Kitchen', status: 'not_started', sortTitle: 'emma', addedAt: clock.now(), file: undefined, version: 1,
      origins: { title: 'person', authors: 'person' },
    }); // prettier-ignore
  });

  it('starts the reading when it is added as being read', () => {
    const { books, ownerId, clock } = open();
    const make = (status: 'in_progress' | 'completed' | 'paused') =>
      books.create(ownerId, { title: 'X', authors: [], status });
    expect(make('in_progress')).toMatchObject({
      status: 'in_progress',
      startedAt: clock.now(),
      completedAt: null,
    });
    expect(make('completed')).toMatchObject({ status: 'completed', completedAt: clock.now() });
    expect(make('paused')).toMatchObject({ status: 'paused', startedAt: null });
  });

  it('cleans a description of what a page must not run', () => {
    const { books, ownerId } = open();
    const { description } = books.create(ownerId, {
      title: 'X',
      authors: [],
      description: '<p onclick="x()">Good</p><script>bad()</script>',
    });
    expect(description).toBe('<p>Good</p>');
  });

  it("takes only a series of one's own", () => {
    const { books, ownerId, write, clock } = open();
    const [mine, theirs] = write((db) => [
      seriesNamed(db, ownerId, 'Novels', clock.now()),
      seriesNamed(db, aUser(db), 'Novels', clock.now()),
    ]);
    expect(books.create(ownerId, { title: 'X', authors: [], seriesId: mine }).seriesName).toBe('Novels');
    expect(() => books.create(ownerId, { title: 'X', authors: [], seriesId: theirs })).toThrow(
      expect.objectContaining({ kind: 'invalid', message: 'There is no such series.' }),
    );
  });
});

describe('changing a book', () => {
  it('changes what is given, locks it and counts the version', () => {
    const { books, ownerId, scan, clock } = open();
    const bookId = scan('/books/emma.epub', {
      metadata: { title: 'Emma', authors: ['Austen'], language: 'en' },
    })!;
    clock.forward({ hours: 1 });
    const { version } = books.get(ownerId, bookId);
    const changed = books.change(
      ownerId,
      bookId,
      { title: 'Emma (annotated)', rating: 5, isFavorite: true },
      'phone',
    );
    expect(changed).toMatchObject({
      title: 'Emma (annotated)', sortTitle: 'emma (annotated)', authors: ['Austen'], rating: 5, isFavorite: true, updatedAt: clock.now(), version: version + 1,
      origins: { title: 'person', authors: 'file', rating: 'person' },
    }); // prettier-ignore
    expect('isFavorite' in changed.origins).toBe(false);
  });

  it('keeps a lock on what a person emptied', () => {
    const { books, ownerId, scan } = open();
    const file = { metadata: { title: 'Emma', publisher: 'Penguin', language: 'en' } };
    const bookId = scan('/books/emma.epub', file)!;
    books.change(ownerId, bookId, { publisher: null });
    scan('/books/emma.epub', file);
    expect(books.get(ownerId, bookId)).toMatchObject({ publisher: null, language: 'en' });
  });

  it('searches and sorts by the new words', () => {
    const { books, ownerId } = open();
    const { bookId } = books.create(ownerId, { title: 'Emma', authors: ['Austen'] });
    books.change(ownerId, bookId, { authors: ['Zola'] });
    const find = (search: string) => books.list({ ownerId, search }, { page: 1, limit: 9, sorts: [] }).total;
    expect([find('emma'), find('zola'), find('austen')]).toEqual([1, 1, 0]);
    expect(books.get(ownerId, bookId).sortAuthor).toBe('zola');
  });

  it('notes when a book is lent and forgets it when it is back', () => {
    const { books, ownerId, clock } = open();
    const { bookId } = books.create(ownerId, { title: 'X', authors: [], lentTo: 'Ada' });
    const lent = clock.now();
    expect(books.get(ownerId, bookId).lentAt).toEqual(lent);
    clock.forward({ days: 1 });
    expect(books.change(ownerId, bookId, { lentTo: 'Ada' }).lentAt).toEqual(lent);
    expect(books.change(ownerId, bookId, { lentTo: 'Eve' }).lentAt).toEqual(clock.now());
    const said = new Date('2026-02-01');
    expect(books.change(ownerId, bookId, { lentTo: 'Bob', lentAt: said }).lentAt).toEqual(said);
    expect(books.change(ownerId, bookId, { lentTo: null })).toMatchObject({ lentTo: null, lentAt: null });
  });

  it('lets the status bring what it brings', () => {
    const { books, ownerId, clock } = open();
    const { bookId } = books.create(ownerId, { title: 'X', authors: [], status: 'in_progress' });
    const started = clock.now();
    clock.forward({ days: 2 });
    const done = books.change(ownerId, bookId, { status: 'completed' });
    expect(done).toMatchObject({
      startedAt: started,
      completedAt: clock.now(),
      origins: { status: 'person' },
    });
    expect(books.change(ownerId, bookId, { status: 'not_started' })).toMatchObject({
      startedAt: null,
      completedAt: null,
    });
  });

  it('changes the status and other fields at once', () => {
    const { books, ownerId } = open();
    const { bookId } = books.create(ownerId, { title: 'X', authors: [], rating: 1 });
    const changed = books.change(ownerId, bookId, { status: 'paused', rating: 4, title: 'Emma' });
    expect(changed).toMatchObject({ status: 'paused', rating: 4, title: 'Emma' });
  });

  it('brings back one whose file left the disk: what a person changes is theirs', () => {
    const { books, ownerId, scan, write, clock, rows } = open();
    const bookId = scan('/books/emma.epub')!;
    const [file] = rows('select file_id as fileId from book_files');
    write((db) =>
      forgetFiles(
        db,
        ownerId,
        [{ fileId: String(file?.fileId), path: Buffer.from('/books/emma.epub') }],
        clock.now(),
      ),
    );
    const titles = () =>
      books.list({ ownerId }, { page: 1, limit: 9, sorts: [] }).books.map(({ title }) => title);
    expect(titles()).toEqual([]);
    books.change(ownerId, bookId, { rating: 4 });
    expect(titles()).toEqual(['emma']);
    clock.forward({ days: 31 });
    expect(write((db) => deleteBooksAbsentSince(db, ownerId, clock.now()))).toBe(0);
  });

  it('knows no book of somebody else', () => {
    const { books, ownerId, write } = open();
    const other = write((db) => aUser(db));
    const { bookId } = books.create(ownerId, { title: 'X', authors: [] });
    expect(() => books.get(other, bookId)).toThrow(notFound);
    expect(() => books.change(other, bookId, { title: 'Mine' })).toThrow(notFound);
    expect(() => books.remove(other, bookId)).toThrow(notFound);
    expect(() => books.files(other, bookId)).toThrow(notFound);
    expect(books.get(ownerId, bookId).title).toBe('X');
  });
});

describe('removing a book', () => {
  it('takes its marks along', () => {
    const { books, ownerId, write, rows } = open();
    const { bookId } = books.create(ownerId, { title: 'X', authors: [] });
    write((db) => anAnnotation(db, { ownerId, bookId }));
    books.remove(ownerId, bookId);
    expect(() => books.get(ownerId, bookId)).toThrow(notFound);
    expect(rows('select * from annotations')).toEqual([]);
  });

  it('keeps its files out of later scans, wherever the scan reads them again', () => {
    const { books, ownerId, scan, rows, clock } = open();
    const bookId = scan('/books/emma.epub')!;
    books.remove(ownerId, bookId);
    clock.forward({ days: 1 });
    expect(scan('/books/emma.epub')).toBeUndefined();
    expect(scan('/books/emma.epub')).toBeUndefined();
    expect(rows('select title from books')).toEqual([]);
  });

  it('keeps its sidecars out too', () => {
    const { books, ownerId, folderId, scan, write, rows, clock } = open();
    const bookId = scan('/books/emma.epub')!;
    const sidecar = aSidecar({ partial_md5_checksum: 'a'.repeat(32), annotations: [aHighlight(1)] });
    const place = {
      ownerId,
      folderId,
      path: Buffer.from('/books/emma.sdr/metadata.epub.lua'),
      sizeBytes: 1,
      modifiedMs: 1,
    };
    const take = () => write((db) => takeInSidecar(db, place, sidecar, { now: clock.now(), zone: 'UTC' }));
    expect(take()).toBe(bookId);
    books.remove(ownerId, bookId);
    expect(take()).toBeUndefined();
    expect(rows('select title from books')).toEqual([]);
    expect(rows('select text from annotations')).toEqual([]);
  });

  it('lets another book in under the same name', () => {
    const { books, ownerId, scan } = open();
    books.remove(ownerId, scan('/books/emma.epub', { content: 'first' })!);
    const again = scan('/books/emma.epub', { content: 'second', metadata: { title: 'Persuasion' } });
    expect(books.get(ownerId, again!).title).toBe('Persuasion');
  });
});

describe("a book's files and chapters", () => {
  it('come with the one to open first in front', () => {
    const { books, ownerId, scan } = open();
    const chapters = [{ title: 'One', position: 0, depth: 0 }];
    const bookId = scan('/books/emma.pdf', { metadata: { title: 'Emma', chapters } })!;
    expect(scan('/books/emma.epub', { metadata: { title: 'Emma' } })).toBe(bookId);
    expect(books.files(ownerId, bookId).map(({ name }) => name)).toEqual(['emma.epub', 'emma.pdf']);
    expect(books.get(ownerId, bookId).file?.name).toBe('emma.epub');
    expect(books.chapters(ownerId, bookId)).toEqual(chapters);
  });

  it('are none where there is no file', () => {
    const { books, ownerId } = open();
    const { bookId } = books.create(ownerId, { title: 'X', authors: [] });
    expect([books.files(ownerId, bookId), books.chapters(ownerId, bookId)]).toEqual([[], []]);
  });
});
