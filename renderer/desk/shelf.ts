// The list behind the grid of covers: the newest page on top of what was fetched before. Pure.
import type { ShelfBook, ShelfPage } from '../../server/api/desk/schemas.ts';

export type Shelf = { books: readonly ShelfBook[]; total: number; next: string | null };

/** The shelf with a freshly fetched first page on top; older pages stay while they are known to join up with it. */
export function withNewest(known: Shelf | undefined, page: ShelfPage): Shelf {
  const joint = known === undefined ? -1 : lastShared(known.books, page.books);
  if (known === undefined || joint === -1) return page;
  const fetched = new Set(page.books.map((book) => book.book_id));
  const older = known.books.slice(joint + 1).filter((book) => !fetched.has(book.book_id));
  const books = [...page.books, ...older];
  // More than there are: books of the older pages are gone.
  if (books.length > page.total) return page;
  return { books, total: page.total, next: older.length === 0 ? page.next : known.next };
}

/** The shelf with the page that follows it, or as it was when that page no longer follows. */
export function withOlder(known: Shelf | undefined, after: string, page: ShelfPage): Shelf | undefined {
  if (known === undefined || known.next !== after) return known;
  const fetched = new Set(known.books.map((book) => book.book_id));
  const older = page.books.filter((book) => !fetched.has(book.book_id));
  return { books: [...known.books, ...older], total: page.total, next: page.next };
}

function lastShared(known: readonly ShelfBook[], page: readonly ShelfBook[]): number {
  const places = new Map(known.map((book, place) => [book.book_id, place]));
  return page.reduce((last, book) => Math.max(last, places.get(book.book_id) ?? -1), -1);
}
