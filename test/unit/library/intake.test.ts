import { describe, expect, it } from 'vitest';
import { createBooks } from '../../../server/library/books.ts';
import { seriesNamed } from '../../../server/library/series.queries.ts';
import type { BookChange } from '../../../server/library/books.ts';
import { forgetFiles, noteUnreadable, READER_VERSION, takeInFile } from '../../../server/library/intake.ts';
import { deleteBooksAbsentSince } from '../../../server/library/intake.queries.ts';
import { takeInReadBooks } from '../../../server/koreader/ingest-statistics.ts';
import { aFile, anAnnotation, aStatisticsBook, aUser, checksumOf } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';

type Given = Omit<Parameters<typeof aFile>[1], 'path'>;

function open() {
  const shelf = openShelf();
  const { ownerId, clock, write, rows } = shelf;
  const books = createBooks({ catalogue: shelf.catalogue, clock });
  const scan = (path: string, file: Given = {}) =>
    write((db) => takeInFile(db, aFile(shelf, { path, ...file }), clock.now()));
  /** As the end of a scan does when the file is not there any more. */
  const vanish = (path: string) => {
    const gone = rows('select file_id as fileId, path from book_files where path = ?', Buffer.from(path));
    write((db) => forgetFiles(db, ownerId, gone as { fileId: string; path: Buffer }[], clock.now()));
  };
  const titles = () => books.list({ ownerId }, { page: 1, limit: 100, sorts: [{ by: 'title', order: 'asc' }] }).books.map(({ title }) => title); // prettier-ignore
  const pathsOf = (bookId: string) =>
    rows('select path from book_files where book_id = ? order by path', bookId).map(({ path }) =>
      String(path),
    );
  const get = (bookId: string | undefined) => books.get(ownerId, bookId ?? 'none');
  return { ...shelf, books, scan, vanish, titles, pathsOf, get };
}
const EMMA = { title: 'Emma', authors: ['Jane Austen'], language: 'en' };

