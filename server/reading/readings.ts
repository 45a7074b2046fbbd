// A person's reading, ready for charts: from the worked-out tables in the server's zone, recounted for any other.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { deriveReading } from './derive.ts';
import { toldReading } from './derive-told.ts';
import { ofLibrary, withRecounted } from './history.ts';
import type { History } from './history.ts';
import {
  hasBooks,
  selectHistory,
  selectHistoryBooks,
  selectHistoryChanges,
  selectLayouts,
  selectReadsOfAll,
  selectSomeHistoryBooks,
} from './history.queries.ts';
import type { HistoryChanges, HistoryCompletion, HistoryDay, HistorySession } from './history.queries.ts';
import { asOneBook, sameBooks } from './one-book.ts';
import { isDerivedBy, rulesName } from './derived-by.ts';
import { rulesOf } from './rules.ts';
import type { ReadingClock, ReadingRules } from './rules.ts';

/** A person looks at one or two zones; a stranger may ask for all of them. */
const MOST_ZONES = 4;
const MOST_DAY_NAMES = 100;
/** After more changes than this everything is read again. */
const MOST_CHANGES = 500;

export type View = { history: History; zone: string; today: string };

/** A history as it was when the diary's newest entry was `seq`. */
type Kept = { seq: number; history: Promise<History> };

export type Readings = ReturnType<typeof createReadings>;

/** Returns the verbs of reading. */
export function createReadings({
  catalogue,
  clock,
  counts,
  rules: ownRules,
  onlyLibrary = () => false,
}: {
  catalogue: Catalogue;
  clock: Clock;
  counts: ReadingClock;
  /** Those of the server's own days. */
  rules: ReadingRules;
  /** Whether reading of books that are not in the library is left out. */
  onlyLibrary?: () => boolean;
}) {
  const keeping = new Map<string, Kept>();

  const booksOf = (ownerId: string) =>
    new Map(catalogue.read((db) => selectHistoryBooks(db, ownerId)).map((book) => [book.readBookId, book]));

  /**
   * What is worked out in a zone, of these books only when some are given: read in the server's, counted a book at a time in
   * any other, and while the tables are still those of other rules.
   */
  const workedOut = (ownerId: string, zone: string, readBookIds?: readonly number[]) =>
    zone === counts.zone && catalogue.read((db) => isDerivedBy(db, counts))
      ? catalogue.read((db) => selectHistory(db, ownerId, readBookIds))
      : recount(ownerId, zone, readBookIds);

  async function recount(
    ownerId: string,
    zone: string,
    readBookIds?: readonly number[],
  ): Promise<Omit<History, 'books'>> {
    const rules = { ...rulesOf({ ...counts, zone }, clock), possible: ownRules.possible };
    const books = booksOf(ownerId);
    const layouts = catalogue.read((db) => selectLayouts(db, ownerId));
    const days: HistoryDay[] = [];
    const sessions: HistorySession[] = [];
    const completions: HistoryCompletion[] = [];
    const wanted = readBookIds === undefined ? undefined : new Set(readBookIds);
    for (const [readBookId, all] of sameBooks(books.values())) {
      const layout = layouts.get(readBookId);
      if (layout === undefined || wanted?.has(readBookId) === false) continue;
      const reading = deriveReading(
        catalogue.read((db) => selectReadsOfAll(db, all)),
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
      if (isTold === 0 || bookId === null || wanted?.has(readBookId) === false) continue;
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
      days: days.sort(by((row) => row.day)),
      sessions: sessions.sort(by((row) => row.day)),
      completions: completions.sort(by((row) => row.endDay)),
    };
  }

  const load = async (ownerId: string, zone: string): Promise<History> => ({
    books: booksOf(ownerId),
    ...(await workedOut(ownerId, zone)),
  });

  /** Brings a history up to date: only books that the diary names since are worked out again. */
  async function refresh(ownerId: string, zone: string, { seq, history }: Kept): Promise<History> {
    const before = await history.catch(() => undefined);
    const changes = catalogue.read((db) => selectHistoryChanges(db, seq, MOST_CHANGES));
    if (before === undefined || changes === undefined) return load(ownerId, zone);
    const books = changes.hasSeries ? booksOf(ownerId) : booksAfter(ownerId, before.books, changes);
    const readBookIds = withSiblings(changes.readBookIds, before.books, books);
    if (readBookIds.length === 0) return { ...before, books };
    const recounted = {
      readBookIds: new Set(readBookIds),
      ...(await workedOut(ownerId, zone, readBookIds)),
    };
    return { ...withRecounted(before, recounted), books };
  }

  /** The books with those read anew that changed. What was read of a book that left the library is named by the diary too. */
  function booksAfter(
    ownerId: string,
    before: History['books'],
    { readBookIds, bookIds }: HistoryChanges,
  ): History['books'] {
    if (readBookIds.length === 0 && bookIds.length === 0) return before;
    const books = new Map(before);
    for (const readBookId of readBookIds) books.delete(readBookId);
    const now = catalogue.read((db) => selectSomeHistoryBooks(db, ownerId, { readBookIds, bookIds }));
    for (const book of now) books.set(book.readBookId, book);
    return books;
  }

  const days = new Map<string, (sec: number) => string>();
  /** Which day it is in a zone, the server's when none is given. */
  function today(tz?: string): string {
    const zone = tz ?? counts.zone;
    const key = `${zone} ${counts.dayStart}`;
    let dayOf = days.get(key);
    if (dayOf === undefined) {
      if (days.size >= MOST_DAY_NAMES) days.clear();
      days.set(key, (dayOf = rulesOf({ ...counts, zone }, clock).dayOf));
    }
    return dayOf(clock.now().getTime() / 1000);
  }

  return {
    today,

    /** Returns the owner's reading in a zone, the server's when none is given, and which day it is there. */
    async view(ownerId: string, tz?: string): Promise<View> {
      const zone = tz ?? counts.zone;
      const seq = catalogue.revision();
      const key = `${ownerId} ${zone} ${rulesName(counts)}`;
      let kept = keeping.get(key);
      if (kept?.seq !== seq) {
        const history = kept === undefined ? load(ownerId, zone) : refresh(ownerId, zone, kept);
        const made = { seq, history };
        kept = made;
        history.catch(() => {
          if (keeping.get(key) === made) keeping.delete(key);
        });
      }
      // What was asked for last stands last.
      keeping.delete(key);
      keeping.set(key, kept);
      for (const [oldest] of keeping) if (keeping.size > MOST_ZONES) keeping.delete(oldest);
      const history = asOneBook(await kept.history);
      // Without a library there is only what was read (koshelf.md "What counts as reading").
      const isNarrowed = onlyLibrary() && catalogue.read((db) => hasBooks(db, ownerId));
      return { history: isNarrowed ? ofLibrary(history) : history, zone, today: today(zone) };
    },
  };
}

/** These numbers, and those of the same books before and now: all of a book's reading stands under one of them. */
function withSiblings(readBookIds: readonly number[], ...states: readonly History['books'][]): number[] {
  if (readBookIds.length === 0) return [];
  const all = new Set(readBookIds);
  for (const books of states) {
    const bookIds = new Set(readBookIds.map((number) => books.get(number)?.bookId));
    for (const { readBookId, bookId, isTold } of books.values())
      if (bookId !== null && isTold === 0 && bookIds.has(bookId)) all.add(readBookId);
  }
  return [...all];
}
