// Tables of the library: books, their files and what the files say.
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { READING_STATUSES } from '../../base/reading-status.ts';

/**
 * Where a field's value came from: the person in one of our APIs, whose word is locked against every rescan; the person in
 * KOReader, over the file; the file; KOReader's copy of what the file says; the file's name.
 */
export type Origin = 'person' | 'device' | 'file' | 'sidecar' | 'name';

export const series = sqliteTable('series', {
  seriesId: text('series_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  name: text('name').notNull(),
  description: text('description'),
  author: text('author'),
  totalBooks: integer('total_books'),
  isComplete: integer('is_complete', { mode: 'boolean' }).notNull().default(false),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const books = sqliteTable('books', {
  number: integer('number').primaryKey(),
  bookId: text('book_id').notNull().unique(),
  ownerId: text('owner_id').notNull(),
  title: text('title').notNull(),
  subtitle: text('subtitle'),
  authors: text('authors', { mode: 'json' }).$type<string[]>().notNull().default([]),
  isbn: text('isbn'),
  isbn13: text('isbn13'),
  publishedOn: text('published_on'),
  publisher: text('publisher'),
  language: text('language'),
  pageCount: integer('page_count'),
  description: text('description'),
  subjects: text('subjects', { mode: 'json' }).$type<string[]>().notNull().default([]),
  identifiers: text('identifiers', { mode: 'json' })
    .$type<{ scheme: string; value: string }[]>()
    .notNull()
    .default([]),
  seriesId: text('series_id'),
  seriesIndex: text('series_index'),
  contentType: text('content_type', { enum: ['book', 'comic'] })
    .notNull()
    .default('book'),
  coverHash: text('cover_hash'),
  coverImageUrl: text('cover_image_url'),
  isPhysical: integer('is_physical', { mode: 'boolean' }).notNull().default(false),
  physicalLocation: text('physical_location'),
  lentTo: text('lent_to'),
  lentAt: integer('lent_at', { mode: 'timestamp_ms' }),
  isFavorite: integer('is_favorite', { mode: 'boolean' }).notNull().default(false),
  rating: integer('rating'),
  reviewNote: text('review_note'),
  status: text('status', { enum: READING_STATUSES }).notNull().default('not_started'),
  progress: real('progress'),
  currentPage: integer('current_page'),
  currentLocator: text('current_locator'),
  startedAt: integer('started_at', { mode: 'timestamp_ms' }),
  completedAt: integer('completed_at', { mode: 'timestamp_ms' }),
  lastReadAt: integer('last_read_at', { mode: 'timestamp_ms' }),
  addedAt: integer('added_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  customMetadata: text('custom_metadata', { mode: 'json' })
    .$type<Record<string, unknown>>()
    .notNull()
    .default({}),
  isOcrProcessed: integer('is_ocr_processed', { mode: 'boolean' }).notNull().default(false),
  ocrConfidence: real('ocr_confidence'),
  origins: text('origins', { mode: 'json' }).$type<Record<string, Origin>>().notNull().default({}),
  sortTitle: text('sort_title').notNull().default(''),
  sortAuthor: text('sort_author'),
  hasFile: integer('has_file', { mode: 'boolean' }).notNull().default(false),
  hasSidecar: integer('has_sidecar', { mode: 'boolean' }).notNull().default(false),
  fileBytes: integer('file_bytes'),
  fileFormats: text('file_formats'),
  absentSince: integer('absent_since', { mode: 'timestamp_ms' }),
  version: integer('version').notNull().default(1),
});

export const bookChecksums = sqliteTable('book_checksums', {
  ownerId: text('owner_id').notNull(),
  partialMd5: text('partial_md5').notNull(),
  bookId: text('book_id').notNull(),
});

/** Where a file of a book lay that is gone. */
export const formerFiles = sqliteTable('former_files', {
  path: blob('path', { mode: 'buffer' }).primaryKey(),
  ownerId: text('owner_id').notNull(),
  bookId: text('book_id').notNull(),
  metadata: text('metadata').notNull(),
});

/** The id of a book that was cleared away, by its checksum. */
export const formerBooks = sqliteTable('former_books', {
  ownerId: text('owner_id').notNull(),
  partialMd5: text('partial_md5').notNull(),
  bookId: text('book_id').notNull(),
});

export const bookFiles = sqliteTable('book_files', {
  fileId: text('file_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  folderId: text('folder_id'),
  /** Null for what a person gave: its place is in stored_files. */
  path: blob('path', { mode: 'buffer' }),
  name: text('name').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  modifiedMs: integer('modified_ms').notNull(),
  inode: integer('inode'),
  format: text('format'),
  partialMd5: text('partial_md5'),
  sha256: text('sha256'),
  bookId: text('book_id'),
  metadata: text('metadata'),
  coverHash: text('cover_hash'),
  protection: text('protection'),
  failureReason: text('failure_reason'),
  failureMessage: text('failure_message'),
  dismissedAt: integer('dismissed_at', { mode: 'timestamp_ms' }),
  readerVersion: integer('reader_version').notNull(),
  readAt: integer('read_at', { mode: 'timestamp_ms' }).notNull(),
  nfcPath: blob('nfc_path', { mode: 'buffer' }),
});

export const koreaderSidecars = sqliteTable('koreader_sidecars', {
  sidecarId: text('sidecar_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  folderId: text('folder_id').notNull(),
  path: blob('path', { mode: 'buffer' }).notNull(),
  name: text('name').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  modifiedMs: integer('modified_ms').notNull(),
  bookId: text('book_id'),
  partialMd5: text('partial_md5'),
  content: text('content'),
  failureReason: text('failure_reason'),
  failureMessage: text('failure_message'),
  dismissedAt: integer('dismissed_at', { mode: 'timestamp_ms' }),
  readerVersion: integer('reader_version').notNull(),
  readAt: integer('read_at', { mode: 'timestamp_ms' }).notNull(),
  failsInKoreader: integer('fails_in_koreader', { mode: 'boolean' }).notNull().default(false),
});

export const koreaderExtras = sqliteTable('koreader_extras', {
  extraId: text('extra_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  folderId: text('folder_id').notNull(),
  path: blob('path', { mode: 'buffer' }).notNull(),
  nfcPath: blob('nfc_path', { mode: 'buffer' }),
  name: text('name').notNull(),
  kind: text('kind', { enum: ['metadata', 'cover', 'marks'] }).notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  modifiedMs: integer('modified_ms').notNull(),
  partialMd5: text('partial_md5'),
  bookId: text('book_id'),
  content: text('content'),
  failureReason: text('failure_reason'),
  failureMessage: text('failure_message'),
  readerVersion: integer('reader_version').notNull(),
  readAt: integer('read_at', { mode: 'timestamp_ms' }).notNull(),
});
