// The SQL of books.
import type { Db } from '../catalogue/db.ts';
import { eq } from 'drizzle-orm';
import { bookFiles, books, koreaderSidecars } from '../catalogue/schema/index.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import { insertRow, readerOf, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';
import { addTo } from '../shelves/memberships.queries.ts';
import type { ShelfMark } from '../shelves/memberships.queries.ts';
import type { TagRow } from '../shelves/tags.queries.ts';
import type { ContentType } from '../formats/book.ts';

export type BookRow = typeof books.$inferSelect;
export type NewBookRow = typeof books.$inferInsert;

/** What a list shows of a book. */
export type BookOverview = {
  bookId: string;
  title: string;
  authors: string[];
  series: { name: string; index: string | null } | undefined;
  status: ReadingStatus;
  /** 0–1, null when it was never opened. */
  progress: number | null;
  rating: number | null;
  annotationCount: number;
  coverHash: string | null;
  contentType: ContentType;
};

/** What the list can be sorted by; the last two are not columns of the book and are sorted here. */
export const OVERVIEW_SORTS = {
  title: 'sort_title',
  author: 'sort_author',
  status:
    "case status when 'abandoned' then 'abandoned' when 'completed' then 'complete' when 'not_started' then 'unknown' else 'reading' end",
  progress: 'progress',
  rating: 'rating',
  annotations: 'book_id',
  last_open_at: 'book_id',
} as const;
export type OverviewSort = keyof typeof OVERVIEW_SORTS;

export type OverviewFilter = {
  ownerId: string;
  contentType?: ContentType | undefined;
  /** Leave out books KOReader never opened. */
  onlyWithSidecar: boolean;
  sort: OverviewSort;
  order: 'asc' | 'desc';
};

/**
 * Books with a file or a sidecar. Unknown values last in both directions, ties by id. Counts and names come from queries
 * of their own: joined, the list of ten thousand takes twice the time.
 */
export function selectOverviews(db: Db, filter: OverviewFilter): BookOverview[] {
  const { ownerId, sort, order } = filter;
  const rows = statement(
    db.$client,
    `select book_id, title, authors, series_id, series_index, status, progress, rating, cover_hash, content_type, last_read_at
     from books
     where owner_id = :ownerId and (has_sidecar = 1 or (has_file = 1 and :onlyWithSidecar = 0))
       and (:contentType is null or content_type = :contentType)
     order by ${OVERVIEW_SORTS[sort]} ${OVERVIEW_SORTS[sort] === 'book_id' ? '' : `${order} nulls last, book_id`}`,
  )
    .raw()
    .all({
      ownerId,
      onlyWithSidecar: filter.onlyWithSidecar ? 1 : 0,
      contentType: filter.contentType ?? null,
    }) as OverviewRow[];
  const counts = new Map(selectPairs<number>(db, MARK_COUNTS, ownerId));
  const series = new Map(selectPairs<string>(db, SERIES_NAMES, ownerId));
  if (sort === 'annotations') sortRows(rows, order, (row) => counts.get(row[0]) ?? 0);
  if (sort === 'last_open_at') {
    const opened = new Map(selectPairs<number>(db, LAST_OPENED, ownerId));
    sortRows(rows, order, (row) => Math.max(opened.get(row[0]) ?? 0, row[10] ?? 0) || undefined);
  }
  return rows.map(
    ([bookId, title, authors, seriesId, index, status, progress, rating, coverHash, contentType]) => {
      const name = seriesId === null ? undefined : series.get(seriesId);
      return {
        bookId,
        title,
        authors: JSON.parse(authors) as string[],
        series: name === undefined ? undefined : { name, index },
        status,
        progress,
        rating,
        annotationCount: counts.get(bookId) ?? 0,
        coverHash,
        contentType,
      };
    },
  );
}

type OverviewRow = [
  bookId: string,
  title: string,
  authors: string,
  seriesId: string | null,
  seriesIndex: string | null,
  status: ReadingStatus,
  progress: number | null,
  rating: number | null,
  coverHash: string | null,
  contentType: ContentType,
  lastReadMs: number | null,
];

const MARK_COUNTS = `select book_id, sum(n) from (
    select book_id, count(*) as n from annotations where owner_id = :ownerId group by book_id
    union all select book_id, count(*) from bookmarks where owner_id = :ownerId group by book_id
  ) group by book_id`;
const SERIES_NAMES = 'select series_id, name from series where owner_id = :ownerId';
const LAST_OPENED =
  'select book_id, max(last_open_at) from read_books where owner_id = :ownerId and book_id is not null group by book_id';

