// What the stream says, as lines of its protocol. Ids of ops are decimal text, booleans 0 or 1, lists and maps JSON text.
import type { StreamedRow } from '../../../sync/stream.queries.ts';
import type { NamedBucket, StreamEvent } from '../../../sync/stream.ts';
import { firstDay, seriesNumber } from '../books/present.ts';

/** A person's books are one stream that everybody of theirs has without asking. */
const STREAMS = [{ name: 'books', is_default: true, errors: [] }];

/** Returns the line, an object with one key; undefined for what is not said. */
export function presentLine(event: StreamEvent, ownerId: string): Record<string, unknown> | undefined {
  switch (event.kind) {
    case 'checkpoint':
      return {
        checkpoint: {
          last_op_id: String(event.lastOpId),
          write_checkpoint: String(event.writeCheckpoint),
          buckets: [presentBucket(event.bucket)],
          streams: STREAMS,
        },
      };
    case 'checkpoint-diff':
      return {
        checkpoint_diff: {
          last_op_id: String(event.lastOpId),
          write_checkpoint: String(event.writeCheckpoint),
          updated_buckets: event.updated.map(presentBucket),
          removed_buckets: event.removed,
        },
      };
    case 'ops':
      return {
        data: {
          bucket: event.bucket,
          after: String(event.afterOpId),
          next_after: String(event.nextAfterOpId),
          has_more: event.hasMore,
          data: event.ops.map(({ opId, checksum, bookId, book }) => ({
            op_id: String(opId),
            op: book === undefined ? 'REMOVE' : 'PUT',
            object_type: 'books',
            object_id: bookId,
            checksum,
            ...(book === undefined ? {} : { data: JSON.stringify(presentRow(book, ownerId)) }),
          })),
        },
      };
    case 'complete':
      return { checkpoint_complete: { last_op_id: String(event.lastOpId) } };
    case 'quiet':
      return undefined;
  }
}

const presentBucket = ({ name, count, checksum }: NamedBucket) => ({
  bucket: name,
  checksum,
  count,
  priority: 3,
  subscriptions: [{ default: 0 }],
});

/** A book as the app's own table has it (papyrus.md "The stream of books"): what has no column there is in custom_metadata. */
export const presentRow = (book: StreamedRow, ownerId: string) => ({
  owner_user_id: ownerId,
  title: book.title,
  subtitle: book.subtitle,
  author: book.authors[0] ?? null,
  co_authors: JSON.stringify(book.authors.slice(1)),
  isbn: book.isbn,
  isbn13: book.isbn13,
  publisher: book.publisher,
  language: book.language,
  page_count: book.pageCount,
  description: book.description,
  // Loaded without a token: only what lies elsewhere.
  cover_image_url: book.coverImageUrl,
  file_media_id: book.fileMediaId,
  cover_media_id: book.coverMediaId,
  reading_status: book.status,
  current_page: book.currentPage,
  current_position: book.progress,
  current_cfi: book.currentLocator,
  is_favorite: book.isFavorite ? 1 : 0,
  rating: book.rating,
  custom_metadata: JSON.stringify({
    publication_date: firstDay(book.publishedOn),
    // The app opens only what it finds described: its own file, while there is none here.
    file_format: (book.file ?? book.deviceFile)?.format ?? null,
    file_size: (book.file ?? book.deviceFile)?.sizeBytes ?? null,
    file_hash: (book.file ?? book.deviceFile)?.sha256 ?? null,
    is_physical: book.isPhysical,
    physical_location: book.physicalLocation,
    lent_to: book.lentTo,
    lent_at: book.lentAt?.toISOString() ?? null,
    series_id: book.seriesId,
    series_name: book.seriesName,
    series_number: seriesNumber(book.seriesIndex),
    started_at: book.startedAt?.toISOString() ?? null,
    completed_at: book.completedAt?.toISOString() ?? null,
    last_read_at: book.lastReadAt?.toISOString() ?? null,
    custom_metadata: book.customMetadata,
  }),
  added_at: book.addedAt.toISOString(),
  updated_at: book.updatedAt.toISOString(),
});
