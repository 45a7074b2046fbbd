// Sync as the faces know it: pull, push, the history of conflicts, and when it happened last.
import type { SyncParts } from './settling.ts';
import { createConflicts } from './conflicts.ts';
import { createPull } from './pull.ts';
import { createPush } from './push.ts';
import { selectLastSync } from './sync.queries.ts';

export type Sync = ReturnType<typeof createSync>;

/** Returns the verbs of sync. */
export function createSync(parts: SyncParts) {
  const { catalogue } = parts;
  return {
    pull: createPull(parts),
    push: createPush(parts),
    conflicts: createConflicts(parts),

    /** Returns when any device of the person pushed or pulled last, null before the first time. */
    lastAt: (ownerId: string): Date | null => catalogue.read((db) => selectLastSync(db, ownerId)),
  };
}
