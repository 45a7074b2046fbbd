// The SQL of media ids: under which id a book's file and its cover are asked for.
import type { Db } from '../catalogue/catalogue.ts';
import { statement } from '../catalogue/statements.ts';
import { rankBookFiles } from '../library/book-files.ts';

export type MediaIds = { fileMediaId: string | null; coverMediaId: string | null };

/**
 * The media ids of these books, for `file_media_id` and `cover_media_id` of the sync stream; both null for a book without
 * file and cover, books that are not there left out. A file is known by its own id, uploaded or of a library folder; a cover by the
 * id of the uploaded picture, one that came with the book's file by the id of the book.
 */
export function selectMediaIds(db: Db, bookIds: readonly string[]): Map<string, MediaIds> {
  const ids = JSON.stringify(bookIds);
  const files = Map.groupBy(
    statement(
      db.$client,
      `select book_id as bookId, file_id as fileId, folder_id as folderId, format, name from book_files
       where book_id in (select value from json_each(?)) and format is not null`,
    ).all(ids) as { bookId: string; fileId: string; folderId: string | null; format: string; name: string }[],
    ({ bookId }) => bookId,
  );
  const rows = statement(
    db.$client,
    `select book_id as bookId, cover_hash as coverHash,
            (select file_id from stored_files s where s.book_id = books.book_id and s.kind = 'cover_image'
             order by uploaded_at desc, file_id desc limit 1) as coverId
     from books where book_id in (select value from json_each(?))`,
  ).all(ids) as { bookId: string; coverHash: string | null; coverId: string | null }[];
  return new Map(
    rows.map(({ bookId, coverHash, coverId }) => [
      bookId,
      {
        fileMediaId: rankBookFiles(files.get(bookId) ?? [])[0]?.fileId ?? null,
        coverMediaId: coverHash === null ? null : (coverId ?? bookId),
      },
    ]),
  );
}

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
     select 'cover_image', book_id from books where book_id = :mediaId and owner_id = :ownerId and cover_hash is not null
     limit 1`,
  ).get({ ownerId, mediaId }) as ReturnType<typeof selectMedia>;
}
