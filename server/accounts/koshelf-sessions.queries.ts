// The SQL of browsers signed in to the KoShelf API.
import type { Db } from '../catalogue/db.ts';
import { desc, eq, gt, lte, ne } from 'drizzle-orm';
import { koshelfSessions } from '../catalogue/schema/index.ts';

export type KoshelfSession = typeof koshelfSessions.$inferSelect;

export const insertKoshelfSession = (db: Db, session: typeof koshelfSessions.$inferInsert): void => {
  db.insert(koshelfSessions).values(session).run();
};
export const selectKoshelfSession = (db: Db, tokenHash: string): KoshelfSession | undefined =>
  db.select().from(koshelfSessions).where(eq(koshelfSessions.tokenHash, tokenHash)).get();

/** Those that are good at a moment, the last seen first. */
export const selectKoshelfSessions = (db: Db, now: Date): KoshelfSession[] =>
  db
    .select()
    .from(koshelfSessions)
    .where(gt(koshelfSessions.expiresAt, now))
    .orderBy(desc(koshelfSessions.lastSeenAt), desc(koshelfSessions.sessionId))
    .all();

export const selectKoshelfSessionById = (db: Db, sessionId: string): KoshelfSession | undefined =>
  db.select().from(koshelfSessions).where(eq(koshelfSessions.sessionId, sessionId)).get();

export const updateKoshelfSession = (
  db: Db,
  sessionId: string,
  seen: Pick<KoshelfSession, 'lastSeenAt' | 'lastSeenIp'>,
): void => {
  db.update(koshelfSessions).set(seen).where(eq(koshelfSessions.sessionId, sessionId)).run();
};

/** Returns whether there was one. */
export const deleteKoshelfSession = (db: Db, sessionId: string): boolean =>
  db.delete(koshelfSessions).where(eq(koshelfSessions.sessionId, sessionId)).run().changes === 1;

/** Deletes all but one, or all. */
export const deleteOtherKoshelfSessions = (db: Db, sessionId: string | undefined): void => {
  db.delete(koshelfSessions)
    .where(sessionId === undefined ? undefined : ne(koshelfSessions.sessionId, sessionId))
    .run();
};
export const deleteExpiredKoshelfSessions = (db: Db, now: Date): void => {
  db.delete(koshelfSessions).where(lte(koshelfSessions.expiresAt, now)).run();
};
