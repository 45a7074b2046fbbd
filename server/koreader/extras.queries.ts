// The SQL of what KOReader keeps beside books besides its sidecars.
import type { Db } from '../catalogue/db.ts';
import { eq, sql } from 'drizzle-orm';
import { formsOf } from '../base/names.ts';
import { insertRow } from '../catalogue/rows.ts';
import { koreaderExtras } from '../catalogue/schema/index.ts';
import { query, statement } from '../catalogue/statements.ts';
import type { SeenFile } from '../library/intake.queries.ts';

export type ExtraRow = typeof koreaderExtras.$inferSelect;

const byPath = (db: Db) =>
  db
    .select()
    .from(koreaderExtras)
    .where(eq(koreaderExtras.path, sql.placeholder('path')))
    .prepare();
export const selectExtraByPath = (db: Db, path: Buffer): ExtraRow | undefined =>
  query(db, byPath).get({ path });

/** Adds the file's row or replaces what it says. */
export function putExtra(db: Db, row: typeof koreaderExtras.$inferInsert): void {
  insertRow(db, koreaderExtras, row, koreaderExtras.path);
}

export const deleteExtra = (db: Db, extraId: string): void => {
  statement(db.$client, 'delete from koreader_extras where extra_id = ?').run(extraId);
};

/** Such files of a folder by path, `limit` after the given one. */
export const selectSeenExtras = (db: Db, folderId: string, afterPath: Buffer, limit: number): SeenFile[] =>
  statement(
    db.$client,
    `select extra_id as fileId, path, size_bytes as sizeBytes, modified_ms as modifiedMs, reader_version as readerVersion,
            failure_reason as failureReason
     from koreader_extras where folder_id = ? and path > ? order by path limit ?`,
  ).all(folderId, afterPath, limit) as SeenFile[];

/** The books of sidecars right in this folder. */
export const selectBooksOfSdr = (db: Db, ownerId: string, folder: Buffer): string[] =>
  statement(
    db.$client,
    `select distinct book_id from koreader_sidecars
     where path > ? and path < ? and owner_id = ? and book_id is not null order by book_id`,
  )
    .pluck()
    .all(
      Buffer.concat([folder, Buffer.from('/')]),
      Buffer.concat([folder, Buffer.from('0')]),
      ownerId,
    ) as string[];

/** The books of readable files of this name and any ending, in whichever form of Unicode. */
export const selectBooksByStem = (db: Db, ownerId: string, stem: string): string[] => [
  ...new Set(
    formsOf(stem).flatMap(
      (form) =>
        statement(
          db.$client,
          `select distinct book_id from book_files
           where owner_id = ? and name > ? and name < ? and instr(substr(name, ?), '.') = 0 and book_id is not null limit 2`,
        )
          .pluck()
          .all(ownerId, `${form}.`, `${form}/`, Array.from(form).length + 2) as string[],
    ),
  ),
];
