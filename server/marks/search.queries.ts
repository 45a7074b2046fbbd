// The SQL of all marks of a library as one list: found by words, narrowed, sorted, cut into pages.
import type { Db } from '../catalogue/db.ts';
import { sql } from 'drizzle-orm';
import { annotations, bookmarks } from '../catalogue/schema/index.ts';
import { keptUntilChange } from '../catalogue/kept.ts';
import { query, statement } from '../catalogue/statements.ts';
import type { ContentType } from '../formats/book.ts';
import { numbersOf } from '../search/query/found.queries.ts';
import { addMarksOfBooks, marksHolding } from '../search/query/marks.queries.ts';
import { addNumbers, isAmongNamed, keepShared } from '../search/query/numbers.ts';
import type { Numbers } from '../search/query/numbers.ts';
import { koreaderColorOf } from './colors.ts';
import type { AnnotationRow, BookmarkRow } from './marks.queries.ts';

export type MarkKind = 'highlight' | 'bookmark';

export type MarkFilter = {
  ownerId: string;
  /** Leave out marks of books KOReader never opened. */
  onlyWithSidecar: boolean;
  contentType?: ContentType | undefined;
  bookId?: string | undefined;
  kind?: MarkKind | undefined;
  /** As the device wrote it; marks without a colour have none of these. */
  color?: string | undefined;
  drawer?: string | undefined;
  hasNote?: boolean | undefined;
  /** Made at this moment or later; marks of unknown time are left out then. */
  madeFrom?: Date | undefined;
  /** Made before this moment; marks of unknown time are left out then. */
  madeBefore?: Date | undefined;
  /** Folded words: each must occur in the mark, or in title or authors of its book. */
  words: readonly string[];
};

/** `book` is by the title of the book, then in the order of its text whatever the direction. */
export type MarkSort = 'created' | 'updated' | 'book';
export type MarkSlice = { sort: MarkSort; order: 'asc' | 'desc'; offset: number; limit: number };

/** What a list shows of the book a mark is in. */
export type MarkedBook = { bookId: string; title: string; authors: string[]; coverHash: string | null };
export type FoundMark = { book: MarkedBook } & (
  | { kind: 'highlight'; mark: AnnotationRow }
  | { kind: 'bookmark'; mark: BookmarkRow }
);

/** A slice of the marks of all shown books and how many the whole list has. Unknown times last, ties by id. */
export function selectMarks(
  db: Db,
  filter: MarkFilter,
  { sort, order, offset, limit }: MarkSlice,
): { found: FoundMark[]; total: number } {
  installColors(db);
  const values = {
    ownerId: filter.ownerId,
    onlyWithSidecar: filter.onlyWithSidecar ? 1 : 0,
    contentType: filter.contentType ?? null,
    bookId: filter.bookId ?? null,
    kind: filter.kind ?? null,
    color: filter.color ?? null,
    drawer: filter.drawer ?? null,
    hasNote: filter.hasNote === undefined ? null : filter.hasNote ? 1 : 0,
    fromMs: filter.madeFrom?.getTime() ?? null,
    beforeMs: filter.madeBefore?.getTime() ?? null,
  };
  const found = filter.words.length === 0 ? undefined : foundMarks(db, filter, values);
  const select = statement(db.$client, keysSql(sort, order, found?.where)).raw();
  const all = { ...values, ...found?.values };
  const keys = select.all({ ...all, skip: offset, size: limit, reach: offset + limit }) as MarkKey[];
  const total = statement(db.$client, countSql(found?.where)).pluck().get(all) as number;
  return { found: marksOf(db, keys), total };
}

type MarkKey = [kind: MarkKind, id: string];

/** The books whose marks are shown: those KoShelf calls items. */
const FROM_SHOWN = `from books
    where owner_id = :ownerId and (has_sidecar = 1 or (has_file = 1 and :onlyWithSidecar = 0))
      and (:contentType is null or content_type = :contentType) and (:bookId is null or book_id = :bookId)`;
