// Schemas of files and media (papyrus.md "Files and media").
import { z } from 'zod';
import { Instant, papyrus, Uuid } from '../shared-schemas.ts';

const Binary = z.string().meta({ format: 'binary' });

export const UploadFileRequest = z
  .object({
    file: Binary,
    storage_backend_id: Uuid.optional().describe('Where to keep it; without, the first that takes it.'),
  })
  .register(papyrus, { id: 'UploadFileRequest' });

/** The fields beside the file. */
export const UploadFields = z.object({ storage_backend_id: Uuid.optional() });

export const FileInfo = z
  .object({
    file_path: z
      .string()
      .describe('Names the file in this API; relative, with slashes, to be taken as it is.'),
    file_format: z.string().nullable(),
    file_size: z.int(),
    file_hash: z.string().nullable().describe('SHA-256, hex.'),
    storage_backend_id: Uuid.nullable(),
    uploaded_at: Instant.nullable().describe('Null for a file of a library folder.'),
  })
  .register(papyrus, { id: 'FileInfo' });

export const FilePathParams = z.object({ file_path: z.string().min(1).max(1000) });

export const LinkQuery = z.object({
  exp: z
    .string()
    .transform((text) => (/^\d{1,12}$/.test(text) ? Number(text) : 0))
    .optional()
    .describe('Of a signed link: when it ends, in seconds since 1970.'),
  sig: z
    .string()
    .optional()
    .describe('Of a signed link: the signature. A link that is not whole is answered 401.'),
});

export const FileLink = z
  .object({
    download_url: z.url().describe('Good without signing in until it ends.'),
    expires_at: Instant,
  })
  .register(papyrus, { id: 'FileLink' });

const MEDIA_KINDS = ['book_file', 'cover_image'] as const;

export const UploadMediaRequest = z
  .object({ book_id: Uuid, kind: z.enum(MEDIA_KINDS), file: Binary })
  .register(papyrus, { id: 'UploadMediaRequest' });
export const MediaFields = UploadMediaRequest.omit({ file: true });

export const MediaAsset = z
  .object({
    asset_id: Uuid,
    owner_user_id: Uuid,
    book_id: Uuid.nullable(),
    kind: z.enum(MEDIA_KINDS),
    original_filename: z.string(),
    content_type: z.string(),
    extension: z.string(),
    size_bytes: z.int(),
    sha256: z.string(),
    storage_path: z.string(),
    created_at: Instant.nullable(),
    updated_at: Instant.nullable(),
  })
  .register(papyrus, { id: 'MediaAssetResponse' });

export const MediaUsage = z
  .object({ used_bytes: z.int(), quota_bytes: z.int(), available_bytes: z.int() })
  .register(papyrus, { id: 'MediaUsageResponse' });

export const AssetParams = z.object({ asset_id: Uuid });

export const UploadCoverRequest = z.object({ file: Binary }).register(papyrus, { id: 'UploadCoverRequest' });
const CoverUrl = z.url({ protocol: /^https?$/ }).max(2048);
export const FetchCoverRequest = z
  .object({ url: CoverUrl.describe('Is fetched and kept.') })
  .register(papyrus, { id: 'FetchCoverRequest' });
export const CoverQuery = z.object({ url: CoverUrl.optional().describe('The same as in the body.') });
