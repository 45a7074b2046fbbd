// A person's reading in a period, of all their books, of one, or of a shelf.
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { countCompletedBooks } from './completed-books.ts';
import { selectFinished, selectShelfBooks } from './period-statistics.queries.ts';
import type { History } from './history.ts';
import { rangeOf, statisticsOf } from './periods.ts';
import type { PeriodAsked, PeriodStatistics } from './periods.ts';
import type { Readings } from './readings.ts';
import type { Zones } from './zones.ts';

export type StatisticsAsked = PeriodAsked & {
  bookId?: string | undefined;
  shelfId?: string | undefined;
  tz?: string | undefined;
};
export type ReadingStatistics = PeriodStatistics & { booksCompleted: number };

export type PeriodStatisticsOf = ReturnType<typeof createPeriodStatistics>;

/** Returns the verb of statistics. */
export function createPeriodStatistics({
  catalogue,
  clock,
  readings,
  zones,
}: {
  catalogue: Catalogue;
  clock: Clock;
  readings: Readings;
  zones: Zones;
}) {
  return {
    /**
     * Returns what was read in the period, in the days of the zone asked for, else preferred. A shelf or book that is not
     * the person's has no reading. Throws invalid for an unknown zone and for a period that is none.
     */
    async of(ownerId: string, asked: StatisticsAsked): Promise<ReadingStatistics> {
      const days = zones.of(ownerId, asked.tz);
      const { history } = await readings.view(ownerId, days.zone);
      const wanted = wantedBooks({ ownerId, now: clock.now(), zone: days.zone }, asked);
      const part = wanted === undefined ? history : ofBooks(history, wanted);
      const today = days.dayOf(clock.now());
      const range = rangeOf(asked, part, today);
      const finished = catalogue.read((db) =>
        selectFinished(db, {
          ownerId,
          fromMs: days.startOf(range.from).getTime(),
          beforeMs: days.endOf(range.to).getTime(),
          bookIds: wanted === undefined ? null : JSON.stringify([...wanted]),
        }),
      );
      const marks = finished.map(({ bookId, atMs }) => ({ bookId, day: days.dayOf(new Date(atMs)) }));
      const booksCompleted = countCompletedBooks(part, marks, range);
      return { ...statisticsOf(part, range, today), booksCompleted };
    },
  };

  /** The ids of the books asked about, undefined for all. */
  function wantedBooks(
    ground: { ownerId: string; now: Date; zone: string },
    { bookId, shelfId }: StatisticsAsked,
  ): Set<string> | undefined {
    if (bookId === undefined && shelfId === undefined) return undefined;
    const onShelf =
      shelfId === undefined
        ? undefined
        : new Set(catalogue.read((db) => selectShelfBooks(db, shelfId, ground)));
    if (bookId === undefined) return onShelf;
    return new Set(onShelf === undefined || onShelf.has(bookId) ? [bookId] : []);
  }
}

/** The part of a history that is of these books of the library. */
function ofBooks(history: History, bookIds: ReadonlySet<string>): History {
  const isWanted = ({ readBookId }: { readBookId: number }) => {
    const bookId = history.books.get(readBookId)?.bookId;
    return bookId != null && bookIds.has(bookId);
  };
  return {
    books: history.books,
    days: history.days.filter(isWanted),
    sessions: history.sessions.filter(isWanted),
    completions: history.completions.filter(isWanted),
  };
}
