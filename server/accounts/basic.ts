// Sign-in by name and password on every request (RFC 7617), for programs that know no other: Argon2 is asked once, not each time.
import { createHmac, randomBytes } from 'node:crypto';
import { createBoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import { unauthenticated } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DeviceKeys } from './device-keys.ts';
import { selectUser, selectUserByEmail } from './users.queries.ts';
import type { UserRow } from './users.queries.ts';
import { normalEmail } from './users.ts';
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
  users: Pick<Users, 'signIn'>;
  deviceKeys: Pick<DeviceKeys, 'use'>;
}) {
  const secret = randomBytes(32);
  const proofs = createBoundedMap<string, Proof>(MOST_KEPT);
  const markOf = (name: string, password: string) =>
    createHmac('sha256', secret).update(`${name}\0${password}`).digest('base64');

  /** A proof ends with its time, with the password, and with the account. */
  function isGood(proof: Proof): boolean {
    const user = catalogue.read((db) => selectUser(db, proof.userId));
    const isInTime = proof.untilMs > clock.now().getTime();
    return isInTime && user?.passwordHash === proof.passwordHash && isOpen(user);
  }

  /** Whose key of a device this is under the name; accounts that are shut or leaving have none that open. */
  function keyOwner(name: string, key: string): string | undefined {
    const user = catalogue.read((db) => selectUserByEmail(db, normalEmail(name)));
    return user !== undefined && isOpen(user) && deviceKeys.use(user.userId, key) ? user.userId : undefined;
  }

  return {
    /**
     * Returns whose name and password the header carries: of an account, or its e-mail address with a key of a device. Throws
     * unauthenticated without one and for a wrong one, forbidden and rate_limited as signing in does; `from` is the address.
     */
    async check(authorization: string | undefined, from: string): Promise<{ userId: string }> {
      const [name, password] = credentialsIn(authorization);
      const owner = keyOwner(name, password);
      if (owner !== undefined) return { userId: owner };
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

const isOpen = ({ disabledAt, deletionRequestedAt }: UserRow): boolean =>
  disabledAt === null && deletionRequestedAt === null;

/** Throws unauthenticated for a header that carries none. */
function credentialsIn(authorization: string | undefined): [name: string, password: string] {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '') ?? [];
  const [, name, password] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  if (name === undefined || password === undefined)
    throw unauthenticated('Sign in with your e-mail address and your password.');
  return [name, password];
}
