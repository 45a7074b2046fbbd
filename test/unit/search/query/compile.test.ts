import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../server/base/errors.ts';
import { aBook, anAnnotation, aUser } from '../../../support/builders.ts';
import { at } from '../../../support/clock.ts';
import { openShelf } from '../../../support/catalogue.ts';
import { aShelf, found, putOnShelf, tag } from './library.ts';

function open(now = '2026-03-14T12:00:00Z') {
  const shelf = openShelf({ clock: at(now) });
  const { ownerId } = shelf;
  const add = (book: Partial<Parameters<typeof aBook>[1]> = {}) =>
    shelf.write((db) => aBook(db, { ownerId, ...book })).bookId;
  const titles = (text: string, zone = 'UTC') =>
    found(shelf, text, { zone }).map(
      (id) => shelf.row('select title from books where book_id = ?', id)['title'],
    );
  return { ...shelf, shelf, add, titles };
}
const refusal = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    if (error instanceof AppError) return { message: error.message, position: error.details?.['position'] };
    throw error;
  }
  throw new Error('it was answered');
};

describe('a query', () => {
  it('finds parts of words without case and accents, in the index and too short for it', () => {
    const { add, titles } = open();
    add({ title: 'Les Misérables', authors: ['Victor Hugo'] });
    add({ title: '東京タワー', authors: ['リリー'] });
    expect(titles('misér')).toEqual(['Les Misérables']);
    expect(titles('HUGO')).toEqual(['Les Misérables']);
    expect(titles('ug')).toEqual(['Les Misérables']);
    expect(titles('京')).toEqual(['東京タワー']);
    expect(titles('東京タ')).toEqual(['東京タワー']);
    expect(titles('"s mis"')).toEqual(['Les Misérables']);
    expect(titles('"s  mix"')).toEqual([]);
  });

  it('does not join two authors to one', () => {
    const { add, titles } = open();
    add({ title: 'Two', authors: ['Ann Lee', 'Bo Ray'] });
    expect(titles('author:="Bo Ray"')).toEqual(['Two']);
    expect(titles('author:"lee bo"')).toEqual([]);
    expect(titles('author:ann*ray')).toEqual([]);
    expect(titles('author:bo*')).toEqual(['Two']);
  });

  it('knows what changed', () => {
    const { add, titles, write, clock } = open();
    const bookId = add({ title: 'Before' });
    write((db) => db.$client.prepare("update books set title = 'Behind', publisher = 'House', updated_at = ? where book_id = ?").run(clock.now().getTime(), bookId)); // prettier-ignore
    expect(titles('before')).toEqual([]);
    expect(titles('behind publisher:house')).toEqual(['Behind']);
    write((db) => db.$client.prepare('delete from books where book_id = ?').run(bookId));
    expect(titles('behind')).toEqual([]);
  });

  it('looks at the words of a description, not at its markup', () => {
    const { add, titles } = open();
    add({ title: 'A', description: '<p class="blue">Salt &amp; <b>pep</b>per</p>' });
    expect(titles('description:"salt & pep"')).toEqual(['A']);
    expect(titles('description:blue')).toEqual([]);
    expect(titles('description:amp')).toEqual([]);
  });

  it('finds what hangs on a book', () => {
    const { add, titles, write, ownerId, shelf } = open();
    const bookId = add({ title: 'Marked' });
    add({ title: 'Bare' });
    write((db) => anAnnotation(db, { ownerId, bookId }));
    write((db) => db.$client.prepare("insert into notes (note_id, owner_id, book_id, title, content, created_at, updated_at) values ('n', ?, ?, '', '', 0, 0)").run(ownerId, bookId)); // prettier-ignore
    expect(titles('has:annotations')).toEqual(['Marked']);
    expect(titles('has:notes')).toEqual(['Marked']);
    expect(titles('-has:annotations')).toEqual(['Bare']);
    expect(titles('has:bookmarks')).toEqual([]);
    expect(titles('has:file OR has:cover')).toEqual([]);
    expect(found(shelf, '')).toHaveLength(2);
  });

  it('never finds a book of somebody else, whatever is asked', () => {
    const { shelf, write, add } = open();
    const stranger = write((db) => aUser(db));
    const theirs = write((db) => aBook(db, { ownerId: stranger, title: 'Dune' })).bookId;
    write((db) => tag(db, stranger, theirs, 'sf'));
    write((db) => putOnShelf(db, theirs, aShelf(db, stranger, 'Good')));
    const mine = add({ title: 'Dune' });
    for (const text of ['dune', 'title:=dune', 'du', 'tag:sf OR dune', 'shelf:good OR dune', ''])
      expect(found(shelf, text), text).toEqual([mine]);
    for (const text of ['tag:sf', 'shelf:good']) expect(found(shelf, text), text).toEqual([]);
  });

  it('counts days in the zone it is given', () => {
    const { add, titles } = open();
    add({ title: 'Late', addedAt: new Date('2024-05-31T23:30:00Z') });
    expect(titles('added:2024-05')).toEqual(['Late']);
    expect(titles('added:2024-05', 'Europe/Berlin')).toEqual([]);
    expect(titles('added:2024-06-01', 'Europe/Berlin')).toEqual(['Late']);
  });

  it('counts an age from now backwards', () => {
    const { add, titles } = open('2026-03-31T12:00:00Z');
    add({ title: 'Week', addedAt: new Date('2026-03-24T12:00:01Z') });
    add({ title: 'Month', addedAt: new Date('2026-02-28T11:59:59Z'), publishedOn: '2024' });
    expect(titles('added:<7d')).toEqual(['Week']);
    expect(titles('added:>1w')).toEqual(['Month']);
    // A month before 31 March is the last day of February.
    expect(titles('added:<1m')).toEqual(['Week']);
    expect(titles('added:>=1m')).toEqual(['Month']);
    expect(titles('published:>2y')).toEqual(['Month']);
    expect(titles('published:<2y')).toEqual([]);
    expect(titles('added:<99999y')).toEqual(['Week', 'Month']);
  });

  it('reads numbers of a series as numbers, and nothing into what is none', () => {
    const { add, titles } = open();
    for (const seriesIndex of ['10', '2', '2.5', '2-3', 'x', null]) add({ title: String(seriesIndex), seriesIndex }); // prettier-ignore
    expect(titles('series_number:>2')).toEqual(['10', '2.5']);
    expect(titles('series_number:2..2.5')).toEqual(['2', '2.5', '2-3']);
    expect(titles('series_number:none')).toEqual(['x', 'null']);
  });

  it('finds languages whatever they are called, in the book and in the query', () => {
    const { add, titles } = open();
    for (const language of ['en', 'en_GB', 'English', 'eng', 'ger', 'de', 'jpn', 'zh-Hans', null]) add({ title: String(language), language }); // prettier-ignore
    const english = ['en', 'en_GB', 'English', 'eng'];
    for (const asked of ['en', 'EN', 'eng', 'English', 'english'])
      expect(titles(`language:${asked}`)).toEqual(english);
    expect(titles('language:en-gb')).toEqual(['en_GB']);
    expect(titles('language:en_GB')).toEqual(['en_GB']);
    for (const asked of ['de', 'ger', 'deu', 'Deutsch', 'german'])
      expect(titles(`language:${asked}`)).toEqual(['ger', 'de']);
    expect(titles('language:ja')).toEqual(['jpn']);
    expect(titles('language:=en')).toEqual(['en', 'English', 'eng']);
    expect(titles('language:!=ger')).toEqual([...english, 'jpn', 'zh-Hans']);
    expect(titles('language:zh')).toEqual(['zh-Hans']);
    expect(titles('language:en*')).toEqual(english);
    expect(titles('language:none')).toEqual(['null']);
    expect(titles('language:fr')).toEqual([]);
  });

  it('compares a field of the person’s own as what it is', () => {
    const { add, titles } = open();
    add({
      title: 'A',
      customMetadata: { Price: 9.5, 'Bought at': '2024-05-06', mood: 'Très calme', signed: true },
    });
    add({ title: 'B', customMetadata: { price: '12', 'bought at': '2023', mood: '' } });
    expect(titles('meta.price:<10')).toEqual(['A']);
    expect(titles('meta.price:12')).toEqual(['B']);
    expect(titles('meta."bought at":>=2024-05')).toEqual(['A']);
    expect(titles('meta."bought at":[2022-01 TO 2023-12]')).toEqual(['B']);
    expect(titles('meta.mood:tres')).toEqual(['A']);
    expect(titles('meta.mood:="tres calme"')).toEqual(['A']);
    expect(titles('meta.mood:none')).toEqual(['B']);
    expect(titles('meta.signed:true')).toEqual(['A']);
    expect(titles('meta.unknown:none')).toEqual(['A', 'B']);
  });
});

