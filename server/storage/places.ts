// Where bytes can lie: the server's own disk, which is always there, and what people have set up, opened when it is needed.
import { invalid, notFound, unavailable } from '../base/errors.ts';
import { createBoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { StorageBackend } from './backend.ts';
import { selectBackend, selectBackends } from './backends.queries.ts';
import type { BackendRow } from './backends.queries.ts';
import type { StorageKind } from './kind.ts';
import { notYet } from './kinds.ts';
import type { OwnDisk } from './own-disk.ts';
import { withLimits } from './with-limits.ts';
import { withRetry } from './with-retry.ts';

/** Calls that are under way at one place at a time. */
const MOST_AT_ONCE = 4;
/** Places that stay open. */
const MOST_OPEN = 100;

/** Somewhere bytes lie or can go. */
export type Place = {
  /** Null for the server's own disk without a name. */
  backendId: string | null;
  backend: StorageBackend;
  isOwnDisk: boolean;
};

export type Places = ReturnType<typeof createPlaces>;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  secrets: SecretStore;
  outbound: Outbound;
  ownDisk: OwnDisk;
  kinds: readonly StorageKind[];
};

/** The name a backend's secret is kept under. */
export const secretOfBackend = (backendId: string, name: string) => `storage/${backendId}/${name}`;

/** Returns the verbs of places. */
export function createPlaces({ catalogue, clock, secrets, outbound, ownDisk, kinds }: Parts) {
  const open = createBoundedMap<string, { updatedAt: number; backend: StorageBackend }>(MOST_OPEN);
  const own: Place = { backendId: null, backend: ownDisk, isOwnDisk: true };

  /** Throws unavailable for a kind this program does not know: another version of it did. */
  function kindOf(name: string): StorageKind {
    const kind = kinds.find((each) => each.kind === name);
    if (kind === undefined) throw unavailable(`This program knows no storage of the kind "${name}".`);
    return kind;
  }

  /** Undefined when the server keeps nothing there. Throws unavailable when it cannot yet. */
  function openPlace(row: BackendRow): Place | undefined {
    const kind = kindOf(row.kind);
    const { backendId, basePath, config } = row;
    if (kind.keeps === 'on_device') return undefined;
    if (kind.keeps === 'here') return { ...own, backendId };
    if (kind.open === undefined) throw unavailable(notYet(kind));
    const updatedAt = row.updatedAt.getTime();
    let opened = open.get(backendId);
    if (opened?.updatedAt !== updatedAt) {
      const secret = (name: string) => secrets.get(secretOfBackend(backendId, name));
      const backend = kind.open({ options: config, secret, basePath, outbound, clock });
      opened = { updatedAt, backend: withRetry(withLimits(backend, MOST_AT_ONCE)) };
      open.set(backendId, opened);
    }
    return { backendId, backend: opened.backend, isOwnDisk: false };
  }

  /** Whether anything here speaks to the kind. */
  const canKeep = ({ kind: name }: BackendRow): boolean => {
    const kind = kinds.find((each) => each.kind === name);
    return kind?.keeps === 'here' || (kind?.keeps === 'elsewhere' && kind.open !== undefined);
  };

  return {
    kindOf,
    openPlace,

    /** Whether what is kept there lies neither here nor on the person's device. */
    isElsewhere: ({ kind: name }: BackendRow): boolean =>
      !['here', 'on_device'].includes(kinds.find((each) => each.kind === name)?.keeps ?? ''),

    /**
     * Returns where a new file may go, best first: the primary, other active ones, at last the server's own disk. When a
     * backend is named, only there. Throws invalid for one that is not theirs, unavailable for one that cannot be used yet.
     */
    placesFor(ownerId: string, backendId?: string): Place[] {
      if (backendId !== undefined) {
        const found = catalogue.read((db) => selectBackend(db, ownerId, backendId));
        if (found === undefined || !found.isActive)
          throw invalid('There is no such storage backend, or it is switched off.', {
            details: { fields: { storage_backend_id: 'There is no such storage backend.' } },
          });
        return [openPlace(found) ?? own];
      }
      const rows = catalogue.read((db) => selectBackends(db, ownerId));
      return [
        ...rows.filter((row) => row.isActive && canKeep(row)).flatMap((row) => openPlace(row) ?? []),
        own,
      ];
    },

    /** Returns the place kept bytes lie at. Throws not_found, unavailable when its kind cannot be used. */
    placeOf(ownerId: string, backendId: string | null): Place {
      if (backendId === null) return own;
      const row = catalogue.read((db) => selectBackend(db, ownerId, backendId));
      if (row === undefined) throw notFound('backend', backendId);
      return openPlace(row) ?? own;
    },
  };
}
