// Neutral records out, KoShelf's words. Optional fields are left out when there is nothing to say.
import type { z } from 'zod';
import { languageOf } from '../../base/language.ts';
import { inZone, withOffset } from '../../base/time-zone.ts';
import type { ReadingStatus } from '../../base/reading-status.ts';
import type { Chapter } from '../../formats/book.ts';
import type { SidecarContent } from '../../koreader/sidecar-content.ts';
import type { BookOverview, BookRecord } from '../../library/books.queries.ts';
import { koreaderColorOf } from '../../marks/colors.ts';
import type { AnnotationRow, BookmarkRow } from '../../marks/marks.queries.ts';
import type { FoundMark } from '../../marks/search.queries.ts';
import type { BookStatistics } from '../../reading/activity.ts';
import type { PageRead } from '../../reading/sessions.ts';
import type { DialectShape } from './dialect.ts';
import { presentIdentifiers } from './identifiers.ts';
import type { Annotation, AnnotationsAnswer, Item, ItemAnswer, PageActivity } from './schemas.ts';

type ItemAnswer = z.infer<typeof ItemAnswer>;

/** Returns an object without the keys that have no value. */
function defined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], null | undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as never;
}

const STATUS_WORDS = {
  not_started: 'unknown',
  in_progress: 'reading',
  paused: 'reading',
  completed: 'complete',
  abandoned: 'abandoned',
} as const satisfies Record<ReadingStatus, string>;

type ItemFacts = Omit<BookOverview, 'annotationCount'>;

/** A list holds ten thousand of these: keys are set one by one, nothing is copied. */
function presentItemFacts(
  book: ItemFacts,
  shape: DialectShape,
): Omit<z.infer<typeof Item>, 'annotation_count'> {
  const item = { id: book.bookId, title: book.title, authors: book.authors } as z.infer<typeof Item>;
  if (book.series !== undefined) item.series = defined(book.series);
  item.status = STATUS_WORDS[book.status];
  if (book.progress !== null) {
    item.progress_percentage = shape.progressInPercent ? percent(book.progress) : book.progress;
  }
  if (book.rating !== null) item.rating = book.rating;
  return item;
}
/** Where a book's cover is; the hash makes a new cover a new address. */
export const coverUrl = ({ bookId, coverHash }: { bookId: string; coverHash: string | null }): string =>
  `/assets/covers/${bookId}.webp${coverHash === null ? '' : `?v=${coverHash.slice(0, 12)}`}`;

/** Returns a line of the list. */
export function presentItem(book: BookOverview, shape: DialectShape): z.infer<typeof Item> {
  const item = presentItemFacts(book, shape) as z.infer<typeof Item>;
  item.annotation_count = book.annotationCount;
  item.cover_url = coverUrl(book);
  item.content_type = book.contentType;
  return item;
}

/** Returns the item of the detail page. */
export function presentDetail(
  book: BookRecord,
  sidecar: SidecarContent | undefined,
  {
    annotationCount,
    shape,
    stablePages,
  }: { annotationCount: number; shape: DialectShape; stablePages: boolean },
): ItemAnswer['item'] {
  const facts: ItemFacts = {
    ...book,
    series: book.seriesName === null ? undefined : { name: book.seriesName, index: book.seriesIndex },
  };
  return defined({
    ...presentItemFacts(facts, shape),
    annotation_count: shape.countInDetail ? annotationCount : undefined,
    cover_url: coverUrl(facts),
    content_type: facts.contentType,
    // What there is to read: the file a sidecar was written for is not here.
    format: book.file?.format ?? 'unknown',
    language: book.language ?? (sidecar?.textLang && languageOf(sidecar.textLang)),
    publisher: book.publisher,
    description: book.description,
    review_note: book.reviewNote,
    pages: pagesOf(book, sidecar, stablePages),
    search_base_path: book.contentType === 'comic' ? '/comics' : '/books',
    subjects: book.subjects,
    identifiers: presentIdentifiers(book.identifiers),
    has_metadata: sidecar !== undefined,
  });
}

/** Stable pages where they are wanted, else those of KOReader's layout, else those the file tells of; 0 tells nothing. */
function pagesOf(
  book: BookRecord,
  sidecar: SidecarContent | undefined,
  stablePages: boolean,
): number | undefined {
  const stable = stablePages ? sidecar?.pagemap.docPages : undefined;
  return [stable, sidecar?.docPages, book.pageCount].find((pages) => pages != null && pages > 0) ?? undefined;
}

/** Returns a highlight; times are the device's, read in `zone`. */
export const presentHighlight = (mark: AnnotationRow, zone: string): z.infer<typeof Annotation> =>
  defined({
    ...presentMark(mark, mark.annotationId, zone),
    pos0: mark.startPosition,
    pos1: mark.endPosition,
    color: koreaderColor(mark),
    drawer: mark.drawer,
  });

/** Returns a bookmark; times are the device's, read in `zone`. */
export const presentBookmark = (mark: BookmarkRow, zone: string): z.infer<typeof Annotation> =>
  defined({ ...presentMark(mark, mark.bookmarkId, zone), pos0: mark.position, color: koreaderColor(mark) });

/** KOReader's names are all KoShelf knows. */
const koreaderColor = ({ color }: AnnotationRow | BookmarkRow) =>
  color === null ? undefined : koreaderColorOf(color);

