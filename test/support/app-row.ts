// A row of the app's table as the app itself writes it: read into a book of its own, changed there, and written whole.
import type { Row } from './stream-device.ts';

type Map = Record<string, unknown>;

/** Statuses by the app's names for them. */
const STATUSES: Record<string, string> = {
  in_progress: 'inProgress',
  completed: 'completed',
  paused: 'paused',
  abandoned: 'abandoned',
};

/** Dart prints an instant of no zone without one, and all of its milliseconds. */
const dartDate = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  return /T/.test(value) ? value : `${value}T00:00:00.000`;
};

/** Returns the columns the app writes of the row it has after `change`, by the names in the app's one map or the columns. */
export function appRow(row: Row, change: Map = {}): Row {
  const has = JSON.parse(String(row['custom_metadata'] ?? '{}')) as Map;
  const book: Map = { ...has, ...row, custom_metadata: has['custom_metadata'], ...change };
  const given: Map = {
    publication_date: dartDate(book['publication_date']),
    file_format: book['file_format'],
    file_size: book['file_size'],
    file_hash: book['file_hash'],
    is_physical: book['is_physical'] ?? false,
    physical_location: book['physical_location'],
    lent_to: book['lent_to'],
    lent_at: book['lent_at'],
    custom_metadata: book['custom_metadata'],
    series_id: book['series_id'],
    series_name: book['series_name'],
    series_number: book['series_number'],
    started_at: book['started_at'],
    completed_at: book['completed_at'],
    last_read_at: book['last_read_at'],
  };
  const written = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
  const columns: Map = {
    ...row,
    ...Object.fromEntries(Object.entries(change).filter(([name]) => name in row)),
    author: book['author'] ?? 'Unknown Author',
    co_authors: book['co_authors'] ?? '[]',
    reading_status: STATUSES[String(book['reading_status'])] ?? 'unread',
    current_position: book['current_position'] ?? 0,
    custom_metadata: JSON.stringify(written),
  };
  return columns as Row;
}
