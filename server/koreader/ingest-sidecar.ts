// Takes a sidecar into the catalogue: finds its book, merges its marks, and what the device says of the reading. Runs inside a write.
import { newId } from '../base/ids.ts';
import { instantOf } from '../base/time-zone.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import type { Db } from '../catalogue/catalogue.ts';
import type { UnreadableReason } from '../formats/book.ts';
import type { Sidecar, SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import type { NewBookRow } from '../library/books.queries.ts';
import { newBookFromSidecar, READER_VERSION, refreshBook } from '../library/intake.ts';
import { addChecksum, selectBookByChecksum, selectFileNamed } from '../library/intake.queries.ts';
import { mergeMarks } from './merge-marks.ts';
import { bookNameIn, contentAt, suffixOf } from './sidecar-content.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { wasReplaced } from './sidecar-file.ts';
import {
  deleteSidecar,
  putSidecar,
  selectBooksByFileName,
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

/** The same of a sidecar of which only what is kept is at hand; `marks` are asked for when they are needed. */
export function takeInContent(
  db: Db,
  place: SidecarPlace,
  { content, marks }: { content: SidecarContent; marks: () => readonly SidecarAnnotation[] },
  { now, zone, hasSameMarks = false }: { now: Date; zone: string; hasSameMarks?: boolean },
): string | undefined {
  const before = selectSidecarByPath(db, place.path);
  // It was read before a change of ours took its place, and comes here after it.
  if (before !== undefined && wasReplaced(place.path, place)) return before.bookId ?? undefined;
  const sidecarId = before?.sidecarId ?? newId(now);
  const found = findBook(db, place, content, before, now);
  const { bookId } = found;
  putSidecar(db, {
    ...placeColumns(place, now),
    sidecarId,
    bookId: bookId ?? null,
    partialMd5: content.partialMd5 ?? null,
    content: found.dismissed ? null : JSON.stringify(content),
    failsInKoreader: content.failsInKoreader === true,
    failureReason: null,
    failureMessage: null,
    dismissedAt: found.dismissed ? (before?.dismissedAt ?? now) : null,
  });
  if (bookId === undefined) return undefined;
  const { ownerId, modifiedMs } = place;
  const { partialMd5 } = content;
  if (partialMd5 !== undefined) addChecksum(db, ownerId, partialMd5, bookId);
  // Another book than before has none of its marks yet.
  if (!hasSameMarks || before?.bookId !== bookId) {
    const source = { ownerId, bookId, sidecarId, partialMd5, modifiedMs };
    mergeMarks(db, source, marks(), { now, zone });
  }
  applyReading(db, { ownerId, bookId, sidecarId }, content, contentBefore(before), { now, zone });
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

/**
 * Takes over what the device changed since its sidecar was read last. What the person set elsewhere stays until the
 * device says something new; an older sidecar says nothing, nor does a summary from before the one that was read last: file
 * sync puts such a file over ours when the device read on without knowing of it.
 */
function applyReading(
  db: Db,
  mark: { ownerId: string; bookId: string; sidecarId: string },
  sidecar: SidecarContent,
  before: SidecarContent | undefined,
  { now, zone }: { now: Date; zone: string },
): void {
  const book = selectBook(db, mark.ownerId, mark.bookId);
  if (book === undefined || selectSidecarsOfBook(db, mark.bookId)[0]?.sidecarId !== mark.sidecarId) return;
  const change: Partial<NewBookRow> = {};
  const origins = { ...book.origins };
  const isOld = isOlder(sidecar.summary?.modified, before?.summary?.modified);
  const news = (field: string, is: unknown, was: unknown) => {
    const isLocked = origins[field] === 'person';
    return before === undefined ? is !== undefined && !isLocked : is !== was && !(isOld && isLocked);
  };

  const { rating, note } = sidecar.summary ?? {};
  if (news('rating', rating, before?.summary?.rating)) {
    change.rating = rating ?? null;
    origins.rating = 'sidecar';
  }
  if (news('reviewNote', note, before?.summary?.note)) {
    change.reviewNote = note?.trim() === '' ? null : (note ?? null);
    origins.reviewNote = 'sidecar';
  }
  const status = statusOf(sidecar);
  if (news('status', status, before === undefined ? undefined : statusOf(before))) {
    change.status = status ?? 'not_started';
    origins.status = 'sidecar';
    change.completedAt = status === 'completed' ? completedAt(sidecar, zone) : null;
  }
  const locator = sidecar.lastXPointer ?? sidecar.lastPage?.toString();
  if (news('progress', sidecar.percentFinished, before?.percentFinished))
    change.progress = sidecar.percentFinished ?? null;
  if (news('progress', locator, before?.lastXPointer ?? before?.lastPage?.toString())) {
    change.currentLocator = locator ?? null;
    change.currentPage = sidecar.lastPage ?? null;
  }
  if (Object.keys(change).length > 0) updateBook(db, mark.bookId, { ...change, origins, updatedAt: now });
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const isOlder = (day = '', than = '') => DAY.test(day) && DAY.test(than) && day < than;

/** KOReader shows a book without a status as being read. */
function statusOf(sidecar: Pick<Sidecar, 'summary' | 'percentFinished'>): ReadingStatus | undefined {
  switch (sidecar.summary?.status) {
    case 'complete':
      return 'completed';
    case 'abandoned':
      return 'abandoned';
    case 'reading':
      return 'in_progress';
    case undefined:
      return (sidecar.percentFinished ?? 0) > 0 ? 'in_progress' : undefined;
  }
}

const completedAt = (sidecar: SidecarContent, zone: string): Date | null => {
  const day = sidecar.summary?.modified;
  return day === undefined ? null : (instantOf(`${day} 12:00`, zone) ?? null);
};

const contentBefore = (row: SidecarRow | undefined): SidecarContent | undefined =>
  row?.content == null ? undefined : (JSON.parse(row.content) as SidecarContent);

const onlyOne = (bookIds: string[]) => (bookIds.length === 1 ? bookIds[0] : undefined);

const nameOf = (path: Buffer): string => path.toString('utf8').split('/').at(-1) ?? '';

function placeColumns(place: SidecarPlace, now: Date) {
  return { ...place, name: nameOf(place.path), readerVersion: READER_VERSION, readAt: now };
}
