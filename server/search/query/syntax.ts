// What a query says, once it is understood: the tree the parser gives and the compiler takes (grammar.md).

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Text to look for. With `pieces` (the text cut at its asterisks) it must be the whole value, anything in their places. */
export type Wanted = { text: string; pieces?: string[] };

/** A day, month or year as its first and last day. */
export type Period = { from: string; to: string };

/** "7d" and the like: an age from now on backwards. */
export type Age = { count: number; unit: 'd' | 'w' | 'm' | 'y' };

/** How a value of a person's own field is compared. */
export type OwnTest =
  | { test: 'none' }
  | { test: 'holds'; wanted: Wanted }
  | { test: 'is'; text: string; differs: boolean }
  | { test: 'number'; op: Operator; value: number }
  | { test: 'numbers'; from: number; to: number }
  | { test: 'day'; op: Operator; period: Period }
  | { test: 'days'; from: string; to: string };

export type Term =
  /** Words without a field. */
  | { about: 'words'; wanted: Wanted }
  | { about: 'nothing'; field: string }
  | { about: 'text'; field: string; wanted: Wanted }
  | { about: 'exact'; field: string; text: string; differs: boolean }
  | { about: 'name'; field: 'tag' | 'shelf'; wanted: Wanted; differs: boolean }
  | { about: 'word'; field: string; word: string; differs: boolean }
  | { about: 'number'; field: string; op: Operator; value: number }
  | { about: 'numbers'; field: string; from: number; to: number }
  | { about: 'day'; field: string; op: Operator; period: Period }
  | { about: 'days'; field: string; from: string; to: string }
  | { about: 'age'; field: string; op: '<' | '<=' | '>' | '>='; age: Age }
  | { about: 'own'; name: string; own: OwnTest };

export type Query =
  | { kind: 'everything' }
  | { kind: 'and' | 'or'; parts: Query[] }
  | { kind: 'not'; part: Query }
  /** `at` is where it begins, counted from 0 in UTF-16 units. */
  | { kind: 'term'; at: number; term: Term };
