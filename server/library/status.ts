// What a change of reading status or position brings with it (papyrus.md "Reading status"). Pure.
import type { ReadingStatus } from '../base/reading-status.ts';

export type ReadingState = {
  status: ReadingStatus;
  progress: number | null;
  currentPage: number | null;
  currentLocator: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
};

/** Returns the state, and nothing else, after the person set the status at `now`. Setting the status it has changes nothing. */
export function withStatus(before: ReadingState, status: ReadingStatus, now: Date): ReadingState {
  const { progress, currentPage, currentLocator, startedAt, completedAt } = before;
  const state = { status: before.status, progress, currentPage, currentLocator, startedAt, completedAt };
  if (status === state.status) return state;
  switch (status) {
    case 'not_started':
      return {
        status,
        progress: null,
        currentPage: null,
        currentLocator: null,
        startedAt: null,
        completedAt: null,
      };
    case 'in_progress':
      return {
        ...state,
        status,
        startedAt: state.startedAt ?? now,
        // From completed it is a new read-through.
        completedAt: state.status === 'completed' ? null : state.completedAt,
      };
    case 'completed':
      return { ...state, status, completedAt: state.completedAt ?? now };
    case 'paused':
    case 'abandoned':
      return { ...state, status };
  }
}

/** Where a person is in a book. Absent leaves as it is, null is nowhere. */
export type Position = {
  progress?: number | null;
  currentPage?: number | null;
  currentLocator?: string | null;
};

/**
 * Returns the state after the person moved in the book: reading on begins or resumes it, its end completes it. Of page and
 * progress the missing one follows from the other when the book's pages are known. `startedAt` and `endedAt` are when that
 * reading began and ended.
 */
export function withPosition(
  before: ReadingState,
  position: Position,
  { pageCount, startedAt, endedAt }: { pageCount: number | null; startedAt: Date; endedAt: Date },
): ReadingState {
  const placed = { ...withStatus(before, before.status, endedAt), ...placeOf(before, position, pageCount) };
  const hasMoved = (position.progress ?? 0) > 0 || (position.currentPage ?? 0) > 0;
  if (!hasMoved) return placed;
  const waits = placed.status === 'not_started' || placed.status === 'paused';
  const state = waits ? withStatus(placed, 'in_progress', startedAt) : placed;
  return (state.progress ?? 0) >= 1 ? withStatus(state, 'completed', endedAt) : state;
}

function placeOf(
  before: ReadingState,
  { progress, currentPage, currentLocator }: Position,
  pageCount: number | null,
): Pick<ReadingState, 'progress' | 'currentPage' | 'currentLocator'> {
  const pages = pageCount === null || pageCount === 0 ? undefined : pageCount;
  const followed = {
    progress:
      progress === undefined && currentPage != null && pages !== undefined
        ? Math.min(1, currentPage / pages)
        : progress,
    currentPage:
      currentPage === undefined && progress != null && pages !== undefined
        ? Math.round(progress * pages)
        : currentPage,
  };
  return {
    progress: followed.progress === undefined ? before.progress : followed.progress,
    currentPage: followed.currentPage === undefined ? before.currentPage : followed.currentPage,
    currentLocator: currentLocator === undefined ? before.currentLocator : currentLocator,
  };
}
