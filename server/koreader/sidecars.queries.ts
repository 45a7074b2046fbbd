// The SQL of KOReader's sidecars.
import { eq } from 'drizzle-orm';
import type { Db } from '../catalogue/catalogue.ts';
import { koreaderSidecars } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';
import type { SeenFile } from '../library/intake.queries.ts';

export type SidecarRow = typeof koreaderSidecars.$inferSelect;

export const selectSidecarByPath = (db: Db, path: Buffer): SidecarRow | undefined =>
  db.select().from(koreaderSidecars).where(eq(koreaderSidecars.path, path)).get();

/** The sidecars of a book, newest first. */
export const selectSidecarsOfBook = (db: Db, bookId: string): SidecarRow[] =>
  db
    .select()
    .from(koreaderSidecars)
    .where(eq(koreaderSidecars.bookId, bookId))
    .all()
    .sort((a, b) => b.modifiedMs - a.modifiedMs || (a.sidecarId < b.sidecarId ? -1 : 1));

/** Adds the sidecar's row or replaces what it says. */
export function putSidecar(db: Db, row: typeof koreaderSidecars.$inferInsert): void {
  db.insert(koreaderSidecars)
    .values(row)
    .onConflictDoUpdate({ target: koreaderSidecars.path, set: row })
    .run();
}

export const deleteSidecar = (db: Db, sidecarId: string): void => {
  db.delete(koreaderSidecars).where(eq(koreaderSidecars.sidecarId, sidecarId)).run();
};

/** The sidecars of a folder by path, `limit` after the given one. */
export const selectSeenSidecars = (db: Db, folderId: string, afterPath: Buffer, limit: number): SeenFile[] =>
  statement(
    db.$client,
    `select sidecar_id as fileId, path, size_bytes as sizeBytes, modified_ms as modifiedMs, reader_version as readerVersion,
            failure_reason as failureReason
     from koreader_sidecars where folder_id = ? and path > ? order by path limit ?`,
  ).all(folderId, afterPath, limit) as SeenFile[];

/** The books of readable files with this name. */
export const selectBooksByFileName = (db: Db, ownerId: string, name: string): string[] =>
  (
    statement(
      db.$client,
      'select distinct book_id as id from book_files where owner_id = ? and name = ? and book_id is not null limit 2',
    ).all(ownerId, name) as { id: string }[]
  ).map((row) => row.id);
