// Works a book's reading out anew after its page reads or its sidecar changed. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import { selectReadBooks } from '../reading/activity.queries.ts';
import type { ReadBookRow } from '../reading/activity.queries.ts';
import { deriveTold } from '../reading/derive-told.ts';
import { deriveReading } from '../reading/derive.ts';
import type { RawRead } from '../reading/derive.ts';
import {
  noteReadingChanged,
  putReading,
  selectLayout,
  selectReadsOfAll,
} from '../reading/history.queries.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { selectNewestContent } from './derive-reading.queries.ts';
import { forgetMoved } from './moved-reading.queries.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { selectReadBook, updateReadBook } from './statistics.queries.ts';

/**
 * Takes over what the newest sidecar says of the book's pages, then replaces days, sessions and completions. A book that was
 * read under several checksums is one: all its reading stands under the one opened last, in that one's layout. `known` spares
 * reading the page reads again, and a second entry of the diary for a row whose change is in it already.
 */
export function deriveReadBook(
  db: Db,
  readBookId: number,
  rules: ReadingRules,
  known: { reads?: readonly RawRead[]; isNoted?: boolean } = {},
): void {
  const book = selectReadBook(db, readBookId);
  if (book === undefined) return;
  if (book.toldOf !== null) return deriveTold(db, book.toldOf, rules);
  const rows = book.bookId === null ? [book] : selectReadBooks(db, book.bookId);
  const [current = book, ...others] = rows;
  const isNoted = (row: ReadBookRow) => known.isNoted === true && row.readBookId === readBookId;
  for (const row of others)
    if (putReading(db, row.readBookId, NOTHING) && !isNoted(row)) noteReadingChanged(db, row.readBookId);
  const isRelaid = takeOverLayout(db, current, rules);
  const layout = selectLayout(db, current.readBookId);
  if (layout !== undefined) {
    const ids = rows.map((row) => row.readBookId);
    const reads = (ids.length === 1 ? known.reads : undefined) ?? selectReadsOfAll(db, ids);
    const isRecounted = putReading(db, current.readBookId, deriveReading(reads, layout, rules));
    if (isRecounted && !isRelaid && !isNoted(current)) noteReadingChanged(db, current.readBookId);
  }
  if (book.bookId !== null) deriveTold(db, book.bookId, rules);
  forgetMoved(db, rows);
}

const NOTHING = { days: [], sessions: [], completions: [] };

/** Makes the row's layout what the book's newest sidecar says. Returns whether it was another. */
function takeOverLayout(db: Db, book: ReadBookRow, rules: ReadingRules): boolean {
  const content = book.bookId === null ? undefined : newestContent(db, book.bookId);
  const layout = pagesOf(book.pages ?? 0, content, rules);
  const finishedOn =
    content?.summary?.status === 'complete' && isDay(content.summary.modified)
      ? content.summary.modified
      : null;
  const isRelaid =
    layout.hiddenPages !== book.hiddenPages ||
    layout.pageFactor !== book.pageFactor ||
    finishedOn !== book.finishedOn;
  if (isRelaid) updateReadBook(db, book.readBookId, { ...layout, finishedOn });
  return isRelaid;
}

/** Does so for a book of the library. */
export function deriveReadingOf(db: Db, bookId: string, rules: ReadingRules): void {
  const [current] = selectReadBooks(db, bookId);
  if (current !== undefined) deriveReadBook(db, current.readBookId, rules);
}

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text);

function newestContent(db: Db, bookId: string): SidecarContent | undefined {
  const content = selectNewestContent(db, bookId);
  return content === undefined ? undefined : (JSON.parse(content) as SidecarContent);
}

/**
 * Pages set aside by hidden flows, and how many stable pages a page of the layout is: only where the page numbers are made
 * up from the amount of text, and a person does not want the screen's (koshelf.md "What counts as reading").
 */
export function pagesOf(
  pages: number,
  content: SidecarContent | undefined,
  { stablePages }: Pick<ReadingRules, 'stablePages'>,
): { hiddenPages: number; pageFactor: number } {
  const hidden = content === undefined ? 0 : hiddenIn(content);
  const hiddenPages = hidden > 0 && pages - hidden > 0 ? hidden : 0;
  const { docPages = 0, charsPerSyntheticPage } = content?.pagemap ?? {};
  const rendered = pages - hiddenPages > 0 ? pages - hiddenPages : (content?.docPages ?? 0);
  const isSynthetic = stablePages && docPages > 0 && charsPerSyntheticPage !== undefined && rendered > 0;
  return { hiddenPages, pageFactor: isSynthetic ? docPages / rendered : 1 };
}

function hiddenIn({ handmadeFlows, docPages }: SidecarContent): number {
  if (!handmadeFlows.enabled) return 0;
  let hidden = 0;
  let openedAt: number | undefined;
  for (const point of handmadeFlows.points) {
    if (point.hidden) openedAt ??= point.page;
    else if (openedAt !== undefined) {
      hidden += Math.max(0, point.page - openedAt);
      openedAt = undefined;
    }
  }
  if (openedAt !== undefined && docPages !== undefined) hidden += Math.max(0, docPages + 1 - openedAt);
  return hidden;
}