const shownBooks = (columns: string) => `with shown as materialized (select ${columns} ${FROM_SHOWN})`;

const TABLES = [
  { table: 'annotations', id: 'annotation_id', kind: 'highlight', drawer: 'm.drawer', words: 'annotation_words' },
  { table: 'bookmarks', id: 'bookmark_id', kind: 'bookmark', drawer: 'null', words: 'bookmark_words' },
] as const; // prettier-ignore
type Table = (typeof TABLES)[number];

const OF_OWNER = 'm.owner_id = :ownerId';
/** Whose the marks of each table are, and which of theirs a search found. */
type Where = { [Name in Table['table']]: string };

const conditions = ({ kind, drawer }: Table) => `(:kind is null or :kind = '${kind}')
      and (:fromMs is null or m.created_at >= :fromMs) and (:beforeMs is null or m.created_at < :beforeMs)
      and (:color is null or m.color = :color or (m.color like '#%' and koreader_color(m.color) = :color))
      and (:drawer is null or ${drawer} = :drawer)
      and (:hasNote is null or (m.note is not null) = :hasNote)`;

/** The shown marks that have the words of a search. */
function foundMarks(
  db: Db,
  { ownerId, words, kind }: MarkFilter,
  values: Record<string, string | number | null>,
): { where: Where; values: Record<string, string | number | Buffer> } {
  const { onlyWithSidecar, contentType, bookId } = values;
  const shown = keptUntilChange(
    db,
    JSON.stringify(['marks of shown books', ownerId, onlyWithSidecar, contentType, bookId]),
    () => shownMarks(db, ownerId, values),
  );
  const where: Where = { annotations: OF_OWNER, bookmarks: OF_OWNER };
  const named = {};
  for (const each of TABLES) {
    const isAsked = kind === undefined || kind === each.kind;
    const asked = { table: each.words, ownerId, words, ofBook: ['title', 'authors'] as const };
    const found = isAsked ? marksHolding(db, asked) : numbersOf(db, each.words, ownerId);
    keepShared(found, shown[each.table]);
    const isFound = isAmongNamed(found, { column: 'm.number', owner: OF_OWNER, name: each.table });
    where[each.table] = isFound.sql;
    Object.assign(named, isFound.values);
  }
  return { where, values: named };
}

/** The marks of all shown books. */
function shownMarks(db: Db, ownerId: string, values: object): { [Name in Table['table']]: Numbers } {
  const books = numbersOf(db, 'book_words', ownerId);
  addNumbers(books, statement(db.$client, `select number ${FROM_SHOWN}`).pluck().all(values) as number[]);
  const [annotations, bookmarks] = (['annotation_words', 'bookmark_words'] as const).map((table) => {
    const marks = numbersOf(db, table, ownerId);
    addMarksOfBooks(db, marks, { table, ownerId, books });
    return marks;
  });
  return { annotations: annotations!, bookmarks: bookmarks! };
}

// The device's two times differ by a span that needs no zone; the instant of the first one is known.
const UPDATED = `case when m.source = 'papyrus' then m.updated_at
    else coalesce(m.created_at + (unixepoch(m.device_datetime_updated) - unixepoch(m.device_datetime)) * 1000, m.created_at) end`;

const SORTS: Record<MarkSort, { key: string; within: string }> = {
  created: { key: 'm.created_at', within: '0' },
  updated: { key: UPDATED, within: '0' },
  book: { key: 's.place', within: 'm.position_index' },
};

