// The SQL of a person's own lists of books: which of them, in what order, and how many there are.
import type { Db } from '../catalogue/db.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import { keptUntilChange } from '../catalogue/kept.ts';
import { shapedStatement } from '../catalogue/statements.ts';
import { condition, joined, valuesOf } from './query/condition.ts';
import type { Condition } from './query/condition.ts';

/** What can be sorted by: the value, and the index that has a list in this order. */
const SORTS = {
  title: ['books.sort_title', 'books_by_title'],
  author: ['books.sort_author', 'books_by_author'],
  added_at: ['books.added_at', 'books_by_added'],
  updated_at: ['books.updated_at', 'books_by_updated'],
  last_read_at: ['books.last_read_at', 'books_by_last_read'],
  started_at: ['books.started_at', 'books_by_started'],
  completed_at: ['books.completed_at', 'books_by_completed'],
  publication_date: ['books.published_on', 'books_by_published'],
  rating: ['books.rating', 'books_by_rating'],
  page_count: ['books.page_count', 'books_by_pages'],
  current_position: ['books.progress', 'books_by_progress'],
  progress: ['books.progress', 'books_by_progress'],
  series_number: ['cast(books.series_index as real)', 'books_by_series_number'],
  file_size: ['books.file_bytes', 'books_by_size'],
  reading_status: ['books.status', 'books_by_status'],
  is_favorite: ['books.is_favorite', 'books_by_favorite'],
} as const;
type SortName = keyof typeof SORTS;

/** What lists of books can be sorted by. */
export const BOOK_SORT_NAMES = Object.keys(SORTS) as readonly SortName[];

/** `shelf_order` is the order of the books on the shelf the list is of; without a shelf it is unknown. */
export type BookSort = { by: SortName | 'shelf_order'; order: 'asc' | 'desc' };

export type BookFilter = {
  ownerId: string;
  /** What else must hold of the book. */
  also?: Condition[];
  status?: ReadingStatus | undefined;
  /** A shelf filled by hand. */
  shelfId?: string | undefined;
  tagId?: string | undefined;
  seriesId?: string | undefined;
  isPhysical?: boolean | undefined;
  isFavorite?: boolean | undefined;
};

export type Slice = { sorts: BookSort[]; limit: number; offset: number };

/**
 * The ids of one page of a list and how many books the whole list has. Unknown values last in both directions, ties by id
 * in the direction of the first sort.
 */
export function selectBookIds(db: Db, filter: BookFilter, slice: Slice): { ids: string[]; total: number } {
  if (filter.also !== undefined && !filter.also.every(({ isSet }) => isSet))
    return selectFound(db, filter, slice);
  const total = countBooks(db, filter);
  if (slice.offset >= total) return { ids: [], total };
  const { sorts, limit, offset } = slice;
  const [first] = sorts;
  // Of a whole list one index has the order; of a part of it the other is looked through, from whichever end is nearer.
  const whole = isWhole(filter);
  const index = whole && first !== undefined && first.by !== 'shelf_order' ? SORTS[first.by][1] : LIST;
  const fromEnd = !whole && offset > total / 2;
  const where = conditionOf(filter);
  const ids = shapedStatement(
    db.$client,
    `select books.book_id from ${sourceOf(filter, index)} where ${where.sql}
       order by ${orderOf(filter, sorts, { reversed: fromEnd })} limit ? offset ?`,
  )
    .pluck()
    .all(
      ...valuesOf(where),
      ...(fromEnd ? [Math.min(limit, total - offset), Math.max(0, total - offset - limit)] : [limit, offset]),
    ) as string[];
  return { ids: fromEnd ? ids.toReversed() : ids, total };
}

