// What a sidecar says newly of the reading: rating, review, status and place, against what was said elsewhere. Pure; the
// rules are in sync/RULES.md.
import type { SpokenOver } from './sidecar-content.ts';
import type { ReadingStatus } from '../base/reading-status.ts';
import { dayBounds, instantOf } from '../base/time-zone.ts';
import type { Times } from '../catalogue/times.ts';
import type { BookRow, NewBookRow } from '../library/books.queries.ts';
import { fingerprint } from '../marks/persons-word.ts';
import { isPersons, noteOf, saysSame, SUMMARY_FIELDS } from './persons-word.ts';
import type { Says, SummaryField } from './persons-word.ts';
import type { SidecarContent } from './sidecar-content.ts';

export type ReadingSource = {
  /** What the file says now. */
  says: SidecarContent;
  /** What it said when it was read last, or else what the newest other sidecar of the book said. */
  before: SidecarContent | undefined;
  isBeforeOwn: boolean;
  /** Whether KOReader would open this sidecar of the book. */
  isNewest: boolean;
  /** When the file was written: the device spoke no later. */
  wroteMs: number;
  /** Whether this program wrote it. */
  isOurs: boolean;
};

export type ReadingNews = {
  change: Partial<NewBookRow>;
  /** When what is changed was said, in milliseconds, by the names of the catalogue. */
  said: Record<string, number>;
  spokenOver: SpokenOver;
};

const MOST_REPLACED = 100;
const FIELDS = Object.keys(SUMMARY_FIELDS) as SummaryField[];

/** Returns what of the reading the device said later than anybody else. */
export function findReadingNews(
  book: BookRow,
  times: Times,
  source: ReadingSource,
  { nowMs, zone }: { nowMs: number; zone: string },
): ReadingNews {
  const news: ReadingNews = { change: {}, said: {}, spokenOver: {} };
  for (const field of FIELDS) {
    const { isNews, saidMs, replaced } = judgeField(field, book, times, source, zone);
    if (!isNews) {
      if (replaced.length > 0) news.spokenOver[field] = replaced;
      continue;
    }
    Object.assign(news.change, columnsOf(field, source.says, zone));
    news.said[SUMMARY_FIELDS[field]] = Math.min(saidMs, nowMs);
  }
  const taken = Object.keys(news.said).map((name) => [name, 'sidecar' as const]);
  if (taken.length > 0) news.change.origins = { ...book.origins, ...Object.fromEntries(taken) };
  if (isPlaceNews(book, times, source)) {
    const { percentFinished, lastPage } = source.says;
    news.change.progress = percentFinished ?? null;
    news.change.currentLocator = locatorOf(source.says) ?? null;
    news.change.currentPage = lastPage ?? null;
    news.said.progress = Math.min(source.wroteMs, nowMs);
  }
  return news;
}

/** KOReader shows a book without a status as being read. */
function statusOf({ summary, percentFinished = 0 }: Says): ReadingStatus | undefined {
  switch (summary?.status) {
    case 'complete':
      return 'completed';
    case 'abandoned':
      return 'abandoned';
    case 'reading':
      return 'in_progress';
    case undefined:
      return percentFinished > 0 ? 'in_progress' : undefined;
  }
}

type Judged = { isNews: boolean; saidMs: number; replaced: string[] };

function judgeField(
  field: SummaryField,
  book: BookRow,
  times: Times,
  source: ReadingSource,
  zone: string,
): Judged {
  const { says, before, isBeforeOwn, isNewest, wroteMs } = source;
  const value = valueOf(field, says);
  const was = before === undefined ? null : valueOf(field, before);
  const isElsewhere = isSaidElsewhere(field, book, before);
  const lastMs = times[SUMMARY_FIELDS[field]]?.[0] ?? (isElsewhere ? book.addedAt.getTime() : -Infinity);
  const replaced = isElsewhere ? replacedBy(field, book, source) : [];
  const day = changedDay(source, zone);
  // Nothing tells when: of two devices the newer file is right, against anybody else's word it says nothing.
  const unknownMs = isElsewhere ? -Infinity : wroteMs;
  const saidMs = day === 'unknown' ? unknownMs : Math.min(day?.untilMs ?? wroteMs, wroteMs);
  const judged = (isNews: boolean): Judged => ({ isNews, saidMs, replaced });
  const isLater = saidMs >= wholeSeconds(lastMs);
  if (value === was || (isElsewhere && saysSame(book, says, field))) return judged(false);
  // What a file never said is nothing it takes away.
  if (value === null && !isBeforeOwn) return judged(false);
  const isLaterDay = day !== undefined && day !== 'unknown' && day.fromMs > lastMs;
  if (before?.spokenOver?.[field]?.includes(fingerprintOf(value)) === true) return judged(isLaterDay);
  if (!isElsewhere) return judged(before === undefined || (isNewest && isBeforeOwn) || isLater);
  // That it is being read is what KOReader says of every book it opens for the first time.
  if (!isBeforeOwn && value === 'in_progress') return judged(false);
  if (before === undefined) return judged(isLaterDay);
  return judged(isLater);
}

