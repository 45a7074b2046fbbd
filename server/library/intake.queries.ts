// The SQL of taking files in: what is known of them, and the rows they become.
import type { Db } from '../catalogue/db.ts';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { nameKey } from '../base/names.ts';
import { bookChecksums, bookFiles, formerFiles } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { query, statement } from '../catalogue/statements.ts';
import type { SetOnDevice } from './describe.ts';
import type { KnownBook } from './match.ts';
import { sdrBeside } from './sdr-folders.ts';

export type BookFile = typeof bookFiles.$inferSelect;

/** A file as the last scan saw it: enough to tell whether it must be read again. */
export type SeenFile = {
  fileId: string;
  path: Buffer;
  sizeBytes: number;
  modifiedMs: number;
  readerVersion: number;
  failureReason: string | null;
};

/** The files of a folder by path, `limit` after the given one. */
export const selectSeenFiles = (db: Db, folderId: string, afterPath: Buffer, limit: number): SeenFile[] =>
  statement(
    db.$client,
    `select file_id as fileId, path, size_bytes as sizeBytes, modified_ms as modifiedMs, reader_version as readerVersion,
            failure_reason as failureReason
     from book_files where folder_id = ? and path > ? order by path limit ?`,
  ).all(folderId, afterPath, limit) as SeenFile[];

const byPath = (db: Db) =>
  db
    .select()
    .from(bookFiles)
    // What lies among the server's own files is no file of a folder.
    .where(and(eq(bookFiles.path, sql.placeholder('path')), isNotNull(bookFiles.folderId)))
    .prepare();
const byComposedPath = (db: Db) =>
  db
    .select()
    .from(bookFiles)
    .where(and(eq(bookFiles.nfcPath, sql.placeholder('path')), isNotNull(bookFiles.folderId)))
    .orderBy(bookFiles.path)
    .prepare();
/** The file of a folder at this path. */
export const selectFileByPath = (db: Db, path: Buffer): BookFile | undefined =>
  query(db, byPath).get({ path });

const byFileId = (db: Db) =>
  db
    .select()
    .from(bookFiles)
    .where(eq(bookFiles.fileId, sql.placeholder('fileId')))
    .prepare();
export const selectFile = (db: Db, fileId: string): BookFile | undefined =>
  query(db, byFileId).get({ fileId });

const byBook = (db: Db) =>
  db
    .select()
    .from(bookFiles)
    .where(eq(bookFiles.bookId, sql.placeholder('bookId')))
    .prepare();
export const selectFilesOfBook = (db: Db, bookId: string): BookFile[] => query(db, byBook).all({ bookId });

/** Adds the file's row or replaces what it says. */
export function putFile(db: Db, file: typeof bookFiles.$inferInsert): void {
  insertRow(db, bookFiles, file, bookFiles.fileId);
}

/** Puts a file under a book, or under none. */
export const setBookOfFile = (db: Db, fileId: string, bookId: string | null): void => {
  updateRow(db, bookFiles, bookFiles.fileId, fileId, { bookId });
};

export const deleteFile = (db: Db, fileId: string): void => {
  db.delete(bookFiles).where(eq(bookFiles.fileId, fileId)).run();
};

/** The book a KOReader checksum belongs to. */
export const selectBookByChecksum = (db: Db, ownerId: string, partialMd5: string): string | undefined =>
  (
    statement(
      db.$client,
      'select book_id as id from book_checksums where owner_id = ? and partial_md5 = ?',
    ).get(ownerId, partialMd5) as { id: string } | undefined
  )?.id;

/** Notes that this checksum is this book's, unless it is another's already; reading known by it finds its book. */
export function addChecksum(db: Db, ownerId: string, partialMd5: string, bookId: string): void {
  const changes = insertRow(db, bookChecksums, { ownerId, partialMd5, bookId }, 'nothing');
  if (changes === 0) return;
  statement(
    db.$client,
    'update read_books set book_id = ? where owner_id = ? and md5 = ? and book_id is null',
  ).run(bookId, ownerId, partialMd5);
}

/** When the book was opened last, as far as the statistics know. */
export const selectLastOpened = (db: Db, bookId: string): Date | undefined => {
  const { at } = statement(
    db.$client,
    'select max(last_open_at) as at from read_books where book_id = ?',
  ).get(bookId) as {
    at: number | null;
  };
  return at === null ? undefined : new Date(at);
};

