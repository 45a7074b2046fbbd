// Works a book's reading out anew after its page reads or its sidecar changed. Runs inside a write.
import type { Db } from '../catalogue/catalogue.ts';
import { selectReadBooks } from '../reading/activity.queries.ts';
import { deriveTold } from '../reading/derive-told.ts';
import { deriveReading } from '../reading/derive.ts';
import type { RawRead } from '../reading/derive.ts';
import { noteReadingChanged, putReading, selectLayout, selectRawReads } from '../reading/history.queries.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { selectNewestContent } from './derive-reading.queries.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { selectReadBook, updateReadBook } from './statistics.queries.ts';

/**
 * Takes over what the newest sidecar says of the book's pages, then replaces days, sessions and completions. `known` spares
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
  const content = book.bookId === null ? undefined : newestContent(db, book.bookId);
  const layout = pagesOf(book.pages ?? 0, content);
  const finishedOn =
    content?.summary?.status === 'complete' && isDay(content.summary.modified)
      ? content.summary.modified
      : null;
  const isRelaid =
    layout.hiddenPages !== book.hiddenPages ||
    layout.pageFactor !== book.pageFactor ||
    finishedOn !== book.finishedOn;
  if (isRelaid) updateReadBook(db, readBookId, { ...layout, finishedOn });
  const now = selectLayout(db, readBookId);
  if (now !== undefined) {
    const reads = known.reads ?? selectRawReads(db, readBookId);
    const isRecounted = putReading(db, readBookId, deriveReading(reads, now, rules));
    if (isRecounted && !isRelaid && known.isNoted !== true) noteReadingChanged(db, readBookId);
  }
  if (book.bookId !== null) deriveTold(db, book.bookId, rules);
}

/** Does so for every checksum the book was read under. */
export function deriveReadingOf(db: Db, bookId: string, rules: ReadingRules): void {
  for (const { readBookId } of selectReadBooks(db, bookId)) deriveReadBook(db, readBookId, rules);
}

const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text);

function newestContent(db: Db, bookId: string): SidecarContent | undefined {
  const content = selectNewestContent(db, bookId);
  return content === undefined ? undefined : (JSON.parse(content) as SidecarContent);
}

/**
 * Pages set aside by hidden flows, and how many stable pages a page of the layout is: only where the page numbers are made
 * up from the amount of text (KoShelf behaviour §3.4, steps 4 and 7).
 */
export function pagesOf(
  pages: number,
  content: SidecarContent | undefined,
): { hiddenPages: number; pageFactor: number } {
  const hidden = content === undefined ? 0 : hiddenIn(content);
  const hiddenPages = hidden > 0 && pages - hidden > 0 ? hidden : 0;
  const { docPages = 0, charsPerSyntheticPage } = content?.pagemap ?? {};
  const rendered = pages - hiddenPages > 0 ? pages - hiddenPages : (content?.docPages ?? 0);
  const isSynthetic = docPages > 0 && charsPerSyntheticPage !== undefined && rendered > 0;
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
