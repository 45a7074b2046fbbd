// Sync as the faces know it: pull, push, the history of conflicts, and when it happened last.
import { createConflicts } from './conflicts.ts';
import { createPull } from './pull.ts';
import { createPush } from './push.ts';
import type { SyncParts } from './push.ts';
import { forgetBefore, selectLastSync } from './sync.queries.ts';

/** How long pushes and conflicts are remembered. */
const KEPT_MS = 90 * 86_400_000;

export type Sync = ReturnType<typeof createSync>;

/** Returns the verbs of sync; what no device needs any more goes when it is made. */
export function createSync(parts: SyncParts) {
  const { catalogue, clock } = parts;
  catalogue.write({ durable: false }, (db) => forgetBefore(db, clock.now().getTime() - KEPT_MS));
  return {
    pull: createPull(parts),
    push: createPush(parts),
    conflicts: createConflicts(parts),

    /** Returns when any device of the person pushed or pulled last, null before the first time. */
    lastAt: (ownerId: string): Date | null => catalogue.read((db) => selectLastSync(db, ownerId)),
  };
}
