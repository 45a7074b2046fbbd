// Keys for programs that know no other sign-in than a name and a password: each is shown once, named, and taken back by itself.
import { createHash, randomBytes } from 'node:crypto';
import { notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  deleteDeviceKey,
  insertDeviceKey,
  selectDeviceKey,
  selectDeviceKeys,
  touchDeviceKey,
} from './device-keys.queries.ts';

/** A key as its owner sees it: never the key itself. */
export type DeviceKey = { keyId: string; name: string; createdAt: Date; lastUsedAt: Date | null };

/** Use is noted no more often than this. */
const NOTE_EVERY_MS = 60_000;

export type DeviceKeys = ReturnType<typeof createDeviceKeys>;

/** Returns the verbs of device keys. */
export function createDeviceKeys({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  return {
    /** Makes a key and returns it, this once: 26 letters and digits, 128 bits of chance. */
    make(userId: string, name: string): { keyId: string; key: string } {
      const now = clock.now();
      const keyId = newId(now);
      const key = spelled(randomBytes(16));
      catalogue.write({}, (db) =>
        insertDeviceKey(db, { keyId, userId, name, keyHash: hashOf(key), createdAt: now }),
      );
      return { keyId, key };
    },

    /** Returns a person's keys, the oldest first. */
    list: (userId: string): DeviceKey[] =>
      catalogue
        .read((db) => selectDeviceKeys(db, userId))
        .map(({ keyId, name, createdAt, lastUsedAt }) => ({ keyId, name, createdAt, lastUsedAt })),

    /** Takes a key back. Throws not_found. */
    remove(userId: string, keyId: string): void {
      if (!catalogue.write({}, (db) => deleteDeviceKey(db, userId, keyId))) throw notFound('key', keyId);
    },

    /** Returns whether this is a key of the person's, however its letters are written, and notes its use. */
    use(userId: string, key: string): boolean {
      const found = catalogue.read((db) => selectDeviceKey(db, hashOf(plain(key))));
      if (found?.userId !== userId) return false;
      const now = clock.now();
      if (now.getTime() - (found.lastUsedAt?.getTime() ?? 0) >= NOTE_EVERY_MS)
        catalogue.write({ durable: false }, (db) => touchDeviceKey(db, found.keyId, now));
      return true;
    },
  };
}

/** Crockford's alphabet: nothing in it looks like something else. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const spelled = (bytes: Buffer): string => {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (; text.length < 26; rest >>= 5n) text = LETTERS[Number(rest & 31n)]! + text;
  return text;
};
const plain = (key: string): string =>
  key.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
