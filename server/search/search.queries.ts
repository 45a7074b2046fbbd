// The SQL of one search over books, highlights and notes: ids in the order they are shown, then what is shown of them.
import type { Db } from '../catalogue/db.ts';
import { shapedStatement, statement } from '../catalogue/statements.ts';
import { keptMarksHolding, ownedOnly, selectRanked } from './query/marks.queries.ts';
import { joined, valuesOf } from './query/condition.ts';
import { numbersIn } from './query/numbers.ts';
import { holdsWords } from './query/search.queries.ts';

export type Slice = { offset: number; limit: number };
export type Found = { ids: string[]; total: number };

/**
 * A slice of the books in which each word occurs, and how many there are: most words in the title first, then most in the
 * authors, then by title.
 */
export function selectFoundBooks(
  db: Db,
  ownerId: string,
  words: readonly string[],
  { offset, limit }: Slice,
): Found {
  const also = joined(holdsWords(db, ownerId, words.join(' ')), 'and');
  const countIn = (column: string) => words.map(() => `(instr(${column}, ?) > 0)`).join(' + ');
  // Looking up a set costs less than keeping what was found: once for the page and once for the count.
  const found = `where owner_id = ? and absent_since is null and ${also.sql}`;
  const values = [ownerId, ...valuesOf(also)];
  const ids = shapedStatement(
    db.$client,
    `select book_id from books ${found}
     order by ${countIn('sort_title')} desc, ${countIn("ifnull(sort_author, '')")} desc, sort_title, book_id limit ? offset ?`,
  )
    .pluck()
    .all(...values, ...words, ...words, limit, offset) as string[];
  const total = shapedStatement(db.$client, `select count(*) from books indexed by books_counts ${found}`)
    .pluck()
    .get(...values) as number;
  return { ids, total };
}

const MARKS = {
  annotation: { table: 'annotations', id: 'annotation_id', words: 'annotation_words' },
  note: { table: 'notes', id: 'note_id', words: 'note_words' },
} as const;

/** A slice of the highlights or notes in which each word occurs, and how many there are: the best first, of equal ones the newest. */
export function selectFoundMarks(
  db: Db,
  asked: { ownerId: string; kind: keyof typeof MARKS; words: readonly string[] },
  { offset, limit }: Slice,
): Found {
  const { ownerId, kind, words } = asked;
  const { table, id, words: wordTable } = MARKS[kind];
  const found = ownedOnly(db, { table: wordTable, ownerId }, keptMarksHolding(db, { table: wordTable, ownerId, words })); // prettier-ignore
  // Words too short for the index say nothing about what is best.
  const numbers = selectRanked(db, wordTable, found, words) ?? numbersIn(found).toReversed();
  const page = numbers.slice(offset, offset + limit);
  const ids = new Map(
    statement(db.$client, `select number, ${id} from ${table} where number in (select value from json_each(?))`)
      .raw()
      .all(JSON.stringify(page)) as [number, string][],
  ); // prettier-ignore
  return { ids: page.flatMap((number) => ids.get(number) ?? []), total: numbers.length };
}

export type FoundBook = {
  bookId: string;
  title: string;
  subtitle: string | null;
  authors: string;
  series: string | null;
  description: string | null;
};
/** What is shown of these books, by their id. */
export const selectBooksToShow = (db: Db, bookIds: readonly string[]): Map<string, FoundBook> =>
  new Map(
    (
      statement(
        db.$client,
        `select book_id as bookId, title, subtitle, authors, (select name from series s where s.series_id = books.series_id) as series,
                description from books where book_id in (select value from json_each(?))`,
      ).all(JSON.stringify(bookIds)) as FoundBook[]
    ).map((book) => [book.bookId, book]),
  );

export type FoundMark = {
  id: string;
  bookId: string;
  heading: string | null;
  text: string | null;
  note: string | null;
};
/** What is shown of these highlights or notes, by their id. */
export const selectMarksToShow = (
  db: Db,
  kind: 'annotation' | 'note',
  ids: readonly string[],
): Map<string, FoundMark> =>
  new Map(
    (
      statement(
        db.$client,
        kind === 'annotation'
          ? `select annotation_id as id, book_id as bookId, chapter as heading, text, note from annotations
             where annotation_id in (select value from json_each(?))`
          : `select note_id as id, book_id as bookId, title as heading, content as text, null as note from notes
             where note_id in (select value from json_each(?))`,
      ).all(JSON.stringify(ids)) as FoundMark[]
    ).map((mark) => [mark.id, mark]),
  );
