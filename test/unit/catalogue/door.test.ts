import { describe, expect, it } from 'vitest';
import type { Events } from '../../../server/base/events.ts';
import { deleteBook, updateBook } from '../../../server/library/books.queries.ts';
import { aBook, aUser } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';

function listen(shelf: Shelf): Events['catalogue-changed'][] {
  const heard: Events['catalogue-changed'][] = [];
  shelf.events.on('catalogue-changed', (event) => heard.push(event));
  return heard;
}
const titles = (shelf: Shelf) =>
  shelf.rows('select title from books order by title').map(({ title }) => title);

describe('writing through the door', () => {
  it('gives back what the function returns', () => {
    const shelf = openShelf();
    const book = shelf.catalogue.write({}, (db) => aBook(db, { ownerId: shelf.ownerId, title: 'Emma' }));
    expect(book.title).toBe('Emma');
    expect(titles(shelf)).toEqual(['Emma']);
  });

  it('keeps all of it or nothing', () => {
    const shelf = openShelf();
    const heard = listen(shelf);
    const before = shelf.catalogue.revision();
    const failing = () =>
      shelf.write((db) => {
        aBook(db, { ownerId: shelf.ownerId, title: 'Emma' });
        aBook(db, { ownerId: 'nobody', title: 'Persuasion' });
      });
    expect(failing).toThrow('FOREIGN KEY');
    expect(titles(shelf)).toEqual([]);
    expect(shelf.rows('select * from changes')).toEqual([]);
    expect(heard).toEqual([]);
    expect(shelf.catalogue.revision()).toBe(before);
  });

  it('is open again after a failure', () => {
    const shelf = openShelf();
    const fail = () => {
      throw new Error('no');
    };
    expect(() => shelf.catalogue.write({ durable: false }, fail)).toThrow('no');
    shelf.write((db) => aBook(db, { ownerId: shelf.ownerId, title: 'Emma' }));
    expect(titles(shelf)).toEqual(['Emma']);
  });

  it('refuses a write inside a write, and keeps nothing of the outer one', () => {
    const shelf = openShelf();
    const nested = () =>
      shelf.write((db) => {
        aBook(db, { ownerId: shelf.ownerId });
        shelf.write((inner) => aBook(inner, { ownerId: shelf.ownerId }));
      });
    expect(nested).toThrow('catalogue.write cannot be nested');
    expect(titles(shelf)).toEqual([]);
  });

  it('waits for the disk for what a person wrote, and for nothing a rescan can find again', () => {
    const shelf = openShelf();
    const level = () => shelf.row('pragma synchronous').synchronous;
    const [normal, full] = [1, 2];
    expect(shelf.catalogue.write({}, level)).toBe(full);
    expect(shelf.catalogue.write({ durable: false }, level)).toBe(normal);
    expect(level()).toBe(full);
    expect(() => shelf.catalogue.write({ durable: false }, () => { throw new Error('no'); })).toThrow('no'); // prettier-ignore
    expect(level()).toBe(full);
  });
});

describe('the announcement of a commit', () => {
  it('comes once, after it, with everybody it concerns and the newest entry of the diary', () => {
    const shelf = openShelf();
    const other = shelf.write((db) => aUser(db));
    const heard: unknown[] = [];
    shelf.events.on('catalogue-changed', (event) =>
      // A listener sees what was written and may write itself: the transaction is over.
      heard.push({ ...event, titles: titles(shelf), owners: event.owners.toSorted() }),
    );
    shelf.write((db) => {
      aBook(db, { ownerId: shelf.ownerId, title: 'Emma' });
      aBook(db, { ownerId: other, title: 'Persuasion' });
      aBook(db, { ownerId: other, title: 'Sanditon' });
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual([
      { seq: 3, owners: [shelf.ownerId, other].toSorted(), titles: ['Emma', 'Persuasion', 'Sanditon'] },
    ]);
    expect(shelf.catalogue.revision()).toBe(3);
  });

  it('names only the owners of this commit', () => {
    const shelf = openShelf();
    const other = shelf.write((db) => aUser(db));
    shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    const heard = listen(shelf);
    shelf.write((db) => aBook(db, { ownerId: other }));
    expect(heard).toEqual([{ seq: 2, owners: [other] }]);
  });

  it('does not come for what nobody sees: reading, accounts, jobs, or a change of nothing', () => {
    const shelf = openShelf();
    const heard = listen(shelf);
    shelf.read((db) => db.$client.prepare('select 1').get());
    shelf.write((db) => aUser(db));
    shelf.write((db) => updateBook(db, 'no such book', { title: 'Nothing' }));
    expect(heard).toEqual([]);
    expect(shelf.catalogue.revision()).toBe(0);
  });

  it('lets the revision grow with every change, removals included', () => {
    const shelf = openShelf();
    const revisions = [shelf.catalogue.revision()];
    const book = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    revisions.push(shelf.catalogue.revision());
    shelf.write((db) => updateBook(db, book.bookId, { title: 'Emma' }));
    revisions.push(shelf.catalogue.revision());
    shelf.write((db) => deleteBook(db, book.bookId, shelf.clock.now()));
    revisions.push(shelf.catalogue.revision());
    expect(revisions).toEqual([0, 1, 2, 3]);
  });
});
