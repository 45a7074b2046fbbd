// The SQL of covers.
import type { Db } from '../catalogue/db.ts';
import { eq } from 'drizzle-orm';
import { bookFiles, books } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';
import { updateBook } from './books.queries.ts';
import type { BookRow } from './books.queries.ts';

const OF_DEVICE = "kind = 'cover' and content ->> '$.coverHash'";

/** Takes a picture that turned out to be none from its books and files. Returns the books. */
export function clearCover(db: Db, coverHash: string, now: Date): { ownerId: string; bookId: string }[] {
  const shown = statement(
    db.$client,
    'select owner_id as ownerId, book_id as bookId from books where cover_hash = ? order by book_id',
  ).all(coverHash) as { ownerId: string; bookId: string }[];
  statement(db.$client, `update koreader_extras set content = null where ${OF_DEVICE} = ?`).run(coverHash);
  db.update(bookFiles).set({ coverHash: null }).where(eq(bookFiles.coverHash, coverHash)).run();
  db.update(books).set({ coverHash: null, updatedAt: now }).where(eq(books.coverHash, coverHash)).run();
  return shown;
}

export type CoveredFile = {
  fileId: string;
  ownerId: string;
  bookId: string | null;
  name: string;
  partialMd5: string;
  sha256: string;
};
/** The files that have this cover, by id. */
export const selectFilesWithCover = (db: Db, coverHash: string): CoveredFile[] =>
  statement(
    db.$client,
    `select file_id as fileId, owner_id as ownerId, book_id as bookId, name, partial_md5 as partialMd5, sha256
     from book_files where cover_hash = ? and partial_md5 is not null and sha256 is not null order by file_id`,
  ).all(coverHash) as CoveredFile[];

/** Gives a file another cover while it still has the same bytes. */
export const setCoverOfFile = (db: Db, file: CoveredFile, coverHash: string): void => {
  statement(db.$client, 'update book_files set cover_hash = ? where file_id = ? and sha256 = ?').run(
    coverHash,
    file.fileId,
    file.sha256,
  );
};

/** The hashes of every cover of a person's books and files, each once. */
export const selectCoversOf = (db: Db, ownerId: string): string[] =>
  statement(
    db.$client,
    `select cover_hash from books where owner_id = ? and cover_hash is not null
     union select cover_hash from book_files where owner_id = ? and cover_hash is not null
     union select content ->> '$.coverHash' from koreader_extras where owner_id = ? and kind = 'cover' and content is not null`,
  )
    .pluck()
    .all(ownerId, ownerId, ownerId) as string[];

/** Those of the hashes some book or file still has. */
export const selectUsedCovers = (db: Db, hashes: readonly string[]): string[] => {
  const list = JSON.stringify(hashes);
  return statement(
    db.$client,
    `select cover_hash from books where cover_hash in (select value from json_each(?))
     union select cover_hash from book_files where cover_hash in (select value from json_each(?))
     union select content ->> '$.coverHash' from koreader_extras where ${OF_DEVICE} in (select value from json_each(?))`,
  )
    .pluck()
    .all(list, list, list) as string[];
};

/** Gives a book the picture a person chose, locked against rescans; without one, what its files have counts again. */
export const setCover = (db: Db, book: BookRow, coverHash: string | null, now: Date): void => {
  const { coverHash: _before, ...others } = book.origins;
  updateBook(db, book.bookId, {
    coverHash,
    origins: coverHash === null ? others : { ...others, coverHash: 'person' },
    updatedAt: now,
  });
};
