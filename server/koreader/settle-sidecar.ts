// Brings the catalogue in line with a sidecar that was just written or read. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import type { SidecarAnnotation, SidecarStatus } from '../formats/koreader/sidecar.ts';
import { selectBook, updateBook } from '../library/books.queries.ts';
import { refreshBook } from '../library/intake.ts';
import { withStatus } from '../library/status.ts';
import { takeInContent } from './ingest-sidecar.ts';
import { mergeMark } from './merge-marks.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { isSameVersion } from './sidecar-file.ts';
import type { SidecarVersion } from './sidecar-file.ts';
import { selectSidecar, updateSidecar } from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';

/** Absent leaves a field as it is, null clears it. */
export type ItemChange = {
  reviewNote?: string | null;
  /** 0 clears it too. */
  rating?: number | null;
  status?: SidecarStatus;
};

type Written = {
  row: SidecarRow;
  path: Buffer;
  version: SidecarVersion;
  /** What it says now. */
  content: SidecarContent;
  /** Its marks, all of them. */
  marks: () => readonly SidecarAnnotation[];
  /** Whether this program wrote it, or a device meanwhile. */
  isOurs: boolean;
  /** Whether its marks are those that were taken in last. */
  hasSameMarks: boolean;
};

const STATUSES: Record<SidecarStatus, ReadingStatus> = {
  reading: 'in_progress',
  complete: 'completed',
  abandoned: 'abandoned',
};

/** Takes in what the sidecar says now, under the version it has now: the next scan finds nothing new in it. */
export function settleSidecar(
  db: Db,
  { row, path, version, content, marks, isOurs, hasSameMarks }: Written,
  when: { now: Date; zone: string },
): void {
  // A backup that was all there was became the sidecar.
  if (!row.path.equals(path)) updateSidecar(db, row.sidecarId, { path });
  const { ownerId, folderId } = row;
  const place = { ownerId, folderId, path, ...version };
  takeInContent(db, place, { content, marks }, { ...when, hasSameMarks, isOurs });
}

/**
 * Takes in one mark that was changed in a sidecar as it was read last, under the version it has now. Returns false, and
 * does nothing, when the sidecar's row is another than `row` was meanwhile.
 */
export function settleMark(
  db: Db,
  { row, version, mark }: { row: SidecarRow; version: SidecarVersion; mark: SidecarAnnotation },
  when: { now: Date; zone: string },
): boolean {
  const { ownerId, sidecarId, bookId } = row;
  const now = selectSidecar(db, sidecarId);
  if (bookId === null || now?.bookId !== bookId || now.content !== row.content) return false;
  if (!isSameVersion(now, row) || !now.path.equals(row.path)) return false;
  updateSidecar(db, sidecarId, { ...version, readAt: when.now });
  const source = { ownerId, bookId, sidecarId, partialMd5: row.partialMd5 ?? undefined };
  mergeMark(db, { ...source, modifiedMs: version.modifiedMs, isOurs: true }, mark, when);
  // It is the newest of the book's sidecars now.
  refreshBook(db, ownerId, bookId, when.now);
  return true;
}

/** Makes what the person said of a book theirs in the catalogue. */
export function noteSummary(db: Db, ownerId: string, bookId: string, change: ItemChange, now: Date): void {
  const book = selectBook(db, ownerId, bookId);
  const { reviewNote, rating, status } = change;
  if (book === undefined || Object.keys(change).length === 0) return;
  const names = Object.keys(change).filter((name) => change[name as keyof ItemChange] !== undefined);
  updateBook(db, bookId, {
    ...(reviewNote === undefined ? {} : { reviewNote: reviewNote?.trim() === '' ? null : reviewNote }),
    ...(rating === undefined ? {} : { rating: rating === 0 ? null : rating }),
    ...(status === undefined ? {} : withStatus(book, STATUSES[status], now)),
    origins: { ...book.origins, ...Object.fromEntries(names.map((name) => [name, 'person' as const])) },
    updatedAt: now,
  });
}
