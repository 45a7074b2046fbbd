// The SQL of media ids: under which id a book's file and its cover are asked for.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import { rankBookFiles } from '../library/book-files.ts';
import type { Rankable } from '../library/book-files.ts';
import { addTo } from '../shelves/memberships.queries.ts';

export type MediaIds = { fileMediaId: string | null; coverMediaId: string | null };

/**
 * Gives these books their media ids, for `file_media_id` and `cover_media_id` of the sync stream; null without file or
 * cover. A file is known by its own id, uploaded or of a library folder; a cover by the id of the uploaded picture, one that
 * came with the book's file by the id of the book.
 */
export function withMediaIds<Book extends { bookId: string; coverHash: string | null }>(
  db: Db,
  books: readonly Book[],
): (Book & MediaIds)[] {
  const ids = JSON.stringify(books.map(({ bookId }) => bookId));
  const rows = statement(
    db.$client,
    `select book_id, file_id, folder_id, format, name from book_files
     where book_id in (select value from json_each(?)) and format is not null`,
  )
    .raw()
    .all(ids) as [bookId: string, fileId: string, folderId: string | null, format: string, name: string][];
  const files = new Map<string, Rankable[]>();
  for (const [bookId, fileId, folderId, format, name] of rows)
    addTo(files, bookId, { fileId, folderId, format, name });
  // Of several the newest one stays.
  const covers = new Map(
    statement(
      db.$client,
      `select book_id, file_id from stored_files
       where book_id in (select value from json_each(?)) and kind = 'cover_image' order by uploaded_at, file_id`,
    )
      .raw()
      .all(ids) as [bookId: string, fileId: string][],
  );
  return books.map((book) =>
    Object.assign(book, {
      fileMediaId: firstOf(files.get(book.bookId) ?? [])?.fileId ?? null,
      coverMediaId: book.coverHash === null ? null : (covers.get(book.bookId) ?? book.bookId),
    }),
  );
}

const firstOf = (files: readonly Rankable[]) => (files.length > 1 ? rankBookFiles(files)[0] : files[0]);

/** What a media id stands for, for checking one a client sends; undefined when it is nobody's or another person's. */
export function selectMedia(
  db: Db,
  ownerId: string,
  mediaId: string,
): { kind: 'book_file' | 'cover_image'; bookId: string | null } | undefined {
  return statement(
    db.$client,
    `select kind, book_id as bookId from stored_files where file_id = :mediaId and owner_id = :ownerId
     union all
     select 'book_file', book_id from book_files
     where file_id = :mediaId and owner_id = :ownerId and folder_id is not null and book_id is not null
     union all
     select 'cover_image', book_id from books where book_id = :mediaId and +owner_id = :ownerId and cover_hash is not null
     limit 1`,
  ).get({ ownerId, mediaId }) as ReturnType<typeof selectMedia>;
}
