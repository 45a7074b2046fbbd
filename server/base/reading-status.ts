// The states a book can be in while a person reads it.

export const READING_STATUSES = ['not_started', 'in_progress', 'paused', 'completed', 'abandoned'] as const;
export type ReadingStatus = (typeof READING_STATUSES)[number];
