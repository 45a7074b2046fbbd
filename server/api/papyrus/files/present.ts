// Storage backends, files and media out, in the contract's words.
import type { z } from 'zod';
import { fileEnding } from '../../../files/files.ts';
import type { FileRecord } from '../../../files/files.ts';
import type { Backend, BackendTest } from '../../../storage/backends.ts';
import type { StorageUse } from '../../../files/media.ts';
import type { FileInfo, MediaAsset, MediaUsage } from './schemas.ts';
import type { StorageBackend, StorageBackendTest } from './storage-schemas.ts';

const maybeInstant = (date: Date | null) => date?.toISOString() ?? null;

/** Returns the backend without a word of its settings. */
export const presentBackend = (backend: Backend): z.infer<typeof StorageBackend> => ({
  backend_id: backend.backendId,
  backend_type: backend.kind,
  name: backend.name,
  is_primary: backend.isPrimary,
  is_active: backend.isActive,
  base_path: backend.basePath,
  storage_used_bytes: backend.usedBytes,
  storage_quota_bytes: backend.quotaBytes,
  last_accessed_at: maybeInstant(backend.lastAccessedAt),
  connection_status: backend.connectionStatus,
  error_message: backend.errorMessage,
  created_at: backend.createdAt.toISOString(),
  updated_at: backend.updatedAt.toISOString(),
});

/** Returns how a test went, with the backend as it is after it. */
export const presentBackendTest = (test: BackendTest): z.infer<typeof StorageBackendTest> => ({
  success: test.isGood,
  message: test.message,
  storage_info: { used_bytes: test.usedBytes, quota_bytes: test.quotaBytes },
  ...presentBackend(test.backend),
});

/** Returns what is known of a file. */
export const presentFile = (file: FileRecord): z.infer<typeof FileInfo> => ({
  file_path: file.key,
  file_format: file.format,
  file_size: file.sizeBytes,
  file_hash: file.sha256,
  storage_backend_id: file.backendId,
  uploaded_at: maybeInstant(file.uploadedAt),
});

/** Returns a file as the media part of the API has it. */
export const presentAsset = (file: FileRecord): z.infer<typeof MediaAsset> => ({
  asset_id: file.fileId,
  owner_user_id: file.ownerId,
  book_id: file.bookId,
  kind: file.kind,
  original_filename: file.name,
  content_type: file.contentType,
  extension: fileEnding(file.name),
  size_bytes: file.sizeBytes,
  sha256: file.sha256 ?? '',
  storage_path: file.key,
  created_at: maybeInstant(file.uploadedAt),
  updated_at: maybeInstant(file.uploadedAt),
});

/** Returns how much room is taken and left. */
export const presentUsage = (use: StorageUse): z.infer<typeof MediaUsage> => ({
  used_bytes: use.usedBytes,
  quota_bytes: use.quotaBytes,
  available_bytes: use.availableBytes,
});
