// Takes what was read from files into the catalogue. Runs inside a write; works out the book, never loses the person's words.
import { isLooseName } from '../formats/formats.ts';
import type { BookFormat } from '../formats/formats.ts';
import type { Db } from '../catalogue/db.ts';
import { newId } from '../base/ids.ts';
import { composed, nameKey } from '../base/names.ts';
import type { Origin } from '../catalogue/schema/books.ts';
import type { BookMetadata, Protection, UnreadableReason } from '../formats/book.ts';
import { insertBook, selectBook, updateBook } from './books.queries.ts';
import { seriesNamed } from './series.queries.ts';
import type { BookRow, NewBookRow } from './books.queries.ts';
import { describeBook, isbnColumns, sortColumns } from './describe.ts';
import type { BookFields, Description, FileSays, SidecarSays } from './describe.ts';
import { foldTitle } from './fold.ts';
import {
  addChecksum,
  deleteFile,
  hasPersonalTrace,
  putFile,
  putFormerFile,
  selectBookByChecksum,
  selectBookBySha256,
  selectBooksByIsbn,
  selectBookOfSidecars,
  selectBooksByPathRange,
  selectFile,
  selectFileByPath,
  selectFilesOfBook,
  selectLastOpened,
  selectSetOnDevice,
  selectSidecarSays,
  setBookOfFile,
  takeFormerFile,
  takeFormerId,
} from './intake.queries.ts';
import type { BookFile } from './intake.queries.ts';
import { findIsbns, toIsbn13 } from './isbn.ts';
import { matchFile } from './match.ts';

/** Raised when a reader of formats learns something new: files read by an older one are read again. */
export const READER_VERSION = 4;

const DAY_MS = 86_400_000;

/** Where a file lies and what it looked like when it was read. */
export type FilePlace = {
  ownerId: string;
  folderId: string;
  path: Buffer;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  inode: number;
};

/** A file that was read. */
export type TakenFile = FilePlace & {
  partialMd5: string;
  sha256: string;
  format: BookFormat;
  metadata: BookMetadata;
  coverHash: string | undefined;
  /** Time ran out before all of it was read. */
  isPartial?: true | undefined;
  protection?: Protection | undefined;
};

/** Puts a read file under its book, a new one if it is none we know. Returns the book's id, undefined when the person removed it. */
export function takeInFile(db: Db, file: TakenFile, now: Date): string | undefined {
  const before = selectFileByPath(db, file.path);
  const fileId = before?.fileId ?? newId(now);
  const isPartial = file.isPartial === true;
  const row = {
    ...placeColumns(file, now),
    fileId,
    format: file.format,
    partialMd5: file.partialMd5,
    sha256: file.sha256,
    metadata: JSON.stringify(file.metadata),
    coverHash: file.coverHash ?? (isPartial && before?.sha256 === file.sha256 ? before.coverHash : null),
    protection: file.protection ?? null,
    ...(isPartial ? { readerVersion: nextTry(before) } : {}),
    failureReason: null,
    failureMessage: null,
    dismissedAt: null,
  };
  if (before !== undefined && before.dismissedAt !== null && before.partialMd5 === file.partialMd5) {
    putFile(db, { ...row, bookId: null, metadata: null, dismissedAt: before.dismissedAt });
    return undefined;
  }
  const known = findBook(db, file, before);
  const bookId = known ?? newBookFor(db, file, fileId, now);
  putFile(db, { ...row, bookId });
  addChecksum(db, file.ownerId, file.partialMd5, bookId);
  const isSameFile = before?.bookId === bookId && before.sha256 === file.sha256;
  refreshBook(db, file.ownerId, bookId, now, { filesChanged: known !== undefined && !isSameFile });
  if (before?.bookId !== undefined && before.bookId !== null && before.bookId !== bookId) {
    refreshBook(db, file.ownerId, before.bookId, now, { filesChanged: true });
  }
  return bookId;
}

