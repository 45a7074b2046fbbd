// A person's reading, ready for charts: from the worked-out tables in the server's zone, recounted for any other.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { minutesOf, readingDays } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { deriveReading } from './derive.ts';
import { toldReading } from './derive-told.ts';
import type { History } from './history.ts';
import { selectHistory, selectHistoryBooks, selectLayouts, selectRawReads } from './history.queries.ts';
import { asOneBook } from './one-book.ts';
import type { HistoryCompletion, HistoryDay, HistorySession } from './history.queries.ts';

/** Days of a book with less reading than this are no reading days (KoShelf behaviour §3.4, its default). */
export const LEAST_DAY_SEC = 30;

/** How the server counts days. */
export type ReadingClock = { zone: string; dayStart: string };

export type View = { history: History; zone: string; today: string };

export type Readings = ReturnType<typeof createReadings>;

/** Returns the verbs of reading. */
export function createReadings({
  catalogue,
  clock,
  counts,
}: {
  catalogue: Catalogue;
  clock: Clock;
  counts: ReadingClock;
}) {
  let kept: { revision: number; views: Map<string, Promise<History>> } = { revision: -1, views: new Map() };

  /** Recounts everything for another zone, a book at a time. */
  async function recount(ownerId: string, zone: string): Promise<History> {
    const rules = { dayOf: readingDays(zone, minutesOf(counts.dayStart)), leastDaySec: LEAST_DAY_SEC };
    const books = new Map(
      catalogue.read((db) => selectHistoryBooks(db, ownerId)).map((book) => [book.readBookId, book]),
    );
    const layouts = catalogue.read((db) => selectLayouts(db, ownerId));
    const days: HistoryDay[] = [];
    const sessions: HistorySession[] = [];
    const completions: HistoryCompletion[] = [];
    for (const [readBookId, layout] of layouts) {
      const reading = deriveReading(
        catalogue.read((db) => selectRawReads(db, readBookId)),
        layout,
        rules,
      );
      for (const day of reading.days) days.push({ readBookId, ...day });
      for (const { day, startSec, endSec, durationSec } of reading.sessions) {
        sessions.push({ readBookId, day, startedSec: startSec, endedSec: endSec, readSec: durationSec });
      }
      for (const found of reading.completions) {
        completions.push({
          readBookId,
          startDay: found.startDay,
          endDay: found.endDay,
          readSec: found.readingSec,
          sessionCount: found.sessionCount,
          pages: found.pagesRead,
          pageFactor: layout.pageFactor,
        });
      }
      await breathe();
    }
    for (const { readBookId, bookId, isTold } of books.values()) {
      if (isTold === 0 || bookId === null) continue;
      const told = catalogue.read((db) => toldReading(db, bookId, rules));
      for (const day of told.days) days.push({ readBookId, ...day });
      for (const { day, startSec, endSec, durationSec } of told.sessions) {
        sessions.push({ readBookId, day, startedSec: startSec, endedSec: endSec, readSec: durationSec });
      }
    }
    const by =
      <Row extends { readBookId: number }>(keyOf: (row: Row) => string) =>
      (a: Row, b: Row) =>
        keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : a.readBookId - b.readBookId;
    return {
      books,
      days: days.sort(by((row) => row.day)),
      sessions: sessions.sort(by((row) => row.day)),
      completions: completions.sort(by((row) => row.endDay)),
    };
  }

  return {
    /** Returns the owner's reading in a zone, the server's when none is given, and which day it is there. */
    async view(ownerId: string, tz?: string): Promise<View> {
      const zone = tz ?? counts.zone;
      const revision = catalogue.revision();
      if (kept.revision !== revision) kept = { revision, views: new Map() };
      const key = `${ownerId} ${zone}`;
      let history = kept.views.get(key);
      if (history === undefined) {
        history =
          zone === counts.zone
            ? Promise.resolve(catalogue.read((db) => selectHistory(db, ownerId)))
            : recount(ownerId, zone);
        kept.views.set(key, history);
        history.catch(() => kept.views.delete(key));
      }
      const today = readingDays(zone, minutesOf(counts.dayStart))(clock.now().getTime() / 1000);
      return { history: asOneBook(await history), zone, today };
    },
  };
}
