// The SQL that finds a mark in KOReader's words.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

/** KOReader's key of a highlight or bookmark of a book; undefined for one that never was in a sidecar. */
export const selectKoreaderKey = (db: Db, bookId: string, markId: string): string | undefined =>
  (
    statement(
      db.$client,
      `select koreader_key as key from annotations
       where annotation_id = :markId and book_id = :bookId and source = 'koreader' and koreader_key is not null
       union all
       select koreader_key from bookmarks
       where bookmark_id = :markId and book_id = :bookId and source = 'koreader' and koreader_key is not null`,
    ).get({ markId, bookId }) as { key: string } | undefined
  )?.key;
