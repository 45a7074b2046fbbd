// Tables of what a person wrote in their books.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** A field of a device's mark that a person spoke over. */
export type SpokenOver = {
  /** What the file says now, null where it says nothing. */
  is: string | null;
  /** Fingerprints of what it said before while the person's word stood, oldest first: a copy from then is no news. */
  was: string[];
  /** When the person spoke, in milliseconds. */
  at: number;
  /** The last date of a change of the device's that was seen since and was of something else; absent when there was none. */
  heard?: number;
  /** The date this program gave the mark's change in the file; absent when it gave none. */
  dated?: number;
};
/** The device's own words under those of the person: only fields a person spoke of. */
export type DeviceSays = { note?: SpokenOver; color?: SpokenOver; drawer?: SpokenOver };

export const annotations = sqliteTable('annotations', {
  number: integer('number').primaryKey(),
  annotationId: text('annotation_id').notNull().unique(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  source: text('source', { enum: ['papyrus', 'koreader'] }).notNull(),
  sidecarId: text('sidecar_id'),
  koreaderKey: text('koreader_key'),
  positionIndex: integer('position_index').notNull().default(0),
  text: text('text'),
  note: text('note'),
  color: text('color'),
  drawer: text('drawer'),
  chapter: text('chapter'),
  chapterIndex: integer('chapter_index'),
  pageNumber: integer('page_number'),
  startPosition: text('start_position'),
  endPosition: text('end_position'),
  deviceDatetime: text('device_datetime'),
  deviceDatetimeUpdated: text('device_datetime_updated'),
  deviceSays: text('device_says', { mode: 'json' }).$type<DeviceSays>(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const bookmarks = sqliteTable('bookmarks', {
  number: integer('number').primaryKey(),
  bookmarkId: text('bookmark_id').notNull().unique(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  source: text('source', { enum: ['papyrus', 'koreader'] }).notNull(),
  sidecarId: text('sidecar_id'),
  koreaderKey: text('koreader_key'),
  positionIndex: integer('position_index').notNull().default(0),
  text: text('text'),
  note: text('note'),
  color: text('color'),
  chapter: text('chapter'),
  pageNumber: integer('page_number'),
  position: text('position'),
  deviceDatetime: text('device_datetime'),
  deviceDatetimeUpdated: text('device_datetime_updated'),
  deviceSays: text('device_says', { mode: 'json' }).$type<DeviceSays>(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const notes = sqliteTable('notes', {
  number: integer('number').primaryKey(),
  noteId: text('note_id').notNull().unique(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  title: text('title').notNull(),
  content: text('content').notNull(),
  isPinned: integer('is_pinned', { mode: 'boolean' }).notNull().default(false),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const removedMarks = sqliteTable('removed_marks', {
  markId: text('mark_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  koreaderKey: text('koreader_key').notNull(),
  removedAt: integer('removed_at', { mode: 'timestamp_ms' }).notNull(),
});

export const keptWords = sqliteTable('kept_words', {
  bookId: text('book_id').notNull(),
  koreaderKey: text('koreader_key').notNull(),
  words: text('words').notNull(),
  goneAt: integer('gone_at', { mode: 'timestamp_ms' }).notNull(),
});
