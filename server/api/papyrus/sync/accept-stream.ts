// What a device sends over the stream, brought into range: a refused transaction would block that device for good.
import type { Said } from '../../../sync/news.ts';
import type { z } from 'zod';
import { setImmediate as breathe } from 'node:timers/promises';
import { AppError, invalid } from '../../../base/errors.ts';
import { isDeeper, MOST_LEVELS } from '../../../base/json-depth.ts';
import type { ReadingStatus } from '../../../base/reading-status.ts';
import { plainIsbn } from '../../../library/isbn.ts';
import type { DeviceFile, StreamedRow } from '../../../sync/stream.queries.ts';
import type { UploadEntry } from '../../../sync/upload.ts';
import { presentRow } from './present-stream.ts';
import { refuse } from '../errors.ts';
import { Uuid } from '../shared-schemas.ts';
import { STREAM_COLUMNS, StreamEntry } from './stream-schemas.ts';
import type { StreamUpload } from './stream-schemas.ts';
import { defined } from '../../../base/defined.ts';

type Values = Record<string, unknown>;

/** Entries read before others have their turn. */
const ENTRIES_AT_ONCE = 200;
const COLUMNS = new Set<string>(STREAM_COLUMNS);
/** Words of the app beside those of the contract. */
const STATUS_WORDS: Record<string, ReadingStatus> = {
  unread: 'not_started',
  notStarted: 'not_started',
  not_started: 'not_started',
  inProgress: 'in_progress',
  in_progress: 'in_progress',
  reading: 'in_progress',
  completed: 'completed',
  finished: 'completed',
  paused: 'paused',
  abandoned: 'abandoned',
};

/**
 * Returns the entries of a batch. Only what no device sends is refused: another table, an unknown column or operation
 * (422), an id that is none, an empty title (400); everything else is cut, rounded or left out.
 */
export async function acceptUpload(batch: z.output<typeof StreamUpload>['batch']): Promise<UploadEntry[]> {
  const entries: UploadEntry[] = [];
  for (const [at, said] of batch.entries()) {
    if (at > 0 && at % ENTRIES_AT_ONCE === 0) await breathe();
    const { success, data, error } = StreamEntry.safeParse(said);
    if (!success) throw refuse(error);
    entries.push(acceptEntry(data));
  }
  return entries;
}

function acceptEntry({ type, op, id, data }: z.output<typeof StreamEntry>): UploadEntry {
  if (type !== 'books') throw unprocessable(`There is no table "${type}" here.`);
  if (!Uuid.safeParse(id).success) throw invalid('The id of a book is a UUID.');
  const operation = op.toLowerCase();
  const values = data ?? {};
  for (const column of Object.keys(values))
    if (!COLUMNS.has(column)) throw unprocessable(`Books have no column "${column}".`);
  if (operation === 'delete') return { op: 'delete', bookId: id };
  if (operation !== 'put' && operation !== 'patch')
    throw unprocessable(`"${op}" is nothing to do with a book.`);
  return { op: operation, bookId: id, said: saidOf(values, operation === 'patch') };
}

/** Returns what a device that has a book just as it was presented would say of it. */
export const acceptSeen = (book: StreamedRow): Said => saidOf(presentRow(book, ''), false);

const unprocessable = (message: string) => new AppError('unprocessable', message);

function saidOf(values: Values, isPatch: boolean): Said {
  if ('title' in values && words(values['title'], 500) === null) throw invalid('A book needs a title.');
  const custom = customOf(values['custom_metadata']);
  const coAuthors = values['co_authors'] === null ? [] : listOf(values['co_authors']);
  return {
    fields: defined({
      title: maybe(values, 'title', (value) => words(value, 500) ?? 'Untitled Book'),
      subtitle: maybe(values, 'subtitle', (value) => words(value, 500)),
      isbn: maybe(values, 'isbn', isbn),
      isbn13: maybe(values, 'isbn13', isbn),
      publisher: maybe(values, 'publisher', (value) => words(value, 255)),
      language: maybe(values, 'language', (value) => words(value, 16)),
      pageCount: maybe(values, 'page_count', (value) => whole(value, 0, 1_000_000)),
      description: maybe(values, 'description', (value) => words(value, 100_000)),
      coverImageUrl: maybe(values, 'cover_image_url', webAddress),
      isFavorite: maybe(values, 'is_favorite', (value) => value === true || value === 1 || value === '1'),
      rating: maybe(values, 'rating', (value) => (Number(value) > 0 ? whole(value, 1, 5) : null)),
      ...(custom === undefined ? {} : customFields(custom)),
    }),
    ...defined({ author: maybe(values, 'author', authorOf) }),
    // The app adds an empty list to every change it sends: it says nothing there (papyrus.md "The stream of books").
    ...(coAuthors === undefined || (isPatch && values['co_authors'] !== null && coAuthors.length === 0)
      ? {}
      : { coAuthors }),
    ...(custom === undefined ? {} : seriesOf(custom)),
    ...(custom === undefined ? {} : defined({ file: fileOf(custom) })),
    progress: defined({
      status: maybe(values, 'reading_status', (value) => STATUS_WORDS[String(value)]),
      progress: maybe(values, 'current_position', (value) => part(value)),
      currentPage: maybe(values, 'current_page', (value) => whole(value, 0, 1_000_000)),
      currentLocator: maybe(values, 'current_cfi', (value) => words(value, 2000)),
    }),
    times: defined({
      startedAt: custom && maybe(custom, 'started_at', instant),
      completedAt: custom && maybe(custom, 'completed_at', instant),
      lastReadAt: custom && maybe(custom, 'last_read_at', instant),
      addedAt: maybe(values, 'added_at', instant) ?? undefined,
    }),
    media: [
      ...mediaOf(values['file_media_id'], 'book_file'),
      ...mediaOf(values['cover_media_id'], 'cover_image'),
    ],
    alongside: new Set([
      ...(custom === undefined ? [] : SENT_TOGETHER),
      ...(authorOf(values['author']) === null ? ['author'] : []),
      ...(part(values['current_position']) ? [] : ['progress']),
      ...(APP_STATUSES.has(values['reading_status']) ? ['status'] : []),
    ]),
  };
}