const presentMark = (mark: AnnotationRow | BookmarkRow, id: string, zone: string) => ({
  id,
  chapter: mark.chapter,
  datetime:
    mark.deviceDatetime === null
      ? mark.createdAt === null
        ? undefined
        : inZone(mark.createdAt, zone)
      : withOffset(mark.deviceDatetime, zone),
  datetime_updated: mark.deviceDatetimeUpdated,
  pageno: mark.pageNumber,
  text: mark.text,
  note: mark.note,
});

/** Returns a mark in a list of many books' marks; times are the device's, read in `zone`. */
export const presentFoundMark = (
  found: FoundMark,
  zone: string,
): z.infer<typeof AnnotationsAnswer>['annotations'][number] => ({
  ...(found.kind === 'highlight' ? presentHighlight(found.mark, zone) : presentBookmark(found.mark, zone)),
  type: found.kind,
  item: {
    id: found.book.bookId,
    title: found.book.title,
    authors: found.book.authors,
    cover_url: coverUrl(found.book),
  },
});

/** Returns the page of a list in numbers. */
export function presentPagination(
  page: number,
  limit: number,
  total: number,
): z.infer<typeof AnnotationsAnswer>['pagination'] {
  const totalPages = Math.ceil(total / limit);
  return { page, limit, total, total_pages: totalPages, has_next: page < totalPages, has_prev: page > 1 };
}

/** Returns what the marks and the reading of a book amount to. */
export function presentStatistics(
  marks: { highlights: AnnotationRow[]; bookmarks: BookmarkRow[] },
  reading: BookStatistics | undefined,
  { zone, shape }: { zone: string; shape: DialectShape },
): NonNullable<ItemAnswer['statistics']> {
  return {
    item_stats: defined({
      notes: marks.highlights.filter((mark) => mark.note !== null).length,
      last_open_at: reading?.lastOpenAt == null ? undefined : inZone(reading.lastOpenAt, zone),
      highlights: marks.highlights.length,
      bookmarks: shape.bookmarksInStats ? marks.bookmarks.length : undefined,
      pages: reading === undefined || reading.pages === 0 ? undefined : reading.pages,
      total_reading_time_sec: reading?.totalReadSec,
    }),
    ...(reading === undefined || reading.sessionCount === 0
      ? {}
      : { session_stats: presentSessions(reading) }),
  };
}

function presentSessions(reading: BookStatistics) {
  const { sessionCount, sessionSec, longestSec, lastDay, totalReadSec, totalReadPages } = reading;
  return defined({
    session_count: sessionCount,
    average_session_duration_sec: Math.trunc(sessionSec / sessionCount),
    longest_session_duration_sec: longestSec,
    last_read_date: lastDay!,
    reading_speed: totalReadSec > 0 ? (totalReadPages * 3600) / totalReadSec : undefined,
  });
}

/** Returns the readings to the end, oldest first; undefined when there are none. */
export const presentCompletions = (completions: BookStatistics['completions']): ItemAnswer['completions'] =>
  completions.length === 0
    ? undefined
    : {
        entries: completions.map((each) => ({
          start_date: each.startDay,
          end_date: each.endDay,
          reading_time_sec: each.readingSec,
          session_count: each.sessionCount,
          pages_read: each.pagesRead,
        })),
        total_completions: completions.length,
        last_completion_date: completions.at(-1)!.endDay,
      };

/** Returns how the device shows the book; undefined when it says nothing of it. */
export function presentReader(sidecar: SidecarContent | undefined): ItemAnswer['reader_presentation'] {
  const shown = sidecar?.presentation;
  if (shown === undefined) return undefined;
  const presented = defined({
    font_face: shown.fontFace,
    font_size_pt: shown.fontSize,
    line_spacing_percentage: shown.lineSpacingPercent,
    horizontal_margins: shown.horizontalMargins,
    top_margin: shown.topMargin,
    bottom_margin: shown.bottomMargin,
    embedded_fonts: shown.embeddedFonts,
    hyphenation: shown.hyphenation,
    floating_punctuation: shown.floatingPunctuation,
    word_spacing: shown.wordSpacing,
  });
  return Object.keys(presented).length === 0 ? undefined : presented;
}

/** Returns the table of contents; undefined when there is none. */
export const presentChapters = (chapters: readonly Chapter[]): ItemAnswer['chapters'] =>
  chapters.length === 0 ? undefined : chapters.map(({ title, position }) => ({ title, position }));

/** Returns reading page by page, pages ascending, and the marks that know their page. */
export function presentPageActivity(
  pages: number,
  reads: readonly PageRead[],
  marks: { highlights: AnnotationRow[]; bookmarks: BookmarkRow[] },
): z.infer<typeof PageActivity> {
  const byPage = [...Map.groupBy(reads, (read) => read.page)].sort(([a], [b]) => a - b);
  const kinds = [
    ...marks.highlights.map((mark) => ({
      mark,
      kind: mark.note === null ? ('highlight' as const) : ('note' as const),
    })),
    ...marks.bookmarks.map((mark) => ({ mark, kind: 'bookmark' as const })),
  ].sort((a, b) => a.mark.positionIndex - b.mark.positionIndex);
  return {
    total_pages: pages,
    pages: byPage.map(([page, visits]) => ({
      page,
      total_duration: visits.reduce((sum, visit) => sum + visit.durationSec, 0),
      read_count: visits.length,
    })),
    annotations: kinds.flatMap(({ mark, kind }) =>
      mark.pageNumber === null ? [] : [{ page: mark.pageNumber, kind }],
    ),
  };
}

/** 0–1 as 0–100 without the noise of binary fractions: 0.4567 is 45.67. */
const percent = (progress: number) => Math.round(progress * 1_000_000) / 10_000;
