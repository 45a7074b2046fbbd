// The SQL of links and codes that are good once.
import type { Db } from '../catalogue/db.ts';
import { and, eq, gt, isNull, lte } from 'drizzle-orm';
import { oneTimeCodes } from '../catalogue/schema/index.ts';

export type CodeKind = typeof oneTimeCodes.$inferSelect.kind;
export type OneTimeCode = typeof oneTimeCodes.$inferSelect;

export const insertCode = (db: Db, code: typeof oneTimeCodes.$inferInsert): void => {
  db.insert(oneTimeCodes).values(code).run();
};

/** Deletes a person's codes of a kind: a newer one is sent, or it is no longer wanted. */
export const deleteCodes = (db: Db, userId: string, kind: CodeKind): void => {
  db.delete(oneTimeCodes)
    .where(and(eq(oneTimeCodes.userId, userId), eq(oneTimeCodes.kind, kind)))
    .run();
};

/** Uses up a code of the kind and returns it; undefined when it is unknown, used or too old. */
export const useCode = (db: Db, codeHash: string, kind: CodeKind, now: Date): OneTimeCode | undefined =>
  db
    .update(oneTimeCodes)
    .set({ usedAt: now })
    .where(
      and(
        eq(oneTimeCodes.codeHash, codeHash),
        eq(oneTimeCodes.kind, kind),
        isNull(oneTimeCodes.usedAt),
        gt(oneTimeCodes.expiresAt, now),
      ),
    )
    .returning()
    .get();

export const deleteExpiredCodes = (db: Db, now: Date): void => {
  db.delete(oneTimeCodes).where(lte(oneTimeCodes.expiresAt, now)).run();
};
