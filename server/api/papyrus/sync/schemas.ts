// Schemas of sync (papyrus.md "Sync"). What each kind of thing holds is that kind's own schema.
import { z } from 'zod';
import { isDeeper, MOST_LEVELS, TOO_DEEP } from '../../../base/json-depth.ts';
import { ENTITY_TYPES } from '../../../sync/entities.ts';
import { CreateBookRequest, UpdateBookRequest } from '../books/schemas.ts';
import { CreateGoalRequest } from '../reading/goal-schemas.ts';
import { CreateAnnotationRequest, CreateBookmarkRequest, CreateNoteRequest } from '../marks/schemas.ts';
import { UpdateReadingProfileRequest } from '../profiles/schemas.ts';
import { CreateReadingSessionRequest, UpdateProgressRequest } from '../reading/schemas.ts';
import { Instant, PageQuery, Pagination, papyrus, plainText, Uuid, wholeNumber } from '../shared-schemas.ts';

const Data = z.record(z.string(), z.unknown());
const Operation = z.enum(['create', 'update', 'delete']);
/** Small letters: ids of one thing are compared as texts. */
const EntityId = Uuid.transform((id) => id.toLowerCase());
const Moment = z.iso.datetime({ offset: true }).transform((moment) => new Date(moment));

/** How many changes one answer holds at most. */
const MOST_CHANGES = 10_000;

export const ChangesQuery = z.object({
  since: Moment.describe(
    'Exclusive: the server_timestamp of the last answer, or 1970-01-01T00:00:00Z for everything there is.',
  ),
  entity_types: z
    .union([z.string(), z.array(z.string())])
    .transform((words) => [words].flat().flatMap((word) => word.split(',')))
    .pipe(z.array(z.enum(ENTITY_TYPES)).min(1))
    .optional()
    .describe('All unless given; several times or separated by commas.'),
  limit: wholeNumber(1, MOST_CHANGES).default(MOST_CHANGES),
});

export const SyncChanges = z
  .object({
    changes: z.array(
      z.object({
        entity_type: z.enum(ENTITY_TYPES),
        entity_id: Uuid,
        operation: Operation,
        data: Data.describe('The thing as its own endpoints show it; empty for what is deleted.'),
        version: z.int(),
        updated_at: Instant,
        device_id: z.string().nullable(),
      }),
    ),
    server_timestamp: Instant.describe('Everything up to this moment is in the answer: the next `since`.'),
    has_more: z.boolean().describe('There is more: ask again at once.'),
  })
  .register(papyrus, { id: 'SyncChanges' });

export const PushedChange = z
  .object({
    entity_type: plainText(50),
    entity_id: EntityId,
    operation: Operation,
    data: Data.refine((data) => !isDeeper(data, MOST_LEVELS), TOO_DEEP).describe(
      'Of an update the fields the device changed, and no others.',
    ),
    timestamp: Moment.describe('When it was done on the device.'),
    version: z.int().min(1).nullish().describe('The version the device had seen.'),
  })
  .register(papyrus, { id: 'PushedChange' });

export const SyncPushRequest = z
  .object({
    device_id: plainText(255).min(1),
    changes: z
      .array(
        // Each is read by itself, so that one that is wrong leaves the others alone.
        z.unknown().meta({ $ref: '#/components/schemas/PushedChange' }),
      )
      .max(500),
  })
  .register(papyrus, { id: 'SyncPushRequest' });

export const SyncPushResponse = z
  .object({
    accepted: z.array(z.object({ entity_type: z.string(), entity_id: Uuid, new_version: z.int() })),
    rejected: z.array(
      z.object({
        entity_type: z.string(),
        entity_id: z.string().describe('As it was sent; empty when it was none.'),
        reason: z.string(),
      }),
    ),
    server_timestamp: Instant,
  })
  .register(papyrus, { id: 'SyncPushResponse' });

const Strategy = z.enum(['latest_wins', 'merge', 'manual']);

export const SyncConflictResponse = z
  .object({
    conflicts: z.array(
      z.object({
        entity_type: z.string(),
        entity_id: Uuid,
        local_version: z.int().nullable(),
        server_version: z.int(),
        server_data: Data,
        resolved_data: Data.describe('What the rules would make of it.'),
        resolution_strategy: Strategy,
      }),
    ),
  })
  .register(papyrus, { id: 'SyncConflictResponse' });

export const SyncStatus = z
  .object({
    status: z.enum(['idle', 'syncing', 'error']),
    last_sync_at: Instant.nullable(),
    pending_changes: z.int(),
    error_message: z.string().nullable(),
  })
  .register(papyrus, { id: 'SyncStatus' });

export const SyncConflict = z
  .object({
    conflict_id: Uuid,
    entity_type: z.string(),
    entity_id: Uuid,
    device_id: z.string().nullable(),
    resolution_strategy: Strategy,
    pushed_data: Data,
    server_data: Data.describe('Before the push; empty for what was deleted.'),
    resolved_data: Data.describe('After it; empty for what was deleted.'),
    happened_at: Instant,
    undone_at: Instant.nullable(),
  })
  .register(papyrus, { id: 'SyncConflict' });

export const SyncConflictList = z
  .object({ conflicts: z.array(SyncConflict), pagination: Pagination })
  .register(papyrus, { id: 'SyncConflictList' });

export const ConflictsQuery = z.object(PageQuery);
export const ConflictParams = z.object({ conflict_id: Uuid });

const ofBook = {
  author: UpdateBookRequest.shape.author.nullable(),
  current_page: UpdateProgressRequest.shape.current_page,
  current_position: UpdateProgressRequest.shape.current_position,
  current_cfi: UpdateProgressRequest.shape.current_cfi,
  last_read_at: Moment.nullish(),
  shelf_ids: z.array(Uuid).max(1000).nullish(),
  tag_ids: z.array(Uuid).max(100).nullish(),
};
export const PushedBook = z.object({ ...UpdateBookRequest.shape, ...ofBook });
export const PushedNewBook = z.object({
  ...UpdateBookRequest.shape,
  ...CreateBookRequest.shape,
  ...ofBook,
});

const ofMark = { book_id: EntityId };
export const PushedNewAnnotation = CreateAnnotationRequest.extend(ofMark);
export const PushedNewNote = CreateNoteRequest.extend(ofMark);
export const PushedNewBookmark = CreateBookmarkRequest.extend(ofMark);
export const PushedSession = CreateReadingSessionRequest.omit({ book_id: true }).partial();
export const PushedNewGoal = CreateGoalRequest.extend({ is_active: z.boolean().nullish() });
export const PushedProfile = UpdateReadingProfileRequest.extend({ is_default: z.boolean().nullish() });