describe('a new file', () => {
  it('becomes a book with what it says', () => {
    const { scan, get, clock } = open();
    const bookId = scan('/books/emma.epub', {
      coverHash: 'cover',
      metadata: {
        ...EMMA, publisher: 'Penguin', publishedOn: '1815', series: { name: 'Novels', index: '4' }, identifiers: [{ scheme: 'isbn', value: '978-0-14-143958-7' }], subjects: ['Love'], pageCount: 400, description: '<p>Clever.</p>',
      },
    }); // prettier-ignore
    expect(get(bookId)).toMatchObject({
      ...EMMA, publisher: 'Penguin', publishedOn: '1815', seriesName: 'Novels', seriesIndex: '4', isbn13: '9780141439587', isbn: null, subjects: ['Love'], pageCount: 400, description: '<p>Clever.</p>', coverHash: 'cover', contentType: 'book', hasFile: true, hasSidecar: false, status: 'not_started', addedAt: clock.now(), origins: { title: 'file', seriesId: 'file' }, file: { name: 'emma.epub', format: 'epub' },
    }); // prettier-ignore
  });

  it('that could not be read to its end in time is read again by the next scans, and keeps the cover it had', () => {
    const { scan, rows } = open();
    const versions = () => rows('select reader_version as version, cover_hash as cover from book_files')[0];
    const said = { metadata: { title: 'Emma' }, content: 'same' };
    scan('/books/emma.pdf', { ...said, coverHash: 'cover' });
    expect(versions()).toEqual({ version: READER_VERSION, cover: 'cover' });
    const seen = Array.from({ length: 6 }, () => {
      scan('/books/emma.pdf', { ...said, isPartial: true });
      return versions()?.version;
    });
    // Not for ever: a page that is dear to draw is left alone.
    expect(seen).toEqual([-1, -2, -3, -4, READER_VERSION, -1]);
    expect(versions()?.cover).toBe('cover');
    scan('/books/emma.pdf', { ...said, coverHash: 'cover' });
    expect(versions()).toEqual({ version: READER_VERSION, cover: 'cover' });
  });

  it('without a title is called as it is named', () => {
    const { scan, get } = open();
    expect(get(scan('/books/Jane_Austen_-_Emma.epub'))).toMatchObject({
      title: 'Jane Austen - Emma',
      origins: { title: 'name' },
    });
  });

  it('shares its series with books whose series differs by case alone', () => {
    const { scan, rows } = open();
    scan('/books/a.epub', { metadata: { title: 'A', series: { name: 'Discworld' } } });
    scan('/books/b.epub', { metadata: { title: 'B', series: { name: 'DISCWORLD' } } });
    expect(rows('select name from series')).toEqual([{ name: 'Discworld' }]);
  });

  it('is a format of the book beside it, whichever form of Unicode their names have', () => {
    const { scan } = open();
    const [decomposed, whole] = ['Re\u0301sume\u0301', 'R\u00e9sum\u00e9'];
    const bookId = scan(`/books/${decomposed}.epub`, { content: 'a', metadata: { title: 'CV' } });
    expect(scan(`/books/${whole}.pdf`, { content: 'b', format: 'pdf' })).toBe(bookId);
    const other = scan(`/more/${whole}.epub`, { content: 'c', metadata: { title: 'CV' } });
    expect(scan(`/more/${decomposed}.pdf`, { content: 'd', format: 'pdf' })).toBe(other);
    expect(other).not.toBe(bookId);
  });

  it('may have a name that is not valid UTF-8', () => {
    const shelf = open();
    const path = Buffer.concat([Buffer.from('/books/caf'), Buffer.from([0xe9]), Buffer.from('.epub')]);
    const other = Buffer.concat([Buffer.from('/books/caf'), Buffer.from([0xe8]), Buffer.from('.epub')]);
    const take = (at: Buffer, content: string) =>
      shelf.write((db) =>
        takeInFile(
          db,
          { ...aFile(shelf, { path: '/books/caf.epub', content }), path: at },
          shelf.clock.now(),
        ),
      );
    expect(take(path, 'one')).not.toBe(take(other, 'two'));
    expect(take(path, 'one')).toBe(take(path, 'one'));
    expect(shelf.rows('select path from book_files order by path').map((row) => row.path)).toEqual([
      other,
      path,
    ]);
  });
});

describe('the same bytes', () => {
  it('in two places are one book with two files', () => {
    const { scan, titles, books, ownerId } = open();
    const first = scan('/books/emma.epub', { content: 'same', metadata: EMMA });
    const second = scan('/books/copy/emma (1).epub', { content: 'same', metadata: EMMA });
    expect(second).toBe(first);
    expect(titles()).toEqual(['Emma']);
    expect(books.files(ownerId, first!)).toHaveLength(2);
  });

  it('are another book for another person', () => {
    const { scan, write, clock, folderId } = open();
    const mine = scan('/books/emma.epub', { content: 'same' });
    const theirs = write((db) =>
      takeInFile(
        db,
        aFile({ ownerId: aUser(db), folderId }, { path: '/theirs/emma.epub', content: 'same' }),
        clock.now(),
      ),
    );
    expect(theirs).not.toBe(mine);
  });

  it('found again change nothing: no version, no time', () => {
    const { scan, get, clock, catalogue } = open();
    const bookId = scan('/books/emma.epub', { metadata: { ...EMMA, series: { name: 'Novels' } } });
    const [before, revision] = [get(bookId), catalogue.revision()];
    clock.forward({ days: 1 });
    scan('/books/emma.epub', { metadata: { ...EMMA, series: { name: 'Novels' } } });
    expect(get(bookId)).toEqual(before);
    expect(catalogue.revision()).toBe(revision);
  });
});

describe('a file that moved', () => {
  it.each(['found before it is missed', 'missed before it is found'])(
    'keeps its book and what the person wrote, %s',
    (order) => {
      const { scan, vanish, get, pathsOf, books, ownerId, clock } = open();
      const bookId = scan('/books/emma.epub', { content: 'same', metadata: EMMA })!;
      books.change(ownerId, bookId, { title: 'My Emma', rating: 5 });
      clock.forward({ days: 1 });
      if (order.startsWith('found')) {
        expect(scan('/books/austen/emma.epub', { content: 'same', metadata: EMMA })).toBe(bookId);
        vanish('/books/emma.epub');
      } else {
        vanish('/books/emma.epub');
        expect(scan('/books/austen/emma.epub', { content: 'same', metadata: EMMA })).toBe(bookId);
      }
      expect(get(bookId)).toMatchObject({ title: 'My Emma', rating: 5, hasFile: true, absentSince: null });
      expect(pathsOf(bookId)).toEqual(['/books/austen/emma.epub']);
    },
  );
});

