// Sets of books or marks by their numbers, which a condition looks up without reading anything.
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

/** Rows whose number is in the set; only for rows of whoever the set was made for. */
export const isAmong = (column: string, { first, marked }: Numbers): Condition =>
  condition(`substr(?, ${column} - ?, 1) = x'01'`, marked, first - 1);

/** The same of a set that is found when a statement runs, and once; `says` tells it from any other. */
export function isAmongLate(column: string, says: string, find: () => Numbers): Condition {
  let found: Numbers | undefined;
  const once = () => (found ??= find());
  return condition(
    `substr(?, ${column} - ?, 1) = x'01'`,
    { says, make: () => once().marked },
    { says: '', make: () => once().first - 1 },
  );
}

/** The same for statements whose values have names. */
export const isAmongNamed = (column: string, name: string): string =>
  `substr(:${name}, ${column} - :${name}Before, 1) = x'01'`;
/** The values of that condition by their names. */
export const valuesAmong = (name: string, { first, marked }: Numbers): Record<string, Buffer | number> => ({
  [name]: marked,
  [`${name}Before`]: first - 1,
});
