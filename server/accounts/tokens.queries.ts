// The SQL of devices signed in to the Papyrus API.
import type { Db } from '../catalogue/db.ts';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { userSessions } from '../catalogue/schema/index.ts';
import { query } from '../catalogue/statements.ts';

export type UserSession = typeof userSessions.$inferSelect;

export const insertUserSession = (db: Db, session: typeof userSessions.$inferInsert): void => {
  db.insert(userSessions).values(session).run();
};

const BY_ID = (db: Db) =>
  db
    .select()
    .from(userSessions)
    .where(eq(userSessions.sessionId, sql.placeholder('sessionId')))
    .prepare();

export const selectUserSession = (db: Db, sessionId: string): UserSession | undefined =>
  query(db, BY_ID).get({ sessionId });

export const selectUserSessionByRefresh = (db: Db, refreshHash: string): UserSession | undefined =>
  db.select().from(userSessions).where(eq(userSessions.refreshHash, refreshHash)).get();

/** The session whose refresh token this was before the last rotation. */
export const selectUserSessionByPreviousRefresh = (db: Db, refreshHash: string): UserSession | undefined =>
  db.select().from(userSessions).where(eq(userSessions.previousRefreshHash, refreshHash)).get();

export const updateUserSession = (
  db: Db,
  sessionId: string,
  change: Partial<typeof userSessions.$inferInsert>,
): void => {
  db.update(userSessions).set(change).where(eq(userSessions.sessionId, sessionId)).run();
};

export const revokeUserSessions = (db: Db, userId: string, at: Date): void => {
  db.update(userSessions)
    .set({ revokedAt: at })
    .where(and(eq(userSessions.userId, userId), isNull(userSessions.revokedAt)))
    .run();
};
