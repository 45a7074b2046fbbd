// The SQL an export reads with. Every list has a total order, so that two exports of one library are the same.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import { columnsOf } from './columns.queries.ts';
import { PROGRESS_COLUMNS } from './sections.ts';
import type { Section } from './sections.ts';

export type ExportRow = Record<string, unknown>;

/** What is chosen: an owner's books and, where only some are, the shelves, tags and series to tell of. */
export type Chosen = {
  ownerId: string;
  bookIds: string[];
  /** What the books were chosen by: it is told of whether or not a book stands there. */
  shelfIds: string[];
  tagIds: string[];
  /** The whole library: sections that hang on no book are in it too. */
  isWhole: boolean;
  withProgress: boolean;
};

/** The books lists show, by id. */
export const selectBookIds = (db: Db, ownerId: string): string[] =>
  statement(
    db.$client,
    'select book_id from books where owner_id = ? and absent_since is null order by book_id',
  )
    .pluck()
    .all(ownerId) as string[];

const OF_BOOKS = 'book_id in (select value from json_each(:bookIds))';
const ON_SHELF = `select shelf_id from shelf_books where ${OF_BOOKS}`;

/** What of a section is in an export of some books. */
const SOME: Record<Section['name'], string> = {
  series: `series_id in (select series_id from books where ${OF_BOOKS})`,
  tags: `tag_id in (select tag_id from book_tags where ${OF_BOOKS})
    or tag_id in (select value from json_each(:tagIds))`,
  // A shelf is nowhere without those it stands in.
  shelves: `shelf_id in (
    with recursive up (id) as (
      ${ON_SHELF} union select value from json_each(:shelfIds)
      union select parent_shelf_id from shelves join up on shelf_id = up.id)
    select id from up where id is not null)`,
  saved_filters: 'false',
  reading_profiles: 'false',
  reading_goals: 'false',
  goal_updates: 'false',
  books: OF_BOOKS,
  book_checksums: OF_BOOKS,
  shelf_books: OF_BOOKS,
  book_tags: OF_BOOKS,
  annotations: OF_BOOKS,
  bookmarks: OF_BOOKS,
  removed_marks: OF_BOOKS,
  notes: OF_BOOKS,
  reading_sessions: OF_BOOKS,
  koreader_books: `told_of is null and ${OF_BOOKS}`,
};

/** What of a section is in an export of everything. */
const WHOLE: Partial<Record<Section['name'], string>> = {
  goal_updates: 'goal_id in (select goal_id from reading_goals where owner_id = :ownerId)',
  shelf_books: OF_BOOKS,
  book_tags: OF_BOOKS,
  koreader_books: 'told_of is null',
};

const BY_BOOK = new Set<Section['name']>([
  'books', 'book_checksums', 'annotations', 'bookmarks', 'removed_marks', 'notes', 'reading_sessions',
]); // prettier-ignore

const ORDER: Partial<Record<Section['name'], string>> = {
  book_checksums: 'book_id, partial_md5',
  shelf_books: 'shelf_id, book_id',
  book_tags: 'book_id, tag_id',
  koreader_books: 'md5',
};

/** Goes through the rows of a section in the words of the document, by id. */
export function* readSection(db: Db, section: Section, chosen: Chosen): Generator<ExportRow> {
  const { table, columns: all } = columnsOf(section);
  const columns =
    section.name === 'books' && !chosen.withProgress
      ? all.filter(({ key }) => !PROGRESS_COLUMNS.has(key))
      : all;
  const isOwned = 'ownerId' in section.leftOut;
  const conditions = [
    ...(isOwned ? ['owner_id = :ownerId'] : []),
    chosen.isWhole
      ? (WHOLE[section.name] ?? (BY_BOOK.has(section.name) ? OF_BOOKS : 'true'))
      : SOME[section.name],
  ];
  const order = ORDER[section.name] ?? columns[0]?.name ?? '';
  const isKoreader = section.name === 'koreader_books';
  const rows = statement(
    db.$client,
    `select ${columns.map(({ name }) => name).join(', ')}${isKoreader ? ', read_book_id' : ''}
     from ${table} where ${conditions.map((condition) => `(${condition})`).join(' and ')} order by ${order}`,
  ).raw(true);
  const values = {
    ownerId: chosen.ownerId,
    bookIds: JSON.stringify(chosen.bookIds),
    shelfIds: JSON.stringify(chosen.shelfIds),
    tagIds: JSON.stringify(chosen.tagIds),
  };
  const used = Object.fromEntries(
    Object.entries(values).filter(([name]) => conditions.some((condition) => condition.includes(`:${name}`))),
  );
  for (const row of rows.iterate(used) as Iterable<unknown[]>) {
    const written: ExportRow = {};
    for (const [index, column] of columns.entries()) written[column.name] = column.write(row[index]);
    if (isKoreader) written.page_reads = selectReads(db, row[columns.length] as number);
    yield written;
  }
}

