// The SQL of highlights as one list over all books, and of a single one.
import type { Db } from '../catalogue/db.ts';
import { annotations } from '../catalogue/schema/index.ts';
import { keptUntilChange } from '../catalogue/kept.ts';
import { readerOf, updateRow } from '../catalogue/rows.ts';
import { isAmongNamed } from '../search/query/numbers.ts';
import { keptMarksHolding } from '../search/query/marks.queries.ts';
import { statement } from '../catalogue/statements.ts';
import { KNOWN_NAMES } from './colors.ts';
import type { WantedColors } from './colors.ts';
import type { AnnotationRow } from './marks.queries.ts';

/** A highlight with the title of its book. */
export type Annotation = AnnotationRow & { bookTitle: string };
/** What lists and devices show of a highlight. */
export type ShownAnnotation = Omit<Annotation, (typeof UNSHOWN)[number]>;

export type AnnotationFilter = {
  ownerId: string;
  bookId?: string | undefined;
  colors?: WantedColors | undefined;
  /** Folded words: each must occur in text, note, chapter or the title of the book. */
  words: readonly string[];
  madeFrom?: Date | undefined;
  madeBefore?: Date | undefined;
};

/** `text` is the order of the book's text: chapter, page, time. */
export const ANNOTATION_SORTS = {
  created_at: 'coalesce(m.created_at, m.updated_at)',
  updated_at: 'm.updated_at',
  book_title: 'b.sort_title',
  page_number: 'm.page_number',
} as const;
export type AnnotationSort = { by: keyof typeof ANNOTATION_SORTS | 'text'; order: 'asc' | 'desc' };
export type Slice = { offset: number; limit: number };

const MADE_AT = ANNOTATION_SORTS.created_at;
const TEXT_ORDER = `m.chapter_index nulls last, m.page_number nulls last, m.position_index, ${MADE_AT}, m.annotation_id`;

/** One slice of the highlights and how many there are in all. Unknown values last, ties by id. */
export function selectAnnotationPage(
  db: Db,
  filter: AnnotationFilter,
  slice: Slice & { sorts: readonly AnnotationSort[] },
): { annotations: ShownAnnotation[]; total: number } {
  const { where, values } = conditions(db, filter);
  const order = slice.sorts
    .map(({ by, order }) => (by === 'text' ? TEXT_ORDER : `${ANNOTATION_SORTS[by]} ${order} nulls last`))
    .concat('m.annotation_id')
    .join(', ');
  // Only what is asked for is in the statement, so that an index can give the order; there are few such shapes.
  const needsBook = slice.sorts.some(({ by }) => by === 'book_title');
  const from = `from annotations m ${needsBook ? 'join books b on b.book_id = m.book_id' : ''} where ${where}`;
  const ids = statement(
    db.$client,
    `select m.annotation_id ${from} order by ${order} limit :limit offset :offset`,
  )
    .pluck()
    .all({ ...values, limit: slice.limit, offset: slice.offset }) as string[];
  const count = () =>
    statement(db.$client, `select count(*) from annotations m where ${where}`).pluck().get(values) as number;
  const total =
    filter.words.length > 0
      ? count()
      : keptUntilChange(db, JSON.stringify(['annotations', where, values]), count);
  return { annotations: selectAnnotationsById(db, ids), total };
}

function conditions(
  db: Db,
  filter: AnnotationFilter,
): { where: string; values: Record<string, string | number | Buffer> } {
  const terms = [OF_OWNER];
  const values: Record<string, string | number | Buffer> = { ownerId: filter.ownerId };
  if (filter.bookId !== undefined) {
    terms.push('m.book_id = :bookId');
    values.bookId = filter.bookId;
  }
  if (filter.colors !== undefined) {
    terms.push(
      `(lower(m.color) in (select value from json_each(:colors)) or (:orUnknown = 1 and ${UNKNOWN_COLOR}))`,
    );
    values.colors = JSON.stringify(filter.colors.stored);
    values.orUnknown = filter.colors.orUnknown ? 1 : 0;
    values.names = JSON.stringify(KNOWN_NAMES);
  }
  if (filter.madeFrom !== undefined) {
    terms.push(`${MADE_AT} >= :madeFrom`);
    values.madeFrom = filter.madeFrom.getTime();
  }
  if (filter.madeBefore !== undefined) {
    terms.push(`${MADE_AT} < :madeBefore`);
    values.madeBefore = filter.madeBefore.getTime();
  }
  const { ownerId, words } = filter;
  if (words.length > 0) {
    const found = keptMarksHolding(db, { table: 'annotation_words', ownerId, words, ofBook: ['title'] });
    const isFound = isAmongNamed(found, { column: 'm.number', owner: OF_OWNER, name: 'found' });
    terms[0] = isFound.sql;
    Object.assign(values, isFound.values);
  }
  return { where: terms.join(' and '), values };
}

