// What changed since a moment, for a device that asks.
import type { EntityType, Thing } from './entity.ts';
import type { Db } from '../catalogue/db.ts';
import { AppError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Snapshot } from '../catalogue/snapshot.ts';
import { ENTITIES, ENTITY_TYPES } from './entities.ts';
import { hasPulledSince } from './prune.queries.ts';
import { KEPT_MS } from './prune.ts';
import { noteDevice, selectEntries, selectMomentAfter, selectNewestMoment } from './sync.queries.ts';
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

/** Some of what changed. The last part has the end. */
export type PulledPart = { changes: Change[]; end: PullEnd | undefined };
export type PullEnd = {
  /** Everything up to this moment was told: the next `since`. */
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

/** How much is done at once, a few milliseconds of work: entries of the diary looked at, things read. */
export type PullPace = { entries: number; things: number };
const PACE: PullPace = { entries: 1000, things: 100 };

/**
 * Returns the verb that lists what changed after a moment, oldest first; a thing appears once, as it is now. The changes
 * come in parts that are read when they are asked for, all as they were at the first: whoever asks may rest in between.
 */
export function createPull({
  catalogue,
  clock,
  pace = PACE,
}: {
  catalogue: Catalogue;
  clock: Clock;
  pace?: PullPace | undefined;
}) {
  return function* pull({
    ownerId,
    deviceId,
    since,
    entityTypes = ENTITY_TYPES,
    limit,
  }: PullFrom): Generator<PulledPart, void, undefined> {
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
    let snapshot: Snapshot | undefined;
    const read = <T>(fn: (db: Db) => T): T => (snapshot === undefined ? catalogue.read(fn) : fn(snapshot.db));
    const newestMs = read((db) => selectNewestMoment(db, ownerId));
    const found: Entry[] = [];
    let left = limit;
    let lookedUpToMs = sinceMs;
    let toldUpToMs = sinceMs;
    try {
      for (;;) {
        if (found.length <= pace.things && lookedUpToMs < newestMs) {
          const afterMs = lookedUpToMs;
          lookedUpToMs = read((db) => selectMomentAfter(db, ownerId, afterMs, pace.entries)) ?? newestMs;
          const filter = { ownerId, sinceMs, afterMs, upToMs: lookedUpToMs, entityTypes };
          found.push(...read((db) => selectEntries(db, filter)));
        }
        const page = found.splice(0, Math.min(left, pace.things));
        left -= page.length;
        toldUpToMs = page.at(-1)?.changedMs ?? toldUpToMs;
        const hasMore = left === 0 && found.length > 0;
        const isEnd = hasMore || (found.length === 0 && lookedUpToMs >= newestMs);
        const changes = read((db) => changesOf(db, ownerId, page));
        if (!isEnd) {
          snapshot ??= catalogue.snapshot();
          yield { changes, end: undefined };
          continue;
        }
        catalogue.write({ durable: false }, (db) => noteDevice(db, ownerId, deviceId, { lastPullAt: now }));
        yield { changes, end: { upTo: new Date(hasMore ? toldUpToMs : newestMs), hasMore } };
        return;
      }
    } finally {
      snapshot?.close();
    }
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
