// The SQL of plain search: every word somewhere in what a book says of itself, its series or its tags.
import { fold } from '../../base/fold.ts';
import type { Db } from '../../catalogue/catalogue.ts';
import { condition, joined } from './condition.ts';
import type { Condition } from './condition.ts';
import { selectSeriesNames, selectTagNames } from './names.queries.ts';
import type { Named } from './names.queries.ts';
import { holdsFolded, idsIndexed } from './words.queries.ts';

/** More words than these narrow nothing down. */
const MAX_WORDS = 32;

/** Returns the folded words of a search, each once. */
export const wordsOf = (search: string): string[] =>
  [...new Set(fold(search).split(' '))].filter((word) => word !== '').slice(0, MAX_WORDS);

/** One condition for each word of the search (behaviour §4.3, FR-2_8). */
export function holdsWords(db: Db, ownerId: string, search: string): Condition[] {
  const words = wordsOf(search);
  if (words.length === 0) return [];
  const series = foldedNames(selectSeriesNames(db, ownerId));
  const tags = foldedNames(selectTagNames(db, ownerId));
  return words.map((word) => {
    const [ofSeries, ofTags] = [namesHolding(series, word), namesHolding(tags, word)];
    const ids = idsIndexed(ownerId, SEARCHED, withoutHyphens(word));
    // A set of ids where the index makes a small one, book by book where it cannot.
    return ids === undefined
      ? joined([holdsFolded(ownerId, SEARCHED, word), ...named(IS_OF_SERIES, ofSeries), ...named(IS_TAGGED, ofTags)], 'or') // prettier-ignore
      : oneOf([ids, ...named(OF_SERIES, ofSeries), ...named(TAGGED, ofTags)]);
  });
}

const SEARCHED = ['title', 'subtitle', 'authors', 'isbn', 'description'] as const;
const OF_SERIES = 'select b.book_id from books b where b.series_id in (select value from json_each(?))';
const TAGGED = 'select t.book_id from book_tags t where t.tag_id in (select value from json_each(?))';
const IS_OF_SERIES = 'ifnull(books.series_id in (select value from json_each(?)), 0)';
const IS_TAGGED = `books.book_id in (${TAGGED})`;

const named = (sql: string, ids: string | undefined): Condition[] =>
  ids === undefined ? [] : [condition(sql, ids)];

const oneOf = (selects: Condition[]): Condition =>
  condition(`books.book_id in (${selects.map(({ sql }) => sql).join(' union ')})`, ...selects.flatMap(({ params }) => params)); // prettier-ignore

const foldedNames = (names: Named[]): Named[] => names.map(({ id, name }) => ({ id, name: fold(name) }));

function namesHolding(names: Named[], word: string): string | undefined {
  const ids = names.filter(({ name }) => name.includes(word)).map(({ id }) => id);
  return ids.length === 0 ? undefined : JSON.stringify(ids);
}

/** An ISBN is kept without the hyphens it is printed with. */
const withoutHyphens = (word: string): string =>
  /^97[89]-[\d-]+$/.test(word) || /^[\d-]{11,}[\dx]$/.test(word) ? word.replaceAll('-', '') : word;
