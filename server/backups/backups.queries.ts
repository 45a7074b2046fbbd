// The SQL of backups.
import type { Db } from '../catalogue/db.ts';
import { desc, eq } from 'drizzle-orm';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { backups } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';
import { ON_OWN_DISK } from '../storage/file-bytes.queries.ts';

export type BackupRow = typeof backups.$inferSelect;

/** Every backup, newest first. */
export const selectBackups = (db: Db): BackupRow[] =>
  db.select().from(backups).orderBy(desc(backups.createdAt), desc(backups.backupId)).all();

export const selectBackup = (db: Db, backupId: string): BackupRow | undefined =>
  db.select().from(backups).where(eq(backups.backupId, backupId)).get();

export const insertBackup = (db: Db, row: typeof backups.$inferInsert): void => {
  insertRow(db, backups, row, 'nothing');
};

export const updateBackup = (db: Db, backupId: string, change: Partial<BackupRow>): void =>
  updateRow(db, backups, backups.backupId, backupId, change);

export const deleteBackup = (db: Db, backupId: string): void => {
  db.delete(backups).where(eq(backups.backupId, backupId)).run();
};

/** When the first account was made: before that there was nothing to keep. */
export const selectBeginning = (db: Db): Date =>
  new Date((statement(db.$client, 'select min(created_at) from users').pluck().get() as number | null) ?? 0);

export type SampleFile = {
  fileId: string;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  sha256: string;
  /** Among the server's own: nobody else changes it. */
  isOurs: number;
};

/** Some files of this computer whose content the catalogue knows. */
export const selectSample = (db: Db, count: number): SampleFile[] =>
  statement(
    db.$client,
    `select file_id as fileId, name, size_bytes as sizeBytes, modified_ms as modifiedMs, sha256, folder_id is null as isOurs
     from book_files where sha256 is not null and failure_reason is null and (folder_id is not null
       or exists (select 1 from stored_files where stored_files.file_id = book_files.file_id and ${ON_OWN_DISK}))
     order by random() limit ?`,
  ).all(count) as SampleFile[];

/** Whether the catalogue still has this file. */
export const hasFile = (db: Db, fileId: string): boolean =>
  statement(db.$client, 'select 1 from book_files where file_id = ?').get(fileId) !== undefined;
