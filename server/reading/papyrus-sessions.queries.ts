// The SQL of reading sessions: those devices told, and KOReader's sittings beside them.
import { eq } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { readingSessions } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';

export type SessionRow = typeof readingSessions.$inferSelect;

/** A sitting in a list: a told one by its id, KOReader's by its book and its beginning. */
export type ListedSession = {
  sessionId: string | null;
  readBookId: number | null;
  bookId: string | null;
  bookTitle: string;
  startMs: number;
  endMs: number | null;
  /** How long pages were open; null for a told session. */
  readSec: number | null;
  startPosition: number | null;
  endPosition: number | null;
  pagesRead: number | null;
  deviceType: string | null;
  deviceName: string | null;
  createdMs: number | null;
};

const TOLD = `select s.session_id as sessionId, null as readBookId, s.book_id as bookId, b.title as bookTitle,
    s.started_at as startMs, s.ended_at as endMs, null as readSec, s.start_position as startPosition,
    s.end_position as endPosition, s.pages_read as pagesRead, s.device_type as deviceType, s.device_name as deviceName,
    s.created_at as createdMs
  from reading_sessions s join books b using (book_id)`;
const KOREADERS = `select null, s.read_book_id, r.book_id, coalesce(b.title, r.title), s.started_sec * 1000, s.ended_sec * 1000,
    s.read_sec, null, null, null, null, null, null
  from read_sessions s join read_books r using (read_book_id) left join books b using (book_id)`;

export type SessionFilter = { ownerId: string; bookId: string | null; fromMs: number; beforeMs: number };

const OF_TOLD = `s.owner_id = :ownerId and (:bookId is null or s.book_id = :bookId)
  and s.started_at >= :fromMs and s.started_at < :beforeMs`;
const OF_KOREADER = `r.owner_id = :ownerId and r.told_of is null and (:bookId is null or r.book_id = :bookId)
  and s.started_sec * 1000 >= :fromMs and s.started_sec * 1000 < :beforeMs`;

/** One page of the sessions by their beginning, then their ids, and how many there are in all. */
export function selectSessions(
  db: Db,
  filter: SessionFilter,
  { order, ...slice }: { limit: number; offset: number; order: 'asc' | 'desc' },
): { rows: ListedSession[]; total: number } {
  const rows = statement(
    db.$client,
    `${TOLD} where ${OF_TOLD} union all ${KOREADERS} where ${OF_KOREADER}
     order by startMs ${order}, sessionId ${order}, readBookId ${order} limit :limit offset :offset`,
  ).all({ ...filter, ...slice }) as ListedSession[];
  const total = statement(
    db.$client,
    `select (select count(*) from reading_sessions s where ${OF_TOLD})
       + (select count(*) from read_sessions s join read_books r using (read_book_id) where ${OF_KOREADER})`,
  )
    .pluck()
    .get(filter) as number;
  return { rows, total };
}

/** A told session of the owner's. */
export const selectToldSession = (db: Db, ownerId: string, sessionId: string): ListedSession | undefined =>
  statement(db.$client, `${TOLD} where s.owner_id = ? and s.session_id = ?`).get(ownerId, sessionId) as
    | ListedSession
    | undefined;

/** A sitting of KOReader's in the owner's statistics. */
export const selectKoreaderSession = (
  db: Db,
  ownerId: string,
  { readBookId, startedSec }: { readBookId: number; startedSec: number },
): ListedSession | undefined => {
  // A union takes the names of its first part.
  const row = statement(
    db.$client,
    `${TOLD} where false union all
     ${KOREADERS} where r.owner_id = ? and r.told_of is null and s.read_book_id = ? and s.started_sec = ?`,
  ).get(ownerId, readBookId, startedSec);
  return row as ListedSession | undefined;
};

export const selectSessionRow = (db: Db, sessionId: string): SessionRow | undefined =>
  db.select().from(readingSessions).where(eq(readingSessions.sessionId, sessionId)).get();

export const insertSession = (db: Db, row: typeof readingSessions.$inferInsert): void => {
  insertRow(db, readingSessions, row);
};

export const updateSession = (
  db: Db,
  sessionId: string,
  change: Partial<typeof readingSessions.$inferInsert>,
): void => {
  updateRow(db, readingSessions, readingSessions.sessionId, sessionId, change);
};

export const deleteSession = (db: Db, sessionId: string): void => {
  statement(db.$client, 'delete from reading_sessions where session_id = ?').run(sessionId);
};
