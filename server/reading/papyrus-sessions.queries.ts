// The SQL of reading sessions: those devices told, and KOReader's sittings beside them.
import type { Db } from '../catalogue/db.ts';
import { eq } from 'drizzle-orm';
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

/** Sessions of either kind, named by `found`: an id, or a book of KOReader's and a beginning. */
const LISTED = `select found.sessionId, found.readBookId, coalesce(t.book_id, r.book_id) as bookId,
    coalesce(b.title, r.title) as bookTitle, found.startMs, coalesce(t.ended_at, k.ended_sec * 1000) as endMs,
    k.read_sec as readSec, t.start_position as startPosition, t.end_position as endPosition, t.pages_read as pagesRead,
    t.device_type as deviceType, t.device_name as deviceName, t.created_at as createdMs
  from found left join reading_sessions t on t.session_id = found.sessionId
    left join read_sessions k on k.read_book_id = found.readBookId and k.started_sec = found.startMs / 1000
    left join read_books r on r.read_book_id = found.readBookId
    left join books b on b.book_id = coalesce(t.book_id, r.book_id)`;
const TOLD =
  'select s.session_id as sessionId, null as readBookId, s.started_at as startMs from reading_sessions s';
const KOREADERS = `select null as sessionId, s.read_book_id as readBookId, s.started_sec * 1000 as startMs
  from read_sessions s join read_books r using (read_book_id)`;

export type SessionFilter = {
  ownerId: string;
  bookId: string | null;
  fromMs: number;
  beforeMs: number;
  onlyLibrary: 0 | 1;
};

const OF_TOLD = `s.owner_id = :ownerId and (:bookId is null or s.book_id = :bookId)
  and s.started_at >= :fromMs and s.started_at < :beforeMs`;
const OF_KOREADER = `r.owner_id = :ownerId and r.told_of is null and (:bookId is null or r.book_id = :bookId)
  and (:onlyLibrary = 0 or r.book_id is not null)
  and s.started_sec * 1000 >= :fromMs and s.started_sec * 1000 < :beforeMs`;

/** One page of the sessions by their beginning, then their ids, and how many there are in all. */
export function selectSessions(
  db: Db,
  filter: SessionFilter,
  { order, ...slice }: { limit: number; offset: number; order: 'asc' | 'desc' },
): { rows: ListedSession[]; total: number } {
  const by = `order by startMs ${order}, sessionId ${order}, readBookId ${order}`;
  const rows = statement(
    db.$client,
    `with found as (${TOLD} where ${OF_TOLD} union all ${KOREADERS} where ${OF_KOREADER} ${by} limit :limit offset :offset)
     ${LISTED} ${by.replace(/(?<=by |, )/g, 'found.')}`,
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
  statement(db.$client, `with found as (${TOLD} where s.owner_id = ? and s.session_id = ?) ${LISTED}`).get(
    ownerId,
    sessionId,
  ) as ListedSession | undefined;

/** The told sessions of the owner's of these ids, in no order. */
export const selectToldSessions = (db: Db, ownerId: string, sessionIds: readonly string[]): ListedSession[] =>
  statement(
    db.$client,
    `with found as (${TOLD} where s.owner_id = ? and s.session_id in (select value from json_each(?))) ${LISTED}`,
  ).all(ownerId, JSON.stringify(sessionIds)) as ListedSession[];

/** A sitting of KOReader's in the owner's statistics. */
export const selectKoreaderSession = (
  db: Db,
  ownerId: string,
  { readBookId, startedSec }: { readBookId: number; startedSec: number },
): ListedSession | undefined =>
  statement(
    db.$client,
    `with found as (${KOREADERS} where r.owner_id = ? and r.told_of is null and s.read_book_id = ? and s.started_sec = ?)
     ${LISTED}`,
  ).get(ownerId, readBookId, startedSec) as ListedSession | undefined;

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
