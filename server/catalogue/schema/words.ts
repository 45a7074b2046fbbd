// Tables of folded words that search looks in; the FTS5 tables beside them are SQL's alone.
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const bookWords = sqliteTable('book_words', {
  wordsId: integer('words_id').primaryKey(),
  bookId: text('book_id').notNull(),
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