const OF_OWNER = 'm.owner_id = :ownerId';
const UNKNOWN_COLOR = `(m.color is null or (m.color not glob '#[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]'
      and lower(m.color) not in (select value from json_each(:names))))`;

/** Where a highlight came from and how its device told of it. */
const UNSHOWN = [
  'number', 'source', 'sidecarId', 'koreaderKey', 'positionIndex', 'drawer', 'deviceDatetime', 'deviceDatetimeUpdated', 'deviceSays', 'version',
] as const; // prettier-ignore
const TITLE = { bookTitle: 'books.title' };
const reader = readerOf<typeof annotations, { bookTitle: string }>(annotations, TITLE);
const shownReader = readerOf<typeof annotations, { bookTitle: string }, (typeof UNSHOWN)[number]>(
  annotations,
  TITLE,
  UNSHOWN,
);

/** The highlights of these ids, in the order of the ids; what is gone meanwhile is left out. */
export function selectAnnotationsById(db: Db, ids: readonly string[]): ShownAnnotation[] {
  const rows = statement(
    db.$client,
    `select ${shownReader.columns} from annotations join books using (book_id)
     where annotation_id in (select value from json_each(?))`,
  )
    .raw()
    .all(JSON.stringify(ids)) as unknown[][];
  const found = new Map(
    rows.map((values) => shownReader.recordOf(values)).map((row) => [row.annotationId, row]),
  );
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** One of the owner's highlights. */
export function selectAnnotation(db: Db, ownerId: string, annotationId: string): Annotation | undefined {
  const values = statement(
    db.$client,
    `select ${reader.columns} from annotations join books using (book_id)
     where annotation_id = ? and annotations.owner_id = ?`,
  )
    .raw()
    .get(annotationId, ownerId) as unknown[] | undefined;
  return values === undefined ? undefined : reader.recordOf(values);
}

/** Changes the given columns of a highlight. */
export const changeAnnotationRow = (
  db: Db,
  annotationId: string,
  change: Partial<typeof annotations.$inferInsert>,
): void => updateRow(db, annotations, annotations.annotationId, annotationId, change);

export const deleteAnnotationRow = (db: Db, annotationId: string): void => {
  statement(db.$client, 'delete from annotations where annotation_id = ?').run(annotationId);
};

/** A book as an export heads its highlights with it. */
export type MarkedBook = { bookId: string; title: string; authors: string[] };

/** The owner's books with highlights by title; only those of `bookIds` when they are given. */
export function selectMarkedBooks(db: Db, ownerId: string, bookIds?: readonly string[]): MarkedBook[] {
  const rows = statement(
    db.$client,
    `select book_id as bookId, title, authors from books b
     where owner_id = :ownerId
       and exists (select 1 from annotations m where m.owner_id = :ownerId and m.book_id = b.book_id)
       and (:bookIds is null or book_id in (select value from json_each(:bookIds)))
     order by sort_title, book_id`,
  ).all({ ownerId, bookIds: bookIds === undefined ? null : JSON.stringify(bookIds) }) as {
    bookId: string;
    title: string;
    authors: string;
  }[];
  return rows.map((row) => ({ ...row, authors: JSON.parse(row.authors) as string[] }));
}

/** What an export needs to put a highlight into its place. */
export type AnnotationPlace = {
  annotationId: string;
  chapter: string | null;
  color: string | null;
  madeMs: number;
};

/** The highlights of a book in the order of its text, without their words. */
export const selectAnnotationPlaces = (db: Db, bookId: string): AnnotationPlace[] =>
  statement(
    db.$client,
    `select m.annotation_id as annotationId, m.chapter as chapter, m.color as color, ${MADE_AT} as madeMs
     from annotations m where m.book_id = ? order by ${TEXT_ORDER}`,
  ).all(bookId) as AnnotationPlace[];
