// The SQL of where bytes lie, and of whose they are.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

export type Lying = {
  ownerId: string;
  name: string;
  /** In a library folder; null for what a person gave to the server. */
  path: Buffer | null;
  backendId: string | null;
  sha256: string | null;
};

/** Where a file lies, whoever's it is: one a person gave, or one of a library folder. */
export const selectLying = (db: Db, fileId: string): Lying | undefined =>
  statement(
    db.$client,
    `select owner_id as ownerId, original_name as name, null as path, backend_id as backendId, sha256
     from stored_files where file_id = :fileId
     union all
     select owner_id, name, path, null, sha256 from book_files where file_id = :fileId and folder_id is not null
     limit 1`,
  ).get({ fileId }) as Lying | undefined;

/** Rows of stored_files whose bytes lie on the server's own disk, under a name or without one. */
export const ON_OWN_DISK = `(backend_id is null or exists (
  select 1 from storage_backends b where b.backend_id = stored_files.backend_id and b.kind = 'papyrus_server'))`;

/** Whether anybody's file has these bytes at the place: the server's own disk for null, or a backend. */
export const isReferencedAt = (db: Db, sha256: string, backendId: string | null): boolean =>
  statement(
    db.$client,
    `select 1 from stored_files where sha256 = :sha256
     and case when :backendId is null then ${ON_OWN_DISK} else backend_id = :backendId end limit 1`,
  ).get({ sha256, backendId }) !== undefined;
