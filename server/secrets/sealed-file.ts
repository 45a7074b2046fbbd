// Secrets of a computer without a keychain: one sealed file, its key beside it, both for this user alone.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '../base/errors.ts';
import type { SecretStore } from './secret-store.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Returns the store kept in `secrets.sealed` of the folder (AES-256-GCM, NIST SP 800-38D) under the key in `secrets.key`.
 * A copy of the data folder without the key tells nothing.
 */
export function openSealedFile(folder: string): SecretStore {
  const path = join(folder, 'secrets.sealed');
  const key = keyIn(join(folder, 'secrets.key'));

  const load = (): Map<string, string> => {
    if (!existsSync(path)) return new Map();
    try {
      const sealed = readFileSync(path);
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
      return new Map(Object.entries(JSON.parse(text.toString()) as Record<string, string>));
    } catch (error) {
      throw unavailable('The stored passwords cannot be opened: their file or its key is damaged.', {
        cause: error,
      });
    }
  };
  const save = (secrets: Map<string, string>): void => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    const text = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(secrets))), cipher.final()]);
    writeWhole(path, Buffer.concat([nonce, cipher.getAuthTag(), text]));
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

function keyIn(path: string): Buffer {
  if (!existsSync(path)) writeWhole(path, randomBytes(32));
  return readFileSync(path);
}

/** All of it or nothing: a temporary file, on the disk before it takes the name. */
function writeWhole(path: string, bytes: Buffer): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
