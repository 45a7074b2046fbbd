// The SQL of what a person said of marks that left KOReader's files.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';
import type { Spoken } from './persons-word.ts';

/** Keeps what the person said of a mark that is gone. */
export function keepWords(
  db: Db,
  mark: { bookId: string; koreaderKey: string },
  words: Spoken,
  now: Date,
): void {
  statement(
    db.$client,
    `insert into kept_words (book_id, koreader_key, words, gone_at) values (?, ?, ?, ?)
     on conflict do update set words = excluded.words, gone_at = excluded.gone_at`,
  ).run(mark.bookId, mark.koreaderKey, JSON.stringify(words), now.getTime());
}

/** What the person said of marks of a book that are gone, by KOReader's keys. */
export const selectKeptWords = (db: Db, bookId: string): Map<string, Spoken> =>
  new Map(
    (
      statement(db.$client, 'select koreader_key as key, words from kept_words where book_id = ?').all(
        bookId,
      ) as { key: string; words: string }[]
    ).map(({ key, words }) => [key, JSON.parse(words) as Spoken]),
  );

/** Forgets the words of a mark: it is back, and they are with it. */
export const dropKeptWords = (db: Db, bookId: string, koreaderKey: string): void => {
  statement(db.$client, 'delete from kept_words where book_id = ? and koreader_key = ?').run(
    bookId,
    koreaderKey,
  );
};

/** Forgets the words of marks that were gone before the moment. */
export const forgetWordsGoneBefore = (db: Db, beforeMs: number): void => {
  statement(db.$client, 'delete from kept_words where gone_at < ?').run(beforeMs);
};