/** Words the app puts where a row has no author. */
const NO_AUTHOR = 'Unknown Author';

const authorOf = (value: unknown): string | null => {
  const name = words(value, 255);
  return name === NO_AUTHOR ? null : name;
};

/** The app writes a status in its own words whenever it writes a row, whether it changed or not. */
const APP_STATUSES = new Set<unknown>(['unread', 'notStarted', 'inProgress']);

/** What has no column and lies in one map, by the names of ours. */
const SENT_TOGETHER = [
  'publishedOn', 'isPhysical', 'physicalLocation', 'lentTo', 'lentAt', 'series', 'seriesIndex', 'customMetadata', 'startedAt',
  'completedAt', 'lastReadAt',
]; // prettier-ignore
const CUSTOM_KEYS = [
  'publication_date', 'file_format', 'file_size', 'file_hash', 'physical_location', 'lent_to', 'lent_at', 'series_id',
  'series_name', 'series_number', 'started_at', 'completed_at', 'last_read_at', 'custom_metadata',
]; // prettier-ignore
const CLEARED: Values = Object.fromEntries(CUSTOM_KEYS.map((key) => [key, null]));

/**
 * The app keeps in one map what has no column, and writes it whole: what is left out of one that says is_physical is nothing.
 * An empty one is added to every change and says nothing.
 */
function customOf(value: unknown): Values | undefined {
  const map = typeof value === 'string' ? parsed(value) : value;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
  if (Object.keys(map).length === 0) return undefined;
  return 'is_physical' in map ? { ...CLEARED, ...map } : (map as Values);
}

const customFields = (custom: Values) => ({
  publishedOn: maybe(custom, 'publication_date', day),
  isPhysical: maybe(custom, 'is_physical', (value) => value === true || value === 1),
  physicalLocation: maybe(custom, 'physical_location', (value) => words(value, 255)),
  lentTo: maybe(custom, 'lent_to', (value) => words(value, 255)),
  lentAt: maybe(custom, 'lent_at', instant),
  seriesIndex: maybe(custom, 'series_number', (value) =>
    number(value) === null ? null : String(number(value)),
  ),
  customMetadata: maybe(custom, 'custom_metadata', ownMap),
});

/** The file the device has, null where it says that it has none. */
function fileOf(custom: Values): DeviceFile | null | undefined {
  if (!('file_format' in custom || 'file_size' in custom || 'file_hash' in custom)) return undefined;
  const format = words(custom['file_format'], 16);
  const sizeBytes = whole(custom['file_size'], 0, Number.MAX_SAFE_INTEGER);
  const sha256 = words(custom['file_hash'], 128);
  return format === null && sizeBytes === null && sha256 === null ? null : { format, sizeBytes, sha256 };
}

function ownMap(value: unknown): Values | undefined {
  const map = typeof value === 'string' ? parsed(value) : (value ?? {});
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
  if (isDeeper(map, MOST_LEVELS)) return undefined;
  return JSON.stringify(map).length > 65_536 ? undefined : (map as Values);
}

function seriesOf(custom: Values): Pick<Said, 'series'> {
  if (!('series_id' in custom) && !('series_name' in custom)) return {};
  const id = typeof custom['series_id'] === 'string' ? custom['series_id'] : undefined;
  const name = words(custom['series_name'], 255) ?? undefined;
  return { series: id === undefined && name === undefined ? null : { id, name } };
}

const mediaOf = (value: unknown, kind: 'book_file' | 'cover_image') =>
  typeof value === 'string' && value !== '' ? [{ id: value, kind }] : [];

/** The value under the key made into ours: undefined when the key is absent or the value means nothing. */
const maybe = <Value>(values: Values, key: string, make: (value: unknown) => Value): Value | undefined =>
  key in values ? make(values[key]) : undefined;

function words(value: unknown, most: number): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).replaceAll('\0', '').toWellFormed().trim().slice(0, most).toWellFormed();
  return text === '' ? null : text;
}

const isbn = (value: unknown): string | null => {
  const text = words(value, 32);
  return text === null ? null : plainIsbn(text);
};

function number(value: unknown): number | null {
  const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

function whole(value: unknown, least: number, most: number): number | null {
  const found = number(value);
  return found === null ? null : Math.min(most, Math.max(least, Math.round(found)));
}

function part(value: unknown): number | null {
  const found = number(value);
  return found === null ? null : Math.min(1, Math.max(0, found));
}

function webAddress(value: unknown): string | null {
  const text = words(value, 2048);
  return text !== null && URL.canParse(text) && /^https?:/i.test(text) ? text : null;
}

/** The app's own times name no zone: they are UTC. */
function instant(value: unknown): Date | null {
  const text = words(value, 40);
  if (text === null) return null;
  const date = new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

function day(value: unknown): string | null {
  const text = words(value, 40);
  return /^\d{4}(-\d{2}(-\d{2})?)?/.exec(text ?? '')?.[0] ?? null;
}

function listOf(value: unknown): string[] | undefined {
  const list = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((each: unknown) => words(each, 255) ?? []).slice(0, 100);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
