// Tables of how a person orders their books: shelves, tags, saved filters.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const shelves = sqliteTable('shelves', {
  shelfId: text('shelf_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  parentShelfId: text('parent_shelf_id'),
  name: text('name').notNull(),
  description: text('description'),
  color: text('color'),
  icon: text('icon'),
  isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
  isSmart: integer('is_smart', { mode: 'boolean' }).notNull().default(false),
  smartQuery: text('smart_query'),
  sortOrder: integer('sort_order').notNull().default(0),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const shelfBooks = sqliteTable('shelf_books', {
  shelfId: text('shelf_id').notNull(),
  bookId: text('book_id').notNull(),
  sortOrder: integer('sort_order').notNull().default(0),
  addedAt: integer('added_at', { mode: 'timestamp_ms' }).notNull(),
});

export const tags = sqliteTable('tags', {
  tagId: text('tag_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  name: text('name').notNull(),
  color: text('color').notNull(),
  description: text('description'),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  version: integer('version').notNull().default(1),
});

export const bookTags = sqliteTable('book_tags', {
  bookId: text('book_id').notNull(),
  tagId: text('tag_id').notNull(),
  addedAt: integer('added_at', { mode: 'timestamp_ms' }).notNull(),
});

export const savedFilters = sqliteTable('saved_filters', {
  filterId: text('filter_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  name: text('name').notNull(),
  query: text('query').notNull(),
  description: text('description'),
  filterType: text('filter_type', { enum: ['search', 'shelf', 'custom'] })
    .notNull()
    .default('custom'),
  icon: text('icon'),
  color: text('color'),
  isPinned: integer('is_pinned', { mode: 'boolean' }).notNull().default(false),
  usageCount: integer('usage_count').notNull().default(0),
  lastUsedAt: integer('last_used_at', { mode: 'timestamp_ms' }),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
});
