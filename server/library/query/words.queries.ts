// The SQL that finds books by their words: by the index where it can, by looking at every book of the owner where not.
import { fold } from '../../base/fold.ts';
import { condition, joined } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Wanted } from './syntax.ts';

/** Columns of book_words; the first are in the index. */
const INDEXED = ['title', 'subtitle', 'authors', 'isbn', 'description'] as const;
export type WordColumn = (typeof INDEXED)[number] | 'publisher' | 'location' | 'lent_to';
/** Columns that hold several values. */
const LISTS: readonly WordColumn[] = ['authors', 'isbn'];

/** The index knows nothing shorter than three characters. */
const LONG_ENOUGH = /.{3}/su;

/** Folds a part of a text: the blanks at its ends stay. */
export const foldPart = (text: string): string => fold(`x${text}x`).slice(1, -1);

/** Books of which one of the columns holds the text, or is it, with wildcards. */
export function holds(ownerId: string, columns: readonly WordColumn[], wanted: Wanted): Condition {
  if (wanted.pieces === undefined) return holdsFolded(ownerId, columns, foldPart(wanted.text));
  const pieces = wanted.pieces.map(foldPart);
  const longest = pieces.reduce((best, piece) => (piece.length > best.length ? piece : best));
  const fits = joined(
    columns.map((column) => condition(`matches_pieces(w.${column}, ?) = 1`, JSON.stringify(pieces))),
    'or',
  );
  const ids = idsIndexed(ownerId, columns, longest, fits);
  return ids === undefined ? wordsFit(fits) : oneOf(ids);
}

/** Books of which one of the columns holds this text, which is folded already. */
export function holdsFolded(ownerId: string, columns: readonly WordColumn[], text: string): Condition {
  const ids = idsIndexed(ownerId, columns, text);
  return ids === undefined ? wordsFit(holdsText(columns, text)) : oneOf(ids);
}

/** Books whose column is just this text, or has it among its values. */
export function is(ownerId: string, column: WordColumn, text: string): Condition {
  const folded = fold(text);
  if (LISTS.includes(column)) return holdsFolded(ownerId, [column], `\n${folded}\n`);
  return wordsFit(condition(`w.${column} = ?`, folded));
}

/** Books whose column says anything at all. */
export const says = (column: WordColumn): Condition => wordsFit(condition(`w.${column} is not null`));

/** LIKE is several times as fast as instr; the text is folded, so that its own idea of case changes nothing. */
const holdsText = (columns: readonly WordColumn[], text: string): Condition =>
  joined(
    columns.map((column) =>
      condition(`w.${column} like ? escape '\\'`, `%${text.replace(/[\\%_]/g, '\\$&')}%`),
    ),
    'or',
  );

/** A select of the ids of the owner's books the index finds by the text, and that fit; undefined when it cannot find it. */
export function idsIndexed(
  ownerId: string,
  columns: readonly WordColumn[],
  text: string,
  fits: Condition = condition('1'),
): Condition | undefined {
  const isIndexed = columns.every((column) => INDEXED.some((indexed) => indexed === column));
  if (!isIndexed || !LONG_ENOUGH.test(text)) return undefined;
  return condition(
    `select w.book_id from book_words_index i join book_words w on w.words_id = i.rowid
     where i.book_words_index match ?
       and i.rowid between (select min(words_id) from book_words where owner_id = ?) and (select max(words_id) from book_words where owner_id = ?)
       and ${fits.sql}`,
    `{${columns.join(' ')}} : "${text.replaceAll('"', '""')}"`,
    ownerId,
    ownerId,
    ...fits.params,
  );
}

/** A select of the ids of the owner's books of which one of the columns holds this text, which is folded already. */
export const idsHolding = (ownerId: string, columns: readonly WordColumn[], text: string): Condition => {
  const fits = holdsText(columns, text);
  return (
    idsIndexed(ownerId, columns, text) ??
    condition(
      `select w.book_id from book_words w where w.owner_id = ? and ${fits.sql}`,
      ownerId,
      ...fits.params,
    )
  );
};

/** Looked up book by book: a set of very many ids takes longer to make. */
const wordsFit = (fits: Condition): Condition =>
  condition(
    `exists (select 1 from book_words w where w.book_id = books.book_id and ${fits.sql})`,
    ...fits.params,
  );

const oneOf = ({ sql, params }: Condition): Condition => ({ sql: `books.book_id in (${sql})`, params });
