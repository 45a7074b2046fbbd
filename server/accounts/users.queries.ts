// The SQL of people and settings.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm';
import { changes, fieldTimes, settings, streamOps, users } from '../catalogue/schema/index.ts';
import { query, statement } from '../catalogue/statements.ts';

export type UserRow = typeof users.$inferSelect;

const BY_ID = (db: Db) =>
  db
    .select()
    .from(users)
    .where(eq(users.userId, sql.placeholder('userId')))
    .prepare();

export const selectUser = (db: Db, userId: string): UserRow | undefined => query(db, BY_ID).get({ userId });

/** E-mail addresses are compared without case. */
export const selectUserByEmail = (db: Db, email: string): UserRow | undefined =>
  db.select().from(users).where(eq(users.email, email)).get();

export const insertUser = (db: Db, user: typeof users.$inferInsert): void => {
  db.insert(users).values(user).run();
};

export const updateUser = (db: Db, userId: string, change: Partial<typeof users.$inferInsert>): void => {
  db.update(users).set(change).where(eq(users.userId, userId)).run();
};

/** The first account: the shelf owner unless the settings name another. */
export const selectFirstUser = (db: Db): UserRow | undefined =>
  db.select().from(users).orderBy(asc(users.createdAt), asc(users.userId)).limit(1).get();

/** Gives the account nobody claimed yet its e-mail and password. Returns whether there was one. */
export const claimUser = (db: Db, userId: string, claim: Partial<typeof users.$inferInsert>): boolean =>
  db
    .update(users)
    .set(claim)
    .where(and(eq(users.userId, userId), isNull(users.email)))
    .run().changes === 1;

/** Accounts whose deletion was asked for up to a moment, the oldest wish first. */
export const selectDeletedUsers = (db: Db, until: Date): string[] =>
  db
    .select({ userId: users.userId })
    .from(users)
    .where(lte(users.deletionRequestedAt, until))
    .orderBy(asc(users.deletionRequestedAt), asc(users.userId))
    .all()
    .map(({ userId }) => userId);

/** Deletes some of a person's books and of what was read of them. Returns whether there may be more. */
export const eraseSlice = (db: Db, userId: string): boolean => {
  const books = statement(
    db.$client,
    'delete from books where book_id in (select book_id from books where owner_id = ? limit 100)',
  ).run(userId);
  const reads = statement(
    db.$client,
    'delete from read_books where read_book_id in (select read_book_id from read_books where owner_id = ? limit 20)',
  ).run(userId);
  return books.changes + reads.changes > 0;
};

/** Deletes a person with everything that is theirs. The diary is last: it notes what goes. */
export const eraseUser = (db: Db, userId: string): void => {
  db.delete(users).where(eq(users.userId, userId)).run();
  db.delete(fieldTimes).where(eq(fieldTimes.ownerId, userId)).run();
  db.delete(streamOps).where(eq(streamOps.ownerId, userId)).run();
  db.delete(changes).where(eq(changes.ownerId, userId)).run();
};

export function selectSetting(db: Db, key: string): unknown {
  const value = statement(db.$client, 'select value from settings where key = ?').pluck().get(key);
  return value === undefined ? undefined : JSON.parse(value as string);
}

export const putSetting = (db: Db, key: string, value: unknown): void => {
  db.insert(settings)
    .values({ key, value })
    .onConflictDoUpdate({ target: settings.key, set: { value } })
    .run();
};
