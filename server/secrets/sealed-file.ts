// Secrets of a computer without a keychain: one sealed file, its key beside it, both for this user alone.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '../base/errors.ts';
import type { SecretStore } from './secret-store.ts';
import { errorCode } from '../base/error-code.ts';
import { writeWhole } from '../base/write-whole.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Returns the store kept in `secrets.sealed` of the folder (AES-256-GCM, NIST SP 800-38D) under the key in `secrets.key`.
 * A copy of the data folder without the key tells nothing. A file that is damaged, or whose key is, is put aside under another
 * name, which `onPutAside` is told: the store begins empty then, for whoever misses a secret to ask for it again.
 */
export function openSealedFile(folder: string, onPutAside: (name: string) => void = () => {}): SecretStore {
  const names = { sealed: 'secrets.sealed', key: 'secrets.key' };
  const path = join(folder, names.sealed);
  const keyPath = join(folder, names.key);

  const putAside = (name: string): void => {
    let count = 1;
    while (existsSync(join(folder, `${name}.damaged-${count}`))) count += 1;
    renameSync(join(folder, name), join(folder, `${name}.damaged-${count}`));
    onPutAside(`${name}.damaged-${count}`);
  };
  const key = (): Buffer => {
    const kept = read(keyPath);
    if (kept?.length === KEY_BYTES) return kept;
    if (kept !== undefined) putAside(names.key);
    const made = randomBytes(KEY_BYTES);
    writeWhole(keyPath, made, { durable: true });
    return made;
  };
  const load = (): Map<string, string> => {
    const sealed = read(path);
    if (sealed === undefined) return new Map();
    const secrets = unseal(sealed, key());
    if (secrets === undefined) putAside(names.sealed);
    return secrets ?? new Map();
  };
  const save = (secrets: Map<string, string>): void => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key(), nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(secrets))), cipher.final()]);
    writeWhole(path, Buffer.concat([nonce, cipher.getAuthTag(), text]), { durable: true });
  };

  return {
    get: async (name) => load().get(name),
    set: async (name, secret) => save(load().set(name, secret)),
    remove: async (name) => {
      const secrets = load();
      if (secrets.delete(name)) save(secrets);
    },
  };
}

/** The secrets; undefined when the bytes are not what this key sealed. */
function unseal(sealed: Buffer, key: Buffer): Map<string, string> | undefined {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return new Map(Object.entries(JSON.parse(text.toString()) as Record<string, string>));
  } catch {
    return undefined;
  }
}

/** The bytes, undefined when there is no such file. Throws unavailable for one that is there and cannot be read. */
function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unavailable('The stored passwords cannot be read: this user may not, or the disk is failing.', {
      cause: error,
    });
  }
}
