// Tables of folded words that search looks in; the FTS5 tables beside them are SQL's alone.
import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const bookWords = sqliteTable('book_words', {
  number: integer('number').primaryKey(),
  ownerId: text('owner_id').notNull(),
  title: text('title').notNull(),
  subtitle: text('subtitle'),
  authors: text('authors'),
  isbn: text('isbn'),
  publisher: text('publisher'),
  location: text('location'),
  lentTo: text('lent_to'),
  description: text('description'),
});

const ofMarks = {
  number: integer('number').primaryKey(),
  ownerId: text('owner_id').notNull(),
  bookNumber: integer('book_number').notNull(),
  heading: text('heading'),
  text: text('text'),
  note: text('note'),
};
export const annotationWords = sqliteTable('annotation_words', ofMarks);
export const bookmarkWords = sqliteTable('bookmark_words', ofMarks);
export const noteWords = sqliteTable('note_words', ofMarks);

export const textFiles = sqliteTable('text_files', {
  fileId: text('file_id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  sha256: text('sha256').notNull(),
  failureReason: text('failure_reason'),
  readAt: integer('read_at', { mode: 'timestamp_ms' }).notNull(),
  foldVersion: integer('fold_version').notNull().default(0),
});

export const textPassages = sqliteTable('text_passages', {
  passageId: integer('passage_id').primaryKey(),
  fileId: text('file_id').notNull(),
  ownerId: text('owner_id').notNull(),
  place: integer('place').notNull(),
  chapter: text('chapter'),
  content: blob('content', { mode: 'buffer' }).notNull(),
});
