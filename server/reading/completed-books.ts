// Which books a person finished in some days: by the pages they read, and by their own word where no pages tell. Pure.
import type { History, Range } from './history.ts';

/** A book the person, or a device for them, called finished on a day. */
export type FinishedMark = { bookId: string; day: string };

/**
 * Returns how many different books were finished in the range. A book called finished while it was read to its end, or
 * afterwards with no reading in between, was finished when its last page was read, however much later somebody said so.
 */
export function countCompletedBooks(history: History, marks: readonly FinishedMark[], range: Range): number {
  const keyOf = (readBookId: number) => history.books.get(readBookId)?.bookId ?? readBookId;
  const marked = new Set<string | number>(marks.map(({ bookId }) => bookId));
  const completed = new Set<string | number>();
  const endings = new Map<string | number, { startDay: string; endDay: string }[]>();
  for (const { readBookId, startDay, endDay } of history.completions) {
    const key = keyOf(readBookId);
    if (endDay >= range.from && endDay <= range.to) completed.add(key);
    if (marked.has(key)) endings.set(key, [...(endings.get(key) ?? []), { startDay, endDay }]);
  }
  const days = new Map([...endings.keys()].map((key) => [key, [] as string[]]));
  if (days.size > 0) for (const { readBookId, day } of history.days) days.get(keyOf(readBookId))?.push(day);
  for (const { bookId, day } of marks) {
    const isOfPages = endings
      .get(bookId)
      ?.some(
        ({ startDay, endDay }) =>
          startDay <= day && days.get(bookId)?.some((read) => read > endDay && read <= day) !== true,
      );
    if (isOfPages !== true) completed.add(bookId);
  }
  return completed.size;
}
