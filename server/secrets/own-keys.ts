// Keys the server made for itself: nobody gave them, and where one is lost another takes its place.
import { randomBytes } from 'node:crypto';
import type { SecretStore } from './secret-store.ts';

const KEY_BYTES = 32;

/**
 * Returns what gives the key of this name, 256 random bits that are made when they are first asked for and the same after
 * every restart. Throws unavailable when the store cannot be opened now; the next call asks it again.
 */
export function ownKey(secrets: SecretStore, name: string): () => Promise<Buffer> {
  let key: Promise<Buffer> | undefined;
  const load = async (): Promise<Buffer> => {
    const kept = await secrets.get(name);
    if (kept !== undefined) return Buffer.from(kept, 'base64');
    const made = randomBytes(KEY_BYTES);
    await secrets.set(name, made.toString('base64'));
    return made;
  };
  return () =>
    (key ??= load().catch((error: unknown) => {
      key = undefined;
      throw error;
    }));
}