describe('two files KOReader cannot tell apart', () => {
  // It looks at a few places of a file: another title elsewhere leaves the checksum as it is.
  const partialMd5 = checksumOf('some places');
  const emma = { partialMd5, content: 'emma', metadata: EMMA };
  const sanditon = { partialMd5, content: 'sanditon', metadata: { title: 'Sanditon' } };

  it('are two books when their own titles differ, and stay so', () => {
    const { scan, titles } = open();
    const ids = [scan('/books/a.epub', emma), scan('/books/b.epub', sanditon)];
    expect(titles()).toEqual(['Emma', 'Sanditon']);
    expect([scan('/books/a.epub', emma), scan('/books/b.epub', sanditon)]).toEqual(ids);
    expect([scan('/books/b.epub', sanditon), scan('/books/a.epub', emma)]).toEqual(ids.toReversed());
    // A third copy is of the one it equals.
    expect(scan('/books/c.epub', sanditon)).toBe(ids[1]);
  });

  it('are two books again that were one, the one with its name under its id', () => {
    for (const first of ['a', 'b']) {
      const { scan, titles, get, write } = open();
      const bookId = scan('/books/a.epub', emma);
      scan('/books/b.epub', sanditon);
      write((db) => db.$client.prepare('update book_files set book_id = ?').run(bookId));
      for (const name of [first, first === 'a' ? 'b' : 'a'])
        scan(`/books/${name}.epub`, name === 'a' ? emma : sanditon);
      expect(titles()).toEqual(['Emma', 'Sanditon']);
      expect(get(bookId).title).toBe('Emma');
    }
  });

  it('are one book when one of them has no title of its own, or the other is gone', () => {
    const { scan, vanish, titles } = open();
    const bookId = scan('/books/a.epub', emma);
    expect(scan('/books/b.epub', { partialMd5, content: 'bare' })).toBe(bookId);
    vanish('/books/a.epub');
    vanish('/books/b.epub');
    expect(scan('/books/c.epub', sanditon)).toBe(bookId);
    expect(titles()).toEqual(['Sanditon']);
  });

  it('stay two when one of them goes', () => {
    const { scan, vanish, titles } = open();
    scan('/books/a.epub', emma);
    const other = scan('/books/b.epub', sanditon);
    vanish('/books/a.epub');
    expect(scan('/books/b.epub', sanditon)).toBe(other);
    expect(titles()).toEqual(['Sanditon']);
  });
});

describe('a file that changed in place', () => {
  it('is still its book when its title stayed, and is known by both checksums', () => {
    const { scan, get, rows } = open();
    const bookId = scan('/books/emma.epub', { content: 'first', metadata: EMMA });
    expect(scan('/books/emma.epub', { content: 'second', metadata: { ...EMMA, publisher: 'Penguin' } })).toBe(
      bookId,
    );
    expect(get(bookId).publisher).toBe('Penguin');
    expect(
      rows('select partial_md5 as md5 from book_checksums')
        .map(({ md5 }) => String(md5))
        .toSorted(),
    ).toEqual([checksumOf('first'), checksumOf('second')].toSorted());
  });

  it('is still its book when an identifier stayed', () => {
    const { scan, get } = open();
    const identifiers = [{ scheme: 'uuid', value: 'one' }];
    const bookId = scan('/books/emma.epub', { content: 'first', metadata: { title: 'Ema', identifiers } });
    expect(scan('/books/emma.epub', { content: 'second', metadata: { title: 'Emma', identifiers } })).toBe(
      bookId,
    );
    expect(get(bookId).title).toBe('Emma');
  });

  it('is another book when neither did, and the old one leaves the lists', () => {
    const { scan, titles, get } = open();
    const bookId = scan('/books/book.epub', { content: 'first', metadata: EMMA });
    const other = scan('/books/book.epub', { content: 'second', metadata: { title: 'Persuasion' } });
    expect(other).not.toBe(bookId);
    expect(titles()).toEqual(['Persuasion']);
    expect(get(bookId)).toMatchObject({ hasFile: false, file: undefined });
  });

  it('that says less than before empties what it alone had said', () => {
    const { scan, get } = open();
    const bookId = scan('/books/emma.epub', {
      content: 'first',
      metadata: { ...EMMA, publisher: 'Penguin', series: { name: 'Novels', index: '1' } },
    });
    scan('/books/emma.epub', { content: 'second', metadata: EMMA });
    expect(get(bookId)).toMatchObject({
      publisher: null,
      seriesId: null,
      seriesIndex: null,
      seriesName: null,
    });
  });
});

