// Where passwords, tokens and keys are kept: by name, never in the catalogue, never in an answer, never in a log line.

/** Names are paths such as `storage/<backend id>/password`. */
export type SecretStore = {
  /** Returns the secret, undefined when there is none. Throws unavailable when the store cannot be opened. */
  get(name: string): Promise<string | undefined>;
  /** Keeps the secret, instead of one of that name. */
  set(name: string, secret: string): Promise<void>;
  /** Forgets the secret; fine when there is none. */
  remove(name: string): Promise<void>;
};

/** Returns a store that lives as long as the process. */
export function createMemorySecrets(): SecretStore {
  const secrets = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(secrets.get(name)),
    set: (name, secret) => Promise.resolve(void secrets.set(name, secret)),
    remove: (name) => Promise.resolve(void secrets.delete(name)),
  };
}
