// Schemas of the stream devices follow and of what they send back (papyrus.md "Tokens of the stream", "The stream of books").
import { z } from 'zod';
import { papyrus, plainText } from '../shared-schemas.ts';

export const StreamToken = z
  .object({ token: z.string(), expires_in: z.int().describe('Seconds it is good for.') })
  .register(papyrus, { id: 'StreamToken' });

export const JsonWebKeySet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.string(),
        kid: z.string(),
        alg: z.string(),
        use: z.string(),
        n: z.string().describe('Modulus, base64url.'),
        e: z.string().describe('Exponent, base64url.'),
      }),
    ),
  })
  .register(papyrus, { id: 'JsonWebKeySet' });

export const SyncSettings = z
  .object({
    data_sync_url: z.string().describe('Where the stream is: the address of this server.'),
    file_storage: z.object({
      supported: z.boolean(),
      quota_bytes: z.int().describe('Bytes an account may keep here.'),
    }),
  })
  .register(papyrus, { id: 'SyncSettings' });

/** Columns of the book table devices keep. */
export const STREAM_COLUMNS = [
  'owner_user_id', 'title', 'subtitle', 'author', 'co_authors', 'isbn', 'isbn13', 'publisher', 'language', 'page_count',
  'description', 'cover_image_url', 'file_media_id', 'cover_media_id', 'reading_status', 'current_page',
  'current_position', 'current_cfi', 'is_favorite', 'rating', 'custom_metadata', 'added_at', 'updated_at',
] as const; // prettier-ignore

export const StreamEntry = z
  .object({
    type: z.string(),
    op: z.string(),
    id: z.string(),
    data: z.record(z.string(), z.unknown()).nullish(),
  })
  .register(papyrus, { id: 'StreamEntry' });

export const StreamUpload = z
  .object({ batch: z.array(z.unknown().meta({ $ref: '#/components/schemas/StreamEntry' })).max(50_000) })
  .register(papyrus, { id: 'StreamUpload' });

export const StreamUploadAnswer = z
  .object({ applied_count: z.int() })
  .register(papyrus, { id: 'StreamUploadAnswer' });

const OpId = z.string().regex(/^\d{1,16}$/);

/** What a device says when it begins to listen; what it says besides is not needed. */
export const StreamRequest = z
  .object({
    buckets: z
      .array(z.object({ name: z.string().max(200), after: OpId }))
      .max(1000)
      .default([]),
    client_id: plainText(200).nullish(),
  })
  .register(papyrus, { id: 'StreamRequest' });

export const CheckpointQuery = z.object({ client_id: plainText(200).default('') });

export const CheckpointAnswer = z
  .object({ data: z.object({ write_checkpoint: z.string().describe('A whole number as text.') }) })
  .register(papyrus, { id: 'StreamCheckpoint' });