/**
 * Notes why a file could not be read. A book it belonged to keeps it: the bytes may come back. Of what is only packed, and never
 * was a book, there is nothing to tell: it is not opened again before it changes.
 */
export function noteUnreadable(
  db: Db,
  file: FilePlace,
  failure: { reason: UnreadableReason; message: string },
  now: Date,
): void {
  const before = selectFileByPath(db, file.path);
  const bookId = before?.bookId ?? null;
  const isTold = bookId !== null || !isNoBook(file.name, failure.reason);
  putFile(db, {
    ...placeColumns(file, now),
    fileId: before?.fileId ?? newId(now),
    bookId,
    // The disk may be quicker, or there, another time.
    ...(failure.reason === 'unreadable' ? { readerVersion: nextTry(before) } : {}),
    failureReason: isTold ? failure.reason : null,
    failureMessage: isTold ? failure.message : null,
  });
}

/** Whether this says of a packed file only that there is no book in it. */
const isNoBook = (name: string, reason: UnreadableReason): boolean =>
  isLooseName(name) && (reason === 'unsupported' || reason === 'empty');

/** Tries of a file that takes long are counted below zero, until it is left as it is. */
const MAX_TRIES = 5;
function nextTry(before: BookFile | undefined): number {
  const tries = before === undefined || before.readerVersion >= 0 ? 0 : -before.readerVersion;
  return tries + 1 < MAX_TRIES ? -(tries + 1) : READER_VERSION;
}

/** A file a person gave to the server. What could not be read of it is said in `failure`; the file is theirs all the same. */
export type UploadedFile = {
  fileId: string;
  ownerId: string;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
  partialMd5: string;
  sha256: string;
  format: BookFormat;
  metadata: BookMetadata | undefined;
  protection: Protection | undefined;
  coverHash: string | undefined;
  failure: { reason: UnreadableReason; message: string } | undefined;
};

const SAYS_NOTHING: BookMetadata = { authors: [], subjects: [], identifiers: [], chapters: [] };

/** Keeps what was read from an uploaded file; no book has it yet. */
export function keepUploadedFile(db: Db, file: UploadedFile, now: Date): void {
  const { metadata = SAYS_NOTHING, coverHash = null, failure, ...rest } = file;
  putFile(db, {
    ...rest,
    folderId: null,
    path: null,
    metadata: JSON.stringify(metadata),
    coverHash,
    failureReason: failure?.reason ?? null,
    failureMessage: failure?.message ?? null,
    readerVersion: READER_VERSION,
    readAt: now,
  });
}

/** Puts an uploaded file under the book that asks for it; what the person said of the book stays. */
export function giveFile(db: Db, ownerId: string, fileId: string, bookId: string, now: Date): void {
  const file = selectFile(db, fileId);
  if (file === undefined) return;
  setBookOfFile(db, fileId, bookId);
  if (file.partialMd5 !== null) addChecksum(db, ownerId, file.partialMd5, bookId);
  refreshBook(db, ownerId, bookId, now, { filesChanged: true });
}

/** Takes an uploaded file out of the library. */
export function dropFile(db: Db, ownerId: string, fileId: string, now: Date): void {
  const file = selectFile(db, fileId);
  deleteFile(db, fileId);
  if (file?.bookId != null) refreshBook(db, ownerId, file.bookId, now, { filesChanged: true });
}

/** Forgets files that are no longer on disk. Their books stay; those with nothing of the person's leave the lists. */
export function forgetFiles(
  db: Db,
  ownerId: string,
  fileIds: { fileId: string; path: Buffer }[],
  now: Date,
): void {
  for (const { fileId, path } of fileIds) {
    const row = selectFileByPath(db, path);
    deleteFile(db, fileId);
    if (row?.bookId === undefined || row.bookId === null) continue;
    if (row.metadata !== null) {
      const { title, identifiers } = JSON.parse(row.metadata) as BookMetadata;
      const metadata = JSON.stringify({ title, identifiers });
      putFormerFile(db, { path, ownerId, bookId: row.bookId, metadata });
    }
    refreshBook(db, ownerId, row.bookId, now, { filesChanged: true });
  }
}

