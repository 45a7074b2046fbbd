// The SQL of books.
import { and, count, eq, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { bookFiles, books, koreaderSidecars, series } from '../catalogue/schema/index.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import { statement } from '../catalogue/statements.ts';
import type { ContentType } from '../formats/book.ts';
import { newId } from '../base/ids.ts';

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

export const OVERVIEW_SORTS = {
  title: 'b.sort_title',
  author: 'b.sort_author',
  status:
    "case b.status when 'abandoned' then 'abandoned' when 'completed' then 'complete' when 'not_started' then 'unknown' else 'reading' end",
  progress: 'b.progress',
  rating: 'b.rating',
  annotations: 'annotation_count',
  last_open_at: 'last_open_at',
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

/** Books with a file or a sidecar. Unknown values last in both directions, ties by id. */
export function selectOverviews(db: Db, filter: OverviewFilter): BookOverview[] {
  const by = OVERVIEW_SORTS[filter.sort];
  const needsLastOpen = filter.sort === 'last_open_at';
  const sqlText = `
    select b.book_id, b.title, b.authors, s.name as series_name, b.series_index, b.status, b.progress, b.rating,
           coalesce(a.n, 0) + coalesce(m.n, 0) as annotation_count, b.cover_hash, b.content_type
           ${needsLastOpen ? ', max(coalesce(r.at, 0), coalesce(b.last_read_at, 0)) as last_open_raw, nullif(max(coalesce(r.at, 0), coalesce(b.last_read_at, 0)), 0) as last_open_at' : ''}
    from books b
    left join series s using (series_id)
    left join (select book_id, count(*) as n from annotations where owner_id = :ownerId group by book_id) a using (book_id)
    left join (select book_id, count(*) as n from bookmarks where owner_id = :ownerId group by book_id) m using (book_id)
    ${needsLastOpen ? 'left join (select book_id, max(last_open_at) as at from read_books where owner_id = :ownerId group by book_id) r using (book_id)' : ''}
    where b.owner_id = :ownerId and (b.has_sidecar = 1 or (b.has_file = 1 and :onlyWithSidecar = 0))
      and (:contentType is null or b.content_type = :contentType)
    order by ${by} ${filter.order} nulls last, b.book_id`;
  const rows = statement(db.$client, sqlText)
    .raw()
    .all({
      ownerId: filter.ownerId,
      onlyWithSidecar: filter.onlyWithSidecar ? 1 : 0,
      contentType: filter.contentType ?? null,
    }) as unknown[][];
  return rows.map((row) => ({
    bookId: row[0] as string,
    title: row[1] as string,
    authors: JSON.parse(row[2] as string) as string[],
    series: row[3] === null ? undefined : { name: row[3] as string, index: row[4] as string | null },
    status: row[5] as ReadingStatus,
    progress: row[6] as number | null,
    rating: row[7] as number | null,
    annotationCount: row[8] as number,
    coverHash: row[9] as string | null,
    contentType: row[10] as ContentType,
  }));
}

/** A book with the name of its series and its first file. */
export type BookRecord = BookRow & { seriesName: string | null; file: BookFileFacts | undefined };
export type BookFileFacts = {
  fileId: string;
  name: string;
  format: string;
  sizeBytes: number;
  sha256: string | null;
};

/** What a person sees in a list of their own: not what left the disk with nothing of theirs on it. */
const listed = (ownerId: string) => and(eq(books.ownerId, ownerId), sql`${books.absentSince} is null`);

export const BOOK_SORTS = {
  title: sql`${books.sortTitle}`,
  author: sql`${books.sortAuthor}`,
  added_at: sql`${books.addedAt}`,
  updated_at: sql`${books.updatedAt}`,
  last_read_at: sql`${books.lastReadAt}`,
  started_at: sql`${books.startedAt}`,
  completed_at: sql`${books.completedAt}`,
  publication_date: sql`${books.publishedOn}`,
  rating: sql`${books.rating}`,
  page_count: sql`${books.pageCount}`,
  current_position: sql`${books.progress}`,
  progress: sql`${books.progress}`,
  series_number: sql`cast(${books.seriesIndex} as real)`,
  file_size: sql`(select max(f.size_bytes) from book_files f where f.book_id = ${books.bookId})`,
  reading_status: sql`${books.status}`,
  is_favorite: sql`${books.isFavorite}`,
} as const;
export type BookSort = { by: keyof typeof BOOK_SORTS; order: 'asc' | 'desc' };

export type BookFilter = {
  ownerId: string;
  /** Folded words that must all occur. */
  words: string[];
  status?: ReadingStatus | undefined;
  seriesId?: string | undefined;
  isPhysical?: boolean | undefined;
  isFavorite?: boolean | undefined;
};

function conditions(filter: BookFilter): SQL | undefined {
  return and(
    listed(filter.ownerId),
    ...filter.words.map((word) => sql`instr(${books.searchText}, ${word}) > 0`),
    filter.status === undefined ? undefined : eq(books.status, filter.status),
    filter.seriesId === undefined ? undefined : eq(books.seriesId, filter.seriesId),
    filter.isPhysical === undefined ? undefined : eq(books.isPhysical, filter.isPhysical),
    filter.isFavorite === undefined ? undefined : eq(books.isFavorite, filter.isFavorite),
  );
}

/** One page of a list and how many books the whole list has. Unknown values last, ties by id. */
export function selectBooks(
  db: Db,
  filter: BookFilter,
  slice: { sorts: BookSort[]; limit: number; offset: number },
): { rows: (BookRow & { seriesName: string | null })[]; total: number } {
  const where = conditions(filter);
  const order = slice.sorts.map(({ by, order }) =>
    order === 'asc' ? sql`${BOOK_SORTS[by]} asc nulls last` : sql`${BOOK_SORTS[by]} desc nulls last`,
  );
  const rows = db
    .select({ book: books, seriesName: series.name })
    .from(books)
    .leftJoin(series, eq(series.seriesId, books.seriesId))
    .where(where)
    .orderBy(...order, books.bookId)
    .limit(slice.limit)
    .offset(slice.offset)
    .all();
  const total = db.select({ n: count() }).from(books).where(where).get()?.n ?? 0;
  return { rows: rows.map(({ book, seriesName }) => ({ ...book, seriesName })), total };
}

export function selectBook(
  db: Db,
  ownerId: string,
  bookId: string,
): (BookRow & { seriesName: string | null }) | undefined {
  const row = db
    .select({ book: books, seriesName: series.name })
    .from(books)
    .leftJoin(series, eq(series.seriesId, books.seriesId))
    .where(and(eq(books.ownerId, ownerId), eq(books.bookId, bookId)))
    .get();
  return row === undefined ? undefined : { ...row.book, seriesName: row.seriesName };
}

/** Where a book's file lies. */
export type BookFileRow = BookFileFacts & {
  bookId: string;
  path: Buffer;
  modifiedMs: number;
  metadata: string | null;
};

/** The readable files of these books, in no order. */
export function selectFilesOfBooks(db: Db, bookIds: string[]): BookFileRow[] {
  return statement(
    db.$client,
    `select book_id as bookId, file_id as fileId, name, format, size_bytes as sizeBytes, sha256, path, modified_ms as modifiedMs, metadata
     from book_files where book_id in (select value from json_each(?))`,
  ).all(JSON.stringify(bookIds)) as BookFileRow[];
}

export const insertBook = (db: Db, book: NewBookRow): BookRow =>
  db.insert(books).values(book).returning().get();

export const updateBook = (db: Db, bookId: string, change: Partial<NewBookRow>): void => {
  db.update(books).set(change).where(eq(books.bookId, bookId)).run();
};

/** Removes the book and all that hangs on it; its files stay on disk and are not taken in again. */
export function deleteBook(db: Db, bookId: string, now: Date): void {
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

/** The series of this name, made if need be. Names differ by more than case. */
export function seriesNamed(db: Db, ownerId: string, name: string, now: Date): string {
  const found = statement(
    db.$client,
    'select series_id as id from series where owner_id = ? and lower(name) = lower(?)',
  ).get(ownerId, name) as { id: string } | undefined;
  if (found !== undefined) return found.id;
  const seriesId = newId(now);
  db.insert(series).values({ seriesId, ownerId, name, createdAt: now, updatedAt: now }).run();
  return seriesId;
}

/** The name of one of the owner's series. */
export const selectSeriesName = (db: Db, ownerId: string, seriesId: string): string | undefined =>
  db
    .select({ name: series.name })
    .from(series)
    .where(and(eq(series.ownerId, ownerId), eq(series.seriesId, seriesId)))
    .get()?.name;

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
         + (select count(*) from koreader_sidecars where owner_id = :ownerId and failure_reason is not null) as failures`,
  ).get({ ownerId }) as LibraryCounts;
}

/** The desk's grid: newest first, after the cursor's book. */
export function selectShelf(
  db: Db,
  ownerId: string,
  after: { addedMs: number; bookId: string } | undefined,
  limit: number,
): { bookId: string; title: string; authors: string; coverHash: string | null; addedMs: number }[] {
  return statement(
    db.$client,
    `select book_id as bookId, title, authors, cover_hash as coverHash, added_at as addedMs from books
     where owner_id = :ownerId and absent_since is null and (added_at < :addedMs or (added_at = :addedMs and book_id > :bookId))
     order by added_at desc, book_id limit :limit`,
  ).all({
    ownerId,
    addedMs: after?.addedMs ?? Number.MAX_SAFE_INTEGER,
    bookId: after?.bookId ?? '',
    limit,
  }) as ReturnType<typeof selectShelf>;
}
