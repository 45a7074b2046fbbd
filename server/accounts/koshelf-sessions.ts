// The KoShelf view's lock: one password, and the browsers that gave it.
import { createHash, randomBytes } from 'node:crypto';
import { unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  deleteExpiredKoshelfSessions,
  deleteKoshelfSession,
  insertKoshelfSession,
  selectKoshelfSession,
} from './koshelf-sessions.queries.ts';
import type { KoshelfSession } from './koshelf-sessions.queries.ts';
import { hashPassword, passwordFits } from './passwords.ts';

/** Sessions are not extended by use (KoShelf behaviour §4.13). */
export const KOSHELF_SESSION_SEC = 30 * 24 * 60 * 60;
export const KOSHELF_PASSWORD_MIN = 8;

export type KoshelfSessions = ReturnType<typeof createKoshelfSessions>;

/** Returns the verbs of the lock; without a password it is open. */
export function createKoshelfSessions(parts: {
  catalogue: Catalogue;
  clock: Clock;
  password: string | undefined;
}) {
  const { catalogue, clock, password } = parts;
  const passwordHash = password === undefined ? undefined : hashPassword(password);
  // Its failure is answered where it is asked for.
  passwordHash?.catch(() => {});

  return {
    /** Whether the view asks for the password at all. */
    locked: (): boolean => passwordHash !== undefined,

    /** Returns the token of a new session. Throws unauthenticated for a wrong password. */
    async signIn(
      given: string,
      from: { userAgent: string | undefined; ip: string | undefined },
    ): Promise<string> {
      if (passwordHash === undefined || !(await passwordFits(given, await passwordHash))) {
        throw unauthenticated('invalid credentials', { code: 'invalid_credentials' });
      }
      const token = randomBytes(32).toString('base64url');
      const now = clock.now();
      catalogue.write({}, (db) => {
        deleteExpiredKoshelfSessions(db, now);
        insertKoshelfSession(db, {
          sessionId: newId(now),
          tokenHash: hashToken(token),
          userAgent: from.userAgent ?? null,
          lastSeenIp: from.ip ?? null,
          createdAt: now,
          lastSeenAt: now,
          expiresAt: new Date(now.getTime() + KOSHELF_SESSION_SEC * 1000),
        });
      });
      return token;
    },

    /** Returns the session of a token, undefined when it has none that is good. */
    find(token: string | undefined): KoshelfSession | undefined {
      if (token === undefined) return undefined;
      const session = catalogue.read((db) => selectKoshelfSession(db, hashToken(token)));
      return session !== undefined && session.expiresAt > clock.now() ? session : undefined;
    },

    /** Ends a session. */
    signOut: (sessionId: string): void => catalogue.write({}, (db) => deleteKoshelfSession(db, sessionId)),
  };
}

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
