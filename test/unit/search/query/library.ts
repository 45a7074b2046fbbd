// A library in memory for tests of the query language: puts model books in, asks what a query finds.
import type { Db } from '../../../../server/catalogue/db.ts';
import { seriesNamed } from '../../../../server/library/series.queries.ts';
import { compileQuery } from '../../../../server/search/query/compile.queries.ts';
import { valuesOf } from '../../../../server/search/query/condition.ts';
import type { QueryGround } from '../../../../server/search/query/compile.queries.ts';
import { aBook } from '../../../support/builders.ts';
import type { Shelf } from '../../../support/catalogue.ts';
import type { ModelBook } from './evaluate.ts';

const noon = (day: string) => new Date(`${day}T12:00:00Z`);
let count = 0;
const id = (kind: string) => `${kind}-${++count}`;

/** Adds the book with its tags, shelves and files; returns its id. */
export function addModelBook(db: Db, shelf: Shelf, book: ModelBook): string {
  const { ownerId } = shelf;
  const { bookId } = aBook(db, {
    ownerId,
    title: book.title,
    subtitle: book.subtitle,
    authors: book.authors,
    publisher: book.publisher,
    description: book.description,
    isbn13: book.isbn,
    language: book.language,
    seriesId: book.series === null ? null : seriesNamed(db, ownerId, book.series, shelf.clock.now()),
    status: book.status,
    rating: book.rating,
    pageCount: book.pages,
    progress: book.progress,
    publishedOn: book.published,
    addedAt: noon(book.added),
    lastReadAt: book.read === null ? null : noon(book.read),
    isPhysical: book.isPhysical,
    isFavorite: book.isFavorite,
    lentTo: book.lentTo,
    customMetadata: book.own,
  });
  for (const name of book.tags) tag(db, ownerId, bookId, name);
  for (const name of book.shelves) putOnShelf(db, bookId, aShelf(db, ownerId, name));
  for (const format of book.formats) {
    db.$client.prepare('insert into book_files (file_id, owner_id, folder_id, path, name, size_bytes, modified_ms, format, book_id, reader_version, read_at) values (?, ?, ?, ?, ?, 0, 0, ?, ?, 1, 0)').run(id('file'), ownerId, shelf.folderId, Buffer.from(`/books/${bookId}.${format}`), format, format, bookId); // prettier-ignore
  }
  return bookId;
}

export function tag(db: Db, ownerId: string, bookId: string, name: string): void {
  const known = db.$client.prepare('select tag_id from tags where owner_id = ? and name = ?').pluck();
  let tagId = known.get(ownerId, name) as string | undefined;
  if (tagId === undefined) {
    tagId = id('tag');
    db.$client.prepare("insert into tags (tag_id, owner_id, name, color, created_at, updated_at) values (?, ?, ?, '#000000', 0, 0)").run(tagId, ownerId, name); // prettier-ignore
  }
  db.$client.prepare('insert into book_tags (book_id, tag_id, added_at) values (?, ?, 0)').run(bookId, tagId);
}

/** Returns the id of the shelf of this name, made if need be; smart with a query. */
export function aShelf(db: Db, ownerId: string, name: string, smartQuery: string | null = null): string {
  const known = db.$client.prepare('select shelf_id from shelves where owner_id = ? and name = ?').pluck();
  const found = known.get(ownerId, name) as string | undefined;
  if (found !== undefined) return found;
  const shelfId = id('shelf');
  db.$client.prepare('insert into shelves (shelf_id, owner_id, name, is_smart, smart_query, created_at, updated_at) values (?, ?, ?, ?, ?, 0, 0)').run(shelfId, ownerId, name, smartQuery === null ? 0 : 1, smartQuery); // prettier-ignore
  return shelfId;
}

export function putOnShelf(db: Db, bookId: string, shelfId: string): void {
  db.$client
    .prepare('insert into shelf_books (shelf_id, book_id, added_at) values (?, ?, 0)')
    .run(shelfId, bookId);
}

/** The ids of the owner's books the query finds, in order. */
export const found = (shelf: Shelf, text: string, ground: Partial<QueryGround> = {}): string[] =>
  shelf.read((db) => {
    const known = { ownerId: shelf.ownerId, now: shelf.clock.now(), zone: 'UTC', ...ground };
    const finds = compileQuery(db, text, known);
    return db.$client
      .prepare(`select book_id from books where owner_id = ? and (${finds.sql}) order by book_id`)
      .pluck()
      .all(known.ownerId, ...valuesOf(finds)) as string[];
  });
