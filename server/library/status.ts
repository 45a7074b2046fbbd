// What a change of reading status or position brings with it (Papyrus behaviour §4.2). Pure.
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