/** Kind and id of marks in order: `reach` of each table at most, of both together `size` after `skip`. */
function keysSql(sort: MarkSort, order: 'asc' | 'desc', where: Where | undefined): string {
  const columns = [
    'book_id',
    ...(sort === 'book' ? [`row_number() over (order by sort_title ${order}, book_id) as place`] : []),
  ];
  const { key, within } = SORTS[sort];
  const direction = sort === 'book' ? '' : `${order} nulls last`;
  const arms = TABLES.map((each) => {
    // What needs every row anyway reads them as they lie: through an index that takes twice as long.
    const readsAll = sort === 'updated';
    const from =
      sort === 'book'
        ? `shown s cross join ${each.table} m on m.book_id = s.book_id`
        : `${each.table} m ${readsAll ? 'not indexed' : ''} ${where === undefined ? 'cross join shown s on s.book_id = m.book_id' : ''}`;
    return `select * from (
      select '${each.kind}' as kind, m.${each.id} as id, ${key} as sort_key, ${within} as sort_within from ${from}
        where ${where?.[each.table] ?? (sort === 'book' ? 'true' : OF_OWNER)} and ${conditions(each)}
      order by sort_key ${direction}, ${within === '0' ? '' : 'sort_within, '}m.${each.id} limit :reach)`;
  });
  const isOfShown = sort === 'book' || where === undefined;
  return `${isOfShown ? shownBooks(columns.join(', ')) : ''}
    select kind, id from (${arms.join(' union all ')})
    order by sort_key ${direction}, sort_within, id, kind limit :size offset :skip`;
}

const countSql = (where: Where | undefined) => {
  const counts = TABLES.map((each) => {
    const of = where?.[each.table] ?? `${OF_OWNER} and m.book_id in (select book_id from shown)`;
    return `(select count(*) from ${each.table} m where ${of} and ${conditions(each)})`;
  });
  return `${where === undefined ? shownBooks('book_id') : ''} select ${counts.join(' + ')}`;
};

const withColors = new WeakSet<Db['$client']>();

/** Gives the connection the function a search asks of colours. */
function installColors(db: Db): void {
  if (withColors.has(db.$client)) return;
  withColors.add(db.$client);
  db.$client.function('koreader_color', { deterministic: true }, (color: string) => koreaderColorOf(color));
}

const annotationsById = (db: Db) =>
  db
    .select()
    .from(annotations)
    .where(sql`${annotations.annotationId} in (select value from json_each(${sql.placeholder('ids')}))`)
    .prepare();
const bookmarksById = (db: Db) =>
  db
    .select()
    .from(bookmarks)
    .where(sql`${bookmarks.bookmarkId} in (select value from json_each(${sql.placeholder('ids')}))`)
    .prepare();

/** The marks of these keys with their books, in the order of the keys. */
function marksOf(db: Db, keys: readonly MarkKey[]): FoundMark[] {
  const idsOf = (kind: MarkKind) => JSON.stringify(keys.flatMap(([of, id]) => (of === kind ? [id] : [])));
  const highlights = new Map(
    query(db, annotationsById)
      .all({ ids: idsOf('highlight') })
      .map((mark) => [mark.annotationId, mark]),
  );
  const places = new Map(
    query(db, bookmarksById)
      .all({ ids: idsOf('bookmark') })
      .map((mark) => [mark.bookmarkId, mark]),
  );
  const bookIds = new Set([...highlights.values(), ...places.values()].map((mark) => mark.bookId));
  const books = selectMarkedBooks(db, [...bookIds]);
  return keys.map(([kind, id]) => {
    if (kind === 'highlight') {
      const mark = highlights.get(id)!;
      return { kind, mark, book: books.get(mark.bookId)! };
    }
    const mark = places.get(id)!;
    return { kind, mark, book: books.get(mark.bookId)! };
  });
}

function selectMarkedBooks(db: Db, bookIds: string[]): Map<string, MarkedBook> {
  const rows = statement(
    db.$client,
    'select book_id as bookId, title, authors, cover_hash as coverHash from books where book_id in (select value from json_each(?))',
  ).all(JSON.stringify(bookIds)) as (Omit<MarkedBook, 'authors'> & { authors: string })[];
  return new Map(rows.map((row) => [row.bookId, { ...row, authors: JSON.parse(row.authors) as string[] }]));
}
