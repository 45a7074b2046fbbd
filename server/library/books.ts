// Books: list, get, create, change, remove. Every call takes the owner; a book of somebody else is not there.
import type { Db } from '../catalogue/db.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { differing } from '../catalogue/rows.ts';
import type { Origin } from '../catalogue/schema/books.ts';
import { selectBookIds } from '../search/book-lists.queries.ts';
import type { BookFilter, BookSort } from '../search/book-lists.queries.ts';
import {
  deleteBook,
  hasBook,
  insertBook,
  selectBook,
  selectCounts,
  selectFileFacts,
  selectFilesOfBooks,
  selectOverviews,
  selectShownBooks,
  selectShelf,
  updateBook,
} from './books.queries.ts';
import { selectBookByChecksum } from './intake.queries.ts';
import type {
  BookFileFacts,
  BookFileRow,
  BookOverview,
  BookRecord,
  BookRow,
  Detailed,
  LibraryCounts,
  OverviewFilter,
  ShownBook,
} from './books.queries.ts';
import { rankBookFiles } from './book-files.ts';
import { sortColumns } from './describe.ts';
import { compileQuery } from '../search/query/compile.queries.ts';
import { holdsWords } from '../search/query/search.queries.ts';
import { withStatus } from './status.ts';
import type { ReadingState } from './status.ts';
import { setShelves, setTags, wrongShelves, wrongTags } from '../shelves/memberships.ts';
import { selectShelvesOfBooks, selectTagsOfBooks } from '../shelves/memberships.queries.ts';
import { selectShelfRow } from '../shelves/shelves.queries.ts';
import { smartCondition } from '../shelves/smart-shelves.ts';
import { selectSeriesName } from './series.queries.ts';
import type { BookMetadata, Chapter } from '../formats/book.ts';
import { sanitizeDescription } from '../formats/markup/html.ts';

/** What a person may say of a book, absent for what they leave as it is. */
export type BookChange = {
  title?: string;
  subtitle?: string | null;
  authors?: string[];
  isbn?: string | null;
  isbn13?: string | null;
  publishedOn?: string | null;
  publisher?: string | null;
  language?: string | null;
  pageCount?: number | null;
  description?: string | null;
  coverImageUrl?: string | null;
  seriesId?: string | null;
  seriesIndex?: string | null;
  isPhysical?: boolean;
  physicalLocation?: string | null;
  lentTo?: string | null;
  lentAt?: Date | null;
  isFavorite?: boolean;
  rating?: number | null;
  status?: ReadingStatus;
  customMetadata?: Record<string, unknown>;
};
export type NewBook = BookChange & {
  title: string;
  authors: string[];
  shelfIds?: string[] | undefined;
  tagIds?: string[] | undefined;
};

/** What a new book gets besides its own fields, in the same write: checked before the book is there, given when it is. */
export type Also = { check(db: Db): void; give(db: Db, bookId: string): void };

/** Fields that files and sidecars speak of too: a person's word for them is locked. */
const LOCKABLE = new Set([
  'title', 'subtitle', 'authors', 'publishedOn', 'publisher', 'language', 'pageCount', 'description', 'seriesId', 'seriesIndex', 'isbn', 'isbn13', 'rating', 'status',
]); // prettier-ignore

export { BOOK_SORT_NAMES } from '../search/book-lists.queries.ts';
export type { BookSort } from '../search/book-lists.queries.ts';

const SHELF_PAGE = 60;

const UNREAD: ReadingState = {
  status: 'not_started',
  progress: null,
  currentPage: null,
  currentLocator: null,
  startedAt: null,
  completedAt: null,
};
export type Books = ReturnType<typeof createBooks>;