describe('two formats side by side', () => {
  it('are one book, shown by the better one', () => {
    const { scan, get, titles } = open();
    const bookId = scan('/books/emma.pdf', { metadata: { title: 'Emma', pageCount: 400 } });
    expect(scan('/books/emma.epub', { metadata: EMMA })).toBe(bookId);
    expect(scan('/books/emma.fb2.zip', { format: 'fb2', metadata: { title: 'EMMA' } })).toBe(bookId);
    expect(titles()).toEqual(['Emma']);
    expect(get(bookId)).toMatchObject({ authors: ['Jane Austen'], pageCount: 400, file: { format: 'epub' } });
  });

  it('in two folders, under two names or with two titles are two books', () => {
    const { scan, titles } = open();
    scan('/books/emma.epub', { metadata: EMMA });
    scan('/books/pdf/emma.pdf', { metadata: EMMA });
    scan('/books/emma2.pdf', { metadata: EMMA });
    scan('/books/emma.mobi', { metadata: { title: 'Persuasion' } });
    expect(titles()).toEqual(['Emma', 'Emma', 'Emma', 'Persuasion']);
  });

  it('are one book by ISBN wherever they are', () => {
    const { scan, titles } = open();
    const identifiers = [{ scheme: 'ISBN', value: '0141439580' }];
    const thirteen = [{ scheme: 'ISBN', value: '9780141439587' }];
    const first = scan('/books/emma.epub', { metadata: { ...EMMA, identifiers: thirteen } });
    expect(scan('/books/pdf/other.pdf', { metadata: { ...EMMA, identifiers } })).toBe(first);
    expect(scan('/books/de/emma.epub', { metadata: { ...EMMA, identifiers, language: 'de' } })).not.toBe(
      first,
    );
    expect(titles()).toHaveLength(2);
  });

  it('go to the book that was there first when two have the ISBN', () => {
    const { scan, books, ownerId, clock } = open();
    const make = () => books.create(ownerId, { ...EMMA, isbn13: '9780141439587' }).bookId;
    const first = make();
    clock.forward({ days: 1 });
    make();
    const identifiers = [{ scheme: 'isbn', value: '9780141439587' }];
    expect(scan('/books/emma.epub', { metadata: { ...EMMA, identifiers } })).toBe(first);
  });

  it('become one file when the other goes, and the book shows what is left', () => {
    const { scan, vanish, get } = open();
    const bookId = scan('/books/emma.pdf', { metadata: { title: 'Emma', pageCount: 400 } });
    scan('/books/emma.epub', { metadata: EMMA });
    vanish('/books/emma.epub');
    expect(get(bookId)).toMatchObject({
      authors: [],
      pageCount: 400,
      hasFile: true,
      file: { format: 'pdf' },
    });
  });
});

