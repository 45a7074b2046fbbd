// The SQL of what a sidecar adds to the reading of its book.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

/** What the newest sidecar of a book that could be read says, as JSON; undefined when there is none. */
export const selectNewestContent = (db: Db, bookId: string): string | undefined =>
  (
    statement(
      db.$client,
      `select content from koreader_sidecars where book_id = ? and content is not null
       order by modified_ms desc, sidecar_id limit 1`,
    ).get(bookId) as { content: string } | undefined
  )?.content;