const selectPairs = <Value>(db: Db, sqlText: string, ownerId: string): [string, Value][] =>
  statement(db.$client, sqlText).raw().all({ ownerId }) as [string, Value][];

/** Sorts rows that are in the order of their ids; that order stays among equals. */
function sortRows(
  rows: OverviewRow[],
  order: 'asc' | 'desc',
  valueOf: (row: OverviewRow) => number | undefined,
): void {
  const values = new Map(rows.map((row) => [row, valueOf(row)]));
  const direction = order === 'asc' ? 1 : -1;
  rows.sort((a, b) => {
    const [left, right] = [values.get(a), values.get(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    return (left - right) * direction;
  });
}

/** A row with the book's first file, its shelves and tags. */
export type Detailed<Row> = Row & {
  file: BookFileFacts | undefined;
  shelves: ShelfMark[];
  tags: TagRow[];
};
/** A book with the name of its series, and all that is known of it. */
export type BookRecord = Detailed<BookRow & { seriesName: string | null }>;
/** What lists and devices show of a book. */
export type ShownBook = Detailed<ShownRow>;
export type ShownRow = ReturnType<typeof selectShownBooks>[number];
export type BookFileFacts = {
  fileId: string;
  /** Null for a file the person gave to the server. */
  folderId: string | null;
  /** The storage that keeps it; null is the server's own disk or a library folder. */
  backendId: string | null;
  name: string;
  format: string;
  sizeBytes: number;
  sha256: string | null;
};

// A join would cost six times as much as the book itself where one is looked up.
const SERIES_NAME = '(select name from series where series.series_id = books.series_id)';
const reader = readerOf<typeof books, { seriesName: string | null }>(books, { seriesName: SERIES_NAME });
const READ = `select ${reader.columns} from books`;

/** What only the library itself looks at: long words to search and sort by, and where everything came from. */
const UNSHOWN = [
  'number', 'subjects', 'identifiers', 'contentType', 'reviewNote', 'origins', 'sortTitle', 'sortAuthor', 'hasFile', 'hasSidecar',
  'fileBytes', 'fileFormats',
] as const; // prettier-ignore
const shownReader = readerOf<typeof books, { seriesName: string | null }, (typeof UNSHOWN)[number]>(
  books,
  { seriesName: SERIES_NAME },
  UNSHOWN,
);

/** What is shown of the books with these ids, whoever has them, in no order. */
export const selectShownBooks = (db: Db, bookIds: readonly string[]) =>
  (
    statement(
      db.$client,
      `select ${shownReader.columns} from books where book_id in (select value from json_each(?))`,
    )
      .raw()
      .all(JSON.stringify(bookIds)) as unknown[][]
  ).map(shownReader.recordOf);

/** The books with these ids, whoever has them, in no order. */
export const selectBooksById = (
  db: Db,
  bookIds: readonly string[],
): (BookRow & { seriesName: string | null })[] =>
  (
    statement(db.$client, `${READ} where book_id in (select value from json_each(?))`)
      .raw()
      .all(JSON.stringify(bookIds)) as unknown[][]
  ).map(reader.recordOf);

export function selectBook(
  db: Db,
  ownerId: string,
  bookId: string,
): (BookRow & { seriesName: string | null }) | undefined {
  // With the plus SQLite goes by the id: the index of lists begins with the owner, and its entries are wide.
  const values = statement(db.$client, `${READ} where book_id = ? and +books.owner_id = ?`)
    .raw()
    .get(bookId, ownerId) as unknown[] | undefined;
  return values === undefined ? undefined : reader.recordOf(values);
}

/** Whether the book is there and the owner's. */
export const hasBook = (db: Db, ownerId: string, bookId: string): boolean =>
  statement(db.$client, 'select 1 from books where book_id = ? and +owner_id = ?').get(bookId, ownerId) !==
  undefined;

/** A book's file and what was read in it. */
export type BookFileRow = BookFileFacts & {
  bookId: string;
  modifiedMs: number;
  metadata: string | null;
};

/** What lists show of the readable files of these books, by book and in no order: what was read in them is long. */
export function selectFileFacts(db: Db, bookIds: readonly string[]): Map<string, BookFileFacts[]> {
  const rows = statement(
    db.$client,
    `select book_id, file_id, folder_id, name, format, size_bytes, sha256,
            case when folder_id is null then (select backend_id from stored_files s where s.file_id = book_files.file_id) end
     from book_files where book_id in (select value from json_each(?))`,
  )
    .raw()
    .all(JSON.stringify(bookIds)) as FileValues[];
  const files = new Map<string, BookFileFacts[]>();
  for (const [bookId, fileId, folderId, name, format, sizeBytes, sha256, backendId] of rows)
    addTo(files, bookId, { fileId, folderId, backendId, name, format, sizeBytes, sha256 });
  return files;
}
type FileValues = [
  bookId: string,
  fileId: string,
  folderId: string | null,
  name: string,
  format: string,
  sizeBytes: number,
  sha256: string | null,
  backendId: string | null,
];

/** The readable files of these books, in no order. */
export function selectFilesOfBooks(db: Db, bookIds: string[]): BookFileRow[] {
  return statement(
    db.$client,
    `select book_id as bookId, file_id as fileId, folder_id as folderId, name, format, size_bytes as sizeBytes, sha256,
            modified_ms as modifiedMs, metadata,
            case when folder_id is null then (select backend_id from stored_files s where s.file_id = book_files.file_id) end as backendId
     from book_files where book_id in (select value from json_each(?))`,
  ).all(JSON.stringify(bookIds)) as BookFileRow[];
}

export const insertBook = (db: Db, book: NewBookRow): void => {
  insertRow(db, books, book);
};

export const updateBook = (db: Db, bookId: string, change: Partial<NewBookRow>): void => {
  updateRow(db, books, books.bookId, bookId, change);
};

/** Removes the book and all that hangs on it; its files stay on disk and are not taken in again. */
export function deleteBook(db: Db, bookId: string, now: Date): void {
  releaseStoredFiles(db, bookId, now);
  db.update(bookFiles)
    .set({ bookId: null, dismissedAt: now, metadata: null })
    .where(eq(bookFiles.bookId, bookId))
    .run();
  db.update(koreaderSidecars)
    .set({ bookId: null, dismissedAt: now, content: null })
    .where(eq(koreaderSidecars.bookId, bookId))
    .run();
  db.delete(books).where(eq(books.bookId, bookId)).run();
}

/** Files the person gave to the server are kept for a while after their book. */
function releaseStoredFiles(db: Db, bookId: string, now: Date): void {
  statement(db.$client, 'delete from book_files where book_id = ? and folder_id is null').run(bookId);
  statement(db.$client, 'update stored_files set book_id = null, released_at = ? where book_id = ?').run(
    now.getTime(),
    bookId,
  );
}

export type LibraryCounts = {
  books: number;
  comics: number;
  annotations: number;
  pageReads: number;
  failures: number;
};

/** How much there is, for the status page. */
export function selectCounts(db: Db, ownerId: string): LibraryCounts {
  return statement(
    db.$client,
    `select
       (select count(*) from books where owner_id = :ownerId and absent_since is null and content_type = 'book') as books,
       (select count(*) from books where owner_id = :ownerId and absent_since is null and content_type = 'comic') as comics,
       (select count(*) from annotations where owner_id = :ownerId) + (select count(*) from bookmarks where owner_id = :ownerId) as annotations,
       (select coalesce(sum(page_reads), 0) from statistics_files where owner_id = :ownerId) as pageReads,
       (select count(*) from book_files where owner_id = :ownerId and failure_reason is not null)
         + (select count(*) from koreader_sidecars where owner_id = :ownerId and failure_reason is not null)
         + (select count(*) from koreader_sidecars indexed by koreader_sidecars_fails where owner_id = :ownerId and fails_in_koreader = 1 and failure_reason is null)
         + (select count(*) from koreader_extras where owner_id = :ownerId and failure_reason is not null) as failures`,
  ).get({ ownerId }) as LibraryCounts;
}

/** The desk's grid: newest first, ties by id from the end, after the cursor's book. */
export function selectShelf(
  db: Db,
  ownerId: string,
  after: { addedMs: number; bookId: string } | undefined,
  limit: number,
): { bookId: string; title: string; authors: string; coverHash: string | null; addedMs: number }[] {
  return statement(
    db.$client,
    `select book_id as bookId, title, authors, cover_hash as coverHash, added_at as addedMs from books
     where owner_id = :ownerId and absent_since is null and (added_at, book_id) < (:addedMs, :bookId)
     order by added_at desc, book_id desc limit :limit`,
  ).all({
    ownerId,
    addedMs: after?.addedMs ?? Number.MAX_SAFE_INTEGER,
    bookId: after?.bookId ?? '',
    limit,
  }) as ReturnType<typeof selectShelf>;
}
