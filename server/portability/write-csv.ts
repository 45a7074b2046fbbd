// Writes a library as a table, one line a book (RFC 4180), for spreadsheets.
import type { Db } from '../catalogue/db.ts';
import { stringify } from 'csv-stringify/sync';
import { readBookLines } from './library.queries.ts';
import type { BookLine } from './library.queries.ts';
import type { Part } from './sections.ts';

type Column = { name: string; part?: Part; write: (line: BookLine) => string | number | null };

const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
const flag = (value: number) => (value === 1 ? 'yes' : 'no');

const COLUMNS: readonly Column[] = [
  { name: 'book_id', write: (line) => line.book_id },
  { name: 'title', write: (line) => line.title },
  { name: 'subtitle', write: (line) => line.subtitle },
  { name: 'authors', write: (line) => (JSON.parse(line.authors) as string[]).join('; ') },
  { name: 'series', write: (line) => line.series },
  { name: 'series_number', write: (line) => line.series_index },
  { name: 'isbn', write: (line) => line.isbn },
  { name: 'isbn13', write: (line) => line.isbn13 },
  { name: 'publisher', write: (line) => line.publisher },
  { name: 'publication_date', write: (line) => line.published_on },
  { name: 'language', write: (line) => line.language },
  { name: 'page_count', write: (line) => line.page_count },
  { name: 'content_type', write: (line) => line.content_type },
  { name: 'file_formats', write: (line) => line.formats },
  { name: 'is_physical', write: (line) => flag(line.is_physical) },
  { name: 'physical_location', write: (line) => line.physical_location },
  { name: 'lent_to', write: (line) => line.lent_to },
  { name: 'is_favorite', write: (line) => flag(line.is_favorite) },
  { name: 'rating', write: (line) => line.rating },
  { name: 'review', write: (line) => line.review_note },
  { name: 'shelves', write: (line) => line.shelves },
  { name: 'tags', write: (line) => line.tags },
  { name: 'reading_status', part: 'progress', write: (line) => line.status },
  { name: 'progress', part: 'progress', write: (line) => line.progress },
  { name: 'current_page', part: 'progress', write: (line) => line.current_page },
  { name: 'started_at', part: 'progress', write: (line) => instant(line.started_at) },
  { name: 'completed_at', part: 'progress', write: (line) => instant(line.completed_at) },
  { name: 'last_read_at', part: 'progress', write: (line) => instant(line.last_read_at) },
  { name: 'reading_minutes', part: 'progress', write: (line) => line.read_minutes },
  { name: 'annotations', part: 'annotations', write: (line) => line.annotation_count },
  { name: 'bookmarks', part: 'annotations', write: (line) => line.bookmark_count },
  { name: 'notes', part: 'notes', write: (line) => line.note_count },
  { name: 'added_at', write: (line) => instant(line.added_at) },
  { name: 'updated_at', write: (line) => instant(line.updated_at) },
];

/** Goes through the lines, the names of the columns first. */
export function* writeCsv(db: Db, bookIds: string[], parts: ReadonlySet<Part>): Generator<string> {
  const columns = COLUMNS.filter(({ part }) => part === undefined || parts.has(part));
  // Spreadsheets take a UTF-8 file for an old code page unless it begins with this mark.
  yield '\uFEFF' + lineOf(columns.map(({ name }) => name));
  if (!parts.has('books')) return;
  for (const line of readBookLines(db, bookIds)) yield lineOf(columns.map(({ write }) => write(line)));
}

/** A cell that begins like a formula is not run by the spreadsheet that opens it (OWASP, "CSV Injection"). */
const lineOf = (cells: (string | number | null)[]): string =>
  stringify([cells], { record_delimiter: 'windows', escape_formulas: true });