/** Page views of a book as [second they began at, page, seconds, pages in all], in order. */
const selectReads = (db: Db, readBookId: number): unknown[] =>
  statement(
    db.$client,
    'select started_sec, page, duration_sec, total_pages from page_reads where read_book_id = ? order by started_sec, page',
  )
    .raw(true)
    .all(readBookId);

export type FileRow = {
  book_id: string;
  kind: 'book_file' | 'cover_image';
  name: string | null;
  format: string | null;
  size_bytes: number | null;
  sha256: string | null;
  partial_md5: string | null;
};

/** What bytes belong to the books: facts to find them again by, not the bytes. */
export const selectFiles = (db: Db, bookIds: string[]): FileRow[] =>
  statement(
    db.$client,
    `select book_id, 'book_file' as kind, name, format, size_bytes, sha256, partial_md5 from book_files
     where ${OF_BOOKS} and failure_reason is null and dismissed_at is null
     union all
     select book_id, kind, original_name, format, size_bytes, sha256, null from stored_files
     where ${OF_BOOKS} and kind = 'cover_image'
     order by book_id, kind, sha256, name`,
  ).all({ bookIds: JSON.stringify(bookIds) }) as FileRow[];

/** The account as the document has it: nothing one could sign in with. */
export function selectAccount(db: Db, ownerId: string): ExportRow {
  const row = statement(
    db.$client,
    'select display_name, preferences, created_at from users where user_id = ?',
  ).get(ownerId) as { display_name: string; preferences: string; created_at: number };
  return {
    display_name: row.display_name,
    created_at: new Date(row.created_at).toISOString(),
    preferences: JSON.parse(row.preferences) as unknown,
  };
}

export type BookLine = {
  book_id: string; title: string; subtitle: string | null; authors: string; series: string | null;
  series_index: string | null; isbn: string | null; isbn13: string | null; publisher: string | null;
  published_on: string | null; language: string | null; page_count: number | null; content_type: string;
  formats: string | null; is_physical: number; physical_location: string | null; lent_to: string | null;
  is_favorite: number; rating: number | null; review_note: string | null; status: string; progress: number | null;
  current_page: number | null; started_at: number | null; completed_at: number | null; last_read_at: number | null;
  added_at: number; updated_at: number; shelves: string | null; tags: string | null; annotation_count: number;
  note_count: number; bookmark_count: number; read_minutes: number;
}; // prettier-ignore

/** Goes through the chosen books as lines of a table, by title. */
export const readBookLines = (db: Db, bookIds: string[]): Iterable<BookLine> =>
  statement(
    db.$client,
    `select b.book_id, b.title, b.subtitle, b.authors, s.name as series, b.series_index, b.isbn, b.isbn13, b.publisher,
       b.published_on, b.language, b.page_count, b.content_type,
       (select group_concat(format, '; ' order by format) from (select distinct format from book_files f
         where f.book_id = b.book_id and format is not null)) as formats,
       b.is_physical, b.physical_location, b.lent_to, b.is_favorite, b.rating, b.review_note, b.status, b.progress,
       b.current_page, b.started_at, b.completed_at, b.last_read_at, b.added_at, b.updated_at,
       (select group_concat(name, '; ' order by shelves.sort_order, folded(name)) from shelf_books x join shelves using (shelf_id)
         where x.book_id = b.book_id) as shelves,
       (select group_concat(name, '; ' order by folded(name)) from book_tags x join tags using (tag_id)
         where x.book_id = b.book_id) as tags,
       (select count(*) from annotations x where x.book_id = b.book_id) as annotation_count,
       (select count(*) from notes x where x.book_id = b.book_id) as note_count,
       (select count(*) from bookmarks x where x.book_id = b.book_id) as bookmark_count,
       (select coalesce(sum(d.read_sec), 0) / 60 from read_books r join read_days d using (read_book_id)
         where r.book_id = b.book_id) as read_minutes
     from books b left join series s on s.series_id = b.series_id
     where b.book_id in (select value from json_each(?)) order by b.sort_title, b.book_id`,
  ).iterate(JSON.stringify(bookIds)) as Iterable<BookLine>;

export type OutlineShelf = {
  shelf_id: string;
  parent_shelf_id: string | null;
  name: string;
  description: string | null;
  smart_query: string | null;
};

/** The owner's shelves in the order a person gave them. */
export const selectOutlineShelves = (db: Db, ownerId: string): OutlineShelf[] =>
  statement(
    db.$client,
    `select shelf_id, parent_shelf_id, name, description, smart_query from shelves where owner_id = ?
     order by sort_order, folded(name), shelf_id`,
  ).all(ownerId) as OutlineShelf[];

export type ShelfPlace = { shelf_id: string; book_id: string };

/** Where the chosen books stand, shelf by shelf in its order. */
export const selectPlaces = (db: Db, bookIds: string[]): ShelfPlace[] =>
  statement(
    db.$client,
    `select shelf_id, book_id from shelf_books where book_id in (select value from json_each(?))
     order by shelf_id, sort_order, added_at, book_id`,
  ).all(JSON.stringify(bookIds)) as ShelfPlace[];
