// Sync out, in the Papyrus contract's words: each kind of thing as its own endpoints show it.
import type { Conflict, Data, Pushed } from '../../../sync/settling.ts';
import type { Thing } from '../../../sync/entity.ts';
import type { z } from 'zod';
import type { AnswerSlice } from '../../../http/long-answer.ts';
import type { ConflictRow } from '../../../sync/conflicts.ts';
import type { PulledPart } from '../../../sync/pull.ts';
import { presentAnnotation, presentBookmark, presentNote } from '../marks/present.ts';
import { presentProfile } from '../profiles/present.ts';
import { presentGoal, presentSession } from '../reading/present.ts';
import { presentSeries, presentShelf, presentTag } from '../shelves/present.ts';
import { presentBook } from '../books/present.ts';
import type {
  SyncChanges,
  SyncConflict,
  SyncConflictResponse,
  SyncPushResponse,
  SyncStatus,
} from './schemas.ts';

/** Returns a thing as its own endpoints show it; a book says its shelves and tags by their ids too. */
export function presentThing(thing: Thing, origin: string): Data {
  switch (thing.kind) {
    case 'book': {
      const shown = presentBook(thing.record, origin);
      return {
        ...shown,
        shelf_ids: shown.shelves.map((shelf) => shelf.shelf_id),
        tag_ids: shown.tags.map((tag) => tag.tag_id),
      };
    }
    case 'shelf':
      return presentShelf(thing.record);
    case 'tag':
      return presentTag(thing.record);
    case 'series':
      return presentSeries(thing.record);
    case 'annotation':
      return presentAnnotation(thing.record);
    case 'note':
      return presentNote(thing.record);
    case 'bookmark':
      return presentBookmark(thing.record);
    case 'reading_session':
      return presentSession(thing.record);
    case 'reading_goal':
      return presentGoal(thing.record);
    case 'reading_profile':
      return presentProfile(thing.record);
  }
}

type Changes = z.input<typeof SyncChanges>;

/** Returns what changed, part by part as it is read. */
export function* presentChanges(
  parts: Iterable<PulledPart>,
  origin: string,
): Generator<AnswerSlice<Changes['changes'][number], Omit<Changes, 'changes'>>, void, undefined> {
  for (const { changes, end } of parts) {
    yield {
      items: changes.map((change) => ({
        entity_type: change.entityType,
        entity_id: change.entityId,
        operation: change.operation,
        data: change.thing === undefined ? {} : presentThing(change.thing, origin),
        version: change.version,
        updated_at: change.changedAt.toISOString(),
        device_id: change.deviceId,
      })),
      rest:
        end === undefined ? undefined : { server_timestamp: end.upTo.toISOString(), has_more: end.hasMore },
    };
  }
}

/** Returns what became of each change. */
export const presentPushed = ({
  accepted,
  rejected,
  upTo,
}: Extract<Pushed, { accepted: unknown }>): z.infer<typeof SyncPushResponse> => ({
  accepted: accepted.map((each) => ({
    entity_type: each.entityType,
    entity_id: each.entityId,
    new_version: each.newVersion,
  })),
  rejected: rejected.map((each) => ({
    entity_type: each.entityType,
    entity_id: each.entityId,
    reason: each.reason,
  })),
  server_timestamp: upTo.toISOString(),
});

/** Returns what a person must decide. */
export const presentConflicts = (conflicts: readonly Conflict[]): z.infer<typeof SyncConflictResponse> => ({
  conflicts: conflicts.map((each) => ({
    entity_type: each.entityType,
    entity_id: each.entityId,
    local_version: each.localVersion,
    server_version: each.serverVersion,
    server_data: each.serverData,
    resolved_data: each.resolvedData,
    resolution_strategy: each.strategy,
  })),
});

/** Returns an entry of the history. */
export const presentConflict = (row: ConflictRow): z.infer<typeof SyncConflict> => ({
  conflict_id: row.conflictId,
  entity_type: row.entityType,
  entity_id: row.entityId,
  device_id: row.deviceId,
  resolution_strategy: row.strategy,
  pushed_data: row.pushedData,
  server_data: row.serverData,
  resolved_data: row.resolvedData,
  happened_at: row.happenedAt.toISOString(),
  undone_at: row.undoneAt?.toISOString() ?? null,
});

/** Returns how sync stands. Pushes are applied while the device waits: nothing is ever pending here. */
export const presentSyncStatus = (lastAt: Date | null): z.infer<typeof SyncStatus> => ({
  status: 'idle',
  last_sync_at: lastAt?.toISOString() ?? null,
  pending_changes: 0,
  error_message: null,
});