/**
 * Works out again what the book's files and sidecars say and writes what differs. Fields the person wrote stay. The names
 * and sizes of files are shown with the book: when they changed, so did the book. Returns whether anything changed.
 */
export function refreshBook(
  db: Db,
  ownerId: string,
  bookId: string,
  now: Date,
  { filesChanged = false }: { filesChanged?: boolean } = {},
): boolean {
  const book = selectBook(db, ownerId, bookId);
  if (book === undefined) return false;
  const files = selectFilesOfBook(db, bookId).filter(hasSaid).map(fileSays);
  const sidecars = selectSidecarSays(db, bookId).map((says) => JSON.parse(says) as SidecarSays);
  const devices = selectSetOnDevice(db, ownerId, bookId);
  const present = { hasFile: files.length > 0, hasSidecar: sidecars.length > 0 };
  const gone =
    !present.hasFile && !present.hasSidecar && !book.isPhysical && (book.hasFile || book.hasSidecar);
  const change: Partial<NewBookRow> =
    files.length + sidecars.length === 0
      ? {}
      : unlocked(db, book, describeBook(files, sidecars, devices), now);
  const lastOpened = selectLastOpened(db, bookId);
  // No one has read after tomorrow: what stands there is a clock's that was ahead.
  const isBehindNow = (book.lastReadAt?.getTime() ?? 0) <= now.getTime() + 2 * DAY_MS;
  if (lastOpened !== undefined && (lastOpened > (book.lastReadAt ?? new Date(0)) || !isBehindNow))
    change.lastReadAt = lastOpened;
  change.hasFile = present.hasFile;
  change.hasSidecar = present.hasSidecar;
  if (present.hasFile || present.hasSidecar) change.absentSince = null;
  else if (gone && !hasPersonalTrace(db, bookId)) change.absentSince = now;

  const differing = Object.fromEntries(
    Object.entries(change).filter(([name, value]) => !same(book[name as keyof BookRow], value)),
  ) as Partial<NewBookRow>;
  if (Object.keys(differing).length === 0 && !filesChanged) return false;
  updateBook(db, bookId, {
    ...differing,
    ...sortColumns({ ...book, ...(differing as Partial<BookRow>) }),
    updatedAt: now,
  });
  return true;
}

/** What lay at the path of a file before: the file itself as it was, or one that left and whose book has no other since. */
type Before = Pick<BookFile, 'bookId' | 'metadata'>;

function findBook(db: Db, file: TakenFile, before: BookFile | undefined): string | undefined {
  const isbns = findIsbns(file.metadata.identifiers);
  const isbn13 = isbns.isbn13 ?? (isbns.isbn === undefined ? undefined : toIsbn13(isbns.isbn));
  const stem = stemOf(nameKey(file.path));
  const title = describeBook([sayOf(file)], []).fields.title;
  const samePartialMd5 = bookOfChecksum(db, file, before);
  const isAnother = (bookId: string | null | undefined) =>
    bookId != null && bookId === samePartialMd5?.rivals;
  const others = <Book extends { bookId: string }>(books: Book[]) =>
    books.filter(({ bookId }) => !isAnother(bookId));
  const known = matchFile(
    { title, titleIsOwn: file.metadata.title !== undefined, language: file.metadata.language },
    {
      samePartialMd5: samePartialMd5?.book,
      sameSha256: selectBookBySha256(db, file.ownerId, file.sha256),
      sameIsbn: isbn13 === undefined ? [] : others(selectBooksByIsbn(db, file.ownerId, isbn13)),
      sameStem: others(
        selectBooksByPathRange(
          db,
          Buffer.concat([stem, Buffer.from('.')]),
          Buffer.concat([stem, Buffer.from('/')]),
        ),
      ).filter((book) => stemOf(nameKey(book.path)).equals(stem) && !book.path.equals(file.path)),
      sameSidecar: selectBookOfSidecars(db, sidecarsBeside(file.path)),
    },
  );
  if (known !== undefined) return known;
  const was: Before | undefined = before ?? takeFormerFile(db, file.path);
  if (was === undefined || isAnother(was.bookId) || !isSameWork(was, file, title)) return undefined;
  return was.bookId ?? undefined;
}