describe('a smart shelf in a query', () => {
  it('is what its own query finds, together with shelves of the same name', () => {
    const { add, titles, write, ownerId } = open();
    add({ title: 'Dune', rating: 5 });
    const put = add({ title: 'Put there' });
    add({ title: 'Neither' });
    write((db) => {
      aShelf(db, ownerId, 'Good', 'rating:>=4');
      const parent = aShelf(db, ownerId, 'Parent');
      db.$client.prepare("insert into shelves (shelf_id, owner_id, name, parent_shelf_id, created_at, updated_at) values ('child', ?, 'good', ?, 0, 0)").run(ownerId, parent); // prettier-ignore
      putOnShelf(db, put, 'child');
      aShelf(db, ownerId, 'Best', 'shelf:good -"put there"');
    });
    expect(titles('shelf:good')).toEqual(['Dune', 'Put there']);
    expect(titles('shelf:best')).toEqual(['Dune']);
    expect(titles('-shelf:good')).toEqual(['Neither']);
  });

  it('is refused when it goes in a circle, with the place that begins it', () => {
    const { shelf, titles, write, ownerId } = open();
    write((db) => {
      aShelf(db, ownerId, 'A', 'shelf:B');
      aShelf(db, ownerId, 'B', 'rating:5 OR shelf:C');
      aShelf(db, ownerId, 'C', 'shelf:A');
    });
    const refused = refusal(() => titles('dune shelf:a'));
    expect(refused.position).toBe(5);
    expect(refused.message).toContain('"A" would look for itself');
    // One that is only about to be made.
    const fresh = { shelf: { shelfId: 'new', name: 'New' } };
    expect(refusal(() => found(shelf, 'shelf:new', fresh)).message).toContain('"New" would look for itself');
    expect(found(shelf, 'shelf:other', fresh)).toEqual([]);
    const renamed = { shelf: { shelfId: String(shelf.row("select shelf_id from shelves where name = 'C'")['shelf_id']), name: 'D' } }; // prettier-ignore
    expect(found(shelf, 'shelf:c', renamed)).toEqual([]);
  });

  it('is refused when its own query is not good, or shelves together are too much', () => {
    const { titles, write, ownerId } = open();
    write((db) => {
      aShelf(db, ownerId, 'Bad', 'rating:x');
      aShelf(db, ownerId, 's0', Array.from({ length: 20 }, () => 'rating:5').join(' '));
      for (let n = 1; n < 8; n++) aShelf(db, ownerId, `s${n}`, `shelf:s${n - 1} OR shelf:s${n - 1} OR shelf:s${n - 1}`); // prettier-ignore
    });
    expect(refusal(() => titles('shelf:bad'))).toEqual({ position: 0, message: expect.stringContaining('"Bad" has a query of its own that does not work') as string }); // prettier-ignore
    expect(refusal(() => titles('shelf:s7')).message).toContain('too many conditions');
    expect(titles('shelf:s1')).toEqual([]);
  });
});
