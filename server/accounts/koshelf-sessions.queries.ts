// The SQL of browsers signed in to the KoShelf API.
import { eq, lte } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { koshelfSessions } from '../catalogue/schema/index.ts';

export type KoshelfSession = typeof koshelfSessions.$inferSelect;

export const insertKoshelfSession = (db: Db, session: typeof koshelfSessions.$inferInsert): void => {
  db.insert(koshelfSessions).values(session).run();
};
export const selectKoshelfSession = (db: Db, tokenHash: string): KoshelfSession | undefined =>
  db.select().from(koshelfSessions).where(eq(koshelfSessions.tokenHash, tokenHash)).get();
export const deleteKoshelfSession = (db: Db, sessionId: string): void => {
  db.delete(koshelfSessions).where(eq(koshelfSessions.sessionId, sessionId)).run();
};
export const deleteExpiredKoshelfSessions = (db: Db, now: Date): void => {
  db.delete(koshelfSessions).where(lte(koshelfSessions.expiresAt, now)).run();
};
