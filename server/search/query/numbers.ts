// Sets of books or marks by their numbers, which a condition looks up without reading anything.
import type { Db } from '../../catalogue/db.ts';
import { keptUntilChange } from '../../catalogue/kept.ts';
import { condition } from './condition.ts';
import type { Condition } from './condition.ts';

/** A byte for each number from `first` on: 1 where it is in the set. */
export type Numbers = { first: number; marked: Buffer };

/** Returns an empty set that takes numbers from `first` to `last`. */
export const noNumbers = ({ first, last }: { first: number; last: number }): Numbers => ({
  first,
  marked: Buffer.alloc(Math.max(0, last - first + 1)),
});

/** Adds numbers to a set; those beyond its ends are left out. */
export function addNumbers({ first, marked }: Numbers, numbers: readonly number[]): void {
  for (const number of numbers) {
    const at = number - first;
    if (at >= 0 && at < marked.length) marked[at] = 1;
  }
}

/** Keeps of the first set what the other has too; both were made with the same ends. */
export function keepShared({ marked }: Numbers, other: Numbers): void {
  for (let at = 0; at < marked.length; at += 1) marked[at]! &= other.marked[at] ?? 0;
}

/** The numbers from its first to its last that are not in the set. */
export const allBut = ({ first, marked }: Numbers): Numbers => ({
  first,
  marked: Buffer.from(marked.map((byte) => 1 - byte)),
});

/** The numbers in the set, the lowest first. */
export function numbersIn({ first, marked }: Numbers): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < marked.length; at += 1) if (marked[at] === 1) numbers.push(first + at);
  return numbers;
}

/** How many numbers the set has. */
export function countNumbers({ marked }: Numbers): number {
  let count = 0;
  for (const byte of marked) count += byte;
  return count;
}

/** The set that `find` gives, kept until something changes: people turn pages, and look in one thing after another. Not to be added to. */
export const keptNumbers = (db: Db, says: string, find: () => Numbers): Numbers =>
  keptUntilChange(db, says, find, ({ marked }) => marked.length);

/** Rows whose number is in the set; only for rows of whoever the set was made for. */
export const isAmong = (column: string, { first, marked }: Numbers): Condition =>
  condition(`substr(?, ${column} - ?, 1) = x'01'`, marked, first - 1);

/** A set of fewer than one in this many is looked up one by one; of a fuller one every row is asked. */
const FEW = 32;
export const isSparse = (numbers: Numbers): boolean => countNumbers(numbers) * FEW < numbers.marked.length;

/** The same of a sparse set: what is looked up one by one. */
export const isOneOf = (column: string, numbers: Numbers): Condition =>
  condition(`${column} in (select value from json_each(?))`, JSON.stringify(numbersIn(numbers)));

/** The same of a set that is found when a statement runs, and kept until something changes; `says` tells it from any other. */
export function isAmongLate(db: Db, column: string, says: string, find: () => Numbers): Condition {
  let found: Numbers | undefined;
  const once = () => (found ??= keptNumbers(db, says, find));
  const params = [
    { says, make: () => once().marked },
    { says: '', make: () => once().first - 1 },
  ];
  return { ...condition(`substr(?, ${column} - ?, 1) = x'01'`, ...params), isSet: true };
}

/**
 * The same for statements whose values have names, `name` for the first of them, with `owner` as what says whose the rows
 * are: for a sparse set the plus in it keeps SQLite from going through all of them.
 */
export function isAmongNamed(
  numbers: Numbers,
  { column, owner, name }: { column: string; owner: string; name: string },
): { sql: string; values: Record<string, string | number | Buffer> } {
  if (isSparse(numbers)) {
    return {
      sql: `+${owner} and ${column} in (select value from json_each(:${name}))`,
      values: { [name]: JSON.stringify(numbersIn(numbers)) },
    };
  }
  return {
    sql: `${owner} and substr(:${name}, ${column} - :${name}Before, 1) = x'01'`,
    values: { [name]: numbers.marked, [`${name}Before`]: numbers.first - 1 },
  };
}
