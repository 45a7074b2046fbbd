// What a push speaks of, read at once before its changes are settled: asked for one by one, things cost several queries each.
import type { EntityType, Stored } from './entity.ts';
import type { Db } from '../catalogue/db.ts';
import { fieldTimes } from '../catalogue/times.ts';
import { ENTITIES } from './entities.ts';

export type AtHand = ReturnType<typeof createAtHand>;

/** Returns the owner's things as they are within a write; what was read before it is kept while nothing can have changed it. */
export function createAtHand(db: Db, ownerId: string) {
  const held = new Map<string, Stored>();
  return {
    /** Reads things that will be asked for. */
    load(entityType: EntityType, ids: readonly string[]): void {
      for (const [id, stored] of ENTITIES[entityType].findAll?.(db, ownerId, ids) ?? [])
        held.set(keyOf(entityType, id), stored);
      fieldTimes(db.$client).load(ids);
    },

    find: (entityType: EntityType, id: string): Stored | undefined =>
      held.get(keyOf(entityType, id)) ?? ENTITIES[entityType].find(db, ownerId, id),

    /** Says that a thing is made, changed or removed. */
    wrote(entityType: EntityType, id: string): void {
      if (ENTITIES[entityType].isApart === true) held.delete(keyOf(entityType, id));
      else held.clear();
    },
  };
}

const keyOf = (entityType: EntityType, id: string): string => `${entityType} ${id}`;
