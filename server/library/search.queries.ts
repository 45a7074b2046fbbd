// The SQL of one search over books, highlights and notes: ids in the order they are shown, then what is shown of them.
import type { Db } from '../catalogue/catalogue.ts';
import { statement } from '../catalogue/statements.ts';
import { condition, joined } from './query/condition.ts';
import type { Condition } from './query/condition.ts';
import { holdsWords } from './query/search.queries.ts';
import { idsHolding } from './query/words.queries.ts';
import type { WordColumn } from './query/words.queries.ts';

/** Ids of the books in which each word occurs: most words in the title first, then most in the authors, then by title. */
export function selectFoundBooks(db: Db, ownerId: string, words: readonly string[]): string[] {
  const also = joined(holdsWords(db, ownerId, words.join(' ')), 'and');
  const countIn = (column: string) => words.map(() => `(instr(${column}, ?) > 0)`).join(' + ');
  return db.$client
    .prepare(
      `select books.book_id from books where owner_id = ? and absent_since is null and ${also.sql}
       order by ${countIn('sort_title')} desc, ${countIn("ifnull(sort_author, '')")} desc, sort_title, book_id`,
    )
    .pluck()
    .all(ownerId, ...also.params, ...words, ...words) as string[];
}

/** Ids of the highlights or notes in which each word occurs: the best first, of equal ones the newest. */
export function selectFoundMarks(
  db: Db,
  ownerId: string,
  kind: 'annotation' | 'note',
  words: readonly string[],
): string[] {
  const found = marksHolding(ownerId, words);
  return db.$client
    .prepare(
      `select w.mark_id from ${found.sql} and w.kind = '${kind}' order by ${found.order}, w.words_id desc`,
    )
    .pluck()
    .all(...found.params) as string[];
}

/**
 * From and where of the owner's rows `w` of mark_words in which each folded word occurs, for other searches of marks to
 * build on; the caller goes on with `and`.
 */
export function marksHolding(ownerId: string, words: readonly string[]): Condition & { order: string } {
  const long = words.filter((word) => LONG_ENOUGH.test(word));
  const short = joined(words.filter((word) => !LONG_ENOUGH.test(word)).map(holdsShort), 'and');
  if (long.length === 0) {
    return {
      ...condition(`mark_words w where w.owner_id = ? and ${short.sql}`, ownerId, ...short.params),
      order: '1',
    };
  }
  return {
    ...condition(
      `mark_words_index i join mark_words w on w.words_id = i.rowid where i.mark_words_index match ?
         and i.rowid between (select min(words_id) from mark_words where owner_id = ?) and (select max(words_id) from mark_words where owner_id = ?)
         and ${short.sql}`,
      long.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND '),
      ownerId,
      ownerId,
      ...short.params,
    ),
    order: 'i.rank',
  };
}

/**
 * A select of the ids of highlights in which a folded word occurs, or in these columns of their book; whether it is
 * small, so that it is best looked at first.
 */
export function highlightsHolding(
  ownerId: string,
  word: string,
  ofBook: readonly WordColumn[],
): Condition & { isSmall: boolean } {
  const found = marksHolding(ownerId, [word]);
  const books = idsHolding(ownerId, ofBook, word);
  return {
    ...condition(
      `select w.mark_id from ${found.sql} and w.kind = 'annotation'
       union all select a.annotation_id from annotations a where a.book_id in (${books.sql})`,
      ...found.params,
      ...books.params,
    ),
    isSmall: LONG_ENOUGH.test(word),
  };
}

/** The index knows nothing shorter than three characters. */
const LONG_ENOUGH = /.{3}/su;

const holdsShort = (word: string): Condition => {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return condition(
    "(ifnull(w.heading like ? escape '\\', 0) or ifnull(w.text like ? escape '\\', 0) or ifnull(w.note like ? escape '\\', 0))",
    pattern,
    pattern,
    pattern,
  );
};

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
