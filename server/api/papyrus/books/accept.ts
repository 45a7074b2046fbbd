// The Papyrus contract's words in, neutral changes out. A key that is absent stays absent.
import type { z } from 'zod';
import { invalid } from '../../../base/errors.ts';
import { BOOK_SORT_NAMES } from '../../../library/books.ts';
import type { BookChange, NewBook } from '../../../library/books.ts';
import type { BookSort } from '../../../library/books.ts';
import { plainIsbn } from '../../../library/isbn.ts';
import type { Claim } from '../../../files/files.ts';
import type { CreateBookRequest, UpdateBookRequest } from './schemas.ts';

type Shared = Pick<
  z.infer<typeof UpdateBookRequest>,
  | 'subtitle' | 'isbn' | 'isbn13' | 'publication_date' | 'publisher' | 'page_count' | 'description' | 'cover_image_url'
  | 'series_id' | 'series_number' | 'physical_location'
>; // prettier-ignore

/** Returns the fields a new book and a change have in common. */
function acceptShared(body: Shared): BookChange {
  return present({
    subtitle: body.subtitle,
    isbn: mapped(body.isbn, plainIsbn),
    isbn13: mapped(body.isbn13, plainIsbn),
    publishedOn: body.publication_date,
    publisher: body.publisher,
    pageCount: body.page_count,
    description: body.description,
    coverImageUrl: body.cover_image_url,
    seriesId: body.series_id,
    seriesIndex: mapped(body.series_number, String),
    physicalLocation: body.physical_location,
  });
}

/** Returns the book to add. */
export const acceptNewBook = (body: z.output<typeof CreateBookRequest>): NewBook => ({
  ...acceptShared(body),
  title: body.title,
  authors: [body.author, ...(body.co_authors ?? [])],
  ...(body.language == null ? {} : { language: body.language }),
  isPhysical: body.is_physical ?? false,
  customMetadata: body.custom_metadata ?? {},
  shelfIds: body.shelf_ids ?? [],
  tagIds: body.tag_ids ?? [],
});

/** Returns what is said of an uploaded file the book is to have. */
export const acceptClaim = (body: z.output<typeof CreateBookRequest>): Claim => ({
  key: body.file_path ?? undefined,
  format: body.file_format ?? undefined,
  sizeBytes: body.file_size ?? undefined,
  sha256: body.file_hash ?? undefined,
  backendId: body.storage_backend_id ?? undefined,
});

/**
 * Returns the change to the book as it is now: author and co-authors are one list inside. A link to the cover we serve is no
 * picture elsewhere, under whatever name of this server the device knows it: it is passed over.
 */
export function acceptBookChange(
  body: z.output<typeof UpdateBookRequest>,
  book: { bookId?: string; authors: readonly string[] },
): BookChange {
  const authors =
    body.author === undefined && body.co_authors === undefined
      ? undefined
      : [
          ...(body.author === undefined ? book.authors.slice(0, 1) : [body.author]),
          ...(body.co_authors === undefined ? book.authors.slice(1) : (body.co_authors ?? [])),
        ];
  const coverUrl = body.cover_image_url;
  const isOwnCover = coverUrl != null && book.bookId !== undefined && isCoverOf(book.bookId, coverUrl);
  return present({
    ...acceptShared(isOwnCover ? { ...body, cover_image_url: undefined } : body),
    title: body.title,
    authors,
    language: body.language,
    isPhysical: body.is_physical,
    lentTo: body.lent_to,
    lentAt: mapped(body.lent_at, (instant) => new Date(instant)),
    isFavorite: body.is_favorite,
    rating: body.rating,
    status: body.reading_status,
    customMetadata: body.custom_metadata,
  });
}

/** Whether the address is the one this API gives for the book's cover. */
const isCoverOf = (bookId: string, url: string): boolean =>
  URL.canParse(url) && /^(?:\/api)?\/v1\/books\/([^/]+)\/cover$/.exec(new URL(url).pathname)?.[1] === bookId;

/** Returns the sort terms of `title,-rating`. Throws invalid for an unknown field (papyrus.md "Order"). */
export function acceptSort(sort: string, { onShelf = false }: { onShelf?: boolean } = {}): BookSort[] {
  const names = onShelf ? ([...BOOK_SORT_NAMES, 'shelf_order'] as const) : BOOK_SORT_NAMES;
  return sort.split(',').map((term) => {
    const name = term.trim().replace(/^-/, '');
    const by = names.find((each) => each === name);
    if (by === undefined) {
      throw invalid(`Books cannot be sorted by "${name}".`, {
        details: { fields: { sort: `one of ${names.join(', ')}` } },
      });
    }
    return { by, order: term.trim().startsWith('-') ? 'desc' : 'asc' };
  });
}

function mapped<From extends {}, To>(
  value: From | null | undefined,
  map: (value: From) => To,
): To | null | undefined {
  if (value === null) return null;
  return value === undefined ? undefined : map(value);
}

/** Returns the same object without its undefined keys. */
export function present<Change extends object>(change: {
  [Key in keyof Change]: Change[Key] | undefined;
}): Change {
  const rest: Partial<Change> = {};
  for (const name in change) if (change[name] !== undefined) rest[name] = change[name];
  return rest as Change;
}
