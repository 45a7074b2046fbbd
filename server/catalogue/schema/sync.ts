// Tables of what devices pushed and how it was settled.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const syncPushes = sqliteTable('sync_pushes', {
  ownerId: text('owner_id').notNull(),
  deviceId: text('device_id').notNull(),
  entityType: text('entity_type').notNull(),
  entityId: text('entity_id').notNull(),
  timestampMs: integer('timestamp_ms').notNull(),
  dataHash: text('data_hash').notNull(),
  version: integer('version').notNull(),
  pushedAt: integer('pushed_at', { mode: 'timestamp_ms' }).notNull(),
});

export const syncConflicts = sqliteTable('sync_conflicts', {
  conflictId: text('conflict_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  entityType: text('entity_type').notNull(),
  entityId: text('entity_id').notNull(),
  deviceId: text('device_id'),
  strategy: text('strategy', { enum: ['latest_wins', 'merge', 'manual'] }).notNull(),
  pushedData: text('pushed_data', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  serverData: text('server_data', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  resolvedData: text('resolved_data', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  happenedAt: integer('happened_at', { mode: 'timestamp_ms' }).notNull(),
  undoneAt: integer('undone_at', { mode: 'timestamp_ms' }),
});

export const syncAliases = sqliteTable('sync_aliases', {
  ownerId: text('owner_id').notNull(),
  entityType: text('entity_type').notNull(),
  aliasId: text('alias_id').notNull(),
  entityId: text('entity_id').notNull(),
});

export const fieldTimes = sqliteTable('field_times', {
  entityId: text('entity_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  times: text('times', { mode: 'json' }).$type<Record<string, [number, number]>>().notNull(),
});

export const syncDevices = sqliteTable('sync_devices', {
  ownerId: text('owner_id').notNull(),
  deviceId: text('device_id').notNull(),
  lastPushAt: integer('last_push_at', { mode: 'timestamp_ms' }),
  lastPullAt: integer('last_pull_at', { mode: 'timestamp_ms' }),
});

export const streamBuckets = sqliteTable('stream_buckets', {
  ownerId: text('owner_id').primaryKey(),
  generation: integer('generation').notNull(),
});

export const streamOps = sqliteTable('stream_ops', {
  opId: integer('op_id').primaryKey({ autoIncrement: true }),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
});

export const streamCheckpoints = sqliteTable('stream_checkpoints', {
  ownerId: text('owner_id').notNull(),
  clientId: text('client_id').notNull(),
  number: integer('number').notNull(),
  askedAt: integer('asked_at', { mode: 'timestamp_ms' }).notNull(),
});

export const streamTold = sqliteTable('stream_told', {
  sessionId: text('session_id').primaryKey(),
  toldAt: integer('told_at').notNull(),
});

export const deviceFiles = sqliteTable('device_files', {
  bookId: text('book_id').primaryKey(),
  format: text('format'),
  sizeBytes: integer('size_bytes'),
  sha256: text('sha256'),
});
