// Conditions on the words of books: each is a set of books, found before the list is read.
import type { Db } from '../../catalogue/db.ts';
import { fold } from '../../base/fold.ts';
import { condition, joined } from './condition.ts';
import type { Condition } from './condition.ts';
import { addFitting, addHolding, numbersOf } from './found.queries.ts';
import { isAmongLate } from './numbers.ts';
import type { Numbers } from './numbers.ts';
import type { Wanted } from './syntax.ts';

/** Columns of book_words. */
export type WordColumn =
  | 'title'
  | 'subtitle'
  | 'authors'
  | 'isbn'
  | 'description'
  | 'publisher'
  | 'location'
  | 'lent_to';
/** Columns that hold several values. */
const LISTS: readonly WordColumn[] = ['authors', 'isbn'];

/** Folds a part of a text: the blanks at its ends stay. */
export const foldPart = (text: string): string => fold(`x${text}x`).slice(1, -1);

/** Books of which one of the columns holds the text, or is it, with wildcards. */
export function holds(db: Db, ownerId: string, columns: readonly WordColumn[], wanted: Wanted): Condition {
  if (wanted.pieces === undefined) return holdsFolded(db, ownerId, columns, foldPart(wanted.text));
  const pieces = wanted.pieces.map(foldPart);
  const text = pieces.reduce((best, piece) => (piece.length > best.length ? piece : best));
  const json = JSON.stringify(pieces);
  const fits = joined(columns.map((column) => condition(`matches_pieces(w.${column}, ?) = 1`, json)), 'or'); // prettier-ignore
  return books(db, ownerId, ['like', columns, pieces], (found) =>
    addHolding(db, found, { table: 'book_words', ownerId, columns, text, fits }),
  );
}

/** Books whose column is just this text, or has it among its values. */
export function is(db: Db, ownerId: string, column: WordColumn, text: string): Condition {
  const folded = fold(text);
  return LISTS.includes(column)
    ? holdsFolded(db, ownerId, [column], `\n${folded}\n`)
    : fitting(db, ownerId, column, condition(`w.${column} = ?`, folded));
}

/** Books whose column says anything at all. */
export const says = (db: Db, ownerId: string, column: WordColumn): Condition =>
  fitting(db, ownerId, column, condition(`w.${column} is not null`));

/** The owner's books of which one of the columns holds this text, which is folded already. */
export function booksHolding(db: Db, ownerId: string, columns: readonly WordColumn[], text: string): Numbers {
  const found = numbersOf(db, 'book_words', ownerId);
  addHolding(db, found, { table: 'book_words', ownerId, columns, text });
  return found;
}

const holdsFolded = (db: Db, ownerId: string, columns: readonly WordColumn[], text: string): Condition =>
  books(db, ownerId, ['holds', columns, text], (found) =>
    addHolding(db, found, { table: 'book_words', ownerId, columns, text }),
  );

const fitting = (db: Db, ownerId: string, column: WordColumn, fits: Condition): Condition =>
  books(db, ownerId, ['fits', fits], (found) =>
    addFitting(db, found, { table: 'book_words', ownerId, columns: [column], fits }),
  );

/** Books of the set that `add` fills when a statement asks for it. */
const books = (db: Db, ownerId: string, says: readonly unknown[], add: (found: Numbers) => void): Condition =>
  isAmongLate(db, 'books.number', JSON.stringify([ownerId, ...says]), () => {
    const found = numbersOf(db, 'book_words', ownerId);
    add(found);
    return found;
  });