describe("a person's edits", () => {
  it('survive a rescan of the file, and everything else follows it', () => {
    const { scan, get, books, ownerId, write, clock } = open();
    const bookId = scan('/books/emma.epub', { content: 'first', metadata: EMMA })!;
    const seriesId = write((db) => seriesNamed(db, ownerId, 'Mine', clock.now()));
    const edits: BookChange = {
      title: 'Emma, mine',
      authors: ['J. A.'],
      seriesId,
      seriesIndex: '7',
      isbn: '1234567890',
    };
    books.change(ownerId, bookId, edits);
    scan('/books/emma.epub', {
      content: 'second',
      metadata: { title: 'Emma', authors: ['Austen, Jane'], language: 'fr', series: { name: 'Theirs', index: '1' }, identifiers: [{ scheme: 'isbn', value: '0141439580' }], publisher: 'Penguin' },
    }); // prettier-ignore
    expect(get(bookId)).toMatchObject({
      ...edits,
      seriesName: 'Mine',
      language: 'fr',
      publisher: 'Penguin',
      sortTitle: 'emma, mine',
    });
  });
});

describe('a file that vanished', () => {
  it('takes its book out of the lists, and brings it back with its id when it comes back', () => {
    const { scan, vanish, titles, get, clock } = open();
    const bookId = scan('/books/emma.epub', { metadata: EMMA });
    vanish('/books/emma.epub');
    expect(titles()).toEqual([]);
    expect(get(bookId)).toMatchObject({ absentSince: clock.now(), hasFile: false });
    clock.forward({ days: 1 });
    expect(scan('/books/emma.epub', { metadata: EMMA })).toBe(bookId);
    expect(titles()).toEqual(['Emma']);
    expect(get(bookId)).toMatchObject({ absentSince: null, hasFile: true });
  });

  const personal: [string, BookChange][] = [
    ['a rating', { rating: 4 }],
    ['a status', { status: 'in_progress' }],
    ['a heart', { isFavorite: true }],
    ['a title of their own', { title: 'Mine' }],
    ['whom it is lent to', { lentTo: 'Ada' }],
    ['where it stands', { physicalLocation: 'Kitchen' }],
    ['a cover of their own', { coverImageUrl: 'https://example.org/x.png' }],
    ['fields of their own', { customMetadata: { bought: '2020' } }],
  ];
  it.each(personal)('leaves its book in the lists when the person gave it %s', (_, change) => {
    const { scan, vanish, titles, books, ownerId, get } = open();
    const bookId = scan('/books/emma.epub', { metadata: EMMA })!;
    books.change(ownerId, bookId, change);
    vanish('/books/emma.epub');
    expect(titles()).toHaveLength(1);
    expect(get(bookId)).toMatchObject({ absentSince: null, hasFile: false });
  });

  it('leaves its book in the lists when there are marks in it or it was read', () => {
    const { scan, vanish, titles, write, ownerId } = open();
    const marked = scan('/books/marked.epub', { metadata: { title: 'Marked' } })!;
    write((db) => anAnnotation(db, { ownerId, bookId: marked }));
    scan('/books/read.epub', { content: 'read', metadata: { title: 'Read' } });
    write((db) => {
      db.$client
        .prepare("insert into statistics_files (file_id, owner_id, path, added_at) values ('s', ?, x'00', 1)")
        .run(ownerId);
      takeInReadBooks(db, { ownerId, fileId: 's' }, [aStatisticsBook({ md5: checksumOf('read') })]);
      db.$client
        .prepare(
          'update read_books set book_id = (select book_id from book_checksums where partial_md5 = md5)',
        )
        .run();
    });
    scan('/books/plain.epub', { metadata: { title: 'Plain' } });
    for (const name of ['marked', 'read', 'plain']) vanish(`/books/${name}.epub`);
    expect(titles()).toEqual(['Marked', 'Read']);
  });

  it('is forgotten with its book after a while, and not before', () => {
    const { scan, vanish, write, ownerId, clock, rows } = open();
    scan('/books/emma.epub', { metadata: EMMA });
    scan('/books/stays.epub', { metadata: { title: 'Stays' } });
    vanish('/books/emma.epub');
    const forget = () => write((db) => deleteBooksAbsentSince(db, ownerId, clock.now()));
    expect(forget()).toBe(0);
    clock.forward({ seconds: 1 });
    expect(forget()).toBe(1);
    expect(rows('select title from books')).toEqual([{ title: 'Stays' }]);
  });

  it('is known by its id when it comes back after all, under whatever name', () => {
    const { scan, vanish, write, ownerId, clock, rows } = open();
    const partialMd5 = checksumOf('/books/emma.epub');
    const before = scan('/books/emma.epub', { metadata: EMMA, partialMd5 });
    vanish('/books/emma.epub');
    clock.forward({ days: 400 });
    expect(write((db) => deleteBooksAbsentSince(db, ownerId, clock.now()))).toBe(1);
    expect(scan('/books/novels/emma.epub', { metadata: EMMA, partialMd5 })).toBe(before);
    expect(
      scan('/books/emma.epub', { metadata: { title: 'Another' }, partialMd5: checksumOf('x') }),
    ).not.toBe(before);
    expect(rows('select count(*) as n from former_books')).toEqual([{ n: 0 }]);
  });

  it('is nothing to come back to when the person removed it', () => {
    const { scan, vanish, books, ownerId } = open();
    const partialMd5 = checksumOf('/books/emma.epub');
    const before = scan('/books/emma.epub', { metadata: EMMA, partialMd5 });
    books.remove(ownerId, before!);
    vanish('/books/emma.epub');
    expect(scan('/books/emma.epub', { metadata: EMMA, partialMd5 })).not.toBe(before);
  });

  it('is still the book when an edited copy is put where it lay', () => {
    const { scan, vanish, rows } = open();
    const before = scan('/books/emma.epub', { metadata: EMMA });
    vanish('/books/emma.epub');
    const edited = { partialMd5: checksumOf('edited'), sha256: 'edited' };
    expect(scan('/books/emma.epub', { ...edited, metadata: { ...EMMA, publisher: 'Penguin' } })).toBe(before);
    expect(rows('select count(*) as n from former_files')).toEqual([{ n: 0 }]);
  });

  it('is another book when another work is put where it lay, or its own file lies elsewhere by then', () => {
    const { scan, vanish } = open();
    const other = (name: string) => ({ partialMd5: checksumOf(name), sha256: name });
    const before = scan('/books/emma.epub', { metadata: EMMA, ...other('first') });
    vanish('/books/emma.epub');
    const persuasion = scan('/books/emma.epub', { metadata: { title: 'Persuasion' }, ...other('second') });
    expect(persuasion).not.toBe(before);
    expect(scan('/books/old/emma.epub', { metadata: EMMA, ...other('first') })).toBe(before);
    vanish('/books/old/emma.epub');
    expect(scan('/books/emma-1.epub', { metadata: EMMA, ...other('first') })).toBe(before);
    expect(scan('/books/old/emma.epub', { metadata: EMMA, ...other('third') })).not.toBe(before);
  });
});

