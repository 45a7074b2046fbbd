// The SQL of people and settings.
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { settings, users } from '../catalogue/schema/index.ts';

export type UserRow = typeof users.$inferSelect;

export const selectUser = (db: Db, userId: string): UserRow | undefined =>
  db.select().from(users).where(eq(users.userId, userId)).get();

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

export const selectSetting = (db: Db, key: string): unknown =>
  db.select().from(settings).where(eq(settings.key, key)).get()?.value;

export const putSetting = (db: Db, key: string, value: unknown): void => {
  db.insert(settings)
    .values({ key, value })
    .onConflictDoUpdate({ target: settings.key, set: { value } })
    .run();
};
