// What an export is made of, whatever its format: headings and highlights in order.
import type { ShownAnnotation } from './annotations.queries.ts';
import { colorNameOf, HIGHLIGHT_COLOR, hexOf } from './colors.ts';

export const EXPORT_FORMATS = ['markdown', 'pdf', 'txt', 'json', 'html', 'csv', 'anki'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_GROUPS = ['book', 'chapter', 'color', 'date'] as const;
export type ExportGroup = (typeof EXPORT_GROUPS)[number];

/** What is said where a PDF lacks letters, in its first line and beside the file. */
export const LETTERS_MISSING =
  'Some letters could not be printed: no font on this computer has them. Export as HTML to see them all.';

/** A heading; level 2 stands below the last of level 1. */
export type Heading = { kind: 'heading'; level: 1 | 2; title: string; author?: string };

export type ExportedMark = {
  kind: 'mark';
  annotationId: string;
  bookId: string;
  bookTitle: string;
  author: string;
  text: string;
  note: string | null;
  /** #RRGGBB. */
  color: string;
  chapter: string | null;
  chapterIndex: number | null;
  pageNumber: number | null;
  /** YYYY-MM-DD in the library's zone. */
  day: string;
  createdAt: string;
  updatedAt: string;
  startPosition: string | null;
  endPosition: string | null;
};

export type Block = Heading | ExportedMark;

/** Plain data: it crosses to the thread that draws PDF. */
export type ExportHead = {
  /** YYYY-MM-DD in the library's zone. */
  day: string;
  /** RFC 3339. */
  exportedAt: string;
  count: number;
  groupBy: ExportGroup;
  includeNotes: boolean;
  includeContext: boolean;
};

/** Writes a document piece by piece. */
export type Writer = {
  begin(head: ExportHead): string;
  blocks(blocks: readonly Block[]): string;
  end(): string;
};

/** Returns a highlight as it is exported. */
export function exportedMark(
  mark: ShownAnnotation,
  author: string,
  { includeNotes, dayOf }: { includeNotes: boolean; dayOf: (sec: number) => string },
): ExportedMark {
  const createdAt = mark.createdAt ?? mark.updatedAt;
  return {
    kind: 'mark',
    annotationId: mark.annotationId,
    bookId: mark.bookId,
    bookTitle: mark.bookTitle,
    author,
    text: mark.text ?? '',
    note: includeNotes ? mark.note : null,
    color: hexOf(mark.color, HIGHLIGHT_COLOR),
    chapter: mark.chapter,
    chapterIndex: mark.chapterIndex,
    pageNumber: mark.pageNumber,
    day: dayOf(Math.floor(createdAt.getTime() / 1000)),
    createdAt: createdAt.toISOString(),
    updatedAt: mark.updatedAt.toISOString(),
    startPosition: mark.startPosition,
    endPosition: mark.endPosition,
  };
}

/** Returns where a highlight is, for a person: chapter, page, how far in the book when that is asked for, day, colour. */
export function placeOf(mark: ExportedMark, { includeContext }: ExportHead): string[] {
  const part = includeContext ? partOf(mark.startPosition) : undefined;
  return [
    ...(mark.chapter === null ? [] : [mark.chapter]),
    ...(mark.pageNumber === null ? [] : [`p. ${mark.pageNumber}`]),
    ...(part === undefined ? [] : [`${Math.round(part * 100)} %`]),
    mark.day,
    colorNameOf(mark.color),
  ];
}

/** A position that says how far it is into the book, 0 to 1; a CFI or an XPointer says nothing to a person. */
function partOf(position: string | null): number | undefined {
  return position !== null && /^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(position) ? Number(position) : undefined;
}

/** Returns "1 highlight", "2 highlights". */
export const counted = (count: number): string => `${count} ${count === 1 ? 'highlight' : 'highlights'}`;

/** The lines of a text, whatever ends them. */
export const linesOf = (text: string): string[] => text.trim().split(/\r\n|[\n\r\u2028\u2029]/);
