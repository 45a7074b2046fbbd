// Writes shelves as outlines with their books inside (OPML 2.0).
import type { Db } from '../catalogue/db.ts';
import { create } from 'xmlbuilder2';
import { readBookLines, selectOutlineShelves, selectPlaces } from './library.queries.ts';
import type { BookLine, OutlineShelf } from './library.queries.ts';

type Outline = ReturnType<ReturnType<typeof create>['ele']>;

/** Returns the document. `onSmartShelves` are the books of the shelves that fill themselves, by shelf. */
export function writeOpml(
  db: Db,
  chosen: { ownerId: string; bookIds: string[] },
  about: { exportedAt: Date; onSmartShelves: ReadonlyMap<string, readonly string[]> },
): string {
  const books = new Map([...readBookLines(db, chosen.bookIds)].map((book) => [book.book_id, book]));
  const shelves = selectOutlineShelves(db, chosen.ownerId);
  const standing = Map.groupBy(selectPlaces(db, chosen.bookIds), ({ shelf_id }) => shelf_id);
  const placed = new Set<string>();

  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  const opml = document.ele('opml', { version: '2.0' });
  const head = opml.ele('head');
  head.ele('title').txt('Papyrus Shelf library');
  head.ele('dateCreated').txt(about.exportedAt.toUTCString());
  const body = opml.ele('body');

  const children = Map.groupBy(shelves, ({ parent_shelf_id }) => parent_shelf_id);
  const addShelf = (into: Outline, shelf: OutlineShelf): void => {
    const outline = into.ele('outline', { type: 'shelf', text: shelf.name });
    if (shelf.description !== null) outline.att('description', shelf.description);
    if (shelf.smart_query !== null) outline.att('query', shelf.smart_query);
    for (const child of children.get(shelf.shelf_id) ?? []) addShelf(outline, child);
    const ids =
      about.onSmartShelves.get(shelf.shelf_id) ??
      (standing.get(shelf.shelf_id) ?? []).map(({ book_id }) => book_id);
    for (const bookId of ids) {
      const book = books.get(bookId);
      if (book === undefined) continue;
      placed.add(bookId);
      addBook(outline, book);
    }
  };
  for (const shelf of children.get(null) ?? []) addShelf(body, shelf);
  const rest = [...books.values()].filter(({ book_id }) => !placed.has(book_id));
  if (rest.length > 0) {
    const outline = body.ele('outline', { type: 'unshelved', text: 'On no shelf' });
    for (const book of rest) addBook(outline, book);
  }
  return document.end({ prettyPrint: true });
}

function addBook(into: Outline, book: BookLine): void {
  const outline = into.ele('outline', { type: 'book', text: book.title, id: book.book_id });
  const authors = JSON.parse(book.authors) as string[];
  const details = {
    author: authors.join('; '),
    isbn: book.isbn13 ?? book.isbn ?? '',
    series: book.series ?? '',
    language: book.language ?? '',
    tags: book.tags ?? '',
  };
  for (const [name, value] of Object.entries(details)) if (value !== '') outline.att(name, value);
}
