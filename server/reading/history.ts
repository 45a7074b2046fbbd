// A person's reading as days, sessions and completions: what every chart is made of.
import type { ContentType } from '../formats/book.ts';
import type { History } from './history.queries.ts';

export type {
  History,
  HistoryBook,
  HistoryCompletion,
  HistoryDay,
  HistorySession,
} from './history.queries.ts';

export type Range = { from: string; to: string };
export type Scope = 'all' | 'books' | 'comics';

/** Returns the part of a history that is of books or of comics; what is in no library is in neither. */
export function ofScope(history: History, scope: Scope): History {
  if (scope === 'all') return history;
  const wanted: ContentType = scope === 'books' ? 'book' : 'comic';
  const isWanted = ({ readBookId }: { readBookId: number }) =>
    history.books.get(readBookId)?.contentType === wanted;
  return {
    books: history.books,
    days: history.days.filter(isWanted),
    sessions: history.sessions.filter(isWanted),
    completions: history.completions.filter(isWanted),
  };
}

const ofLibraries = new WeakMap<History, History>();

/** Returns the part of a history that is of books in the lists. Made once for each history. */
export function ofLibrary(history: History): History {
  let part = ofLibraries.get(history);
  if (part === undefined) {
    const isListed = ({ readBookId }: { readBookId: number }) =>
      history.books.get(readBookId)?.isListed === 1;
    part = {
      books: history.books,
      days: history.days.filter(isListed),
      sessions: history.sessions.filter(isListed),
      completions: history.completions.filter(isListed),
    };
    ofLibraries.set(history, part);
  }
  return part;
}

/** Returns the part of a history inside a range of reading days; completions by the day they ended. */
export function within(history: History, { from, to }: Range): History {
  return {
    books: history.books,
    days: between(history.days, ({ day }) => day, from, to),
    sessions: between(history.sessions, ({ day }) => day, from, to),
    completions: between(history.completions, ({ endDay }) => endDay, from, to),
  };
}

/** The rows of these days out of rows ordered by day. */
function between<Row>(
  rows: readonly Row[],
  dayOf: (row: Row) => string,
  from: string,
  to: string,
): readonly Row[] {
  const first = placeOf(rows, (row) => dayOf(row) >= from);
  const end = placeOf(rows, (row) => dayOf(row) > to);
  return first === 0 && end === rows.length ? rows : rows.slice(first, end);
}

/** The place of the first row the test is true for; it must be true for all after it. */
function placeOf<Row>(rows: readonly Row[], test: (row: Row) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What was worked out anew for some books: their rows in the order of a history's. */
export type Recounted = { readBookIds: ReadonlySet<number> } & Pick<
  History,
  'days' | 'sessions' | 'completions'
>;

/** Returns the history with these books' rows in the place of those it had of them. */
export function withRecounted(history: History, recounted: Recounted): History {
  const { readBookIds, days, sessions, completions } = recounted;
  if (readBookIds.size === 0) return history;
  const others = <Row extends { readBookId: number }>(rows: readonly Row[]) =>
    rows.filter(({ readBookId }) => !readBookIds.has(readBookId));
  return {
    books: history.books,
    days: mergeOrdered(others(history.days), days, ({ day }) => day),
    sessions: mergeOrdered(others(history.sessions), sessions, ({ day }) => day),
    completions: mergeOrdered(others(history.completions), completions, ({ endDay }) => endDay),
  };
}

/** Merges two lists ordered by day, then book, that have no book in common. */
function mergeOrdered<Row extends { readBookId: number }>(
  rows: readonly Row[],
  added: readonly Row[],
  dayOf: (row: Row) => string,
): Row[] {
  const isFirst = (row: Row, other: Row) => {
    const [day, otherDay] = [dayOf(row), dayOf(other)];
    return day < otherDay || (day === otherDay && row.readBookId < other.readBookId);
  };
  const merged: Row[] = [];
  let next = 0;
  for (const row of rows) {
    for (; next < added.length && isFirst(added[next]!, row); next++) merged.push(added[next]!);
    merged.push(row);
  }
  for (const row of added.slice(next)) merged.push(row);
  return merged;
}

/** Returns the range a question without one is about: from the first reading day to the last, today included. */
export function wholeRange(history: History, today: string): Range {
  const first = history.days[0]?.day ?? today;
  const last = history.days.at(-1)?.day ?? today;
  return { from: first < today ? first : today, to: last > today ? last : today };
}
