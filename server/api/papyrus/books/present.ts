// Neutral records out, the Papyrus contract's words. Every key is always there, null when unset (papyrus.md "Answers").
import { numberOfIndex } from '../../../base/series-index.ts';
import type { ShownBook, ShownRow } from '../../../library/books.queries.ts';
import { bookFileKey } from '../../../files/files.ts';
import { FILE_FORMATS } from './schemas.ts';
import { presentShelfSummary, presentTag } from '../shelves/present.ts';
import type { Book, BookSummary } from './schemas.ts';

const instant = (date: Date) => date.toISOString();
const maybeInstant = (date: Date | null) => date?.toISOString() ?? null;

/** Returns the book as the contract shows it; `origin` is where the covers are served. */
export const presentBook = (book: ShownBook, origin: string): Book => ({
  book_id: book.bookId,
  title: book.title,
  subtitle: book.subtitle,
  author: book.authors[0] ?? null,
  co_authors: book.authors.slice(1),
  isbn: book.isbn,
  isbn13: book.isbn13,
  publication_date: firstDay(book.publishedOn),
  publisher: book.publisher,
  language: book.language,
  page_count: book.pageCount,
  description: book.description,
  cover_image_url: coverUrl(book, origin),
  series_id: book.seriesId,
  series_name: book.seriesName,
  series_number: seriesNumber(book.seriesIndex),
  file_path: book.file === undefined ? null : bookFileKey(book.file.fileId, book.file.name),
  file_format: FILE_FORMATS.find((format) => format === book.file?.format) ?? null,
  file_size: book.file?.sizeBytes ?? null,
  file_hash: book.file?.sha256 ?? null,
  storage_backend_id: book.file?.backendId ?? null,
  is_physical: book.isPhysical,
  physical_location: book.physicalLocation,
  lent_to: book.lentTo,
  lent_at: maybeInstant(book.lentAt),
  is_favorite: book.isFavorite,
  rating: book.rating,
  reading_status: book.status,
  current_page: book.currentPage,
  current_position: book.progress,
  current_cfi: book.currentLocator,
  started_at: maybeInstant(book.startedAt),
  completed_at: maybeInstant(book.completedAt),
  added_at: instant(book.addedAt),
  last_read_at: maybeInstant(book.lastReadAt),
  custom_metadata: book.customMetadata,
  is_ocr_processed: book.isOcrProcessed,
  ocr_confidence: book.ocrConfidence,
  updated_at: instant(book.updatedAt),
  shelves: book.shelves.map(presentShelfSummary),
  tags: book.tags.map(presentTag),
});

const coverUrl = (book: Omit<ShownRow, 'seriesName'>, origin: string) =>
  book.coverHash === null ? book.coverImageUrl : `${origin}/api/v1/books/${book.bookId}/cover`;

/** Returns the book in few words. */
export const presentBookSummary = (book: Omit<ShownRow, 'seriesName'>, origin: string): BookSummary => ({
  book_id: book.bookId,
  title: book.title,
  author: book.authors[0] ?? null,
  cover_image_url: coverUrl(book, origin),
  reading_status: book.status,
  current_position: book.progress,
  is_favorite: book.isFavorite,
  rating: book.rating,
});

/** Returns one page of a list of books. */
export const presentBooks = (
  { books, total }: { books: ShownBook[]; total: number },
  { page, limit }: { page: number; limit: number },
  origin: string,
) => ({
  books: books.map((book) => presentBook(book, origin)),
  pagination: presentPagination(page, limit, total),
});

/** Returns the page of a list in numbers (papyrus.md "Pages"). */
export function presentPagination(page: number, limit: number, total: number) {
  const totalPages = Math.ceil(total / limit);
  return { page, limit, total, total_pages: totalPages, has_next: page < totalPages, has_prev: page > 1 };
}

/** Returns the first day of a year, a month or a day. */
export function firstDay(published: string | null): string | null {
  if (published === null) return null;
  const [year, month = '01', day = '01'] = published.split('-');
  return `${year}-${month}-${day}`;
}

/** Returns the number an index begins with: 2 for "2-3"; null where it begins with none. */
export const seriesNumber = (index: string | null): number | null =>
  index === null ? null : (numberOfIndex(index) ?? null);
