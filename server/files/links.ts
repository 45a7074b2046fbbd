// Links that are good for a while without signing in: the key of a file and an hour, sealed by a key of this server.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { ownKey } from '../secrets/own-keys.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

const GOOD_FOR_MS = 15 * 60 * 1000;
const KEY_NAME = 'storage/link-key';

export type Links = ReturnType<typeof createLinks>;

/** Returns the verbs of signed links; the signing key is made when the first one is asked for. */
export function createLinks({ secrets, clock }: { secrets: SecretStore; clock: Clock }) {
  const key = ownKey(secrets, KEY_NAME);
  const sign = async (what: string, expires: number): Promise<Buffer> =>
    createHmac('sha256', await key())
      .update(`${expires}\n${what}`)
      .digest();

  return {
    /** Returns what makes a link to this key good for 15 minutes; `expires` is in seconds since 1970. */
    async make(what: string): Promise<{ expires: number; expiresAt: Date; signature: string }> {
      const expires = Math.floor((clock.now().getTime() + GOOD_FOR_MS) / 1000);
      const signature = (await sign(what, expires)).toString('base64url');
      return { expires, expiresAt: new Date(expires * 1000), signature };
    },

    /** Throws unauthenticated unless the signature is ours, for this key, and its time has not passed. */
    async check(what: string, link: { expires: number; signature: string }): Promise<void> {
      const given = Buffer.from(link.signature, 'base64url');
      const right = await sign(what, link.expires);
      const isOurs = given.length === right.length && timingSafeEqual(given, right);
      if (!isOurs) throw unauthenticated('This link is not valid.');
      if (link.expires * 1000 <= clock.now().getTime())
        throw unauthenticated('This link has expired. Ask for a new one.');
    },
  };
}
