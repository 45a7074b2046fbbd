// Sign-in by name and password on every request (RFC 7617), for programs that know no other: Argon2 is asked once, not each time.
import { createHmac, randomBytes } from 'node:crypto';
import { createBoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import { unauthenticated } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DeviceKeys } from './device-keys.ts';
import { selectUser } from './users.queries.ts';
import type { Users } from './users.ts';

/** How long a proof is good for without asking again. */
const KEPT_MS = 10 * 60 * 1000;
const MOST_KEPT = 1_000;

type Proof = { userId: string; passwordHash: string | null; untilMs: number };

/** Returns the check. What is kept of a password is its HMAC under a key of this process, in memory alone. */
export function createBasic({
  catalogue,
  clock,
  users,
  deviceKeys,
}: {
  catalogue: Catalogue;
  clock: Clock;
  users: Pick<Users, 'get' | 'signIn'>;
  deviceKeys: Pick<DeviceKeys, 'find'>;
}) {
  const secret = randomBytes(32);
  const proofs = createBoundedMap<string, Proof>(MOST_KEPT);
  const markOf = (name: string, password: string) =>
    createHmac('sha256', secret).update(`${name}\0${password}`).digest('base64');

  /** A proof ends with its time, with the password, and with the account. */
  function isGood(proof: Proof): boolean {
    if (proof.untilMs <= clock.now().getTime()) return false;
    const user = catalogue.read((db) => selectUser(db, proof.userId));
    const { passwordHash = null, disabledAt, deletionRequestedAt } = user ?? {};
    return passwordHash === proof.passwordHash && disabledAt === null && deletionRequestedAt === null;
  }

  return {
    /**
     * Returns whose name and password the header carries: of an account, or its e-mail address with a key of a device. Throws
     * unauthenticated without one and for a wrong one, forbidden and rate_limited as signing in does; `from` is the address.
     */
    async check(authorization: string | undefined, from: string): Promise<{ userId: string }> {
      const [name, password] = credentialsIn(authorization);
      const keyOwner = deviceKeys.find(password);
      if (keyOwner !== undefined && users.get(keyOwner).email === name.trim().toLowerCase())
        return { userId: keyOwner };
      const mark = markOf(name, password);
      const known = proofs.get(mark);
      if (known !== undefined && isGood(known)) return { userId: known.userId };
      proofs.delete(mark);
      const { userId } = await users.signIn({ email: name, password, from });
      const passwordHash = catalogue.read((db) => selectUser(db, userId))?.passwordHash ?? null;
      proofs.set(mark, { userId, passwordHash, untilMs: clock.now().getTime() + KEPT_MS });
      return { userId };
    },
  };
}

/** Throws unauthenticated for a header that carries none. */
function credentialsIn(authorization: string | undefined): [name: string, password: string] {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '') ?? [];
  const [, name, password] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  if (name === undefined || password === undefined)
    throw unauthenticated('Sign in with your e-mail address and your password.');
  return [name, password];
}
