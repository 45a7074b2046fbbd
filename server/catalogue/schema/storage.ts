// Tables of where files lie: backends, uploaded files, backups.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const storageBackends = sqliteTable('storage_backends', {
  backendId: text('backend_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  kind: text('kind').notNull(),
  name: text('name').notNull(),
  isPrimary: integer('is_primary', { mode: 'boolean' }).notNull().default(false),
  isActive: integer('is_active', { mode: 'boolean' }).notNull().default(true),
  config: text('config', { mode: 'json' }).$type<Record<string, unknown>>().notNull().default({}),
  secretNames: text('secret_names', { mode: 'json' }).$type<string[]>().notNull().default([]),
  basePath: text('base_path'),
  connectionStatus: text('connection_status', { enum: ['connected', 'disconnected', 'error'] })
    .notNull()
    .default('disconnected'),
  errorMessage: text('error_message'),
  usedBytes: integer('used_bytes'),
  quotaBytes: integer('quota_bytes'),
  lastAccessedAt: integer('last_accessed_at', { mode: 'timestamp_ms' }),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
});

export const storedFiles = sqliteTable('stored_files', {
  fileId: text('file_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id'),
  kind: text('kind', { enum: ['book_file', 'cover_image'] }).notNull(),
  backendId: text('backend_id'),
  sha256: text('sha256').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  format: text('format'),
  contentType: text('content_type').notNull(),
  originalName: text('original_name').notNull(),
  uploadedAt: integer('uploaded_at', { mode: 'timestamp_ms' }).notNull(),
  releasedAt: integer('released_at', { mode: 'timestamp_ms' }),
});

export const backups = sqliteTable('backups', {
  backupId: text('backup_id').primaryKey(),
  name: text('name').notNull(),
  reason: text('reason', { enum: ['asked', 'schedule', 'restore'] }).notNull(),
  state: text('state', { enum: ['making', 'good', 'failed'] }).notNull(),
  sizeBytes: integer('size_bytes'),
  counts: text('counts', { mode: 'json' }).$type<Record<string, number>>(),
  error: text('error'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  checkedAt: integer('checked_at', { mode: 'timestamp_ms' }),
});
