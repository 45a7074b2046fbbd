// The short-lived tokens a device listens with: signed with a key pair of this server, so that others can check them too.
import { exportJWK, exportPKCS8, generateKeyPair, importPKCS8, jwtVerify, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { z } from 'zod';
import { newId } from '../base/ids.ts';
import { unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { Bearer, Tokens } from './tokens.ts';

const STREAM_TOKEN_SEC = 5 * 60;
const ALGORITHM = 'RS256';
const AUDIENCE = 'papyrus-stream';
const SECRET = 'accounts/stream-keys';
/** After this long a new key signs; the one before is published until its tokens have ended. */
const KEY_LIFE_MS = 90 * 24 * 60 * 60 * 1000;

const StoredKeys = z.array(
  z.object({
    kid: z.string(),
    pkcs8: z.string(),
    publicKey: z.record(z.string(), z.unknown()),
    madeMs: z.number(),
  }),
);
type StoredKey = z.infer<typeof StoredKeys>[number];
const Claims = z.object({ sub: z.string(), sid: z.string(), exp: z.number(), type: z.literal('powersync') });

export type StreamTokens = ReturnType<typeof createStreamTokens>;

/** Returns the verbs. The keys are in the secret store: devices go on listening after a restart. */
export function createStreamTokens({
  secrets,
  clock,
  tokens,
  lifeSec = STREAM_TOKEN_SEC,
}: {
  secrets: SecretStore;
  clock: Clock;
  tokens: Tokens;
  lifeSec?: number | undefined;
}) {
  let loading: Promise<StoredKey[]> | undefined;
  /** Newest first; made when there is none, and again when the newest is old. */
  const keys = async (): Promise<StoredKey[]> => {
    const known = await (loading ??= load());
    if (clock.now().getTime() - known[0]!.madeMs <= KEY_LIFE_MS) return known;
    loading = keep([await newKey(), known[0]!]);
    return await loading;
  };
  const load = async (): Promise<StoredKey[]> => {
    const stored = await secrets.get(SECRET);
    return stored === undefined ? await keep([await newKey()]) : StoredKeys.parse(JSON.parse(stored));
  };
  const keep = async (all: StoredKey[]): Promise<StoredKey[]> => {
    await secrets.set(SECRET, JSON.stringify(all));
    return all;
  };
  const newKey = async (): Promise<StoredKey> => {
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const now = clock.now();
    return {
      kid: newId(now),
      pkcs8: await exportPKCS8(privateKey),
      publicKey: { ...(await exportJWK(publicKey)) },
      madeMs: now.getTime(),
    };
  };

  return {
    /** Returns a token for the session, good for `expiresInSec`. */
    async issue({ userId, sessionId }: Bearer): Promise<{ token: string; expiresInSec: number }> {
      const [key] = await keys();
      const now = Math.floor(clock.now().getTime() / 1000);
      const token = await new SignJWT({ sid: sessionId, type: 'powersync' })
        .setProtectedHeader({ alg: ALGORITHM, kid: key!.kid })
        .setSubject(userId)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + lifeSec)
        .sign(await importPKCS8(key!.pkcs8, ALGORITHM));
      return { token, expiresInSec: lifeSec };
    },

    /** Returns who may listen with the token, and until when. Throws unauthenticated, also when the session has ended. */
    async check(token: string): Promise<Bearer & { expiresAt: Date }> {
      const known = await keys();
      const claims = await jwtVerify(
        token,
        ({ kid }) => {
          const key = known.find((each) => each.kid === kid);
          if (key === undefined) throw new Error('signed with an unknown key');
          return key.publicKey;
        },
        { algorithms: [ALGORITHM], audience: AUDIENCE, currentDate: clock.now() },
      ).then(
        ({ payload }) => Claims.parse(payload),
        (error: unknown) => {
          throw unauthenticated('The token to listen with is not valid any more.', {
            code: 'INVALID_TOKEN',
            cause: error,
          });
        },
      );
      const bearer = { userId: claims.sub, sessionId: claims.sid };
      tokens.checkSession(bearer);
      return { ...bearer, expiresAt: new Date(claims.exp * 1000) };
    },

    /** Returns the public keys (RFC 7517), the signing one first. */
    publicKeys: async (): Promise<(JWK & { kid: string })[]> =>
      (await keys()).map(({ kid, publicKey }) => ({
        ...(publicKey as JWK),
        kid,
        alg: ALGORITHM,
        use: 'sig',
      })),
  };
}
