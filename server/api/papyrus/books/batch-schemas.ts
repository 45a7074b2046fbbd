// Schemas of requests about many books at once (papyrus.md "Removing, batches, covers").
import { z } from 'zod';
import { Book, Rating, ReadingStatus } from './schemas.ts';
import { ErrorAnswer, papyrus, unless, Uuid } from '../shared-schemas.ts';

const BookIds = z.array(Uuid).min(1).max(100);
const MembershipIds = z.array(Uuid).max(100).nullish();

export const BatchCreateBooksRequest = z
  .object({
    // Each is read by itself, so that one that is wrong leaves the others alone.
    books: z
      .array(z.unknown().meta({ $ref: '#/components/schemas/CreateBookRequest' }))
      .min(1)
      .max(50),
  })
  .register(papyrus, { id: 'BatchCreateBooksRequest' });

export const BatchCreateBooksAnswer = z
  .object({
    created: z.array(Book),
    errors: z.array(z.object({ index: z.int().describe('From 0.'), error: ErrorAnswer })),
  })
  .register(papyrus, { id: 'BatchCreateBooksAnswer' });

export const BatchUpdateBooksRequest = z
  .object({
    book_ids: BookIds,
    updates: z
      .object({
        reading_status: ReadingStatus.optional(),
        is_favorite: z.boolean().optional(),
        rating: Rating.nullish(),
      })
      .nullish(),
    add_tag_ids: MembershipIds,
    remove_tag_ids: MembershipIds,
    add_shelf_ids: MembershipIds,
    remove_shelf_ids: MembershipIds,
  })
  .register(papyrus, { id: 'BatchUpdateBooksRequest' });

const errors = z.array(z.object({ book_id: Uuid, error: ErrorAnswer }));

export const BatchUpdateBooksAnswer = z
  .object({ updated_count: z.int(), errors })
  .register(papyrus, { id: 'BatchUpdateBooksAnswer' });

export const BatchDeleteBooksRequest = z
  .object({
    book_ids: BookIds,
    delete_files: unless(z.boolean(), false).describe('Files of a library folder are never deleted from it.'),
  })
  .register(papyrus, { id: 'BatchDeleteBooksRequest' });

export const BatchDeleteBooksAnswer = z
  .object({ deleted_count: z.int(), errors })
  .register(papyrus, { id: 'BatchDeleteBooksAnswer' });