/** Returns the verbs of books. */
export function createBooks({
  catalogue,
  clock,
  zone = () => 'UTC',
}: {
  catalogue: Catalogue;
  clock: Clock;
  /** The zone days of a query begin in. */
  zone?: () => string;
}) {
  const get = (ownerId: string, bookId: string): BookRecord => {
    const found = catalogue.read((db) => {
      const row = selectBook(db, ownerId, bookId);
      return row === undefined ? undefined : withDetails(db, [row])[0];
    });
    if (found === undefined) throw notFound('book', bookId);
    return found;
  };

  return {
    get,

    /** Returns the id of the book that KOReader knows, or ever knew, by this checksum; the text as it is for everything else. */
    idOf: (ownerId: string, text: string): string =>
      (/^[0-9a-f]{32}$/i.test(text)
        ? catalogue.read((db) => selectBookByChecksum(db, ownerId, text.toLowerCase()))
        : undefined) ?? text,

    /** Returns what KoShelf lists: books with a file or a sidecar. Ties by id. */
    overviews: (filter: OverviewFilter): BookOverview[] =>
      catalogue.read((db) => selectOverviews(db, filter)),

    /**
     * Returns page `page` (from 1) of `limit` books and the count of the whole list. All words of `search` must occur.
     * Throws invalid for a `query` that cannot be understood (query/grammar.md).
     */
    list(
      filter: Omit<BookFilter, 'also'> & {
        search?: string | undefined;
        query?: string | undefined;
      },
      slice: { page: number; limit: number; sorts: BookSort[] },
    ): { books: ShownBook[]; total: number } {
      const { ownerId, search = '', query = '', shelfId } = filter;
      const today = { now: clock.now(), zone: zone() };
      return catalogue.read((db) => {
        const shelf = shelfId === undefined ? undefined : selectShelfRow(db, ownerId, shelfId);
        const also = [
          ...holdsWords(db, ownerId, search),
          ...(query === '' ? [] : [compileQuery(db, query, { ownerId, ...today })]),
          ...(shelf?.isSmart === true ? [smartCondition(db, shelf, today)] : []),
        ];
        const { ids, total } = selectBookIds(
          db,
          { ...filter, also, shelfId: shelf?.isSmart === true ? undefined : shelfId },
          { sorts: slice.sorts, limit: slice.limit, offset: (slice.page - 1) * slice.limit },
        );
        const found = new Map(withDetails(db, selectShownBooks(db, ids)).map((book) => [book.bookId, book]));
        return { books: ids.flatMap((id) => found.get(id) ?? []), total };
      });
    },

    /** Adds a book, and what `also` gives it in the same write. Throws invalid for a series, shelf or tag that is not the owner's. */
    create(ownerId: string, book: NewBook, deviceId?: string, also?: Also): BookRecord {
      const bookId = catalogue.write(by(deviceId), (db) => {
        also?.check(db);
        const added = addBook(db, ownerId, book, clock.now());
        also?.give(db, added);
        return added;
      });
      return get(ownerId, bookId);
    },

    /** Changes what is given and locks it against rescans. Throws not_found, invalid. */
    change(ownerId: string, bookId: string, change: BookChange, deviceId?: string): BookRecord {
      catalogue.write(by(deviceId), (db) => changeBook(db, ownerId, bookId, change, clock.now()));
      return get(ownerId, bookId);
    },

    /** Removes the book with its marks; a file on disk stays there and is not taken in again. Throws not_found. */
    remove(ownerId: string, bookId: string, deviceId?: string): void {
      catalogue.write(by(deviceId), (db) => removeBook(db, ownerId, bookId, clock.now()));
    },

    /** Returns the book's readable files, the one to open first in front. Throws not_found for an unknown book. */
    files(ownerId: string, bookId: string): BookFileRow[] {
      return catalogue.read((db) => {
        if (!hasBook(db, ownerId, bookId)) throw notFound('book', bookId);
        return rankBookFiles(selectFilesOfBooks(db, [bookId]));
      });
    },

    /** Returns the table of contents of the book's first file that has one. Throws not_found for an unknown book. */
    chapters(ownerId: string, bookId: string): Chapter[] {
      for (const { metadata } of this.files(ownerId, bookId)) {
        const { chapters } = metadata === null ? { chapters: [] } : (JSON.parse(metadata) as BookMetadata);
        if (chapters.length > 0) return chapters;
      }
      return [];
    },

    counts: (ownerId: string): LibraryCounts => catalogue.read((db) => selectCounts(db, ownerId)),

    /** Returns 60 books, newest first, from after the cursor; `next` is the cursor of the following page. */
    shelf(ownerId: string, cursor?: string) {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const rows = catalogue.read((db) => selectShelf(db, ownerId, after, SHELF_PAGE + 1));
      const page = rows.slice(0, SHELF_PAGE);
      const last = rows.length > SHELF_PAGE ? page.at(-1) : undefined;
      return {
        books: page.map((row) => ({ ...row, authors: JSON.parse(row.authors) as string[] })),
        next: last === undefined ? undefined : `${last.addedMs}.${last.bookId}`,
      };
    },
  };
}

/** Returns what is shown of those of the books that are the owner's and on their shelf, in no order. */
export const shownBooks = (db: Db, ownerId: string, bookIds: readonly string[]): ShownBook[] =>
  withDetails(
    db,
    selectShownBooks(db, bookIds).filter((row) => row.ownerId === ownerId && row.absentSince === null),
  );

/** Completes the rows themselves with what else a record has, and returns them. */
export function withDetails<Row extends { bookId: string }>(db: Db, rows: Row[]): Detailed<Row>[] {
  const ids = rows.map((row) => row.bookId);
  const files = selectFileFacts(db, ids);
  const shelves = selectShelvesOfBooks(db, ids);
  const tags = selectTagsOfBooks(db, ids);
  return rows.map((row) =>
    Object.assign(row, {
      file: firstFile(files.get(row.bookId) ?? []),
      shelves: shelves.get(row.bookId) ?? [],
      tags: tags.get(row.bookId) ?? [],
    }),
  );
}

