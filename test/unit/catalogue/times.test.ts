import { describe, expect, it } from 'vitest';
import { fieldTimes } from '../../../server/catalogue/times.ts';
import { deleteBook, updateBook } from '../../../server/library/books.queries.ts';
import { deleteBookTag, insertBookTag } from '../../../server/shelves/memberships.queries.ts';
import { addTag } from '../../../server/shelves/tags.ts';
import { inPart } from '../../../server/sync/sync.queries.ts';
import { aBook } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';

const NOON = Date.parse('2026-03-14T12:00:00Z');
const timesOf = (shelf: Shelf, id: string): unknown =>
  shelf
    .rows('select times from field_times where entity_id = ?', id)
    .map(({ times }) => JSON.parse(times as string) as unknown)[0];

function aShelf() {
  const shelf = openShelf();
  const { ownerId } = shelf;
  const { bookId } = shelf.write((db) => aBook(db, { ownerId }));
  const tagId = shelf.write((db) =>
    addTag(db, ownerId, { name: 'sea', color: '#336699' }, shelf.clock.now()),
  );
  return { shelf, bookId, tagId };
}

describe('the times of fields', () => {
  it('say when each was changed last, and with which version', () => {
    const { shelf, bookId } = aShelf();
    shelf.write((db) => updateBook(db, bookId, { rating: 4, isFavorite: true }));
    shelf.clock.forward({ minutes: 1 });
    shelf.write((db) => {
      updateBook(db, bookId, { rating: 5, isFavorite: true });
      updateBook(db, bookId, { title: 'Emma' });
    });
    expect(timesOf(shelf, bookId)).toEqual({
      isFavorite: [NOON, 2],
      rating: [NOON + 60_000, 3],
      title: [NOON + 60_000, 4],
    });
  });

  it('are told within a write as they will be after it', () => {
    const { shelf, bookId } = aShelf();
    shelf.write((db) => updateBook(db, bookId, { rating: 4 }));
    const told = shelf.write((db) => {
      updateBook(db, bookId, { title: 'Emma' });
      return fieldTimes(db.$client).of(bookId);
    });
    expect(told).toEqual({ rating: [NOON, 2], title: [NOON, 3] });
    expect(timesOf(shelf, bookId)).toEqual(told);
  });

  it('know a tag as put on or as taken off, never both', () => {
    const { shelf, bookId, tagId } = aShelf();
    shelf.write((db) => insertBookTag(db, bookId, tagId, shelf.clock.now()));
    expect(timesOf(shelf, bookId)).toEqual({ [`+${tagId}`]: [NOON, 2] });
    shelf.write((db) => deleteBookTag(db, bookId, tagId));
    expect(timesOf(shelf, bookId)).toEqual({ [`-${tagId}`]: [NOON, 3] });
  });

  it('forget what a part of a write did that was taken back', () => {
    const { shelf, bookId } = aShelf();
    shelf.write((db) => updateBook(db, bookId, { rating: 4 }));
    const told = shelf.write((db) => {
      updateBook(db, bookId, { title: 'Emma' });
      const part = () =>
        inPart(db, () => {
          updateBook(db, bookId, { publisher: 'Murray' });
          deleteBook(db, bookId, shelf.clock.now());
          expect(fieldTimes(db.$client).of(bookId)).toEqual({});
          throw new Error('no');
        });
      expect(part).toThrow('no');
      updateBook(db, bookId, { subtitle: 'A Novel' });
      return fieldTimes(db.$client).of(bookId);
    });
    expect(told).toEqual({ rating: [NOON, 2], title: [NOON, 3], subtitle: [NOON, 4] });
    expect(timesOf(shelf, bookId)).toEqual(told);
  });

  it('go with the book, and with a write that failed', () => {
    const { shelf, bookId } = aShelf();
    const failing = () =>
      shelf.write((db) => {
        updateBook(db, bookId, { title: 'Emma' });
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    shelf.write((db) => updateBook(db, bookId, { rating: 4 }));
    expect(timesOf(shelf, bookId)).toEqual({ rating: [NOON, 2] });
    shelf.write((db) => {
      updateBook(db, bookId, { rating: 3 });
      deleteBook(db, bookId, shelf.clock.now());
    });
    expect(timesOf(shelf, bookId)).toBeUndefined();
  });
});
