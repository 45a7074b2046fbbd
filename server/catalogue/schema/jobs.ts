// Tables of long work and of the diary.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

export const jobs = sqliteTable('jobs', {
  jobId: text('job_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  kind: text('kind').notNull(),
  key: text('key').notNull(),
  group: text('job_group'),
  priority: integer('priority').notNull().default(0),
  payload: text('payload', { mode: 'json' }).$type<unknown>().notNull(),
  subject: text('subject').notNull(),
  state: text('state', { enum: JOB_STATES }).notNull(),
  attempt: integer('attempt').notNull().default(0),
  runAfter: integer('run_after', { mode: 'timestamp_ms' }).notNull(),
  doneUnits: integer('done_units').notNull().default(0),
  totalUnits: integer('total_units'),
  unit: text('unit', { enum: ['files', 'rows', 'percent'] }).notNull(),
  counts: text('counts', { mode: 'json' }).$type<Record<string, number>>(),
  error: text('error'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  finishedAt: integer('finished_at', { mode: 'timestamp_ms' }),
});

export const changes = sqliteTable('changes', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  ownerId: text('owner_id').notNull(),
  entityType: text('entity_type').notNull(),
  entityId: text('entity_id').notNull(),
  operation: text('operation', { enum: ['create', 'update', 'delete'] }).notNull(),
  version: integer('version').notNull(),
  deviceId: text('device_id'),
  changedAt: integer('changed_at', { mode: 'timestamp_ms' }).notNull(),
});
