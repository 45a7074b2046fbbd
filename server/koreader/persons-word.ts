// What a person said of a book that its sidecar does not say yet. Pure.
import type { ReadingStatus } from '../base/reading-status.ts';
import type { SummaryChange } from '../formats/koreader/edit-sidecar.ts';
import type { Sidecar, SidecarStatus } from '../formats/koreader/sidecar.ts';
import type { BookRow } from '../library/books.queries.ts';

/** Fields of a summary under their names in the books table. */
export const SUMMARY_FIELDS = { rating: 'rating', note: 'reviewNote', status: 'status' } as const;
export type SummaryField = keyof typeof SUMMARY_FIELDS;

export type Says = Pick<Sidecar, 'summary' | 'percentFinished'>;
export type PersonsBook = Pick<BookRow, 'origins' | 'rating' | 'reviewNote' | 'status'>;

/** Returns the change that makes the sidecar say what the person said; undefined when it says so already. */
export function unsaid(book: PersonsBook, sidecar: Says): SummaryChange | undefined {
  const change: SummaryChange = {};
  if (isUnsaid(book, sidecar, 'rating')) change.rating = book.rating;
  if (isUnsaid(book, sidecar, 'note')) change.note = book.reviewNote;
  if (isUnsaid(book, sidecar, 'status')) change.status = WORDS[book.status];
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Whether the sidecar says of a field what the catalogue does. */
export function saysSame(book: PersonsBook, sidecar: Says, field: SummaryField): boolean {
  switch (field) {
    case 'rating':
      return book.rating === (sidecar.summary?.rating ?? null);
    case 'note':
      return book.reviewNote === noteOf(sidecar);
    case 'status':
      return saysStatus(sidecar, book.status);
  }
}

/** The review a sidecar has; blanks are none. */
export const noteOf = ({ summary }: Says): string | null =>
  summary?.note === undefined || summary.note.trim() === '' ? null : summary.note;

/** Whether the person gave the field its value. */
export const isPersons = (book: PersonsBook, field: SummaryField): boolean =>
  book.origins[SUMMARY_FIELDS[field]] === 'person';

const isUnsaid = (book: PersonsBook, sidecar: Says, field: SummaryField) =>
  isPersons(book, field) && !saysSame(book, sidecar, field);

const WORDS: Record<ReadingStatus, SidecarStatus | null> = {
  not_started: null,
  in_progress: 'reading',
  // KOReader's "On hold" is called abandoned in the file and is read as that.
  paused: 'reading',
  completed: 'complete',
  abandoned: 'abandoned',
};

/** KOReader takes a book without a status, once opened, for one that is being read. */
function saysStatus({ summary, percentFinished = 0 }: Says, status: ReadingStatus): boolean {
  const word = WORDS[status];
  if (summary?.status === undefined) return word === null || (word === 'reading' && percentFinished > 0);
  return summary.status === word;
}
