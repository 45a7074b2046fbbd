// The SQL of tags.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, sql } from 'drizzle-orm';
import { tags } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';

export type TagRow = typeof tags.$inferSelect;

const ofOwner = (db: Db) =>
  db
    .select()
    .from(tags)
    .where(eq(tags.ownerId, sql.placeholder('ownerId')))
    .orderBy(sql`folded(${tags.name})`, asc(tags.tagId))
    .prepare();
/** The owner's tags by name. */
export const selectTagRows = (db: Db, ownerId: string): TagRow[] => query(db, ofOwner).all({ ownerId });

const byId = (db: Db) =>
  db
    .select()
    .from(tags)
    .where(and(eq(tags.ownerId, sql.placeholder('ownerId')), eq(tags.tagId, sql.placeholder('tagId'))))
    .prepare();
export const selectTagRow = (db: Db, ownerId: string, tagId: string): TagRow | undefined =>
  query(db, byId).get({ ownerId, tagId });

export const insertTag = (db: Db, tag: typeof tags.$inferInsert): void => {
  insertRow(db, tags, tag);
};

export const updateTag = (db: Db, tagId: string, change: Partial<TagRow>): void =>
  updateRow(db, tags, tags.tagId, tagId, change);

export const deleteTag = (db: Db, tagId: string): void => {
  statement(db.$client, 'delete from tags where tag_id = ?').run(tagId);
};

/** How many books carry each of the owner's tags. */
export const selectTagCounts = (db: Db, ownerId: string): Map<string, number> =>
  new Map(
    statement(
      db.$client,
      `select tag_id, (select count(*) from book_tags where book_tags.tag_id = tags.tag_id) as n
       from tags where owner_id = ?`,
    )
      .raw()
      .all(ownerId) as [string, number][],
  );

/** How many books carry the tag. */
export const selectTagCount = (db: Db, tagId: string): number =>
  statement(db.$client, 'select count(*) from book_tags where tag_id = ?').pluck().get(tagId) as number;
