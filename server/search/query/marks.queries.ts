// The SQL that finds marks by their words, and by those of their book.
import type { Db } from '../../catalogue/db.ts';
import { statement } from '../../catalogue/statements.ts';
import { ALWAYS, joined, valuesOf } from './condition.ts';
import { addFitting, addHolding, holdsText, isLong, numbersOf, phraseOf } from './found.queries.ts';
import type { MarkWordTable } from './found.queries.ts';
import { addNumbers, isAmong, isOneOf, isSparse, keepShared, keptNumbers, noNumbers } from './numbers.ts';
import type { Numbers } from './numbers.ts';
import { booksHolding } from './words.queries.ts';
import type { WordColumn } from './words.queries.ts';

const COLUMNS = ['heading', 'text', 'note'] as const;

type MarksAsked = {
  table: MarkWordTable;
  ownerId: string;
  words: readonly string[];
  ofBook?: readonly WordColumn[];
};

/** The same set, kept until something changes. Not to be added to. */
export const keptMarksHolding = (db: Db, { table, ownerId, words, ofBook }: MarksAsked): Numbers =>
  keptNumbers(db, JSON.stringify([table, ownerId, words, ofBook]), () =>
    marksHolding(db, { table, ownerId, words, ...(ofBook === undefined ? {} : { ofBook }) }),
  );

/**
 * The owner's marks in which each folded word occurs, or in these columns of their book. Of long words it may have a mark
 * of somebody else, as the index knows no owners.
 */
export function marksHolding(db: Db, asked: MarksAsked): Numbers {
  const { table, ownerId, words, ofBook = [] } = asked;
  const booksWith = (word: string) => booksHolding(db, ownerId, ofBook, word);
  let found: Numbers | undefined;
  for (const text of words.filter(isLong)) {
    const holding = numbersOf(db, table, ownerId);
    addHolding(db, holding, { table, ownerId, columns: COLUMNS, text });
    if (ofBook.length > 0) addMarksOfBooks(db, holding, { table, ownerId, books: booksWith(text) });
    if (found === undefined) found = holding;
    else keepShared(found, holding);
  }
  const short = words.filter((word) => !isLong(word));
  if (found !== undefined && short.length === 0) return found;
  // Every text is looked at once for all of them, and only where the long words leave any to look for.
  const fits = short.map((word) =>
    joined(
      [holdsText(COLUMNS, word), ...(ofBook.length > 0 ? [isAmong('w.book_number', booksWith(word))] : [])],
      'or',
    ),
  );
  const all = numbersOf(db, table, ownerId);
  addFitting(db, all, {
    table,
    ownerId,
    columns: COLUMNS,
    fits: joined([found === undefined ? ALWAYS : isAmong('w.number', found), ...fits], 'and'),
  });
  return all;
}

/** Adds to the set the owner's marks of these books. */
export function addMarksOfBooks(
  db: Db,
  found: Numbers,
  { table, ownerId, books }: { table: MarkWordTable; ownerId: string; books: Numbers },
): void {
  const isOfBook = (isSparse(books) ? isOneOf : isAmong)('w.book_number', books);
  const rows = statement(
    db.$client,
    `select w.number from ${table} w indexed by ${table}_book where w.owner_id = ? and ${isOfBook.sql}`,
  ).pluck();
  addNumbers(found, rows.all(ownerId, ...valuesOf(isOfBook)) as number[]);
}

/** What of the set is the owner's. */
export function ownedOnly(
  db: Db,
  { table, ownerId }: { table: MarkWordTable; ownerId: string },
  found: Numbers,
): Numbers {
  const isFew = isSparse(found);
  const fits = (isFew ? isOneOf : isAmong)('w.number', found);
  const owned = noNumbers({ first: found.first, last: found.first + found.marked.length - 1 });
  const rows = statement(
    db.$client,
    `select w.number from ${table} w where ${isFew ? '+' : ''}w.owner_id = ? and ${fits.sql}`,
  ).pluck();
  addNumbers(owned, rows.all(ownerId, ...valuesOf(fits)) as number[]);
  return owned;
}

/** The numbers of the set, those first that hold most of the words; undefined when the index knows none of the words. */
export function selectRanked(
  db: Db,
  table: MarkWordTable,
  found: Numbers,
  words: readonly string[],
): number[] | undefined {
  const long = words.filter(isLong);
  if (long.length === 0) return undefined;
  const { first, marked } = found;
  const isFound = isAmong('i.rowid', found);
  return statement(
    db.$client,
    `select i.rowid from ${table}_index i where i.${table}_index match ? and i.rowid between ? and ? and ${isFound.sql}
     order by i.rank, i.rowid desc`,
  )
    .pluck()
    .all(
      long.map(phraseOf).join(' AND '),
      first,
      first + marked.length - 1,
      ...valuesOf(isFound),
    ) as number[];
}
