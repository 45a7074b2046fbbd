// The SQL of letters nobody could be sent.
import type { Db } from '../catalogue/db.ts';
import { and, desc, eq, lt } from 'drizzle-orm';
import { letters, users } from '../catalogue/schema/index.ts';

export type LetterRow = typeof letters.$inferSelect;
export type WaitingLetter = LetterRow & { email: string | null; displayName: string };

/** Notes a letter that waits; one of the same kind to the same person is the same letter, asked for again. */
export const putLetter = (db: Db, letter: LetterRow): void => {
  db.insert(letters)
    .values(letter)
    .onConflictDoUpdate({
      target: [letters.userId, letters.kind],
      set: { requestedAt: letter.requestedAt, linkBase: letter.linkBase },
    })
    .run();
};

/** Letters that wait, the newest first. */
export const selectLetters = (db: Db): WaitingLetter[] =>
  db
    .select({
      letterId: letters.letterId,
      userId: letters.userId,
      kind: letters.kind,
      requestedAt: letters.requestedAt,
      linkBase: letters.linkBase,
      email: users.email,
      displayName: users.displayName,
    })
    .from(letters)
    .innerJoin(users, eq(users.userId, letters.userId))
    .orderBy(desc(letters.requestedAt), desc(letters.letterId))
    .all();

/** Takes a letter away and returns it. */
export const takeLetter = (db: Db, letterId: string): LetterRow | undefined =>
  db.delete(letters).where(eq(letters.letterId, letterId)).returning().get();

export const deleteLetter = (db: Db, userId: string, kind: LetterRow['kind']): void => {
  db.delete(letters)
    .where(and(eq(letters.userId, userId), eq(letters.kind, kind)))
    .run();
};

export const deleteLettersBefore = (db: Db, moment: Date): void => {
  db.delete(letters).where(lt(letters.requestedAt, moment)).run();
};