export const selectBookBySha256 = (db: Db, ownerId: string, sha256: string): string | undefined =>
  (
    statement(
      db.$client,
      'select book_id as id from book_files where owner_id = ? and sha256 = ? and book_id is not null order by file_id limit 1',
    ).get(ownerId, sha256) as { id: string } | undefined
  )?.id;

const KNOWN =
  "book_id as bookId, title, coalesce(json_extract(origins, '$.title'), 'person') <> 'name' as titleIsOwn, language";
type KnownRow = { bookId: string; title: string; titleIsOwn: number; language: string | null };
const known = (row: KnownRow): KnownBook => ({
  ...row,
  titleIsOwn: row.titleIsOwn === 1,
  language: row.language ?? undefined,
});

/** Books with this ISBN-13, oldest first. */
export const selectBooksByIsbn = (db: Db, ownerId: string, isbn13: string): KnownBook[] =>
  (
    statement(
      db.$client,
      `select ${KNOWN} from books where owner_id = ? and isbn13 = ? order by added_at, book_id`,
    ).all(ownerId, isbn13) as KnownRow[]
  ).map(known);

/** The file of a folder at this path, or the one whose path differs in nothing but the form of its names. */
export function selectFileNamed(db: Db, path: Buffer): BookFile | undefined {
  const exact = selectFileByPath(db, path);
  if (exact !== undefined) return exact;
  const key = nameKey(path);
  return query(db, byPath).get({ path: key }) ?? query(db, byComposedPath).get({ path: key });
}

/** Books of files whose composed path lies between the two, oldest first, with their paths as they are. */
export const selectBooksByPathRange = (db: Db, from: Buffer, to: Buffer): (KnownBook & { path: Buffer })[] =>
  (
    statement(
      db.$client,
      `select ${KNOWN}, path from books join (
         select book_id, path from book_files where path >= :from and path < :to and folder_id is not null
         union select book_id, path from book_files where nfc_path >= :from and nfc_path < :to and folder_id is not null) using (book_id)
       order by added_at, book_id, path`,
    ).all({ from, to }) as (KnownRow & { path: Buffer })[]
  ).map((row) => ({ ...known(row), path: row.path }));

/** What the sidecars of a book say of the document, as JSON, newest first. */
export const selectSidecarSays = (db: Db, bookId: string): string[] =>
  statement(
    db.$client,
    `select content -> '$.says' from koreader_sidecars
     where book_id = ? and content is not null order by modified_ms desc, sidecar_id`,
  )
    .pluck()
    .all(bookId) as string[];

/** What a person set in KOReader over what the book says of itself: beside its files first, then the newest. */
export function selectSetOnDevice(db: Db, ownerId: string, bookId: string): SetOnDevice[] {
  // Most libraries have none, and every file that comes in asks.
  const isThere = statement(db.$client, 'select exists (select 1 from koreader_extras)').pluck().get();
  if (isThere === 0) return [];
  const own = paths(db, 'select path from book_files where book_id = ? and folder_id is not null', bookId);
  const sidecars = paths(db, 'select path from koreader_sidecars where book_id = ?', bookId);
  const beside = new Set(own.map((path) => keyOfFolder(sdrBeside(nameKey(path)))));
  const folders = new Set([...beside, ...sidecars.map((path) => keyOfFolder(nameKey(folderAbove(path))))]);
  const columns = 'extra_id as id, coalesce(nfc_path, path) as path, content, modified_ms as modifiedMs';
  const rows = [...folders].flatMap((folder) => {
    const from = Buffer.from(`${folder}/`, 'latin1');
    const to = Buffer.from(`${folder}0`, 'latin1');
    return statement(
      db.$client,
      `select ${columns} from koreader_extras where path > :from and path < :to and kind <> 'marks' and content is not null
       union select ${columns} from koreader_extras where nfc_path > :from and nfc_path < :to and kind <> 'marks' and content is not null`,
    ).all({ from, to }) as ExtraSays[];
  });
  const named = statement(
    db.$client,
    `select ${columns} from koreader_extras where book_id = :bookId and kind <> 'marks' and content is not null
     union select ${columns} from koreader_extras where owner_id = :ownerId and kind <> 'marks' and content is not null
       and partial_md5 in (select partial_md5 from book_checksums where book_id = :bookId)`,
  ).all({ ownerId, bookId }) as ExtraSays[];
  const isBeside = ({ path }: ExtraSays) => Number(beside.has(keyOfFolder(folderAbove(path))));
  return [...new Map([...rows, ...named].map((row) => [row.id, row])).values()]
    .sort(
      (a, b) => isBeside(b) - isBeside(a) || b.modifiedMs - a.modifiedMs || Buffer.compare(a.path, b.path),
    )
    .map(({ content }) => JSON.parse(content) as SetOnDevice);
}