/** What a condition looks into costs far more than sorting: it is asked once, for the page and the count alike. */
function selectFound(db: Db, filter: BookFilter, { sorts, limit, offset }: Slice) {
  const where = conditionOf(filter);
  const values = sorts.map(({ by }, at) => `, ${valueOf(filter, by)} as value${at}`).join('');
  const order = sorts.map(({ order }, at) => `value${at} ${order} nulls last`);
  const rows = shapedStatement(
    db.$client,
    `with found as materialized (select books.book_id${values} from ${sourceOf(filter, LIST)} where ${where.sql})
       select book_id, (select count(*) from found) from found
       order by ${[...order, `book_id ${sorts[0]?.order ?? 'asc'}`].join(', ')} limit ? offset ?`,
  )
    .raw()
    .all(...valuesOf(where), limit, offset) as [bookId: string, total: number][];
  return { ids: rows.map(([bookId]) => bookId), total: rows[0]?.[1] ?? countBooks(db, filter) };
}

/** How many books a list has. */
export function countBooks(db: Db, filter: BookFilter): number {
  const where = conditionOf(filter);
  const text = `select count(*) from ${sourceOf(filter, countIndex(filter))} where ${where.sql}`;
  return keptUntilChange(
    db,
    JSON.stringify([text, where.params]),
    () =>
      shapedStatement(db.$client, text)
        .pluck()
        .get(...valuesOf(where)) as number,
  );
}

/** The index that counts a list: whole ones, those of a status and favourites have narrow ones. */
function countIndex(filter: BookFilter): string {
  if (isWhole(filter)) return 'books_counts';
  if (partsOf(filter).length + (filter.also?.length ?? 0) > 1) return LIST;
  if (filter.status !== undefined) return SORTS.reading_status[1];
  if (filter.isFavorite !== undefined) return SORTS.is_favorite[1];
  return LIST;
}

/** A whole list, or what of it is in sets that cost nothing to look up. */
const isWhole = (filter: BookFilter) =>
  partsOf(filter).length === 0 && (filter.also ?? []).every(({ isSet }) => isSet);

/** Everything lists are narrowed by. Named, because the planner takes narrower ones and reads whole rows besides. */
const LIST = 'books_list';

/** What a person sees in a list of their own: not what left the disk with nothing of theirs on it. */
const LISTED = 'books.owner_id = ? and books.absent_since is null';

const conditionOf = (filter: BookFilter): Condition =>
  joined([condition(LISTED, filter.ownerId), ...partsOf(filter), ...(filter.also ?? [])], 'and');

function partsOf({ status, shelfId, tagId, seriesId, isPhysical, isFavorite }: BookFilter): Condition[] {
  return [
    ...(status === undefined ? [] : [condition('books.status = ?', status)]),
    ...(seriesId === undefined ? [] : [condition(IN_SERIES, seriesId)]),
    ...(isPhysical === undefined ? [] : [condition('books.is_physical = ?', Number(isPhysical))]),
    ...(isFavorite === undefined ? [] : [condition('books.is_favorite = ?', Number(isFavorite))]),
    ...(shelfId === undefined ? [] : [condition('m.shelf_id = ?', shelfId)]),
    ...(tagId === undefined ? [] : [condition(TAGGED, tagId)]),
  ];
}
const IN_SERIES = 'books.book_id in (select b.book_id from books b where b.series_id = ?)';
const TAGGED = 'books.book_id in (select t.book_id from book_tags t where t.tag_id = ?)';

function sourceOf({ shelfId }: BookFilter, index: string): string {
  const books = `books indexed by ${index}`;
  // The cross keeps the shelf first, however many books there are.
  return shelfId === undefined ? books : `shelf_books m cross join ${books} on books.book_id = m.book_id`;
}

function valueOf({ shelfId }: BookFilter, by: BookSort['by']): string {
  if (by !== 'shelf_order') return SORTS[by][0];
  return shelfId === undefined ? 'null' : 'm.sort_order';
}

function orderOf(
  filter: BookFilter,
  sorts: readonly BookSort[],
  { reversed }: { reversed: boolean },
): string {
  const directed = (order: 'asc' | 'desc') => ((order === 'asc') === reversed ? 'desc' : 'asc');
  return [
    ...sorts.map(
      ({ by, order }) => `${valueOf(filter, by)} ${directed(order)} nulls ${reversed ? 'first' : 'last'}`,
    ),
    `books.book_id ${directed(sorts[0]?.order ?? 'asc')}`,
  ].join(', ');
}
