// The SQL of the storage a person has set up.
import type { Db } from '../catalogue/db.ts';
import { and, asc, eq, ne } from 'drizzle-orm';
import { storageBackends, users } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';

export type BackendRow = typeof storageBackends.$inferSelect;
export type NewBackendRow = typeof storageBackends.$inferInsert;

/** The person's backends: the primary first, then in the order they were made. */
export const selectBackends = (db: Db, ownerId: string): BackendRow[] =>
  db
    .select()
    .from(storageBackends)
    .where(eq(storageBackends.ownerId, ownerId))
    .orderBy(asc(storageBackends.createdAt), asc(storageBackends.backendId))
    .all()
    .toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary));

export const selectBackend = (db: Db, ownerId: string, backendId: string): BackendRow | undefined =>
  db
    .select()
    .from(storageBackends)
    .where(and(eq(storageBackends.ownerId, ownerId), eq(storageBackends.backendId, backendId)))
    .get();

export const insertBackend = (db: Db, row: NewBackendRow): void => {
  insertRow(db, storageBackends, row);
};

/** Changes the columns that are given a value. */
export const updateBackend = (
  db: Db,
  backendId: string,
  change: { [Column in keyof NewBackendRow]?: NewBackendRow[Column] | undefined },
): void => {
  updateRow(db, storageBackends, storageBackends.backendId, backendId, change);
};

/** Takes the first place from every other backend of the person. */
export const clearPrimary = (db: Db, ownerId: string, exceptId: string): void => {
  db.update(storageBackends)
    .set({ isPrimary: false })
    .where(and(eq(storageBackends.ownerId, ownerId), ne(storageBackends.backendId, exceptId)))
    .run();
};

export const deleteBackend = (db: Db, backendId: string): void => {
  db.delete(storageBackends).where(eq(storageBackends.backendId, backendId)).run();
};

/** Everybody's backends that need secrets, oldest first, with the name of whose they are. */
export const selectBackendsWithSecrets = (
  db: Db,
): { backendId: string; name: string; secretNames: string[]; owner: string }[] =>
  db
    .select({
      backendId: storageBackends.backendId,
      name: storageBackends.name,
      secretNames: storageBackends.secretNames,
      owner: users.displayName,
    })
    .from(storageBackends)
    .innerJoin(users, eq(users.userId, storageBackends.ownerId))
    .orderBy(asc(storageBackends.createdAt), asc(storageBackends.backendId))
    .all()
    .filter(({ secretNames }) => secretNames.length > 0);

/** Bytes of the person's files this backend keeps. */
export const sumBytesAt = (db: Db, backendId: string): number =>
  (
    statement(
      db.$client,
      'select coalesce(sum(size_bytes), 0) as n from stored_files where backend_id = ? and released_at is null',
    ).get(backendId) as { n: number }
  ).n;

/** How many files this backend keeps, those of removed books too. */
export const countFilesAt = (db: Db, backendId: string): number =>
  statement(db.$client, 'select count(*) from stored_files where backend_id = ?')
    .pluck()
    .get(backendId) as number;
