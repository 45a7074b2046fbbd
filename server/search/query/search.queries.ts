// The SQL of plain search: every word somewhere in what a book says of itself, its series or its tags.
import type { Db } from '../../catalogue/db.ts';
import { fold } from '../../base/fold.ts';
import { statement } from '../../catalogue/statements.ts';
import type { Condition } from './condition.ts';
import { selectSeriesNames, selectTagNames } from './names.queries.ts';
import type { Named } from './names.queries.ts';
import { addNumbers, allBut, countNumbers, isAmongLate, isAmongNamed, keepShared } from './numbers.ts';
import type { Numbers } from './numbers.ts';
import { numbersOf } from './found.queries.ts';
import { booksHolding } from './words.queries.ts';

/** More words than these narrow nothing down. */
const MAX_WORDS = 32;

/** Returns the folded words of a search, each once. */
export const wordsOf = (search: string): string[] =>
  [...new Set(fold(search).split(' '))].filter((word) => word !== '').slice(0, MAX_WORDS);

/** Books that hold every word of the search (papyrus.md "Lists of books"); no condition where there are no words. */
export function holdsWords(db: Db, ownerId: string, search: string): Condition[] {
  const words = wordsOf(search);
  if (words.length === 0) return [];
  return [
    isAmongLate(db, 'books.number', JSON.stringify([ownerId, 'search', words]), () => {
      const series = foldedNames(selectSeriesNames(db, ownerId));
      const tags = foldedNames(selectTagNames(db, ownerId));
      const [first, ...rest] = words.map((word) => {
        const found = booksHolding(db, ownerId, SEARCHED, withoutHyphens(word));
        addOfSeries(db, found, namesHolding(series, word));
        addTagged(db, found, { ownerId, tags: namesHolding(tags, word) });
        return found;
      });
      const found = first ?? numbersOf(db, 'book_words', ownerId);
      for (const other of rest) keepShared(found, other);
      return found;
    }),
  ];
}

const SEARCHED = ['title', 'subtitle', 'authors', 'isbn', 'description'] as const;

function addOfSeries(db: Db, found: Numbers, series: string | undefined): void {
  if (series === undefined) return;
  const rows = statement(
    db.$client,
    'select number from books where series_id in (select value from json_each(?))',
  );
  addNumbers(found, rows.pluck().all(series) as number[]);
}

/** From the tags, or from the books that are not in the set yet: whatever is fewer. */
function addTagged(
  db: Db,
  found: Numbers,
  { ownerId, tags }: { ownerId: string; tags: string | undefined },
): void {
  if (tags === undefined) return;
  const tagged = statement(
    db.$client,
    'select count(*) from book_tags where tag_id in (select value from json_each(?))',
  )
    .pluck()
    .get(tags) as number;
  const rest = allBut(found);
  const isRest = isAmongNamed(rest, { column: 'b.number', owner: 'b.owner_id = :ownerId', name: 'rest' });
  const rows =
    tagged < countNumbers(rest)
      ? statement(
          db.$client,
          `select b.number from book_tags t cross join books b on b.book_id = t.book_id
           where t.tag_id in (select value from json_each(:tags))`,
        )
          .pluck()
          .all({ tags })
      : statement(
          db.$client,
          `select b.number from books b where ${isRest.sql}
             and exists (select 1 from book_tags t where t.book_id = b.book_id and t.tag_id in (select value from json_each(:tags)))`,
        )
          .pluck()
          .all({ ownerId, tags, ...isRest.values });
  addNumbers(found, rows as number[]);
}

const foldedNames = (names: Named[]): Named[] => names.map(({ id, name }) => ({ id, name: fold(name) }));

function namesHolding(names: Named[], word: string): string | undefined {
  const ids = names.filter(({ name }) => name.includes(word)).map(({ id }) => id);
  return ids.length === 0 ? undefined : JSON.stringify(ids);
}

/** An ISBN is kept without the hyphens it is printed with. */
const withoutHyphens = (word: string): string =>
  /^97[89]-[\d-]+$/.test(word) || /^[\d-]{11,}[\dx]$/.test(word) ? word.replaceAll('-', '') : word;
