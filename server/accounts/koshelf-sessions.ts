// The KoShelf view's lock: one password, and the browsers that gave it.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { diskTrouble, invalid, notFound, unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  deleteExpiredKoshelfSessions,
  deleteKoshelfSession,
  deleteOtherKoshelfSessions,
  insertKoshelfSession,
  selectKoshelfSession,
  selectKoshelfSessionById,
  selectKoshelfSessions,
  updateKoshelfSession,
} from './koshelf-sessions.queries.ts';
import type { KoshelfSession } from './koshelf-sessions.queries.ts';
import { hashPassword, passwordFits } from './passwords.ts';
import { createSlowdown } from './slowdown.ts';
import type { Slowdown } from './slowdown.ts';
import { putSetting, selectSetting } from './users.queries.ts';

export type { KoshelfSession };

/** Sessions are not extended by use (koshelf.md "The lock"). */
export const KOSHELF_SESSION_SEC = 30 * 24 * 60 * 60;
export const KOSHELF_PASSWORD_MIN = 8;
const KOSHELF_PASSWORD_MAX = 1024;

/** The name its one password goes by among the accounts that are guarded. */
const ACCOUNT = 'koshelf';
const HASH_SETTING = 'koshelf_password_hash';
/** A session seen again from the same address within this time is not written down again. */
const SEEN_MS = 60_000;
const USER_AGENT_CHARS = 1024;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export type KoshelfSessions = ReturnType<typeof createKoshelfSessions>;