/** Whether the field has a value that came from somewhere else than a sidecar; a place that was read begins and ends a book. */
function isSaidElsewhere(field: SummaryField, book: BookRow, before: SidecarContent | undefined): boolean {
  if (isPersons(book, field) || field !== 'status') return isPersons(book, field);
  return before === undefined ? book.status !== 'not_started' : !saysSame(book, before, 'status');
}

/** The values the person's word stands over, this reading of the file included. */
function replacedBy(
  field: SummaryField,
  book: BookRow,
  { says, before, isBeforeOwn, isOurs }: ReadingSource,
): string[] {
  const known = before?.spokenOver?.[field] ?? [];
  const isRead = (content: SidecarContent) => saysSame(book, content, field);
  // The device wrote the person's word back: it has read it, and can only leave it on purpose.
  if (before !== undefined && isBeforeOwn && !isOurs && isRead(before) && isRead(says)) {
    if (!isCopy(before, says)) return [];
  }
  const standsOver = [before, says].flatMap((content) =>
    content === undefined || isRead(content) ? [] : [fingerprintOf(valueOf(field, content))],
  );
  return [...new Set([...known, ...standsOver])].slice(-MOST_REPLACED);
}

const isCopy = ({ spokenOver: _, ...one }: SidecarContent, { spokenOver: __, ...other }: SidecarContent) =>
  JSON.stringify(one) === JSON.stringify(other);

/** The day the device changed the summary; undefined when it did not date the change, `unknown` when nothing tells. */
function changedDay(
  { says, before, isBeforeOwn }: ReadingSource,
  zone: string,
): { fromMs: number; untilMs: number } | 'unknown' | undefined {
  const modified = says.summary?.modified;
  const isDated =
    modified !== undefined && DAY.test(modified) && instantOf(`${modified} 12:00`, zone) !== undefined;
  if (!isDated) return isBeforeOwn ? undefined : 'unknown';
  if (isBeforeOwn && modified === before?.summary?.modified) return undefined;
  const { from, until } = dayBounds(modified, zone);
  return { fromMs: from.getTime(), untilMs: until.getTime() };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The place in a book is one word: the part read, where that is, and its page. */
function isPlaceNews(
  book: BookRow,
  times: Times,
  { says, before, isNewest, wroteMs }: ReadingSource,
): boolean {
  const locator = locatorOf(says);
  const isOther =
    before === undefined
      ? says.percentFinished !== undefined || locator !== undefined
      : says.percentFinished !== before.percentFinished || locator !== locatorOf(before);
  if (!isOther) return false;
  const isElsewhere =
    book.progress !== (before?.percentFinished ?? null) ||
    book.currentLocator !== ((before && locatorOf(before)) ?? null);
  if (isNewest && !isElsewhere) return true;
  const lastMs = times.progress?.[0] ?? book.lastReadAt?.getTime();
  return lastMs === undefined || wroteMs >= wholeSeconds(lastMs);
}

const locatorOf = ({ lastXPointer, lastPage }: SidecarContent): string | undefined =>
  lastXPointer ?? lastPage?.toString();

function valueOf(field: SummaryField, content: SidecarContent): string | number | null {
  if (field === 'rating') return content.summary?.rating ?? null;
  return field === 'note' ? noteOf(content) : (statusOf(content) ?? null);
}

function columnsOf(field: SummaryField, says: SidecarContent, zone: string): Partial<NewBookRow> {
  if (field === 'rating') return { rating: says.summary?.rating ?? null };
  if (field === 'note') return { reviewNote: noteOf(says) };
  const status = statusOf(says) ?? 'not_started';
  return { status, completedAt: status === 'completed' ? completedAt(says, zone) : null };
}

const completedAt = ({ summary }: SidecarContent, zone: string): Date | null =>
  summary?.modified === undefined ? null : (instantOf(`${summary.modified} 12:00`, zone) ?? null);

const fingerprintOf = (value: string | number | null): string =>
  fingerprint(value === null ? null : String(value));

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
