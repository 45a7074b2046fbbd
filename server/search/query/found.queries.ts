// The SQL that finds books and marks by their folded words: by the index where it can, by looking at every text where not.
import type { Db } from '../../catalogue/db.ts';
import { shapedStatement, statement } from '../../catalogue/statements.ts';
import { condition, joined, valuesOf } from './condition.ts';
import type { Condition } from './condition.ts';
import { addNumbers, noNumbers } from './numbers.ts';
import type { Numbers } from './numbers.ts';

/** Columns of each table of words; the indexed ones first. */
const INDEXED = {
  book_words: ['title', 'subtitle', 'authors', 'isbn', 'description'],
  annotation_words: ['heading', 'text', 'note'],
  bookmark_words: ['heading', 'text', 'note'],
  note_words: ['heading', 'text', 'note'],
} as const;
export type WordTable = keyof typeof INDEXED;
export type MarkWordTable = Exclude<WordTable, 'book_words'>;

/** Whether the index knows the text: it has nothing shorter than three characters. */
export const isLong = (text: string): boolean => /.{3}/su.test(text);
/** The text as the index is asked for it. */
export const phraseOf = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** An empty set for the owner's rows of a table of words. */
export function numbersOf(db: Db, table: WordTable, ownerId: string): Numbers {
  const [first, last] = statement(
    db.$client,
    `select (select min(number) from ${table} where owner_id = :ownerId), (select max(number) from ${table} where owner_id = :ownerId)`,
  )
    .raw()
    .get({ ownerId }) as [first: number | null, last: number | null];
  return noNumbers({ first: first ?? 0, last: last ?? -1 });
}

/** Adds to the set the owner's rows of which one of the columns holds the folded text, and that fit. */
export function addHolding(
  db: Db,
  found: Numbers,
  asked: { table: WordTable; ownerId: string; columns: readonly string[]; text: string; fits?: Condition },
): void {
  const { table, ownerId, columns, text, fits } = asked;
  const isIndexed = columns.every((column) => INDEXED[table].some((indexed) => indexed === column));
  if (!isIndexed || !isLong(text)) {
    addFitting(db, found, { table, ownerId, columns, fits: fits ?? holdsText(columns, text) });
    return;
  }
  const { first, marked } = found;
  const rows = statement(
    db.$client,
    `select i.rowid from ${table}_index i ${fits === undefined ? '' : `join ${table} w on w.number = i.rowid`}
     where i.${table}_index match ? and i.rowid between ? and ? ${fits === undefined ? '' : `and ${fits.sql}`}`,
  ).pluck();
  const phrase = `{${columns.join(' ')}} : ${phraseOf(text)}`;
  addNumbers(
    found,
    rows.all(
      phrase,
      first,
      first + marked.length - 1,
      ...(fits === undefined ? [] : valuesOf(fits)),
    ) as number[],
  );
}

/** Adds to the set the owner's rows `w` that fit, looking at these columns of each. */
export function addFitting(
  db: Db,
  found: Numbers,
  asked: { table: WordTable; ownerId: string; columns: readonly string[]; fits: Condition },
): void {
  const { table, ownerId, columns, fits } = asked;
  // In the order they lie in, unless a narrower index has all there is to look at.
  const isNamed = table === 'book_words' && columns.every((column) => NAMED.has(column));
  const rows = shapedStatement(
    db.$client,
    `select w.number from ${table} w indexed by ${table}_${isNamed ? 'named' : 'owner'} where w.owner_id = ? and ${fits.sql}`,
  );
  addNumbers(found, rows.pluck().all(ownerId, ...valuesOf(fits)) as number[]);
}
const NAMED: ReadonlySet<string> = new Set(['title', 'authors']);

/** LIKE is several times as fast as instr; the text is folded, so that its own idea of case changes nothing. */
export const holdsText = (columns: readonly string[], text: string): Condition =>
  joined(
    columns.map((column) =>
      condition(`ifnull(w.${column} like ? escape '\\', 0)`, `%${text.replace(/[\\%_]/g, '\\$&')}%`),
    ),
    'or',
  );