type ExtraSays = { id: string; path: Buffer; content: string; modifiedMs: number };

const paths = (db: Db, query: string, bookId: string): Buffer[] =>
  statement(db.$client, query).pluck().all(bookId) as Buffer[];
const folderAbove = (path: Buffer): Buffer => path.subarray(0, Math.max(0, path.lastIndexOf(0x2f)));
const keyOfFolder = (folder: Buffer): string => folder.toString('latin1');

/** Whether anything of the person's hangs on the book: marks, reading, a rating, words of their own. */
export const hasPersonalTrace = (db: Db, bookId: string): boolean =>
  (
    statement(
      db.$client,
      `select exists (select 1 from annotations where book_id = :bookId) or exists (select 1 from bookmarks where book_id = :bookId)
         or exists (select 1 from notes where book_id = :bookId) or exists (select 1 from reading_sessions where book_id = :bookId)
         or exists (select 1 from shelf_books where book_id = :bookId) or exists (select 1 from book_tags where book_id = :bookId)
         or exists (select 1 from read_books where book_id = :bookId)
         or exists (select 1 from books where book_id = :bookId and (rating is not null or review_note is not null or progress > 0
              or status <> 'not_started' or is_favorite = 1 or lent_to is not null or physical_location is not null
              or cover_image_url is not null or custom_metadata <> '{}' or origins like '%"person"%')) as personal`,
    ).get({ bookId }) as { personal: number }
  ).personal === 1;

/** Removes books that left the disk before `since` with nothing of the person's on them. Their ids stay known by their checksums. */
export function deleteBooksAbsentSince(db: Db, ownerId: string, since: Date): number {
  const absent = 'owner_id = ? and absent_since < ?';
  statement(
    db.$client,
    `insert or replace into former_books (owner_id, partial_md5, book_id)
     select owner_id, partial_md5, book_id from book_checksums
     where book_id in (select book_id from books where ${absent})`,
  ).run(ownerId, since.getTime());
  return statement(db.$client, `delete from books where ${absent}`).run(ownerId, since.getTime()).changes;
}

/** The id that the book with this checksum had before it was cleared away; undefined when it never was. */
export function takeFormerId(db: Db, ownerId: string, partialMd5: string): string | undefined {
  const former = statement(
    db.$client,
    'select book_id from former_books where owner_id = ? and partial_md5 = ?',
  )
    .pluck()
    .get(ownerId, partialMd5) as string | undefined;
  if (former === undefined) return undefined;
  statement(db.$client, 'delete from former_books where owner_id = ? and book_id = ?').run(ownerId, former);
  return former;
}

/** Notes where a file of a book lay and what it said, for an edited copy that is put there later. */
export const putFormerFile = (db: Db, file: typeof formerFiles.$inferInsert): void => {
  insertRow(db, formerFiles, file, formerFiles.path);
};

/** What lay at this path before, if its book has no file since; forgotten with the asking. */
export function takeFormerFile(db: Db, path: Buffer): { bookId: string; metadata: string } | undefined {
  const former = statement(
    db.$client,
    `select book_id as bookId, metadata, has_file as hasFile from former_files join books using (book_id) where path = ?`,
  ).get(path) as { bookId: string; metadata: string; hasFile: number } | undefined;
  if (former === undefined) return undefined;
  statement(db.$client, 'delete from former_files where path = ?').run(path);
  return former.hasFile === 1 ? undefined : former;
}

/** The book of the sidecars at these paths, if it has no file. */
export const selectBookOfSidecars = (db: Db, paths: readonly Buffer[]): KnownBook | undefined => {
  for (const path of paths) {
    const row = statement(
      db.$client,
      `select ${KNOWN} from books
       where has_file = 0 and book_id = (select book_id from koreader_sidecars where path = ?)`,
    ).get(path) as KnownRow | undefined;
    if (row !== undefined) return known(row);
  }
  return undefined;
};