/** Adds a book within a write and returns its id, the one given if any. Throws invalid. */
export function addBook(
  db: Db,
  ownerId: string,
  { bookId, ...book }: NewBook & { bookId?: string },
  now: Date,
): string {
  const id = bookId ?? newId(now);
  const { status, shelfIds = [], tagIds = [], ...rest } = cleaned(book);
  refuseWrong({ shelf_ids: wrongShelves(db, ownerId, shelfIds), tag_ids: wrongTags(db, ownerId, tagIds) });
  refuseUnknownSeries(db, ownerId, book.seriesId);
  insertBook(db, {
    language: 'en',
    ...rest,
    bookId: id,
    ownerId,
    addedAt: now,
    updatedAt: now,
    // Nothing said of a new book leaves its file to say it.
    origins: lockedOrigins(Object.fromEntries(Object.entries(book).filter(([, value]) => value !== null))),
    ...lending({ lentTo: null }, book, now),
    ...(status === undefined ? {} : withStatus(UNREAD, status, now)),
    ...sortColumns(rest),
  });
  if (shelfIds.length > 0) setShelves(db, id, shelfIds, now);
  if (tagIds.length > 0) setTags(db, id, tagIds, now);
  return id;
}

/** Changes what is given within a write and locks it against rescans. Throws not_found, invalid. */
export function changeBook(db: Db, ownerId: string, bookId: string, change: BookChange, now: Date): void {
  const before = selectBook(db, ownerId, bookId);
  if (before === undefined) throw notFound('book', bookId);
  const columns = differing(before, columnsOfChange(db, before, change, now));
  updateBook(db, bookId, { ...columns, updatedAt: now });
}

/** Returns what a change makes of the columns of a book, within a write. Throws invalid. */
export function columnsOfChange(db: Db, before: BookRow, change: BookChange, now: Date): Partial<BookRow> {
  const { status, ...rest } = cleaned(change);
  refuseUnknownSeries(db, before.ownerId, change.seriesId);
  const isSorted = Object.keys(rest).some((name) => SORTED.has(name));
  return {
    ...rest,
    ...lending(before, change, now),
    ...(status === undefined ? {} : withStatus(before, status, now)),
    ...(isSorted ? sortColumns({ ...before, ...rest }) : {}),
    origins: { ...before.origins, ...lockedOrigins(change) },
    // A book whose file is gone stays when the person still has something to say of it.
    absentSince: null,
    updatedAt: now,
  };
}

/** What the columns lists sort by are made of. */
const SORTED = new Set(['title', 'authors']);

/** Removes the book within a write. Throws not_found. */
export function removeBook(db: Db, ownerId: string, bookId: string, now: Date): void {
  if (selectBook(db, ownerId, bookId) === undefined) throw notFound('book', bookId);
  deleteBook(db, bookId, now);
}

const by = (deviceId: string | undefined) => (deviceId === undefined ? {} : { deviceId });

/** Throws invalid that names every field with something wrong. */
function refuseWrong(wrong: Record<string, string | undefined>): void {
  const fields = Object.fromEntries(Object.entries(wrong).filter(([, message]) => message !== undefined));
  const [message] = Object.values(fields);
  if (message !== undefined) throw invalid(message, { details: { fields } });
}

/** Descriptions are HTML wherever they come from: what a person sends is sanitised like a book's own. */
function cleaned<Change extends BookChange>(change: Change): Change {
  if (change.description === undefined || change.description === null) return change;
  return { ...change, description: sanitizeDescription(change.description) ?? null };
}

function readCursor(cursor: string): { addedMs: number; bookId: string } {
  const [, added, bookId] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (added === undefined || bookId === undefined) throw invalid('That page of the shelf is not known.');
  return { addedMs: Number(added), bookId };
}

const firstFile = (files: BookFileFacts[]): BookFileFacts | undefined =>
  files.length > 1 ? rankBookFiles(files)[0] : files[0];

/** Throws invalid for a series that is not the owner's. */
/** Throws invalid for a series the owner does not have. */
function refuseUnknownSeries(db: Db, ownerId: string, seriesId: string | null | undefined): void {
  if (seriesId === undefined || seriesId === null) return;
  if (selectSeriesName(db, ownerId, seriesId) !== undefined) return;
  throw invalid('There is no such series.', {
    details: { fields: { series_id: 'There is no such series.' } },
  });
}

function lockedOrigins(change: BookChange): Record<string, Origin> {
  const names = Object.keys(change).filter((name) => LOCKABLE.has(name));
  return Object.fromEntries(names.map((name) => [name, 'person' as const]));
}

/** Lending a book notes when, getting it back forgets it (papyrus.md "Books"). */
function lending(before: { lentTo: string | null }, change: BookChange, now: Date): { lentAt?: Date | null } {
  if (change.lentTo === undefined || change.lentAt !== undefined) return {};
  if (change.lentTo === null) return { lentAt: null };
  return before.lentTo === change.lentTo ? {} : { lentAt: now };
}
