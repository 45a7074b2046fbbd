// The SQL that takes many rows of a statistics database in at once.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { PageReads } from '../formats/koreader/page-reads.ts';
import { pageReadWriter } from './statistics.queries.ts';
import type { FileBookRow } from './statistics.queries.ts';

/** Adds the rows of checksums that have none yet, each with a title until its figures are worked out. */
export const insertNewReadBooks = (
  db: Db,
  ownerId: string,
  books: readonly (readonly [md5: string, title: string])[],
): void => {
  statement(
    db.$client,
    `insert into read_books (owner_id, md5, title) select ?, value ->> 0, value ->> 1 from json_each(?) where true
     on conflict (owner_id, md5) do nothing`,
  ).run(ownerId, JSON.stringify(books));
};

/** Whether the file said exactly this of the book before. */
export const hasFileBook = (db: Db, row: FileBookRow): boolean =>
  statement(
    db.$client,
    `select 1 from statistics_file_books
     where file_id = ? and read_book_id = ? and title = ? and authors is ? and pages is ? and last_open_at is ?
       and notes is ? and highlights is ? and total_read_sec is ? and total_read_pages is ?`,
  ).get(
    row.fileId, row.readBookId, row.title, row.authors, row.pages, row.lastOpenAt?.getTime() ?? null,
    row.notes, row.highlights, row.totalReadSec, row.totalReadPages,
  ) !== undefined; // prettier-ignore

/** Returns the function that counts the rows changed on this connection so far. */
export function changeCounter(db: Db): () => number {
  const count = statement(db.$client, 'select total_changes() as changes');
  return () => (count.get() as { changes: number }).changes;
}

/** One statement for this many rows takes half the time of one for each. */
const ROWS_AT_ONCE = 50;
const MANY = `insert into page_reads (read_book_id, started_sec, page, duration_sec, total_pages)
  values ${Array.from({ length: ROWS_AT_ONCE }, () => '(?, ?, ?, ?, ?)').join(', ')}
  on conflict do update set duration_sec = excluded.duration_sec, total_pages = excluded.total_pages
  where excluded.duration_sec > duration_sec
     or (excluded.duration_sec = duration_sec and excluded.total_pages > total_pages)`;

/** Adds the page reads of one book from one row up to another, by the rule of `pageReadWriter`. */
export function putPageReads(db: Db, readBookId: number, reads: PageReads, from: number, to: number): void {
  const { startSec, page, durationSec, totalPages } = reads;
  const insert = statement(db.$client, MANY);
  const values: number[] = Array.from({ length: ROWS_AT_ONCE * 5 }, () => readBookId);
  let row = from;
  while (to - row >= ROWS_AT_ONCE) {
    for (let at = 0; at < values.length; at += 5, row++) {
      values[at + 1] = startSec[row]!;
      values[at + 2] = page[row]!;
      values[at + 3] = durationSec[row]!;
      values[at + 4] = totalPages[row]!;
    }
    insert.run(values);
  }
  const write = pageReadWriter(db);
  for (; row < to; row++) write(readBookId, startSec[row]!, page[row]!, durationSec[row]!, totalPages[row]!);
}
