// Codes that are good once: what a letter's link and the end of a sign-in with Google carry. Kept as SHA-256 only.
import type { Db } from '../catalogue/db.ts';
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { deleteCodes, deleteExpiredCodes, insertCode, useCode } from './one-time-codes.queries.ts';
import type { CodeKind, OneTimeCode } from './one-time-codes.queries.ts';

export type NewCode = {
  kind: CodeKind;
  userId: string;
  minutes: number;
  data?: Record<string, unknown>;
  /** Codes of the kind given to the person before are void. */
  supersedes: boolean;
};

export type OneTimeCodes = ReturnType<typeof createOneTimeCodes>;

/** Returns the verbs of codes; each is part of the caller's own write. */
export function createOneTimeCodes({ clock }: { clock: Clock }) {
  return {
    /** Returns a new code and when it ends. */
    make(
      db: Db,
      { kind, userId, minutes, data = {}, supersedes }: NewCode,
    ): { code: string; expiresAt: Date } {
      const code = randomBytes(32).toString('base64url');
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + minutes * 60_000);
      deleteExpiredCodes(db, now);
      if (supersedes) deleteCodes(db, userId, kind);
      insertCode(db, { codeHash: hashOf(code), kind, userId, data, createdAt: now, expiresAt });
      return { code, expiresAt };
    },

    /** Uses up a code of the kind and returns what it stands for; undefined when it is not good (any more). */
    use: (db: Db, kind: CodeKind, code: string): OneTimeCode | undefined =>
      useCode(db, hashOf(code), kind, clock.now()),

    /** Voids every code of the kind a person has. */
    voidAll: (db: Db, userId: string, kind: CodeKind): void => deleteCodes(db, userId, kind),
  };
}

const hashOf = (code: string) => createHash('sha256').update(code).digest('hex');
