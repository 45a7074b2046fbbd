// Takes a sidecar into the catalogue: finds its book, merges its marks, and what the device says of the reading. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import { newId } from '../base/ids.ts';
import { fieldTimes } from '../catalogue/times.ts';
import type { UnreadableReason } from '../formats/book.ts';
import type { Sidecar, SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import { newBookFromSidecar, READER_VERSION, refreshBook } from '../library/intake.ts';
import { addChecksum, selectBookByChecksum, selectFileNamed } from '../library/intake.queries.ts';
import { mergeMarks } from './merge-marks.ts';
import { findReadingNews } from './reading-news.ts';
import type { ReadingNews } from './reading-news.ts';
import { compareOpening } from './opening-order.ts';
import { bookNameIn, contentAt, suffixOf } from './sidecar-content.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { wasReplaced } from './sidecar-file.ts';
import {
  deleteSidecar,
  putSidecar,
  selectBooksByFileName,
  selectFolderKind,
  selectSidecarByPath,
  selectSidecarsOfBook,
} from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';

export type SidecarPlace = {
  ownerId: string;
  folderId: string;
  path: Buffer;
  sizeBytes: number;
  modifiedMs: number;
};

/**
 * Puts a sidecar under its book. `zone` is where the device's wall times are read in; with `hasSameMarks` its marks are those
 * that were taken in last, and are not gone through again. Returns the book's id, if it has one.
 */
export function takeInSidecar(
  db: Db,
  place: SidecarPlace,
  sidecar: Sidecar,
  how: { now: Date; zone: string; hasSameMarks?: boolean },
): string | undefined {
  const content = contentAt(place.path, sidecar);
  return takeInContent(db, place, { content, marks: () => sidecar.annotations }, how);
}

/**
 * The same of a sidecar of which only what is kept is at hand; `marks` are asked for when they are needed. `isOurs` says that
 * this program wrote it.
 */
export function takeInContent(
  db: Db,
  place: SidecarPlace,
  { content, marks }: { content: SidecarContent; marks: () => readonly SidecarAnnotation[] },
  {
    now,
    zone,
    hasSameMarks = false,
    isOurs = false,
  }: { now: Date; zone: string; hasSameMarks?: boolean; isOurs?: boolean },
): string | undefined {
  const before = selectSidecarByPath(db, place.path);
  // It was read before a change of ours took its place, and comes here after it.
  if (before !== undefined && wasReplaced(place.path, place)) return before.bookId ?? undefined;
  const sidecarId = before?.sidecarId ?? newId(now);
  const found = findBook(db, place, content, before, now);
  const { bookId } = found;
  const source = { content, wroteMs: place.modifiedMs, isOurs };
  const news =
    bookId === undefined ? undefined : readingNews(db, { ...place, bookId }, source, { now, zone });
  const spokenOver = news?.spokenOver ?? {};
  const kept: SidecarContent = Object.keys(spokenOver).length === 0 ? content : { ...content, spokenOver };
  putSidecar(db, {
    ...placeColumns(place, now),
    sidecarId,
    bookId: bookId ?? null,
    partialMd5: content.partialMd5 ?? null,
    content: found.dismissed ? null : JSON.stringify(kept),
    failsInKoreader: content.failsInKoreader === true,
    failureReason: null,
    failureMessage: null,
    dismissedAt: found.dismissed ? (before?.dismissedAt ?? now) : null,
  });
  if (bookId === undefined || news === undefined) return undefined;
  const { ownerId, modifiedMs } = place;
  const { partialMd5 } = content;
  if (partialMd5 !== undefined) addChecksum(db, ownerId, partialMd5, bookId);
  // Another book than before has none of its marks yet.
  if (!hasSameMarks || before?.bookId !== bookId) {
    mergeMarks(db, { ownerId, bookId, sidecarId, partialMd5, modifiedMs, isOurs }, marks(), { now, zone });
  }
  takeOver(db, ownerId, bookId, news, now);
  refreshBook(db, ownerId, bookId, now);
  return bookId;
}

/** Notes why a sidecar could not be read. What it said before stays: a file cut in half takes no highlight away. */
export function noteUnreadableSidecar(
  db: Db,
  place: SidecarPlace,
  failure: { reason: UnreadableReason; message: string },
  now: Date,
): void {
  const before = selectSidecarByPath(db, place.path);
  putSidecar(db, {
    ...placeColumns(place, now),
    sidecarId: before?.sidecarId ?? newId(now),
    bookId: before?.bookId ?? null,
    failureReason: failure.reason,
    failureMessage: failure.message,
  });
}

/** Forgets sidecars that are no longer on disk. Their marks stay with the books. */
export function forgetSidecars(
  db: Db,
  ownerId: string,
  gone: { fileId: string; path: Buffer }[],
  now: Date,
): void {
  for (const { fileId, path } of gone) {
    const bookId = selectSidecarByPath(db, path)?.bookId;
    deleteSidecar(db, fileId);
    if (bookId !== undefined && bookId !== null) refreshBook(db, ownerId, bookId, now);
  }
}

/** The file beside which KOReader keeps this sidecar: Book.sdr/metadata.epub.lua belongs to Book.epub (KOReader docsettings.lua). */
export function bookBeside(path: Buffer): Buffer | undefined {
  const text = path.toString('latin1');
  const old = bookNameIn(text.split('/').at(-1) ?? '');
  if (old !== undefined) {
    const folder = text.slice(0, Math.max(0, text.lastIndexOf('/')));
    const home = folder.endsWith('.sdr') ? folder.slice(0, Math.max(0, folder.lastIndexOf('/'))) : folder;
    return Buffer.from(`${home}/${old}`, 'latin1');
  }
  const [, stem] = /^(.*)\.sdr\/[^/]+$/s.exec(text) ?? [];
  if (stem === undefined) return undefined;
  const suffix = suffixOf(nameOf(path));
  return Buffer.from(suffix === '_' ? stem : `${stem}.${suffix}`, 'latin1');
}

function findBook(
  db: Db,
  place: SidecarPlace,
  content: SidecarContent,
  before: SidecarRow | undefined,
  now: Date,
): { bookId: string | undefined; dismissed: boolean } {
  const beside = bookBeside(place.path);
  const file = beside === undefined ? undefined : selectFileNamed(db, beside);
  const dismissed = file?.dismissedAt != null || (file === undefined && before?.dismissedAt != null);
  if (dismissed) return { bookId: undefined, dismissed };
  const known =
    file?.bookId ??
    (content.partialMd5 === undefined
      ? undefined
      : selectBookByChecksum(db, place.ownerId, content.partialMd5)) ??
    before?.bookId ??
    onlyOne(selectBooksByFileName(db, place.ownerId, content.says.name));
  if (known !== undefined) return { bookId: known, dismissed };
  // A sidecar nobody read with is no reason for a book.
  const saysSomething =
    content.keys.length > 0 || (content.percentFinished ?? 0) > 0 || content.summary !== undefined;
  return {
    bookId: saysSomething
      ? newBookFromSidecar(db, { ownerId: place.ownerId, partialMd5: content.partialMd5 }, content.says, now)
      : undefined,
    dismissed,
  };
}

/** What the device says newly of the reading, against what it said when this sidecar, or else another of the book, was read last. */
function readingNews(
  db: Db,
  { ownerId, folderId, path, modifiedMs, bookId }: SidecarPlace & { bookId: string },
  { content, wroteMs, isOurs }: { content: SidecarContent; wroteMs: number; isOurs: boolean },
  { now, zone }: { now: Date; zone: string },
): ReadingNews | undefined {
  const book = selectBook(db, ownerId, bookId);
  if (book === undefined) return undefined;
  const sidecars = selectSidecarsOfBook(db, bookId);
  const own = sidecars.find((row) => row.path.equals(path));
  const others = sidecars.filter((row) => row !== own);
  const before = contentBefore(own) ?? contentBefore(others.find((row) => row.content !== null));
  const here = { path, modifiedMs, folderKind: selectFolderKind(db, folderId) };
  const isNewest = others.every((row) => compareOpening(here, row) <= 0);
  const source = { says: content, before, isBeforeOwn: own?.content != null, isNewest, wroteMs, isOurs };
  return findReadingNews(book, fieldTimes(db.$client).of(bookId), source, { nowMs: now.getTime(), zone });
}

/** Writes what the device says newly, as said when it said it. */
function takeOver(db: Db, ownerId: string, bookId: string, { change, said }: ReadingNews, now: Date): void {
  if (Object.keys(change).length === 0) return;
  const version = (selectBook(db, ownerId, bookId)?.version ?? 0) + 1;
  updateBook(db, bookId, { ...change, updatedAt: now });
  const times = Object.fromEntries(Object.entries(said).map(([name, ms]) => [name, [ms, version] as const]));
  fieldTimes(db.$client).note({ entityId: bookId, ownerId, said: times });
}

const contentBefore = (row: SidecarRow | undefined): SidecarContent | undefined =>
  row?.content == null ? undefined : (JSON.parse(row.content) as SidecarContent);

const onlyOne = (bookIds: string[]) => (bookIds.length === 1 ? bookIds[0] : undefined);

const nameOf = (path: Buffer): string => path.toString('utf8').split('/').at(-1) ?? '';

function placeColumns(place: SidecarPlace, now: Date) {
  return { ...place, name: nameOf(place.path), readerVersion: READER_VERSION, readAt: now };
}
