// Reading sessions: what devices tell, and KOReader's sittings to look at beside them.
import type { Db } from '../catalogue/db.ts';
import { forbidden, invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import type { BookRow } from '../library/books.queries.ts';
import { withPosition } from '../library/status.ts';
import { notePlace } from './progress.ts';
import { isIn } from './rules.ts';
import type { ReadingRules } from './rules.ts';
import { deriveTold } from './derive-told.ts';
import { koreaderSessionId, readKoreaderSessionId } from './koreader-session-id.ts';
import {
  deleteSession,
  insertSession,
  selectKoreaderSession,
  selectSessionRow,
  selectSessions,
  selectToldSession,
  selectToldSessions,
  updateSession,
} from './papyrus-sessions.queries.ts';
import type { ListedSession } from './papyrus-sessions.queries.ts';
import type { Days } from './zones.ts';

/** What a device tells of a sitting. */
export type SessionFacts = {
  bookId: string;
  startedAt: Date;
  endedAt: Date | null;
  /** 0–1. */
  startPosition: number | null;
  endPosition: number | null;
  pagesRead: number | null;
  deviceType: string | null;
  deviceName: string | null;
};

export type ReadingSession = Omit<SessionFacts, 'bookId'> & {
  sessionId: string;
  /** Null for a book KOReader read that is not in the library. */
  bookId: string | null;
  bookTitle: string;
  /** Whole minutes, null while it goes on. */
  durationMinutes: number | null;
  createdAt: Date;
};

type Rules = Pick<ReadingRules, 'dayOf' | 'possible'>;

const LONGEST_SESSION_MS = 24 * 3_600_000;

export type ReadingSessions = ReturnType<typeof createReadingSessions>;

/** Returns the verbs of sessions; `rules` are those of the server's own days. */
export function createReadingSessions({
  catalogue,
  clock,
  rules,
  onlyLibrary = () => false,
}: {
  catalogue: Catalogue;
  clock: Clock;
  rules: Rules;
  /** Whether KOReader's sittings with books that are not in the library are left out. */
  onlyLibrary?: () => boolean;
}) {
  const get = (ownerId: string, sessionId: string): ReadingSession => {
    const row = catalogue.read((db) => {
      const koreaders = readKoreaderSessionId(sessionId);
      return (
        selectToldSession(db, ownerId, sessionId) ??
        (koreaders === undefined ? undefined : selectKoreaderSession(db, ownerId, koreaders))
      );
    });
    if (row === undefined) throw notFound('session', sessionId);
    return listed(row);
  };

  return {
    get,

    /** Returns page `page` (from 1) of the sessions that began in the range of days, newest first, and how many there are. */
    list(
      filter: {
        ownerId: string;
        bookId?: string | undefined;
        from?: string | undefined;
        to?: string | undefined;
      },
      { page, limit, order }: { page: number; limit: number; order: 'asc' | 'desc' },
      days: Days,
    ): { sessions: ReadingSession[]; total: number } {
      const { ownerId, bookId = null, from, to } = filter;
      const fromMs = from === undefined ? Number.MIN_SAFE_INTEGER : days.startOf(from).getTime();
      const beforeMs = to === undefined ? Number.MAX_SAFE_INTEGER : days.endOf(to).getTime();
      const { rows, total } = catalogue.read((db) =>
        selectSessions(
          db,
          { ownerId, bookId, fromMs, beforeMs, onlyLibrary: onlyLibrary() ? 1 : 0 },
          { limit, offset: (page - 1) * limit, order },
        ),
      );
      return { sessions: rows.map(listed), total };
    },

    /** Takes in a sitting, and moves the person in the book when it is news. Throws invalid. */
    create(ownerId: string, facts: SessionFacts, deviceId?: string): ReadingSession {
      const now = clock.now();
      const sessionId = newId(now);
      catalogue.write(deviceId === undefined ? {} : { deviceId }, (db) =>
        keepSession(db, { ownerId, sessionId, facts }, { rules, now }),
      );
      return get(ownerId, sessionId);
    },

    /** Takes a told session away with what it counted; the book stays where it is. Throws not_found, forbidden for KOReader's. */
    remove(ownerId: string, sessionId: string, deviceId?: string): void {
      catalogue.write(deviceId === undefined ? {} : { deviceId }, (db) => {
        if (selectToldSession(db, ownerId, sessionId) !== undefined) {
          forgetSession(db, sessionId, rules);
          return;
        }
        get(ownerId, sessionId);
        throw forbidden("This sitting comes from KOReader's statistics and cannot be removed here.");
      });
    },
  };
}

/**
 * Adds a session, or says anew one that is there, and works out what it adds to the book's reading. Runs inside a write.
 * Throws invalid for a book that is not the owner's, a time nobody can have read in, an end before the beginning, and more than a day.
 */
export function keepSession(
  db: Db,
  { ownerId, sessionId, facts }: { ownerId: string; sessionId: string; facts: SessionFacts },
  { rules, now }: { rules: Rules; now: Date },
): void {
  const book = selectBook(db, ownerId, facts.bookId);
  if (book === undefined) throw wrong('book_id', 'There is no such book.');
  if (!isIn(facts.startedAt.getTime() / 1000, rules.possible()))
    throw wrong('start_time', 'A session begins on a day between 25 March 2013 and tomorrow.');
  const lastedMs = (facts.endedAt ?? facts.startedAt).getTime() - facts.startedAt.getTime();
  if (lastedMs < 0) throw wrong('end_time', 'A session cannot end before it begins.');
  if (lastedMs > LONGEST_SESSION_MS) throw wrong('end_time', 'A session lasts a day at most.');
  const row = { ...facts, pagesRead: facts.pagesRead ?? pagesBetween(facts, book.pageCount), updatedAt: now };
  const before = selectSessionRow(db, sessionId);
  if (before !== undefined && before.ownerId !== ownerId) throw notFound('session', sessionId);
  if (before === undefined) insertSession(db, { ...row, sessionId, ownerId, createdAt: now });
  else updateSession(db, sessionId, row);
  for (const bookId of new Set([book.bookId, before?.bookId ?? book.bookId])) deriveTold(db, bookId, rules);
  moveBySession(db, book, facts, now);
}

/** Returns the told sessions of these ids, in no order; those of others are left out. */
export const sessionsById = (db: Db, ownerId: string, sessionIds: readonly string[]): ReadingSession[] =>
  selectToldSessions(db, ownerId, sessionIds).map(listed);

/** Removes a session and what it added to its book's reading. Runs inside a write. */
export function forgetSession(db: Db, sessionId: string, rules: Rules): void {
  const row = selectSessionRow(db, sessionId);
  if (row === undefined) return;
  deleteSession(db, sessionId);
  deriveTold(db, row.bookId, rules);
}

const wrong = (field: string, message: string) =>
  invalid(message, { details: { fields: { [field]: message } } });

/** Pages of the way from the first to the last position, undefined as null when nobody knows (papyrus.md "Sessions and statistics"). */
function pagesBetween({ startPosition, endPosition }: SessionFacts, pageCount: number | null): number | null {
  if (startPosition === null || endPosition === null || pageCount === null) return null;
  return Math.max(0, Math.round((endPosition - startPosition) * pageCount));
}

/** A session after the last reading moves its book forward; one of long ago moves nothing. */
function moveBySession(
  db: Db,
  book: BookRow,
  { startedAt, endedAt, endPosition }: SessionFacts,
  now: Date,
): void {
  const lastMs = Math.min((endedAt ?? startedAt).getTime(), now.getTime());
  const isNews = book.lastReadAt === null || lastMs > book.lastReadAt.getTime();
  if (!isNews) return;
  const readAt = new Date(lastMs);
  const isForward = endPosition !== null && endPosition > (book.progress ?? 0);
  updateBook(db, book.bookId, {
    ...(isForward
      ? withPosition(
          book,
          { progress: endPosition },
          { pageCount: book.pageCount, startedAt, endedAt: readAt },
        )
      : {}),
    lastReadAt: readAt,
    absentSince: null,
    updatedAt: now,
  });
  if (isForward) notePlace(db, book, readAt);
}

const E_INK = 'e-ink';

/** KOReader's sittings are made when they end, by a device that reads on e-ink. */
function listed(row: ListedSession): ReadingSession {
  const { bookId, bookTitle, startPosition, endPosition, pagesRead } = row;
  const facts = { bookId, bookTitle, startPosition, endPosition, pagesRead };
  const startedAt = new Date(row.startMs);
  const endedAt = row.endMs === null ? null : new Date(row.endMs);
  if (row.sessionId !== null) {
    return {
      ...facts,
      sessionId: row.sessionId,
      startedAt,
      endedAt,
      durationMinutes: endedAt === null ? null : Math.floor((endedAt.getTime() - row.startMs) / 60_000),
      deviceType: row.deviceType,
      deviceName: row.deviceName,
      createdAt: new Date(row.createdMs ?? row.startMs),
    };
  }
  return {
    ...facts,
    sessionId: koreaderSessionId({ readBookId: row.readBookId ?? 0, startedSec: row.startMs / 1000 }),
    startedAt,
    endedAt,
    durationMinutes: Math.round((row.readSec ?? 0) / 60),
    deviceType: E_INK,
    deviceName: 'KOReader',
    createdAt: endedAt ?? startedAt,
  };
}
