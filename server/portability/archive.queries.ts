// The SQL an archive of book files reads with.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

export type ArchiveBook = {
  bookId: string;
  title: string;
  author: string | null;
  series: string | null;
  shelves: string;
  tags: string;
};

/** The book's names and where it belongs; undefined when it is gone. */
export const selectArchiveBook = (db: Db, ownerId: string, bookId: string): ArchiveBook | undefined =>
  statement(
    db.$client,
    `select b.book_id as bookId, b.title, b.authors ->> 0 as author, s.name as series,
       (select json_group_array(name order by shelves.sort_order, folded(name)) from shelf_books x join shelves using (shelf_id)
         where x.book_id = b.book_id) as shelves,
       (select json_group_array(name order by folded(name)) from book_tags x join tags using (tag_id)
         where x.book_id = b.book_id) as tags
     from books b left join series s on s.series_id = b.series_id where b.book_id = ? and +b.owner_id = ?`,
  ).get(bookId, ownerId) as ArchiveBook | undefined;

export type ArchiveFile = {
  fileId: string;
  name: string;
  format: string | null;
  sizeBytes: number;
  sha256: string | null;
};

/** The book's files, in a lasting order. */
export const selectArchiveFiles = (db: Db, bookId: string): ArchiveFile[] =>
  statement(
    db.$client,
    `select file_id as fileId, name, format, size_bytes as sizeBytes, sha256 from book_files
     where book_id = ? and failure_reason is null and dismissed_at is null order by name, file_id`,
  ).all(bookId) as ArchiveFile[];
