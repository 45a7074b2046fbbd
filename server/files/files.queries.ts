// The SQL of uploaded files, and of the media ids of books.
import type { Db } from '../catalogue/db.ts';
import { and, eq } from 'drizzle-orm';
import { bookFiles, storedFiles } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';

export type StoredFile = typeof storedFiles.$inferSelect;
export type FileKind = StoredFile['kind'];

export const insertStored = (db: Db, file: typeof storedFiles.$inferInsert): void => {
  insertRow(db, storedFiles, file);
};

export const updateStored = (db: Db, fileId: string, change: Partial<StoredFile>): void => {
  updateRow(db, storedFiles, storedFiles.fileId, fileId, change);
};

export const deleteStored = (db: Db, fileId: string): void => {
  db.delete(storedFiles).where(eq(storedFiles.fileId, fileId)).run();
};

export const selectStored = (db: Db, ownerId: string, fileId: string): StoredFile | undefined =>
  db
    .select()
    .from(storedFiles)
    .where(and(eq(storedFiles.ownerId, ownerId), eq(storedFiles.fileId, fileId)))
    .get();

/** Every file the person gave, in the order they came. */
export const selectAllStored = (db: Db, ownerId: string): StoredFile[] =>
  db
    .select()
    .from(storedFiles)
    .where(eq(storedFiles.ownerId, ownerId))
    .orderBy(storedFiles.uploadedAt, storedFiles.fileId)
    .all();

/** A stored file whoever's it is: for links that were signed for its owner. */
export const selectStoredById = (db: Db, fileId: string): StoredFile | undefined =>
  db.select().from(storedFiles).where(eq(storedFiles.fileId, fileId)).get();

/** The files these books were given, oldest first; of one kind when it is named. */
export const selectStoredOfBooks = (db: Db, bookIds: readonly string[], kind?: FileKind): StoredFile[] =>
  (
    statement(
      db.$client,
      `select file_id as id from stored_files where book_id in (select value from json_each(?)) and kind = coalesce(?, kind)
       order by uploaded_at, file_id`,
    ).all(JSON.stringify(bookIds), kind ?? null) as { id: string }[]
  ).map(({ id }) => selectStoredById(db, id)!);

/** An upload of the same bytes and format that no book has claimed yet; not one that a removed book let go. */
export const selectUnclaimed = (
  db: Db,
  ownerId: string,
  sha256: string,
  format: string,
): StoredFile | undefined => {
  const found = statement(
    db.$client,
    `select file_id as id from stored_files join book_files using (file_id)
     where stored_files.owner_id = ? and stored_files.sha256 = ? and stored_files.format = ? and stored_files.book_id is null
     order by uploaded_at, file_id limit 1`,
  ).get(ownerId, sha256, format) as { id: string } | undefined;
  return found === undefined ? undefined : selectStoredById(db, found.id);
};

/** An upload that no book has claimed is still a file of the library; what a removed book let go is none any more. */
const IS_UNCLAIMED =
  'book_id is null and exists (select 1 from book_files where book_files.file_id = stored_files.file_id)';

/** Bytes the person's files take, equal ones counted once; what removed books let go not at all. */
export const sumBytes = (db: Db, ownerId: string): number =>
  (
    statement(
      db.$client,
      `select coalesce(sum(bytes), 0) as n from
         (select max(size_bytes) as bytes from stored_files
          where owner_id = ? and (released_at is null or ${IS_UNCLAIMED}) group by sha256)`,
    ).get(ownerId) as { n: number }
  ).n;

/** Notes the moment for files that lost their book in a way that did not. */
export const noteReleased = (db: Db, now: Date): void => {
  statement(
    db.$client,
    'update stored_files set released_at = ? where book_id is null and released_at is null',
  ).run(now.getTime());
};

/** Files that removed books let go and uploads nobody claimed before these moments, in no order. */
export const selectForgotten = (
  db: Db,
  before: { released: Date; unclaimed: Date },
): { fileId: string; ownerId: string; sha256: string; backendId: string | null }[] =>
  statement(
    db.$client,
    `select file_id as fileId, owner_id as ownerId, sha256, backend_id as backendId from stored_files
     where book_id is null and (released_at <= ? or (released_at <= ? and ${IS_UNCLAIMED}))`,
  ).all(before.released.getTime(), before.unclaimed.getTime()) as ReturnType<typeof selectForgotten>;

export type FolderFile = {
  fileId: string;
  ownerId: string;
  bookId: string | null;
  name: string;
  format: string | null;
  sizeBytes: number;
  sha256: string | null;
};

/** A file of a library folder that belongs to a book, whoever's it is. */
export const selectFolderFile = (db: Db, fileId: string): FolderFile | undefined =>
  db
    .select({
      fileId: bookFiles.fileId,
      ownerId: bookFiles.ownerId,
      bookId: bookFiles.bookId,
      name: bookFiles.name,
      format: bookFiles.format,
      sizeBytes: bookFiles.sizeBytes,
      sha256: bookFiles.sha256,
      folderId: bookFiles.folderId,
    })
    .from(bookFiles)
    .where(eq(bookFiles.fileId, fileId))
    .all()
    .filter(({ folderId, bookId }) => folderId !== null && bookId !== null)[0];
