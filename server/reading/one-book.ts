// Shows what KOReader knows of a book and what other devices told of it as one book. Pure.
import type { History, HistoryBook, HistoryDay } from './history.ts';

const united = new WeakMap<History, History>();

/**
 * Returns the history with told reading under the number KOReader's statistics have for the book, the one opened last when
 * there are several; a day both know of is one day. Made once for each history.
 */
export function asOneBook(history: History): History {
  let result = united.get(history);
  if (result === undefined) united.set(history, (result = unite(history)));
  return result;
}

function unite(history: History): History {
  const numbers = numbersOf(history);
  if (numbers.size === 0) return history;
  const renumbered = <Row extends { readBookId: number }>(rows: readonly Row[]): Row[] =>
    rows.map((row) => {
      const readBookId = numbers.get(row.readBookId);
      return readBookId === undefined ? row : { ...row, readBookId };
    });
  const days: HistoryDay[] = [];
  for (const day of renumbered(history.days).sort(byDay)) {
    const last = days.at(-1);
    if (last?.day !== day.day || last.readBookId !== day.readBookId) days.push(day);
    else
      days[days.length - 1] = {
        ...last,
        readSec: last.readSec + day.readSec,
        pages: last.pages + day.pages,
      };
  }
  return {
    books: new Map([...history.books].filter(([number]) => !numbers.has(number))),
    days,
    sessions: renumbered(history.sessions).sort((a, b) => byDay(a, b) || a.startedSec - b.startedSec),
    completions: history.completions,
  };
}

/** For each told row of a book KOReader knows too, the number it is shown under. */
function numbersOf({ books }: History): Map<number, number> {
  const shownAs = new Map<string, number>();
  for (const [readBookId] of sameBooks(books.values())) {
    const bookId = books.get(readBookId)?.bookId;
    if (bookId != null) shownAs.set(bookId, readBookId);
  }
  const numbers = new Map<number, number>();
  for (const { bookId, isTold, readBookId } of books.values()) {
    const shown = bookId === null || isTold === 0 ? undefined : shownAs.get(bookId);
    if (shown !== undefined) numbers.set(readBookId, shown);
  }
  return numbers;
}

/**
 * Returns for each book KOReader read the numbers of all its checksums, under the one all its reading is worked out for: that
 * opened last, of equals the newest.
 */
export function sameBooks(books: Iterable<HistoryBook>): Map<number, number[]> {
  const groups = new Map<string | number, HistoryBook[]>();
  for (const book of books) {
    if (book.isTold === 1) continue;
    const key = book.bookId ?? book.readBookId;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [book]);
    else group.push(book);
  }
  return new Map(
    [...groups.values()].map((group) => {
      const [shown = group[0]!] = group.toSorted(
        (a, b) => (b.lastOpenMs ?? 0) - (a.lastOpenMs ?? 0) || b.readBookId - a.readBookId,
      );
      return [shown.readBookId, group.map(({ readBookId }) => readBookId)];
    }),
  );
}

const byDay = (a: { day: string; readBookId: number }, b: { day: string; readBookId: number }): number =>
  a.day < b.day ? -1 : a.day > b.day ? 1 : a.readBookId - b.readBookId;
