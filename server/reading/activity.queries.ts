// The SQL of reading activity.
import type { Db } from '../catalogue/db.ts';
import { and, eq, isNull } from 'drizzle-orm';
import { readBooks } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';

export type ReadBookRow = typeof readBooks.$inferSelect;

/** A book as the statistics know it: the rows of all its checksums, last opened first. */
export const selectReadBooks = (db: Db, bookId: string): ReadBookRow[] =>
  db
    .select()
    .from(readBooks)
    .where(and(eq(readBooks.bookId, bookId), isNull(readBooks.toldOf)))
    .all()
    .sort(
      (a, b) =>
        (b.lastOpenAt?.getTime() ?? 0) - (a.lastOpenAt?.getTime() ?? 0) || b.readBookId - a.readBookId,
    );

/** Whether there is any reading that counts, KOReader's or told by another device. */
export const hasPageReads = (db: Db, ownerId: string): boolean =>
  (
    statement(
      db.$client,
      `select exists (select 1 from read_books r where r.owner_id = ?
         and (r.told_of is not null
           or exists (select 1 from read_days d where d.read_book_id = r.read_book_id))) as found`,
    ).get(ownerId) as { found: number }
  ).found === 1;
