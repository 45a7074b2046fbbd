// A piece of a where clause with its values: text of ours with a ? for each value, never a word of anybody else's.

/** A value that costs much to make: it is made when a statement runs. `says` tells it from any other. */
export type Late = { says: string; make: () => Buffer | number };
export type Value = string | number | Buffer | Late;
/** `isSet`: whether it only looks the number of a book up, which costs next to nothing. */
export type Condition = { sql: string; params: Value[]; isSet?: true };

/** Returns the condition of this text; every ? in it stands for one value. */
export const condition = (sql: string, ...params: Value[]): Condition => ({ sql, params });

/** The values of a condition as a statement takes them. */
export const valuesOf = ({ params }: Condition): (string | number | Buffer)[] =>
  params.map((value) => (typeof value === 'object' && 'make' in value ? value.make() : value));

export const ALWAYS = condition('1');
export const NEVER = condition('0');

/** Returns what holds when all of them do, or when one does. */
export function joined(parts: Condition[], by: 'and' | 'or'): Condition {
  if (parts.length === 0) return by === 'and' ? ALWAYS : NEVER;
  return {
    sql: parts.length === 1 ? parts[0]!.sql : `(${parts.map(({ sql }) => sql).join(` ${by} `)})`,
    params: parts.flatMap(({ params }) => params),
  };
}

/** Returns what holds when the other does not. */
export const negated = ({ sql, params }: Condition): Condition => ({ sql: `not (${sql})`, params });

/** Returns what holds when the second does and the first does not. */
export const butNot = (without: Condition, within: Condition): Condition =>
  joined([within, negated(without)], 'and');
