// The history of what devices disagreed about, and taking a resolution back.
import type { Settling } from './settling.ts';
import type { Data, SyncParts, Words } from './settling.ts';
import { isDeepStrictEqual } from 'node:util';
import { conflict, notFound } from '../base/errors.ts';
import { createAtHand } from './at-hand.ts';
import { ENTITIES, isEntityType } from './entities.ts';
import { createReferences } from './references.ts';
import { add, settle } from './settle.ts';
import {
  noteUndone,
  selectConflict,
  selectConflicts,
  selectLastEntry,
  selectVersion,
} from './sync.queries.ts';
import type { ConflictRow } from './sync.queries.ts';

export type { ConflictRow } from './sync.queries.ts';

/** Returns the verbs of the history. */
export function createConflicts({ catalogue, clock, rules, claim }: SyncParts) {
  return {
    /** Returns page `page` (from 1) of `limit` conflicts, newest first, and how many there are. */
    list: (
      ownerId: string,
      { page, limit }: { page: number; limit: number },
    ): { rows: ConflictRow[]; total: number } =>
      catalogue.read((db) => selectConflicts(db, ownerId, { limit, offset: (page - 1) * limit })),

    /**
     * Says the word that was not kept, now and for all devices; what was deleted comes back under its id. Throws not_found,
     * conflict for one that is undone already or cannot be undone any more, and what the rules of the thing throw.
     */
    undo(
      ownerId: string,
      conflictId: string,
      { deviceId, words }: { deviceId: string; words: Words },
    ): ConflictRow {
      const now = clock.now();
      return catalogue.write({ deviceId }, (db) => {
        const row = selectConflict(db, ownerId, conflictId);
        if (row === undefined) throw notFound('conflict', conflictId);
        if (row.undoneAt !== null) throw conflict('This was undone already.');
        const { entityType, entityId } = row;
        if (!isEntityType(entityType)) throw notFound('conflict', conflictId);
        const settling: Settling = {
          db,
          ownerId,
          deviceId,
          strategy: 'client_wins',
          words,
          now,
          rules,
          claim,
          references: createReferences(db, ownerId),
          atHand: createAtHand(db, ownerId),
          onConflict: () => {},
        };
        const entity = ENTITIES[entityType];
        const change = { entityType, entityId, data: otherWords(row), saidAt: now };
        if (entity.find(db, ownerId, entityId) === undefined) {
          const last = selectLastEntry(db, ownerId, entityType, entityId);
          add(settling, { ...change, operation: 'create' }, last?.version);
        } else {
          const version = selectVersion(db, entity.at, entityId);
          settle(settling, { ...change, operation: 'update', version });
        }
        noteUndone(db, conflictId, now);
        return { ...row, undoneAt: now };
      });
    },
  };
}

/** Returns the words that were not kept: the device's where the stored one stayed, else those that were stored. */
function otherWords({ pushedData, serverData, resolvedData }: ConflictRow): Data {
  // Deleted meanwhile, or deleted by this push: the whole of what is left comes back.
  if (Object.keys(resolvedData).length === 0)
    return Object.keys(serverData).length > 0 ? serverData : pushedData;
  return Object.fromEntries(
    Object.keys(pushedData).map((name) => [
      name,
      isDeepStrictEqual(resolvedData[name], serverData[name]) ? pushedData[name] : serverData[name],
    ]),
  );
}
