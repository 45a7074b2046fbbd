// Takes in what a device sends back over the stream: a transaction of its own changes to books, all of it or nothing.
// The device sends whole rows and whole maps: what it says is what differs from what it was shown (RULES.md, Rows).
import type { Db } from '../catalogue/db.ts';
import { setImmediate as breathe } from 'node:timers/promises';
import { forbidden, invalid } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { defined } from '../base/defined.ts';
import type { Bearer } from '../accounts/tokens.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { differing } from '../catalogue/rows.ts';
import { addBook, columnsOfChange, removeBook } from '../library/books.ts';
import type { BookChange } from '../library/books.ts';
import { selectBook, selectFileFacts, updateBook } from '../library/books.queries.ts';
import type { BookRow } from '../library/books.queries.ts';
import { selectSeriesName, seriesNamed } from '../library/series.queries.ts';
import { columnsOfMove, notePlace } from '../reading/progress.ts';
import { selectMedia } from '../files/media.queries.ts';
import { newsOf, unseenBy } from './news.ts';
import type { Said } from './news.ts';
import type { StreamedRow } from './stream.queries.ts';
import { withDeviceFiles } from './stream.queries.ts';
import { selectLastEntry } from './sync.queries.ts';
import type { ToldDevices } from './told-devices.ts';
import { putDeviceFile, selectOwnerOfBook } from './upload.queries.ts';

export type UploadEntry =
  | { op: 'delete'; bookId: string }
  | { op: 'put' | 'patch'; bookId: string; said: Said };

/** Returns what a device that has a book just as it is shown would say of it. */
export type Seen = (book: StreamedRow) => Said;

/** Entries applied before others have their turn. */
const ENTRIES_AT_ONCE = 100;

export type Upload = ReturnType<typeof createUpload>;

/** Returns the verb. */
export function createUpload({
  catalogue,
  clock,
  toldDevices,
}: {
  catalogue: Catalogue;
  clock: Clock;
  toldDevices: ToldDevices;
}) {
  return {
    /**
     * Applies the entries in their order and returns how many were taken in: all but those of books that are gone. Throws
     * forbidden for a book of somebody else, invalid for media that are not the book's; then nothing was applied. Others
     * have their turn between some hundred entries: what is cut off there the device sends again, and it says the same.
     */
    async apply(bearer: Bearer, entries: readonly UploadEntry[], seen: Seen): Promise<number> {
      const { userId: ownerId, sessionId: deviceId } = bearer;
      const now = clock.now();
      const toldMs = catalogue.read((db) => toldDevices.until(db, deviceId));
      // A transaction that fits into one slice is refused by itself.
      for (const some of entries.length > ENTRIES_AT_ONCE ? slicesOf(entries) : []) {
        catalogue.read((db) => {
          for (const entry of some) checkEntry(db, ownerId, entry);
        });
        await breathe();
      }
      let applied = 0;
      for (const some of slicesOf(entries)) {
        applied += catalogue.write({ deviceId }, (db) => {
          const to = { db, ownerId, deviceId, toldMs, seen, now };
          return some.filter((entry) => applyEntry(to, entry)).length;
        });
        if (some.length === ENTRIES_AT_ONCE) await breathe();
      }
      return applied;
    },
  };
}

function* slicesOf(entries: readonly UploadEntry[]): Generator<UploadEntry[]> {
  for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE)
    yield entries.slice(from, from + ENTRIES_AT_ONCE);
}

/** Throws what would refuse the entry: before the first of a transaction is applied. */
function checkEntry(db: Db, ownerId: string, entry: UploadEntry): void {
  const owner = selectOwnerOfBook(db, entry.bookId);
  if (owner !== undefined && owner !== ownerId) throw forbidden('This book is not yours.');
  const isGone =
    owner === undefined && selectLastEntry(db, ownerId, 'book', entry.bookId)?.operation === 'delete';
  if (entry.op === 'delete' || isGone) return;
  for (const { id, kind } of entry.said.media) checkMedia(db, ownerId, entry.bookId, id, kind);
}

type To = {
  db: Db;
  ownerId: string;
  deviceId: string;
  toldMs: number | undefined;
  seen: Seen;
  now: Date;
};

function applyEntry(to: To, entry: UploadEntry): boolean {
  const { db, ownerId, now } = to;
  const { bookId } = entry;
  const owner = selectOwnerOfBook(db, bookId);
  if (owner !== undefined && owner !== ownerId) throw forbidden('This book is not yours.');
  if (entry.op === 'delete') {
    if (owner !== undefined) removeBook(db, ownerId, bookId, now);
    return owner !== undefined;
  }
  if (owner !== undefined) change(to, bookId, entry.said);
  // Delete wins: a device that has not heard of it yet goes on turning pages.
  else if (selectLastEntry(db, ownerId, 'book', bookId)?.operation === 'delete') return false;
  else add(to, bookId, entry.said);
  return true;
}

