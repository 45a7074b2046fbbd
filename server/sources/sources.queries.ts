// The SQL of where books and reading come from.
import type { Db } from '../catalogue/db.ts';
import { and, desc, eq, isNotNull } from 'drizzle-orm';
import { bookFiles, koreaderSidecars, libraryFolders, statisticsFiles } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';

export type LibraryFolder = typeof libraryFolders.$inferSelect;
export type StatisticsFile = typeof statisticsFiles.$inferSelect;

export const selectFolders = (db: Db, ownerId: string): LibraryFolder[] =>
  db
    .select()
    .from(libraryFolders)
    .where(eq(libraryFolders.ownerId, ownerId))
    .orderBy(desc(libraryFolders.kind), libraryFolders.addedAt, libraryFolders.folderId)
    .all();

export const selectFolder = (db: Db, folderId: string): LibraryFolder | undefined =>
  db.select().from(libraryFolders).where(eq(libraryFolders.folderId, folderId)).get();

/** Adds the folder, or returns the one with this path, marked fixed if the new one is. */
export function putFolder(db: Db, folder: typeof libraryFolders.$inferInsert): LibraryFolder {
  return db
    .insert(libraryFolders)
    .values(folder)
    .onConflictDoUpdate({
      target: libraryFolders.path,
      set: { fixed: folder.fixed ?? false, kind: folder.kind ?? 'library' },
    })
    .returning()
    .get();
}

/**
 * Folders and statistics files of an earlier start's command line are the person's own from now on. Returns the ids of those
 * that were never there.
 */
export function unfixSources(db: Db): string[] {
  const never = db.$client
    .prepare(
      `select folder_id from library_folders where fixed = 1 and trouble is not null and last_scan_at is null
       union all
       select file_id from statistics_files where fixed = 1 and failure_reason is not null and last_import_at is null`,
    )
    .pluck()
    .all() as string[];
  db.update(libraryFolders).set({ fixed: false }).where(eq(libraryFolders.fixed, true)).run();
  db.update(statisticsFiles).set({ fixed: false }).where(eq(statisticsFiles.fixed, true)).run();
  return never;
}

export const updateFolder = (
  db: Db,
  folderId: string,
  change: Partial<typeof libraryFolders.$inferInsert>,
): void => {
  db.update(libraryFolders).set(change).where(eq(libraryFolders.folderId, folderId)).run();
};

export const deleteFolder = (db: Db, folderId: string): void => {
  db.delete(libraryFolders).where(eq(libraryFolders.folderId, folderId)).run();
};

/** Takes out those of these folders and statistics files that nobody gives any more. */
export function deleteUngivenSources(db: Db, ids: readonly string[]): void {
  for (const id of ids) {
    statement(db.$client, 'delete from library_folders where folder_id = ? and fixed = 0').run(id);
    statement(db.$client, 'delete from statistics_files where file_id = ? and fixed = 0').run(id);
  }
}

/** How many files of each folder are in the library. */
export const countFiles = (db: Db, ownerId: string): Map<string, number> =>
  new Map(
    (
      statement(
        db.$client,
        'select folder_id as id, count(*) as n from book_files where owner_id = ? and book_id is not null group by folder_id',
      ).all(ownerId) as { id: string; n: number }[]
    ).map(({ id, n }) => [id, n]),
  );

export const selectStatisticsFiles = (db: Db, ownerId: string): StatisticsFile[] =>
  db
    .select()
    .from(statisticsFiles)
    .where(eq(statisticsFiles.ownerId, ownerId))
    .orderBy(statisticsFiles.addedAt, statisticsFiles.fileId)
    .all();

export function putStatisticsFile(db: Db, file: typeof statisticsFiles.$inferInsert): StatisticsFile {
  return db
    .insert(statisticsFiles)
    .values(file)
    .onConflictDoUpdate({ target: statisticsFiles.path, set: { fixed: file.fixed ?? false } })
    .returning()
    .get();
}

