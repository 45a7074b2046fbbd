// The storage a person has set up: options in the catalogue, passwords with the secrets, at most one of them the primary.
import type { Db } from '../catalogue/db.ts';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AppError, conflict, invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { StorageError } from './backend.ts';
import type { StorageBackend } from './backend.ts';
import {
  clearPrimary,
  countFilesAt,
  deleteBackend,
  insertBackend,
  selectBackend,
  selectBackends,
  sumBytesAt,
  updateBackend,
} from './backends.queries.ts';
import type { BackendRow } from './backends.queries.ts';
import type { StorageKind } from './kind.ts';
import { secretOfBackend } from './places.ts';
import type { Places } from './places.ts';

/** Up to three (papyrus.md "Storage places"), the server's own disk, which is always there, not counted. */
const MOST = 3;

/** A backend as it may be shown: without its options, which may tell of a person's other places. */
export type Backend = Omit<BackendRow, 'config' | 'secretNames'>;

export type NewBackend = {
  kind: string;
  name: string;
  isPrimary: boolean;
  options: Record<string, unknown>;
  secrets: Record<string, unknown>;
  basePath: string | null;
};
export type BackendChange = {
  name?: string | undefined;
  isActive?: boolean | undefined;
  /** Take the place of all that were given before. */
  options?: Record<string, unknown> | undefined;
  /** Only those given change; null forgets one. */
  secrets?: Record<string, unknown> | undefined;
  basePath?: string | null | undefined;
};
export type BackendTest = {
  isGood: boolean;
  message: string;
  usedBytes: number | null;
  quotaBytes: number | null;
  backend: Backend;
};

type Outcome = { isGood: boolean; message: string };

export type Backends = ReturnType<typeof createBackends>;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  secrets: SecretStore;
  places: Places;
  quotaBytes: number;
};

/** Returns the verbs of storage backends. Every call takes the owner; a backend of somebody else is not there. */
export function createBackends({ catalogue, clock, secrets, places, quotaBytes }: Parts) {
  const row = (db: Db, ownerId: string, backendId: string): BackendRow => {
    const found = selectBackend(db, ownerId, backendId);
    if (found === undefined) throw notFound('backend', backendId);
    return found;
  };
  const shown = (db: Db, { config: _config, secretNames: _names, ...backend }: BackendRow): Backend =>
    backend.kind === 'papyrus_server'
      ? { ...backend, usedBytes: sumBytesAt(db, backend.backendId), quotaBytes }
      : backend;
  const get = (ownerId: string, backendId: string): Backend =>
    catalogue.read((db) => shown(db, row(db, ownerId, backendId)));
  /** How the place answers. */
  async function tryOut(backend: BackendRow): Promise<Outcome> {
    try {
      const place = places.openPlace(backend);
      if (place !== undefined) return await probe(place.backend);
      return { isGood: true, message: 'Files stay on your device; this server has nothing to test.' };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { isGood: false, message: error.message };
    }
  }

  return {
    get,

    /** Returns the person's backends, the primary first, then oldest first. */
    list: (ownerId: string): Backend[] =>
      catalogue.read((db) => selectBackends(db, ownerId).map((each) => shown(db, each))),

    /** Sets one up; the first becomes the primary. Throws invalid for what is missing and for a fourth. */
    async create(ownerId: string, given: NewBackend): Promise<Backend> {
      const kind = places.kindOf(given.kind);
      const { options, kept } = sorted(kind, given.options, given.secrets);
      checkOptions(kind, options, Object.keys(kept));
      const now = clock.now();
      const backendId = newId(now);
      const refuseFourth = (db: Db) => {
        const others = selectBackends(db, ownerId);
        if (others.length >= MOST) throw invalid(`There can be ${MOST} storage backends; remove one first.`);
        return others;
      };
      catalogue.read(refuseFourth);
      for (const [name, secret] of Object.entries(kept))
        await secrets.set(secretOfBackend(backendId, name), secret);
      try {
        catalogue.write({}, (db) => {
          const others = refuseFourth(db);
          const isPrimary = given.isPrimary || others.length === 0;
          if (isPrimary) clearPrimary(db, ownerId, backendId);
          insertBackend(db, {
            backendId,
            ownerId,
            kind: given.kind,
            name: given.name,
            isPrimary,
            config: options,
            secretNames: Object.keys(kept),
            basePath: given.basePath,
            createdAt: now,
            updatedAt: now,
          });
        });
      } catch (error) {
        for (const name of Object.keys(kept)) await secrets.remove(secretOfBackend(backendId, name));
        throw error;
      }
      return get(ownerId, backendId);
    },

    /** Changes what is given. One that is switched off is no longer the primary. Throws not_found, invalid. */
    async change(ownerId: string, backendId: string, change: BackendChange): Promise<Backend> {
      const before = catalogue.read((db) => row(db, ownerId, backendId));
      const kind = places.kindOf(before.kind);
      const { options, kept, forgotten } = sorted(
        kind,
        change.options ?? before.config,
        change.secrets ?? {},
      );
      const names = new Set([...before.secretNames, ...Object.keys(kept)]);
      for (const name of forgotten) names.delete(name);
      if (change.options !== undefined || change.secrets !== undefined)
        checkOptions(kind, options, [...names]);
      for (const [name, secret] of Object.entries(kept))
        await secrets.set(secretOfBackend(backendId, name), secret);
      catalogue.write({}, (db) => {
        row(db, ownerId, backendId);
        updateBackend(db, backendId, {
          name: change.name,
          basePath: change.basePath,
          isActive: change.isActive,
          ...(change.isActive === false ? { isPrimary: false } : {}),
          config: options,
          secretNames: [...names],
          updatedAt: clock.now(),
        });
      });
      for (const name of forgotten) await secrets.remove(secretOfBackend(backendId, name));
      return get(ownerId, backendId);
    },

    /** Makes it the one uploads go to first. Throws not_found, invalid for one that is switched off. */
    setPrimary(ownerId: string, backendId: string): Backend {
      catalogue.write({}, (db) => {
        if (!row(db, ownerId, backendId).isActive)
          throw invalid('A storage backend that is switched off cannot be the primary.');
        clearPrimary(db, ownerId, backendId);
        updateBackend(db, backendId, { isPrimary: true, updatedAt: clock.now() });
      });
      return get(ownerId, backendId);
    },

    /**
     * Forgets the backend and its secrets; its files stay where they are, no other becomes the primary. Throws not_found, and
     * conflict while files of the person lie there alone: nothing would know any more where they are.
     */
    async remove(ownerId: string, backendId: string): Promise<void> {
      const { secretNames } = catalogue.write({}, (db) => {
        const found = row(db, ownerId, backendId);
        const files = places.isElsewhere(found) ? countFilesAt(db, backendId) : 0;
        if (files > 0)
          throw conflict(`${files} of your files lie at this storage. Move or remove them first.`);
        deleteBackend(db, backendId);
        return found;
      });
      for (const name of secretNames) await secrets.remove(secretOfBackend(backendId, name));
    },

    /** Forgets the secrets of every backend of a person who leaves. */
    async forgetSecrets(ownerId: string): Promise<void> {
      for (const { backendId, secretNames } of catalogue.read((db) => selectBackends(db, ownerId)))
        for (const name of secretNames) await secrets.remove(secretOfBackend(backendId, name));
    },

    /** Writes, reads and removes a small file there, and notes how that went. Throws not_found. */
    async test(ownerId: string, backendId: string): Promise<BackendTest> {
      const outcome = await tryOut(catalogue.read((db) => row(db, ownerId, backendId)));
      const now = clock.now();
      catalogue.write({}, (db) => {
        row(db, ownerId, backendId);
        updateBackend(db, backendId, {
          connectionStatus: outcome.isGood ? 'connected' : 'error',
          errorMessage: outcome.isGood ? null : outcome.message,
          ...(outcome.isGood ? { lastAccessedAt: now } : {}),
          updatedAt: now,
        });
      });
      const backend = get(ownerId, backendId);
      return { ...outcome, usedBytes: backend.usedBytes, quotaBytes: backend.quotaBytes, backend };
    },
  };
}