function add(to: To, bookId: string, said: Said): void {
  const { db, ownerId, now } = to;
  const given = Object.fromEntries(Object.entries(said.fields).filter(([, value]) => value !== null));
  const title = said.fields.title ?? 'Untitled Book';
  addBook(db, ownerId, { ...given, bookId, title, authors: authorsOf([], said) }, now);
  write(to, selectBook(db, ownerId, bookId)!, newsOf({ ...said, fields: {} }, UNREAD), {});
}

/** A book nobody read: a row that says so says nothing. */
const UNREAD: Said = {
  fields: {},
  series: null,
  file: null,
  progress: { status: 'not_started', progress: null, currentPage: null, currentLocator: null },
  times: { startedAt: null, completedAt: null, lastReadAt: null },
  media: [],
  alongside: new Set(),
};

function change(to: To, bookId: string, said: Said): void {
  const { db, ownerId, deviceId, toldMs, seen } = to;
  const book = selectBook(db, ownerId, bookId)!;
  const [shown] = withDeviceFiles(db, [{ ...book, file: undefined, fileMediaId: null, coverMediaId: null }]);
  const unseen = unseenBy(db, book, { deviceId, toldMs });
  const news = newsOf(said, seen(shown!), { unseen, ours: book });
  const isAuthorSaid = news.author !== undefined || news.coAuthors !== undefined;
  write(to, book, news, {
    ...news.fields,
    ...(isAuthorSaid ? { authors: authorsOf(book.authors, news) } : {}),
  });
}

function write(to: To, book: BookRow, said: Said, fields: BookChange): void {
  const { db, ownerId, now } = to;
  const { bookId } = book;
  for (const { id, kind } of said.media) checkMedia(db, ownerId, bookId, id, kind);
  const { status, ...place } = said.progress;
  const hasMoved = Object.keys(place).length > 0;
  const change: BookChange = {
    ...fields,
    ...seriesOf(db, ownerId, book, said, now),
    // To say how it stands is no reading.
    ...(status === undefined || hasMoved ? {} : { status }),
  };
  const changed = Object.keys(change).length > 0 ? columnsOfChange(db, book, change, now) : {};
  const moved = hasMoved ? columnsOfMove({ ...book, ...changed }, said.progress, now) : {};
  // After what follows from the status: the device that read knows when it did.
  const times = Object.entries(said.times).filter(([, at]) => at !== null || !hasMoved);
  const isFileNew = said.file !== undefined && !selectFileFacts(db, [bookId]).has(bookId);
  if (isFileNew) putDeviceFile(db, bookId, said.file!);
  const columns = { ...changed, ...moved, ...defined(untilNow(times, now)) };
  // In one go: each time a book is written, so are all indexes it is in.
  if (isFileNew || Object.keys(columns).length > 0)
    updateBook(db, bookId, { ...differing(book, columns), updatedAt: now });
  if (hasMoved) notePlace(db, book, now);
}

/** Nobody read later than now: a clock that is ahead means now. */
const untilNow = (times: [string, Date | null | undefined][], now: Date): Said['times'] =>
  Object.fromEntries(times.map(([name, at]) => [name, at instanceof Date && at > now ? now : at]));

/** The list of a book's authors: nobody moves up into the place of one who is not named. */
function authorsOf(before: readonly string[], { author, coAuthors }: Said): string[] {
  const others = coAuthors ?? before.slice(1);
  if (author === null && others.length > 0) return [...before.slice(0, 1), ...others];
  return [...(author === undefined ? before.slice(0, 1) : author === null ? [] : [author]), ...others];
}

function seriesOf(
  db: Db,
  ownerId: string,
  book: BookRow,
  { series }: Said,
  now: Date,
): { seriesId?: string | null } {
  if (series === undefined) return {};
  const seriesId = series === null ? null : idOfSeries(db, ownerId, series, now);
  return seriesId === undefined || seriesId === book.seriesId ? {} : { seriesId };
}

function idOfSeries(
  db: Db,
  ownerId: string,
  { id, name }: NonNullable<Said['series']>,
  now: Date,
): string | undefined {
  if (id !== undefined && selectSeriesName(db, ownerId, id) !== undefined) return id;
  return name === undefined ? undefined : seriesNamed(db, ownerId, name, now);
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