export const deleteStatisticsFile = (db: Db, fileId: string): void => {
  db.delete(statisticsFiles).where(eq(statisticsFiles.fileId, fileId)).run();
};

export type FailureRow = {
  id: string;
  /** Null for what a person gave to the server. */
  path: Buffer | null;
  name: string;
  reason: string;
  message: string;
  seenAt: Date;
};

const FAILS_IN_KOREADER =
  'KOReader cannot open this file again and would delete it, with the highlights in it. With --writeback it is mended.';

/** Files and sidecars that could not be read, or that KOReader could not, newest first. */
export function selectFailures(db: Db, ownerId: string, limit: number): FailureRow[] {
  const files = db
    .select({
      id: bookFiles.fileId,
      path: bookFiles.path,
      name: bookFiles.name,
      reason: bookFiles.failureReason,
      message: bookFiles.failureMessage,
      seenAt: bookFiles.readAt,
    })
    .from(bookFiles)
    .where(and(eq(bookFiles.ownerId, ownerId), isNotNull(bookFiles.failureReason)))
    .orderBy(desc(bookFiles.readAt), bookFiles.fileId)
    .limit(limit)
    .all();
  const sidecars = db
    .select({
      id: koreaderSidecars.sidecarId,
      path: koreaderSidecars.path,
      name: koreaderSidecars.name,
      reason: koreaderSidecars.failureReason,
      message: koreaderSidecars.failureMessage,
      seenAt: koreaderSidecars.readAt,
    })
    .from(koreaderSidecars)
    .where(and(eq(koreaderSidecars.ownerId, ownerId), isNotNull(koreaderSidecars.failureReason)))
    .orderBy(desc(koreaderSidecars.readAt), koreaderSidecars.sidecarId)
    .limit(limit)
    .all();
  const extras = statement(
    db.$client,
    `select extra_id as id, path, name, failure_reason as reason, failure_message as message, read_at as seenMs
     from koreader_extras where owner_id = ? and failure_reason is not null order by read_at desc, extra_id limit ?`,
  ).all(ownerId, limit) as (Omit<FailureRow, 'seenAt'> & { seenMs: number })[];
  const fragile = statement(
    db.$client,
    `select sidecar_id as id, path, name, read_at as seenMs from koreader_sidecars indexed by koreader_sidecars_fails
     where owner_id = ? and fails_in_koreader = 1 and failure_reason is null
     order by read_at desc, sidecar_id limit ?`,
  ).all(ownerId, limit) as { id: string; path: Buffer; name: string; seenMs: number }[];
  const fails = fragile.map(({ seenMs, ...row }) => ({
    ...row,
    reason: 'fails_in_koreader',
    message: FAILS_IN_KOREADER,
    seenAt: new Date(seenMs),
  }));
  const unread = extras.map(({ seenMs, ...row }) => ({ ...row, seenAt: new Date(seenMs) }));
  return [...files, ...sidecars, ...unread, ...fails]
    .map((row) => ({ ...row, reason: row.reason ?? '', message: row.message ?? '' }))
    .sort((a, b) => b.seenAt.getTime() - a.seenAt.getTime() || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}

export type ProtectedFile = { fileId: string; path: Buffer; name: string; protection: string };

/** Files in the library's folders whose text is locked, by name, at most `limit`, and how many there are. */
export const selectProtectedFiles = (
  db: Db,
  ownerId: string,
  limit: number,
): { files: ProtectedFile[]; total: number } => {
  const locked =
    'from book_files where owner_id = ? and protection is not null and folder_id is not null and book_id is not null';
  return {
    files: statement(
      db.$client,
      `select file_id as fileId, path, name, protection ${locked} order by name, file_id limit ?`,
    ).all(ownerId, limit) as ProtectedFile[],
    total: statement(db.$client, `select count(*) ${locked}`).pluck().get(ownerId) as number,
  };
};
