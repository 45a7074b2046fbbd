// The SQL of reading profiles.
import type { Db } from '../catalogue/db.ts';
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import { readingProfiles } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';

export type ProfileRow = typeof readingProfiles.$inferSelect;

const ofOwner = (db: Db) =>
  db
    .select()
    .from(readingProfiles)
    .where(eq(readingProfiles.ownerId, sql.placeholder('ownerId')))
    .orderBy(
      desc(readingProfiles.isDefault),
      sql`folded(${readingProfiles.name})`,
      asc(readingProfiles.profileId),
    )
    .prepare();
/** The owner's profiles: the default one, then by name. */
export const selectProfiles = (db: Db, ownerId: string): ProfileRow[] => query(db, ofOwner).all({ ownerId });

const byId = (db: Db) =>
  db
    .select()
    .from(readingProfiles)
    .where(
      and(
        eq(readingProfiles.ownerId, sql.placeholder('ownerId')),
        eq(readingProfiles.profileId, sql.placeholder('profileId')),
      ),
    )
    .prepare();
export const selectProfile = (db: Db, ownerId: string, profileId: string): ProfileRow | undefined =>
  query(db, byId).get({ ownerId, profileId });

export const insertProfile = (db: Db, profile: typeof readingProfiles.$inferInsert): void => {
  insertRow(db, readingProfiles, profile);
};

export const updateProfile = (db: Db, profileId: string, change: Partial<ProfileRow>): void =>
  updateRow(db, readingProfiles, readingProfiles.profileId, profileId, change);

export const deleteProfile = (db: Db, profileId: string): void => {
  statement(db.$client, 'delete from reading_profiles where profile_id = ?').run(profileId);
};

/** People without a default profile. */
export const selectPeopleWithoutProfile = (db: Db): string[] =>
  statement(
    db.$client,
    `select user_id from users where not exists
       (select 1 from reading_profiles where owner_id = user_id and is_default = 1) order by user_id`,
  )
    .pluck()
    .all() as string[];
