// A person's reading as days, sessions and completions: what every chart is made of.
import type { ContentType } from '../formats/book.ts';
import type { HistoryBook, HistoryCompletion, HistoryDay, HistorySession } from './history.queries.ts';

export type { HistoryBook, HistoryCompletion, HistoryDay, HistorySession } from './history.queries.ts';

export type History = {
  books: ReadonlyMap<number, HistoryBook>;
  /** Ordered by day, then book. */
  days: readonly HistoryDay[];
  /** Ordered by day, then book, then start. */
  sessions: readonly HistorySession[];
  /** Ordered by end, then book. */
  completions: readonly HistoryCompletion[];
};

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

/** Returns the part of a history inside a range of reading days; completions by the day they ended. */
export function within(history: History, { from, to }: Range): History {
  const isIn = (day: string) => day >= from && day <= to;
  return {
    books: history.books,
    days: history.days.filter(({ day }) => isIn(day)),
    sessions: history.sessions.filter(({ day }) => isIn(day)),
    completions: history.completions.filter(({ endDay }) => isIn(endDay)),
  };
}

/** Returns the range a question without one is about: from the first reading day to the last, today included. */
export function wholeRange(history: History, today: string): Range {
  const first = history.days[0]?.day ?? today;
  const last = history.days.at(-1)?.day ?? today;
  return { from: first < today ? first : today, to: last > today ? last : today };
}
