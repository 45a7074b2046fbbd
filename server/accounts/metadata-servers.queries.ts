// The SQL of the metadata servers people configured.
import type { Db } from '../catalogue/db.ts';
import { asc, eq, getTableColumns } from 'drizzle-orm';
import { metadataServers, users } from '../catalogue/schema/index.ts';

export type MetadataServer = typeof metadataServers.$inferSelect;

export const selectMetadataServer = (db: Db, ownerId: string): MetadataServer | undefined =>
  db.select().from(metadataServers).where(eq(metadataServers.ownerId, ownerId)).get();

/** Everybody's, oldest first, with the name of whose each is. */
export const selectMetadataServers = (db: Db): (MetadataServer & { owner: string })[] =>
  db
    .select({ ...getTableColumns(metadataServers), owner: users.displayName })
    .from(metadataServers)
    .innerJoin(users, eq(users.userId, metadataServers.ownerId))
    .orderBy(asc(metadataServers.createdAt), asc(metadataServers.configId))
    .all();

export const insertMetadataServer = (db: Db, row: typeof metadataServers.$inferInsert): void => {
  db.insert(metadataServers).values(row).run();
};

export const updateMetadataServer = (
  db: Db,
  ownerId: string,
  change: Partial<typeof metadataServers.$inferInsert>,
): void => {
  db.update(metadataServers).set(change).where(eq(metadataServers.ownerId, ownerId)).run();
};

export const deleteMetadataServer = (db: Db, ownerId: string): void => {
  db.delete(metadataServers).where(eq(metadataServers.ownerId, ownerId)).run();
};
