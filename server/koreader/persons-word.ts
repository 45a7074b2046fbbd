// What a person said of a book that its sidecar does not say yet. Pure.
import type { ReadingStatus } from '../base/reading-status.ts';
import type { SummaryChange } from '../formats/koreader/edit-sidecar.ts';
import type { Sidecar, SidecarStatus, SidecarSummary } from '../formats/koreader/sidecar.ts';
import type { BookRow } from '../library/books.queries.ts';

/** Fields of a summary under their names in the books table. */
export const SUMMARY_FIELDS = { rating: 'rating', note: 'reviewNote', status: 'status' } as const;
export type SummaryField = keyof typeof SUMMARY_FIELDS;

type Says = Pick<Sidecar, 'summary' | 'percentFinished'>;
type PersonsBook = Pick<BookRow, 'origins' | 'rating' | 'reviewNote' | 'status'>;

/** Returns the change that makes the sidecar say what the person said; undefined when it says so already. */
export function unsaid(book: PersonsBook, sidecar: Says): SummaryChange | undefined {
  const { rating, note } = sidecar.summary ?? {};
  const change: SummaryChange = {};
  if (isPersons(book, 'rating') && book.rating !== (rating ?? null)) change.rating = book.rating;
  if (isPersons(book, 'note') && book.reviewNote !== (note ?? null)) change.note = book.reviewNote;
  if (isPersons(book, 'status') && !saysStatus(sidecar, book.status)) change.status = WORDS[book.status];
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Returns the fields the person spoke of, whether the sidecar says the same or not. */
export const personsFields = (book: PersonsBook): SummaryField[] =>
  (Object.keys(SUMMARY_FIELDS) as SummaryField[]).filter((field) => isPersons(book, field));

/** Returns the fields in which a sidecar says something else than it said before. */
export const changedFields = (
  now: SidecarSummary | undefined,
  before: SidecarSummary | undefined,
): SummaryField[] =>
  (Object.keys(SUMMARY_FIELDS) as SummaryField[]).filter((field) => now?.[field] !== before?.[field]);

const isPersons = (book: PersonsBook, field: SummaryField) =>
  book.origins[SUMMARY_FIELDS[field]] === 'person';

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
