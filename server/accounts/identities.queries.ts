// The SQL of who a person is elsewhere.
import type { Db } from '../catalogue/db.ts';
import { and, eq } from 'drizzle-orm';
import { userIdentities } from '../catalogue/schema/index.ts';

export type Identity = typeof userIdentities.$inferSelect;

export const selectIdentity = (db: Db, subject: string): Identity | undefined =>
  db
    .select()
    .from(userIdentities)
    .where(and(eq(userIdentities.provider, 'google'), eq(userIdentities.subject, subject)))
    .get();

export const insertIdentity = (db: Db, identity: Omit<Identity, 'provider'>): void => {
  db.insert(userIdentities)
    .values({ ...identity, provider: 'google' })
    .run();
};

export const deleteIdentity = (db: Db, subject: string): void => {
  db.delete(userIdentities)
    .where(and(eq(userIdentities.provider, 'google'), eq(userIdentities.subject, subject)))
    .run();
};
