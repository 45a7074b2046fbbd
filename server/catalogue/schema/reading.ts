// Tables of how a person read: KOReader's statistics, merged over all their devices.
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const statisticsFiles = sqliteTable('statistics_files', {
  fileId: text('file_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  path: blob('path', { mode: 'buffer' }).notNull(),
  fixed: integer('fixed', { mode: 'boolean' }).notNull().default(false),
  sizeBytes: integer('size_bytes'),
  modifiedMs: integer('modified_ms'),
  walSizeBytes: integer('wal_size_bytes'),
  walModifiedMs: integer('wal_modified_ms'),
  books: integer('books').notNull().default(0),
  pageReads: integer('page_reads').notNull().default(0),
  failureReason: text('failure_reason'),
  failureMessage: text('failure_message'),
  addedAt: integer('added_at', { mode: 'timestamp_ms' }).notNull(),
  lastImportAt: integer('last_import_at', { mode: 'timestamp_ms' }),
});

export const readBooks = sqliteTable('read_books', {
  readBookId: integer('read_book_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  md5: text('md5').notNull(),
  title: text('title').notNull(),
  authors: text('authors'),
  pages: integer('pages'),
  lastOpenAt: integer('last_open_at', { mode: 'timestamp_ms' }),
  notes: integer('notes'),
  highlights: integer('highlights'),
  totalReadSec: integer('total_read_sec').notNull().default(0),
  totalReadPages: integer('total_read_pages').notNull().default(0),
  bookId: text('book_id'),
  version: integer('version').notNull().default(1),
  pageFactor: real('page_factor').notNull().default(1),
  hiddenPages: integer('hidden_pages').notNull().default(0),
  finishedOn: text('finished_on'),
  toldOf: text('told_of'),
});

export const statisticsFileBooks = sqliteTable('statistics_file_books', {
  fileId: text('file_id').notNull(),
  readBookId: integer('read_book_id').notNull(),
  title: text('title').notNull(),
  authors: text('authors'),
  pages: integer('pages'),
  lastOpenAt: integer('last_open_at', { mode: 'timestamp_ms' }),
  notes: integer('notes'),
  highlights: integer('highlights'),
  totalReadSec: integer('total_read_sec'),
  totalReadPages: integer('total_read_pages'),
});

export const pageReads = sqliteTable('page_reads', {
  readBookId: integer('read_book_id').notNull(),
  startedSec: integer('started_sec').notNull(),
  page: integer('page').notNull(),
  durationSec: integer('duration_sec').notNull(),
  totalPages: integer('total_pages').notNull(),
});

export const readDays = sqliteTable('read_days', {
  readBookId: integer('read_book_id').notNull(),
  day: text('day').notNull(),
  readSec: integer('read_sec').notNull(),
  pages: integer('pages').notNull(),
});

export const readSessions = sqliteTable('read_sessions', {
  readBookId: integer('read_book_id').notNull(),
  startedSec: integer('started_sec').notNull(),
  endedSec: integer('ended_sec').notNull(),
  readSec: integer('read_sec').notNull(),
  day: text('day').notNull(),
});

export const readCompletions = sqliteTable('read_completions', {
  readBookId: integer('read_book_id').notNull(),
  number: integer('number').notNull(),
  startDay: text('start_day').notNull(),
  endDay: text('end_day').notNull(),
  startedSec: integer('started_sec').notNull(),
  endedSec: integer('ended_sec').notNull(),
  readSec: integer('read_sec').notNull(),
  sessionCount: integer('session_count').notNull(),
  pages: integer('pages').notNull(),
  source: text('source', { enum: ['pages', 'mark'] }).notNull(),
});

export const readingProfiles = sqliteTable('reading_profiles', {
  profileId: text('profile_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  name: text('name').notNull(),
  isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
  appearance: text('appearance', { mode: 'json' }).$type<Record<string, unknown>>().notNull().default({}),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const readingSessions = sqliteTable('reading_sessions', {
  sessionId: text('session_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  startedAt: integer('started_at', { mode: 'timestamp_ms' }).notNull(),
  endedAt: integer('ended_at', { mode: 'timestamp_ms' }),
  startPosition: real('start_position'),
  endPosition: real('end_position'),
  pagesRead: integer('pages_read'),
  deviceType: text('device_type'),
  deviceName: text('device_name'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const readingGoals = sqliteTable('reading_goals', {
  goalId: text('goal_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  title: text('title').notNull(),
  description: text('description'),
  goalType: text('goal_type', { enum: ['books_count', 'pages_count', 'reading_time'] }).notNull(),
  targetValue: integer('target_value').notNull(),
  timePeriod: text('time_period', { enum: ['daily', 'weekly', 'monthly', 'yearly', 'custom'] }).notNull(),
  startDate: text('start_date').notNull(),
  endDate: text('end_date').notNull(),
  currentValue: integer('current_value').notNull().default(0),
  manualOffset: integer('manual_offset').notNull().default(0),
  frozenValue: integer('frozen_value'),
  isActive: integer('is_active', { mode: 'boolean' }).notNull().default(true),
  completedAt: integer('completed_at', { mode: 'timestamp_ms' }),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const goalUpdates = sqliteTable('goal_updates', {
  updateId: text('update_id').primaryKey(),
  goalId: text('goal_id').notNull(),
  value: integer('value').notNull(),
  note: text('note'),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
});
