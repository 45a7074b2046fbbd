// The SQL of files that are not found: how many books would be without, and how many are left.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

/** Files of books: `lost` are those without which their books have none, `left` the folder's others. */
export type Loss = { lost: number; left: number };

/** What the folder's books lose with these files. A file that lies somewhere else now is no loss. */
export const selectLostFiles = (db: Db, folderId: string, fileIds: readonly string[]): Loss =>
  statement(
    db.$client,
    `with gone as materialized (select value as file_id from json_each(:gone))
     select
       (select count(*) from book_files f join gone using (file_id)
        where f.book_id is not null and not exists (
          select 1 from book_files o where o.book_id = f.book_id and o.file_id not in (select file_id from gone))) as lost,
       (select count(*) from book_files
        where folder_id = :folderId and book_id is not null and file_id not in (select file_id from gone)) as left`,
  ).get({ folderId, gone: JSON.stringify(fileIds) }) as Loss;

/** The same of sidecars. */
export const selectLostSidecars = (db: Db, folderId: string, sidecarIds: readonly string[]): Loss =>
  statement(
    db.$client,
    `with gone as materialized (select value as sidecar_id from json_each(:gone))
     select
       (select count(*) from koreader_sidecars s join gone using (sidecar_id)
        where s.book_id is not null and not exists (
          select 1 from koreader_sidecars o
          where o.book_id = s.book_id and o.sidecar_id not in (select sidecar_id from gone))) as lost,
       (select count(*) from koreader_sidecars
        where folder_id = :folderId and book_id is not null and sidecar_id not in (select sidecar_id from gone)) as left`,
  ).get({ folderId, gone: JSON.stringify(sidecarIds) }) as Loss;
