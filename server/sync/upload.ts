// Takes in what a device sends back over the stream: a transaction of its own changes to books, all of it or nothing.
import { forbidden, invalid } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Bearer } from '../accounts/tokens.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import { addBook, changeBook, removeBook } from '../library/books.ts';
import type { BookChange } from '../library/books.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import type { BookRow, NewBookRow } from '../library/books.queries.ts';
import { selectSeriesName, seriesNamed } from '../library/series.queries.ts';
import { moveInBook } from '../reading/progress.ts';
import type { ProgressChange } from '../reading/progress.ts';
import { selectMedia } from '../storage/media.queries.ts';
import { selectOwnerOfBook } from './upload.queries.ts';

/** What a device says of a book, absent for what it leaves as it is. */
export type Said = {
  /** Authors, the series and the status are said in parts of their own. */
  fields: Omit<BookChange, 'authors' | 'seriesId' | 'status'>;
  author?: string | null;
  coAuthors?: string[];
  /** By id where the device has one of ours, else by name; null takes the book out. */
  series?: { id: string | undefined; name: string | undefined } | null;
  progress: ProgressChange;
  /** Instants the device keeps itself. */
  times: Partial<Pick<NewBookRow, 'startedAt' | 'completedAt' | 'lastReadAt' | 'addedAt'>>;
  media: { id: string; kind: 'book_file' | 'cover_image' }[];
};

export type UploadEntry =
  | { op: 'delete'; bookId: string }
  | { op: 'put' | 'patch'; bookId: string; said: Said };

export type Upload = ReturnType<typeof createUpload>;

/** Returns the verb. */
export function createUpload({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  return {
    /**
     * Applies the entries in their order and returns how many changed something. Throws forbidden for a book of somebody
     * else, invalid for media that are not the book's; then nothing was applied.
     */
    apply: ({ userId, sessionId }: Bearer, entries: readonly UploadEntry[]): number =>
      catalogue.write({ deviceId: sessionId }, (db) => {
        let applied = 0;
        for (const entry of entries) if (applyEntry(db, userId, entry, clock.now())) applied += 1;
        return applied;
      }),
  };
}

function applyEntry(db: Db, ownerId: string, entry: UploadEntry, now: Date): boolean {
  const { bookId } = entry;
  const owner = selectOwnerOfBook(db, bookId);
  if (owner !== undefined && owner !== ownerId) throw forbidden('This book is not yours.');
  if (entry.op === 'delete') {
    if (owner !== undefined) removeBook(db, ownerId, bookId, now);
    return owner !== undefined;
  }
  const { said } = entry;
  if (owner === undefined) {
    const title = said.fields.title ?? 'Untitled Book';
    addBook(db, ownerId, { ...said.fields, bookId, title, authors: authorsOf([], said) }, now);
  }
  const book = selectBook(db, ownerId, bookId)!;
  for (const { id, kind } of said.media) checkMedia(db, ownerId, bookId, id, kind);
  const change: BookChange = {
    ...(owner === undefined ? {} : said.fields),
    ...(said.author === undefined && said.coAuthors === undefined
      ? {}
      : { authors: authorsOf(book.authors, said) }),
    ...seriesOf(db, ownerId, book, said, now),
  };
  if (Object.keys(change).length > 0) changeBook(db, ownerId, bookId, change, now);
  if (Object.keys(said.progress).length > 0) {
    moveInBook(db, selectBook(db, ownerId, bookId)!, said.progress, now);
  }
  // After what follows from the status: the device that read knows when it did.
  if (Object.keys(said.times).length > 0)
    updateBook(db, bookId, { ...untilNow(said.times, now), updatedAt: now });
  return true;
}

/** Nobody read later than now: a clock that is ahead means now. */
const untilNow = (times: Said['times'], now: Date): Said['times'] =>
  Object.fromEntries(
    Object.entries(times).map(([name, at]) => [name, at instanceof Date && at > now ? now : at]),
  );

const authorsOf = (before: readonly string[], { author, coAuthors }: Said): string[] => [
  ...(author === undefined ? before.slice(0, 1) : author === null ? [] : [author]),
  ...(coAuthors ?? before.slice(1)),
];

function seriesOf(
  db: Db,
  ownerId: string,
  book: BookRow,
  { series }: Said,
  now: Date,
): { seriesId?: string | null } {
  if (series === undefined) return {};
  if (series === null) return book.seriesId === null ? {} : { seriesId: null };
  const { id, name } = series;
  if (id !== undefined && selectSeriesName(db, ownerId, id) !== undefined) return { seriesId: id };
  return name === undefined ? {} : { seriesId: seriesNamed(db, ownerId, name, now) };
}

function checkMedia(
  db: Db,
  ownerId: string,
  bookId: string,
  id: string,
  kind: 'book_file' | 'cover_image',
): void {
  const media = selectMedia(db, ownerId, id);
  if (media === undefined) throw invalid('There is no such file.');
  if (media.bookId !== null && media.bookId !== bookId) throw forbidden('This file belongs to another book.');
  if (media.kind !== kind) throw invalid('This file is of another kind.');
}
