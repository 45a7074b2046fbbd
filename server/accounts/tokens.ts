// Papyrus tokens: a short-lived access token (JWT) and a refresh token that changes with every use.
import { createHash, randomBytes } from 'node:crypto';
import { SignJWT, jwtVerify, errors } from 'jose';
import { z } from 'zod';
import { forbidden, unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ownKey } from '../secrets/own-keys.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import {
  insertUserSession,
  revokeUserSessions,
  selectUserSession,
  selectUserSessionByPreviousRefresh,
  selectUserSessionByRefresh,
  updateUserSession,
} from './tokens.queries.ts';
import type { Users } from './users.ts';
import { createBoundedMap } from '../base/bounded-map.ts';
import type { BoundedMap } from '../base/bounded-map.ts';

export const ACCESS_TOKEN_SEC = 60 * 60;
const KEY_NAME = 'accounts/access-token-key';
const REFRESH_TOKEN_MS = 30 * 24 * 60 * 60 * 1000;
/** Two tabs of one person, or a client that lost the answer, use a token twice within this time. */
const DOUBLED_MS = 30_000;

export type Device = { clientType?: string; deviceLabel?: string | undefined };
export type IssuedTokens = { accessToken: string; refreshToken: string; userId: string };
export type Bearer = { userId: string; sessionId: string };

const Claims = z.object({ sub: z.string(), sid: z.string(), type: z.string(), exp: z.number() });
type Claims = z.infer<typeof Claims>;
/** Tokens whose signature is not checked again. */
const MOST_KNOWN = 1_000;

export type Tokens = ReturnType<typeof createTokens>;

/** Returns the verbs of tokens. The signing key is in the secret store: a restart signs nobody off. */
export function createTokens({
  catalogue,
  clock,
  users,
  secrets,
}: {
  catalogue: Catalogue;
  clock: Clock;
  users: Users;
  secrets: SecretStore;
}) {
  const key = ownKey(secrets, KEY_NAME);
  // A token says the same as long as it lives: its signature is checked once.
  const known = createBoundedMap<string, Claims>(MOST_KNOWN);

  async function accessToken(userId: string, sessionId: string): Promise<string> {
    const now = Math.floor(clock.now().getTime() / 1000);
    return await new SignJWT({ sid: sessionId, type: 'access' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_TOKEN_SEC)
      .sign(await key());
  }

  return {
    /** Signs a device in: a new session with its first pair of tokens. */
    async issue(userId: string, device: Device): Promise<IssuedTokens> {
      const now = clock.now();
      const sessionId = newId(now);
      const refreshToken = newRefreshToken();
      catalogue.write({}, (db) =>
        insertUserSession(db, {
          sessionId,
          userId,
          refreshHash: hashToken(refreshToken),
          clientType: device.clientType ?? 'unknown',
          deviceLabel: device.deviceLabel?.slice(0, 255) ?? null,
          createdAt: now,
          lastSeenAt: now,
          expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
        }),
      );
      return { accessToken: await accessToken(userId, sessionId), refreshToken, userId };
    },

    /**
     * Exchanges a refresh token for a new pair; the old one is dead at once. When the token before the last exchange comes
     * again later than half a minute after it, somebody has a copy: its session ends. Throws unauthenticated, forbidden for
     * a disabled account.
     */
    async refresh(refreshToken: string): Promise<IssuedTokens> {
      const now = clock.now();
      const hash = hashToken(refreshToken);
      const next = newRefreshToken();
      const session = catalogue.write({}, (db) => {
        const replayed = selectUserSessionByPreviousRefresh(db, hash);
        // A session is seen when its token is exchanged.
        const sinceMs = now.getTime() - (replayed?.lastSeenAt.getTime() ?? 0);
        if (replayed !== undefined && Math.abs(sinceMs) > DOUBLED_MS)
          updateUserSession(db, replayed.sessionId, { revokedAt: replayed.revokedAt ?? now });
        const found = selectUserSessionByRefresh(db, hash);
        if (found === undefined || found.revokedAt !== null || found.expiresAt <= now) return undefined;
        updateUserSession(db, found.sessionId, {
          refreshHash: hashToken(next),
          previousRefreshHash: hash,
          lastSeenAt: now,
          expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
        });
        return found;
      });
      if (session === undefined)
        throw unauthenticated('The refresh token is not valid any more; sign in again.');
      if (users.get(session.userId).disabledAt !== null) throw forbidden('This account is disabled.');
      return {
        accessToken: await accessToken(session.userId, session.sessionId),
        refreshToken: next,
        userId: session.userId,
      };
    },

    /** Returns who an access token speaks for, its session checked. Throws unauthenticated with a code, forbidden. */
    async check(token: string): Promise<Bearer> {
      const claims = await readClaims(token, { key, clock, known });
      if (claims.type !== 'access')
        throw unauthenticated('This is not an access token.', { code: 'INVALID_TOKEN_TYPE' });
      const bearer = { userId: claims.sub, sessionId: claims.sid };
      this.checkSession(bearer);
      return bearer;
    },

    /** Throws unauthenticated with a code when the session is none or has ended, forbidden for a disabled account. */
    checkSession({ userId, sessionId }: Bearer): void {
      const session = catalogue.read((db) => selectUserSession(db, sessionId));
      if (session === undefined || session.userId !== userId) {
        throw unauthenticated('This session does not exist.', { code: 'INVALID_SESSION' });
      }
      if (session.revokedAt !== null || session.expiresAt <= clock.now()) {
        throw unauthenticated('This session has ended; sign in again.', { code: 'SESSION_REVOKED' });
      }
      if (users.get(userId).disabledAt !== null) {
        throw forbidden('This account is disabled.', { code: 'ACCOUNT_DISABLED' });
      }
    },

    /** Returns when the device of this session signed in. Throws unauthenticated when it ended meanwhile. */
    signedInAt({ sessionId }: Bearer): Date {
      const session = catalogue.read((db) => selectUserSession(db, sessionId));
      if (session === undefined) throw unauthenticated('This session has ended; sign in again.');
      return session.createdAt;
    },

    /** Ends the session, or every session of its user. */
    signOut(bearer: Bearer, everywhere: boolean): void {
      const at = clock.now();
      catalogue.write({}, (db) => {
        if (everywhere) revokeUserSessions(db, bearer.userId, at);
        else updateUserSession(db, bearer.sessionId, { revokedAt: at });
      });
    },
  };
}

async function readClaims(
  token: string,
  { key, clock, known }: { key: () => Promise<Uint8Array>; clock: Clock; known: BoundedMap<string, Claims> },
): Promise<Claims> {
  const before = known.get(token);
  if (before !== undefined && before.exp > Math.floor(clock.now().getTime() / 1000)) return before;
  known.delete(token);
  const signedWith = await key();
  try {
    const { payload } = await jwtVerify(token, signedWith, {
      algorithms: ['HS256'],
      currentDate: clock.now(),
    });
    const claims = Claims.parse(payload);
    known.set(token, claims);
    return claims;
  } catch (error) {
    const expired = error instanceof errors.JWTExpired;
    throw unauthenticated(expired ? 'The access token has expired.' : 'The access token is not valid.', {
      code: 'INVALID_TOKEN',
      cause: error,
    });
  }
}

const newRefreshToken = () => randomBytes(48).toString('base64url');
const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
