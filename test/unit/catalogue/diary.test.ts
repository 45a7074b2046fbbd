import { describe, expect, it } from 'vitest';
import { deleteBook, insertBook, updateBook } from '../../../server/library/books.queries.ts';
import { seriesNamed } from '../../../server/library/series.queries.ts';
import { deleteAnnotations, updateAnnotation } from '../../../server/marks/marks.queries.ts';
import { readBookIdOf, updateReadBook } from '../../../server/koreader/statistics.queries.ts';
import { aBook, anAnnotation } from '../../support/builders.ts';
import { openShelf } from '../../support/catalogue.ts';
import type { Shelf } from '../../support/catalogue.ts';

const diary = (shelf: Shelf, entityType: string) =>
  shelf.rows(
    `select entity_id as id, operation, version, device_id as device, changed_at as at, owner_id as owner
     from changes where entity_type = ? order by seq`,
    entityType,
  );

describe('the diary', () => {
  it('counts the versions of a row from its making to its end', () => {
    const shelf = openShelf();
    const { bookId } = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    expect(shelf.row('select version from books').version).toBe(1);
    shelf.clock.forward({ minutes: 1 });
    shelf.write((db) => updateBook(db, bookId, { title: 'Emma' }));
    expect(shelf.row('select version from books').version).toBe(2);
    shelf.clock.forward({ minutes: 1 });
    shelf.write((db) => deleteBook(db, bookId, shelf.clock.now()));
    const noon = Date.parse('2026-03-14T12:00:00Z');
    const entry = { id: bookId, owner: shelf.ownerId, device: null };
    expect(diary(shelf, 'book')).toEqual([
      { ...entry, operation: 'create', version: 1, at: noon },
      { ...entry, operation: 'update', version: 2, at: noon + 60_000 },
      { ...entry, operation: 'delete', version: 3, at: noon + 120_000 },
    ]);
  });

  it('notes the device that wrote, and only its own writes', () => {
    const shelf = openShelf();
    const { ownerId, catalogue } = shelf;
    const { bookId } = catalogue.write({ deviceId: 'phone' }, (db) => aBook(db, { ownerId }));
    catalogue.write({ deviceId: 'reader' }, (db) => updateBook(db, bookId, { rating: 5 }));
    catalogue.write({}, (db) => updateBook(db, bookId, { rating: 4 }));
    expect(diary(shelf, 'book').map(({ device }) => device)).toEqual(['phone', 'reader', null]);
  });

  it('is kept for series, highlights and statistics too', () => {
    const shelf = openShelf();
    const { ownerId, clock } = shelf;
    shelf.write((db) => {
      const id = anAnnotation(db, { ownerId });
      updateAnnotation(db, id, { note: 'Yes' });
      deleteAnnotations(db, [id]);
      seriesNamed(db, ownerId, 'Barsetshire', clock.now());
      updateReadBook(db, readBookIdOf(db, ownerId, 'a'.repeat(32), 'Emma'), { pages: 100 });
    });
    const steps = (type: string) => diary(shelf, type).map(({ operation, version }) => [operation, version]);
    expect(steps('annotation')).toEqual([['create', 1], ['update', 2], ['delete', 3]]); // prettier-ignore
    expect(steps('series')).toEqual([['create', 1]]);
    expect(steps('read_book')).toEqual([['create', 1], ['update', 2]]); // prettier-ignore
  });

  it('notes what goes down with a book', () => {
    const shelf = openShelf();
    const { ownerId } = shelf;
    const { bookId } = shelf.write((db) => aBook(db, { ownerId }));
    const annotationId = shelf.write((db) => anAnnotation(db, { ownerId, bookId }));
    shelf.write((db) => deleteBook(db, bookId, shelf.clock.now()));
    expect(diary(shelf, 'annotation').at(-1)).toMatchObject({
      id: annotationId,
      operation: 'delete',
      version: 2,
    });
  });

  it('notes what a series leaves behind in its books', () => {
    const shelf = openShelf();
    const { ownerId } = shelf;
    const seriesId = shelf.write((db) => seriesNamed(db, ownerId, 'Barsetshire', shelf.clock.now()));
    const { bookId } = shelf.write((db) => aBook(db, { ownerId, seriesId }));
    shelf.write((db) => db.$client.prepare('delete from series where series_id = ?').run(seriesId));
    expect(shelf.row('select series_id as seriesId, version from books')).toEqual({
      seriesId: null,
      version: 2,
    });
    expect(diary(shelf, 'book').at(-1)).toMatchObject({ id: bookId, operation: 'update', version: 2 });
  });

  it('counts on when a row is put back under its id', () => {
    const shelf = openShelf();
    const book = shelf.write((db) => aBook(db, { ownerId: shelf.ownerId }));
    shelf.write((db) => deleteBook(db, book.bookId, shelf.clock.now()));
    shelf.write((db) => insertBook(db, book));
    const seqs = shelf.rows('select seq from changes order by seq').map(({ seq }) => seq);
    expect(seqs).toEqual([1, 2, 3]);
    expect(shelf.catalogue.revision()).toBe(3);
  });
});