/**
 * The book known by the file's checksum; or the one whose file it is not: KOReader's checksum looks at a few places of a
 * file, and two files that are there, of other content and with titles of their own that differ, are two books. One of
 * them has the name of the book as it is, and keeps it.
 */
function bookOfChecksum(
  db: Db,
  file: TakenFile,
  before: BookFile | undefined,
): { book: string; rivals?: undefined } | { rivals: string; book?: undefined } | undefined {
  const { title } = file.metadata;
  const wasThere = before?.partialMd5 === file.partialMd5 ? (before.bookId ?? undefined) : undefined;
  const bookId = wasThere ?? selectBookByChecksum(db, file.ownerId, file.partialMd5);
  if (bookId === undefined || title === undefined) return bookId === undefined ? undefined : { book: bookId };
  const isOther = (name: string) => foldTitle(name) !== foldTitle(title);
  const rivals = selectFilesOfBook(db, bookId).filter((each) => {
    const isCopy = each.partialMd5 !== file.partialMd5 || each.sha256 === file.sha256;
    const theirs = isCopy || each.fileId === before?.fileId ? undefined : ownTitleOf(each);
    return theirs !== undefined && isOther(theirs);
  });
  if (rivals.length === 0) return { book: bookId };
  if (wasThere === undefined) return { rivals: bookId };
  const named = selectBook(db, file.ownerId, bookId)?.title ?? '';
  const isNamedOtherwise =
    isOther(named) && rivals.some((each) => foldTitle(ownTitleOf(each)!) === foldTitle(named));
  const isLater = isOther(named) && rivals.some(({ path }) => path === null || path.compare(file.path) < 0);
  return isNamedOtherwise || isLater ? { rivals: bookId } : { book: bookId };
}

const ownTitleOf = (file: BookFile): string | undefined =>
  file.metadata === null ? undefined : (JSON.parse(file.metadata) as BookMetadata).title;

/** A file that changed in place is still its book when its title or one of its identifiers stayed. */
function isSameWork(before: Before, file: TakenFile, title: string): boolean {
  if (before.bookId === null || before.metadata === null) return false;
  const was = JSON.parse(before.metadata) as BookMetadata;
  if (was.title === undefined || foldTitle(was.title) === foldTitle(title)) return true;
  const values = new Set(was.identifiers.map(({ value }) => value));
  return file.metadata.identifiers.some(({ value }) => values.has(value));
}

function newBookFor(db: Db, file: TakenFile, fileId: string, now: Date): string {
  const description = describeBook([{ ...sayOf(file), fileId }], []);
  const { ownerId, partialMd5 } = file;
  return insertDescribed(db, { ownerId, partialMd5 }, description, { hasFile: true }, now);
}

/** Adds a book that only its sidecar tells of; `partialMd5` is what the sidecar calls it. Returns its id. */
export function newBookFromSidecar(
  db: Db,
  { ownerId, partialMd5 }: BookKey,
  says: SidecarSays,
  now: Date,
): string {
  return insertDescribed(db, { ownerId, partialMd5 }, describeBook([], [says]), { hasSidecar: true }, now);
}

type BookKey = { ownerId: string; partialMd5?: string | undefined };