/** Returns the verbs of the lock. It is open until it has a password, and keeps that over a restart. */
export function createKoshelfSessions(parts: {
  catalogue: Catalogue;
  clock: Clock;
  /** Makes many addresses that guess together wait. */
  slowdown?: Slowdown;
  /** Hears when somebody was signed out. */
  onEnded?: () => void;
}) {
  const { catalogue, clock, slowdown = createSlowdown({ clock }), onEnded = () => {} } = parts;

  const stored = catalogue.read((db) => selectSetting(db, HASH_SETTING));
  let passwordHash = typeof stored === 'string' ? stored : undefined;

  /** Whether the password fits. Another password set while this one was checked makes it wrong. */
  const fits = async (password: string): Promise<boolean> => {
    const checked = passwordHash;
    return checked !== undefined && (await passwordFits(password, checked)) && checked === passwordHash;
  };
  const keep = (hash: string | undefined, keepSessionId: string | undefined): void => {
    catalogue.write({}, (db) => {
      putSetting(db, HASH_SETTING, hash ?? false);
      deleteOtherKoshelfSessions(db, keepSessionId);
    });
    passwordHash = hash;
    onEnded();
  };

  return {
    /** Whether the view asks for the password at all. */
    locked: (): boolean => passwordHash !== undefined,

    /** Whether whoever came with this session may still read. */
    mayRead(sessionId: string | undefined): boolean {
      if (passwordHash === undefined) return true;
      const session =
        sessionId === undefined ? undefined : catalogue.read((db) => selectKoshelfSessionById(db, sessionId));
      return session !== undefined && session.expiresAt > clock.now();
    },

    /** Makes this the password; one that is new ends every session. */
    async setPassword(password: string): Promise<void> {
      if (!(await fits(password))) keep(await hashPassword(password), undefined);
    },

    /** Opens the lock and ends every session. */
    removePassword(): void {
      if (passwordHash !== undefined) keep(undefined, undefined);
    },

    /** Makes up a password of four times four letters and digits, and returns it. */
    async makePassword(): Promise<string> {
      const four = () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
      const password = [four(), four(), four(), four()].join('-');
      keep(await hashPassword(password), undefined);
      return password;
    },

    /**
     * Replaces the password and ends every other session. Throws invalid for a new one that is too short or too long,
     * then for a current one that is wrong.
     */
    async changePassword(sessionId: string, { current, next }: { current: string; next: string }) {
      const length = Array.from(next).length;
      if (length < KOSHELF_PASSWORD_MIN) {
        throw invalid('password is too short', {
          code: 'password_too_short',
          details: { min_chars: KOSHELF_PASSWORD_MIN },
        });
      }
      if (length > KOSHELF_PASSWORD_MAX)
        throw invalid(`Password must be at most ${KOSHELF_PASSWORD_MAX} characters long`);
      const checked = passwordHash;
      const isRight = await fits(current);
      const hash = isRight ? await hashPassword(next) : '';
      if (!isRight || checked !== passwordHash) {
        throw invalid('invalid credentials', { code: 'invalid_credentials' });
      }
      keep(hash, sessionId);
    },

    /** Returns the token of a new session. Throws unauthenticated for a wrong password, rate_limited. */
    async signIn(
      given: string,
      from: { userAgent: string | undefined; ip: string | undefined },
    ): Promise<string> {
      const address = from.ip ?? '';
      slowdown.check(ACCOUNT, address);
      const isRight = await fits(given);
      slowdown.check(ACCOUNT, address);
      if (!isRight) {
        slowdown.fail(ACCOUNT);
        throw unauthenticated('invalid credentials', { code: 'invalid_credentials' });
      }
      slowdown.know(ACCOUNT, address);
      const token = randomBytes(32).toString('base64url');
      const now = clock.now();
      catalogue.write({}, (db) => {
        deleteExpiredKoshelfSessions(db, now);
        insertKoshelfSession(db, {
          sessionId: newId(now),
          tokenHash: hashToken(token),
          userAgent: from.userAgent?.slice(0, USER_AGENT_CHARS) ?? null,
          lastSeenIp: from.ip ?? null,
          createdAt: now,
          lastSeenAt: now,
          expiresAt: new Date(now.getTime() + KOSHELF_SESSION_SEC * 1000),
        });
      });
      return token;
    },

    /** Returns the session of a token and notes where it was seen; undefined when it has none that is good. */
    find(token: string | undefined, ip: string | undefined): KoshelfSession | undefined {
      if (token === undefined) return undefined;
      const session = catalogue.read((db) => selectKoshelfSession(db, hashToken(token)));
      const now = clock.now();
      if (session === undefined || session.expiresAt <= now) return undefined;
      const seen = { lastSeenAt: now, lastSeenIp: ip ?? null };
      const isNews =
        session.lastSeenIp !== seen.lastSeenIp ||
        // A clock that was set back is believed too.
        Math.abs(now.getTime() - session.lastSeenAt.getTime()) >= SEEN_MS;
      if (isNews) {
        try {
          catalogue.write({ durable: false }, (db) => updateKoshelfSession(db, session.sessionId, seen));
        } catch (error) {
          // A full disk does not keep anybody from reading.
          if (diskTrouble(error) === undefined) throw error;
        }
      }
      return session;
    },

    /** Returns the sessions that are good, the last seen first. */
    list: (): KoshelfSession[] => catalogue.read((db) => selectKoshelfSessions(db, clock.now())),

    /** Ends a session. */
    signOut(sessionId: string): void {
      catalogue.write({}, (db) => deleteKoshelfSession(db, sessionId));
      onEnded();
    },

    /** Ends another session than one's own. Throws invalid for one's own, not_found for one that is not there. */
    revoke(sessionId: string, ownSessionId: string): void {
      if (sessionId === ownSessionId) throw invalid('Cannot revoke the current session. Use logout instead.');
      const isGone = catalogue.write({}, (db) => {
        deleteExpiredKoshelfSessions(db, clock.now());
        return deleteKoshelfSession(db, sessionId);
      });
      if (!isGone) throw notFound('session', sessionId);
      onEnded();
    },

    /** Forgets sessions that are over. */
    forgetExpired(): void {
      catalogue.write({ durable: false }, (db) => deleteExpiredKoshelfSessions(db, clock.now()));
    },
  };
}

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