/** Writes, overwrites, reads back and removes a small file. */
async function probe(backend: StorageBackend): Promise<Outcome> {
  const path = `probe/${randomUUID()}`;
  const signal = AbortSignal.timeout(20_000);
  try {
    try {
      for (const text of ['first', 'Papyrus Shelf was here.']) {
        const bytes = Buffer.from(text);
        await backend.write(path, () => Readable.from([bytes]), {
          sizeBytes: bytes.length,
          sha256: '',
          signal,
        });
        const back = await buffer(await backend.read(path));
        if (!back.equals(bytes)) throw new StorageError('corrupted', 'What was written came back different.');
      }
    } finally {
      await backend.remove(path);
    }
    return { isGood: true, message: 'A small file was written, read back and removed.' };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { isGood: false, message: error.message };
  }
}

/** Options and secrets apart, wherever they were given. */
function sorted(kind: StorageKind, options: Record<string, unknown>, secrets: Record<string, unknown>) {
  const isSecret = (name: string) =>
    kind.secrets.includes(name) || /pass|secret|token|credential/i.test(name);
  const misplaced = Object.entries(options).filter(([name]) => isSecret(name));
  const all = Object.entries({ ...Object.fromEntries(misplaced), ...secrets });
  const given = all.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return {
    options: Object.fromEntries(Object.entries(options).filter(([name]) => !isSecret(name))),
    kept: Object.fromEntries(
      given.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
    forgotten: all.filter(([, value]) => value === null).map(([name]) => name),
  };
}

function checkOptions(kind: StorageKind, options: Record<string, unknown>, secretNames: string[]): void {
  const { options: schema, requiredSecrets, label } = kind;
  const fields: Record<string, string> = {};
  const result = schema.safeParse(options);
  for (const issue of result.error?.issues ?? [])
    fields[`connection_config.${issue.path.join('.')}`] ??= issue.message;
  for (const name of requiredSecrets) {
    if (!secretNames.includes(name)) fields[`credentials.${name}`] = 'is missing';
  }
  const names = Object.keys(fields);
  if (names.length === 0) return;
  throw new AppError('invalid', `${label} needs more to be set up: ${names.join(', ')}.`, {
    details: { fields },
  });
}