function insertDescribed(
  db: Db,
  { ownerId, partialMd5 }: BookKey,
  { fields, origins }: Description,
  has: { hasFile?: boolean; hasSidecar?: boolean },
  now: Date,
): string {
  const former = partialMd5 === undefined ? undefined : takeFormerId(db, ownerId, partialMd5);
  const bookId = former ?? newId(now);
  const { seriesName, ...columns } = fields;
  const isbns = isbnColumns(fields.identifiers);
  insertBook(db, {
    ...columns,
    ...isbns,
    ...sortColumns(fields),
    ...has,
    bookId,
    ownerId,
    seriesId: seriesName === null ? null : seriesNamed(db, ownerId, seriesName, now),
    origins: renamed(origins),
    addedAt: now,
    updatedAt: now,
  });
  return bookId;
}

/** The described columns the person has not written themselves. */
function unlocked(db: Db, book: BookRow, { fields, origins }: Description, now: Date): Partial<NewBookRow> {
  const locked = (name: string) => book.origins[name] === 'person';
  const { seriesName, ...columns } = fields;
  const described: Partial<NewBookRow> = {
    ...columns,
    ...isbnColumns(fields.identifiers),
    seriesId:
      seriesName === null
        ? null
        : locked('seriesId')
          ? book.seriesId
          : seriesNamed(db, book.ownerId, seriesName, now),
  };
  const kept = Object.entries(described).filter(([name]) => !locked(name));
  const persons = Object.entries(book.origins).filter(([, origin]) => origin === 'person');
  return {
    ...(Object.fromEntries(kept) as Partial<NewBookRow>),
    origins: { ...renamed(origins), ...Object.fromEntries(persons) },
  };
}

/** Origins under the names of the columns. */
function renamed({
  seriesName,
  ...origins
}: Partial<Record<keyof BookFields, Origin>>): Record<string, Origin> {
  return seriesName === undefined ? origins : { ...origins, seriesId: seriesName };
}

function placeColumns(file: FilePlace, now: Date) {
  const { ownerId, folderId, path, name, sizeBytes, modifiedMs, inode } = file;
  return {
    ownerId,
    folderId,
    path,
    nfcPath: composed(path) ?? null,
    name,
    sizeBytes,
    modifiedMs,
    inode,
    readerVersion: READER_VERSION,
    readAt: now,
  };
}

const sayOf = (file: TakenFile): FileSays => ({
  fileId: '',
  name: file.name,
  format: file.format,
  metadata: file.metadata,
  coverHash: file.coverHash ?? null,
});

const hasSaid = (file: BookFile): file is BookFile & { metadata: string; format: BookFormat } =>
  file.metadata !== null && file.format !== null;

const fileSays = (file: BookFile & { metadata: string; format: BookFormat }): FileSays => ({
  fileId: file.fileId,
  name: file.name,
  format: file.format,
  metadata: JSON.parse(file.metadata) as BookMetadata,
  coverHash: file.coverHash,
});

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Date || b instanceof Date || typeof a !== 'object' || typeof b !== 'object') {
    return (
      (a ?? null) === (b ?? null) || (a instanceof Date && b instanceof Date && a.getTime() === b.getTime())
    );
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Where KOReader keeps what belongs to this file beside it, and its backup: Book.sdr/metadata.epub.lua (KOReader docsettings.lua). */
function sidecarsBeside(path: Buffer): Buffer[] {
  const [, stem, suffix] = /^(.*[^/])\.([^./]+)$/s.exec(path.toString('latin1')) ?? [];
  if (stem === undefined) return [];
  return ['', '.old'].map((ending) => Buffer.from(`${stem}.sdr/metadata.${suffix}.lua${ending}`, 'latin1'));
}

/** The path without the file's ending: what two formats of one book share when they lie side by side. */
function stemOf(path: Buffer): Buffer {
  const slash = path.lastIndexOf(0x2f);
  const name = path.subarray(slash + 1).toString('latin1');
  const stem = name.replace(/\.fb2\.zip$/i, '').replace(/\.[^.]*$/, '');
  return Buffer.concat([path.subarray(0, slash + 1), Buffer.from(stem, 'latin1')]);
}
