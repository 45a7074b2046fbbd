// What changed since a moment, for a device that asks.
import { AppError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import { ENTITIES, ENTITY_TYPES } from './entities.ts';
import type { EntityType, Thing } from './entities.ts';
import { hasPulledSince } from './prune.queries.ts';
import { KEPT_MS } from './prune.ts';
import { noteDevice, selectEntries, selectNewestMoment } from './sync.queries.ts';
import type { Entry, Operation } from './sync.queries.ts';

export type Change = {
  entityType: EntityType;
  entityId: string;
  operation: Operation;
  /** Undefined for what is deleted. */
  thing: Thing | undefined;
  version: number;
  changedAt: Date;
  deviceId: string | null;
};

export type Pulled = {
  changes: Change[];
  /** Everything up to this moment is in the answer: the next `since`. */
  upTo: Date;
  hasMore: boolean;
};

export type PullFrom = {
  ownerId: string;
  deviceId: string;
  since: Date;
  /** All kinds unless given. */
  entityTypes?: readonly EntityType[] | undefined;
  limit: number;
};

/** Returns the verb that lists what changed after a moment, oldest first; a thing appears once, as it is now. */
export function createPull({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  return ({ ownerId, deviceId, since, entityTypes = ENTITY_TYPES, limit }: PullFrom): Pulled => {
    const now = clock.now();
    const sinceMs = since.getTime();
    const horizonMs = now.getTime() - KEPT_MS;
    // Where nothing changed for long, and between the pages of a long first read, the moment a device was told is old.
    const isTold = () => catalogue.read((db) => hasPulledSince(db, ownerId, deviceId, horizonMs));
    if (sinceMs > 0 && sinceMs < horizonMs && !isTold()) {
      throw new AppError(
        'invalid',
        'That was too long ago. Read everything anew with since=1970-01-01T00:00:00Z, and forget what is not in the answer.',
        { code: 'SYNC_WINDOW_EXPIRED' },
      );
    }
    const pulled = catalogue.read((db) => {
      const entries = selectEntries(db, { ownerId, sinceMs, entityTypes, limit: limit + 1 });
      const page = entries.slice(0, limit);
      const hasMore = entries.length > limit;
      const lastMs = hasMore ? (page.at(-1)?.changedMs ?? sinceMs) : selectNewestMoment(db, ownerId);
      return { changes: changesOf(db, ownerId, page), upTo: new Date(lastMs), hasMore };
    });
    catalogue.write({ durable: false }, (db) => noteDevice(db, ownerId, deviceId, { lastPullAt: now }));
    return pulled;
  };
}

function changesOf(db: Db, ownerId: string, entries: readonly Entry[]): Change[] {
  const living = Map.groupBy(
    entries.filter(({ operation }) => operation !== 'delete'),
    ({ entityType }) => entityType as EntityType,
  );
  const things = new Map<string, Thing>();
  for (const [entityType, list] of living) {
    const ids = list.map(({ entityId }) => entityId);
    for (const [id, thing] of ENTITIES[entityType].select(db, ownerId, ids))
      things.set(`${entityType} ${id}`, thing);
  }
  return entries.map(({ entityType, entityId, operation, isNew, version, changedMs, deviceId }) => {
    const thing = things.get(`${entityType} ${entityId}`);
    const told: Operation =
      thing === undefined || operation === 'delete' ? 'delete' : isNew === 1 ? 'create' : 'update';
    return {
      entityType: entityType as EntityType,
      entityId,
      operation: told,
      thing,
      version,
      changedAt: new Date(changedMs),
      deviceId,
    };
  });
}
