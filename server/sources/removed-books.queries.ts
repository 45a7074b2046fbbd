// The SQL of books a person removed whose files are still there.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

/** A file in a library folder whose book the person removed: scans leave it alone. */
export type RemovedFile = { fileId: string; path: Buffer; name: string; removedAt: Date };

const DISMISSED = 'from book_files where owner_id = ? and dismissed_at is not null and folder_id is not null';

/** The files of removed books, the last removed first, at most `limit`. */
export const selectRemovedFiles = (db: Db, ownerId: string, limit: number): RemovedFile[] =>
  (
    statement(
      db.$client,
      `select file_id as fileId, path, name, dismissed_at as removedMs ${DISMISSED} order by dismissed_at desc, file_id limit ?`,
    ).all(ownerId, limit) as (Omit<RemovedFile, 'removedAt'> & { removedMs: number })[]
  ).map(({ removedMs, ...file }) => ({ ...file, removedAt: new Date(removedMs) }));

export const countRemovedFiles = (db: Db, ownerId: string): number =>
  statement(db.$client, `select count(*) ${DISMISSED}`).pluck().get(ownerId) as number;

/** The path and KOReader's checksum of a removed book's file. */
export const selectRemovedFile = (
  db: Db,
  ownerId: string,
  fileId: string,
): { path: Buffer; partialMd5: string | null } | undefined =>
  statement(db.$client, `select path, partial_md5 as partialMd5 ${DISMISSED} and file_id = ?`).get(
    ownerId,
    fileId,
  ) as ReturnType<typeof selectRemovedFile>;

/** Sidecars that went with removed books. */
export const selectRemovedSidecars = (
  db: Db,
  ownerId: string,
): { sidecarId: string; path: Buffer; partialMd5: string | null }[] =>
  statement(
    db.$client,
    `select sidecar_id as sidecarId, path, partial_md5 as partialMd5 from koreader_sidecars
     where owner_id = ? and dismissed_at is not null`,
  ).all(ownerId) as ReturnType<typeof selectRemovedSidecars>;

/** Lets the next scan read the file as one it never read. */
export const welcomeFile = (db: Db, fileId: string): void => {
  statement(
    db.$client,
    'update book_files set dismissed_at = null, reader_version = 0 where file_id = ?',
  ).run(fileId);
};

/** Lets the next scan read the sidecar as one it never read. */
export const welcomeSidecar = (db: Db, sidecarId: string): void => {
  statement(
    db.$client,
    'update koreader_sidecars set dismissed_at = null, reader_version = 0 where sidecar_id = ?',
  ).run(sidecarId);
};