describe('a file that cannot be read', () => {
  const failure = { reason: 'corrupt', message: 'The file is damaged.' } as const;

  it('is noted with its reason, and makes no book', () => {
    const { write, clock, rows, titles, books, ownerId, ...shelf } = open();
    write((db) =>
      noteUnreadable(db, aFile({ ownerId, ...shelf }, { path: '/books/bad.epub' }), failure, clock.now()),
    );
    expect(
      rows(
        'select name, failure_reason as reason, failure_message as message, book_id as book from book_files',
      ),
    ).toEqual([{ name: 'bad.epub', ...failure, book: null }]);
    expect(titles()).toEqual([]);
    expect(books.counts(ownerId).failures).toBe(1);
  });

  it('keeps the book it was, until it can be read again', () => {
    const { scan, write, clock, get, rows, ownerId, ...shelf } = open();
    const bookId = scan('/books/emma.epub', { metadata: EMMA });
    write((db) =>
      noteUnreadable(db, aFile({ ownerId, ...shelf }, { path: '/books/emma.epub' }), failure, clock.now()),
    );
    expect(get(bookId)).toMatchObject({ ...EMMA, hasFile: true });
    expect(rows('select failure_reason as reason from book_files')).toEqual([{ reason: 'corrupt' }]);
    expect(scan('/books/emma.epub', { metadata: EMMA })).toBe(bookId);
    expect(rows('select failure_reason as reason from book_files')).toEqual([{ reason: null }]);
  });
});
