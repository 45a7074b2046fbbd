// Schemas of books (papyrus.md "Books").
import { z } from 'zod';
import { isDeeper, MOST_LEVELS, TOO_DEEP } from '../../../base/json-depth.ts';
import { BOOK_FORMATS } from '../../../library/book-files.ts';
import { READING_STATUSES } from '../../../base/reading-status.ts';
import { Instant, Pagination, papyrus, plainText, QueryFlag, requiredText, Uuid } from '../shared-schemas.ts';
import { ShelfSortQuery, ShelfSummary } from '../shelves/schemas.ts';
import { Tag } from '../shelves/tag-schemas.ts';

export const FILE_FORMATS = BOOK_FORMATS;

export const ReadingStatus = z.enum(READING_STATUSES).register(papyrus, { id: 'ReadingStatus' });
const Day = z.iso.date();
export const Rating = z.int().min(1).max(5);
const CustomMetadata = z
  .record(z.string().max(200), z.unknown())
  .refine((value) => !isDeeper(value, MOST_LEVELS), { error: TOO_DEEP, abort: true })
  .refine((value) => JSON.stringify(value).length <= 65_536, 'must be at most 64 KiB');
const Isbn = plainText(32);

export const Book = z
  .object({
    book_id: Uuid,
    title: z.string(),
    subtitle: z.string().nullable(),
    author: z.string().nullable(),
    co_authors: z.array(z.string()),
    isbn: z.string().nullable(),
    isbn13: z.string().nullable(),
    publication_date: Day.nullable().describe('The first day of the year or month when no more is known.'),
    publisher: z.string().nullable(),
    language: z.string().nullable(),
    page_count: z.int().nullable(),
    description: z.string().nullable().describe('Sanitised HTML.'),
    cover_image_url: z.string().nullable(),
    series_id: Uuid.nullable(),
    series_name: z.string().nullable(),
    series_number: z.number().nullable(),
    file_path: z.string().nullable().describe('Names the file under /files; its name comes last.'),
    file_format: z.enum(FILE_FORMATS).nullable(),
    file_size: z.int().nullable().describe('Bytes.'),
    file_hash: z.string().nullable().describe('SHA-256, hex.'),
    storage_backend_id: Uuid.nullable(),
    is_physical: z.boolean(),
    physical_location: z.string().nullable(),
    lent_to: z.string().nullable(),
    lent_at: Instant.nullable(),
    is_favorite: z.boolean(),
    rating: Rating.nullable(),
    reading_status: ReadingStatus,
    current_page: z.int().nullable(),
    current_position: z.number().min(0).max(1).nullable(),
    current_cfi: z.string().nullable().describe('A CFI, or the XPointer KOReader left.'),
    started_at: Instant.nullable(),
    completed_at: Instant.nullable(),
    added_at: Instant,
    last_read_at: Instant.nullable(),
    custom_metadata: z.record(z.string(), z.unknown()),
    is_ocr_processed: z.boolean(),
    ocr_confidence: z.number().nullable(),
    updated_at: Instant,
    shelves: z.array(ShelfSummary).describe('The shelves filled by hand that it stands on.'),
    tags: z.array(Tag),
  })
  .register(papyrus, { id: 'Book' });

/** A book in the list of something else. */
export const BookSummary = z
  .object({
    book_id: Uuid,
    title: z.string(),
    author: z.string().nullable(),
    cover_image_url: z.string().nullable(),
    reading_status: ReadingStatus,
    current_position: z.number().min(0).max(1).nullable(),
    is_favorite: z.boolean(),
    rating: Rating.nullable(),
  })
  .register(papyrus, { id: 'BookSummary' });

export const BookList = z
  .object({ books: z.array(Book), pagination: Pagination })
  .register(papyrus, { id: 'BookList' });

export const BookParams = z.object({ book_id: Uuid });

export const BooksQuery = z.object({
  ...ShelfSortQuery,
  status: ReadingStatus.optional(),
  shelf_id: Uuid.optional().describe('Allows to sort by shelf_order too.'),
  tag_id: Uuid.optional(),
  series_id: Uuid.optional(),
  is_physical: QueryFlag.optional(),
  is_favorite: QueryFlag.optional(),
  search: plainText(500)
    .optional()
    .describe(
      'Words that must all occur in title, subtitle, authors, series, tags, ISBN or description; case and accents do not matter.',
    ),
  query: plainText(1000)
    .optional()
    .describe(
      'In the query language: `author:"Le Guin" rating:>=4 (tag:sf OR year:1960..1979) -status:completed`. A query that cannot be read is refused with `details.position`.',
    ),
});

export const DeleteBookQuery = z.object({
  delete_file: QueryFlag.default(false).describe('Files of a library folder are never deleted from it.'),
});

const fields = {
  subtitle: plainText(500).nullish(),
  co_authors: z.array(requiredText(255)).max(100).nullish(),
  isbn: Isbn.nullish(),
  isbn13: Isbn.nullish(),
  publication_date: Day.nullish(),
  publisher: plainText(255).nullish(),
  page_count: z.int().min(0).max(1_000_000).nullish(),
  description: plainText(100_000).nullish(),
  cover_image_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullish(),
  series_id: Uuid.nullish(),
  series_number: z
    .number()
    .min(-1_000_000)
    .max(1_000_000)
    .nullish()
    .describe('Below zero for what comes before the first.'),
  physical_location: plainText(255).nullish(),
};

export const CreateBookRequest = z
  .object({
    ...fields,
    title: requiredText(500),
    author: requiredText(255),
    language: plainText(16)
      .nullish()
      .meta({ default: 'en', description: 'Nothing said: what its file says, where it has one.' }),
    is_physical: z.boolean().nullish().meta({ default: false }),
    custom_metadata: CustomMetadata.nullish(),
    file_path: plainText(1000).nullish().describe('Of an uploaded file: the book is to have it.'),
    file_format: z.enum(FILE_FORMATS).nullish(),
    file_size: z.int().min(0).nullish(),
    file_hash: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256, hex')
      .nullish(),
    storage_backend_id: Uuid.nullish(),
    shelf_ids: z.array(Uuid).max(1000).nullish(),
    tag_ids: z.array(Uuid).max(10).nullish(),
  })
  .register(papyrus, { id: 'CreateBookRequest' });

export const UpdateBookRequest = z
  .object({
    ...fields,
    title: requiredText(500).optional(),
    author: requiredText(255).optional(),
    language: plainText(16).nullish(),
    is_physical: z.boolean().optional(),
    lent_to: plainText(255).nullish(),
    lent_at: z.iso.datetime({ offset: true }).nullish(),
    is_favorite: z.boolean().optional(),
    rating: Rating.nullish(),
    reading_status: ReadingStatus.optional(),
    custom_metadata: CustomMetadata.optional(),
  })
  .register(papyrus, { id: 'UpdateBookRequest' });

export type Book = z.infer<typeof Book>;
export type BookSummary = z.infer<typeof BookSummary>;
