// Marks in, as neutral records. A key that is absent stays absent.
import type { z } from 'zod';
import { instantOf } from '../../../base/time-zone.ts';
import { invalid } from '../../../base/errors.ts';
import { ANNOTATION_SORT_NAMES } from '../../../marks/annotations.ts';
import type { AnnotationSort, MarkChange, NewAnnotation } from '../../../marks/annotations.ts';
import type { NewBookmark } from '../../../marks/bookmarks.ts';
import { NOTE_SORT_NAMES } from '../../../marks/notes.ts';
import type { NoteChange, NoteSort } from '../../../marks/notes.ts';
import type {
  CreateAnnotationRequest,
  CreateBookmarkRequest,
  UpdateAnnotationRequest,
  UpdateBookmarkRequest,
  UpdateNoteRequest,
} from './schemas.ts';

/** Returns the highlight to add. */
export const acceptNewAnnotation = (body: z.output<typeof CreateAnnotationRequest>): NewAnnotation => ({
  text: body.selected_text,
  note: body.note?.trim() === '' ? null : (body.note ?? null),
  color: body.highlight_color,
  startPosition: body.start_position,
  endPosition: body.end_position,
  chapter: body.chapter_title ?? null,
  chapterIndex: body.chapter_index ?? null,
  pageNumber: body.page_number ?? null,
});

/** Returns the change to a highlight. */
export const acceptAnnotationChange = (body: z.output<typeof UpdateAnnotationRequest>): MarkChange => ({
  ...(body.note === undefined ? {} : { note: body.note }),
  ...(body.highlight_color === undefined ? {} : { color: body.highlight_color }),
});

/** Returns the bookmark to add; a number becomes its decimal text (papyrus.md "Annotations, notes and bookmarks"). */
export const acceptNewBookmark = (body: z.output<typeof CreateBookmarkRequest>): NewBookmark => ({
  position: String(body.position),
  pageNumber: body.page_number ?? null,
  chapter: body.chapter_title ?? null,
  note: body.note?.trim() === '' ? null : (body.note ?? null),
  color: body.color,
});

/** Returns the change to a bookmark. */
export const acceptBookmarkChange = (body: z.output<typeof UpdateBookmarkRequest>): MarkChange => ({
  ...(body.note === undefined ? {} : { note: body.note }),
  ...(body.color === undefined ? {} : { color: body.color }),
});

/** Returns the change to a note. */
export const acceptNoteChange = (body: z.output<typeof UpdateNoteRequest>): NoteChange => ({
  ...(body.title === undefined ? {} : { title: body.title }),
  ...(body.content === undefined ? {} : { content: body.content }),
  ...(body.is_pinned === undefined ? {} : { isPinned: body.is_pinned }),
});

/** Returns the sort terms of `book_title,-created_at`, newest first without any. Throws invalid for an unknown field. */
export const acceptAnnotationSort = (sort: string | undefined): AnnotationSort[] =>
  sort === undefined
    ? [{ by: 'created_at', order: 'desc' }]
    : sortTerms('Annotations', sort, ANNOTATION_SORT_NAMES);

/** The same for one book, which is in the order of its text without any. */
export const acceptBookAnnotationSort = (sort: string | undefined): AnnotationSort[] =>
  sort === undefined ? [{ by: 'text', order: 'asc' }] : acceptAnnotationSort(sort);

/** Returns the sort terms of `-updated_at`; pinned first, then newest change, without any. Throws invalid for an unknown field. */
export const acceptNoteSort = (sort: string | undefined): NoteSort[] =>
  sortTerms('Notes', sort ?? '-is_pinned,-updated_at', NOTE_SORT_NAMES);

function sortTerms<Name extends string>(
  what: string,
  sort: string,
  names: readonly Name[],
): { by: Name; order: 'asc' | 'desc' }[] {
  return sort.split(',').map((term) => {
    const name = term.trim().replace(/^-/, '');
    const by = names.find((each) => each === name);
    if (by === undefined) {
      throw invalid(`${what} cannot be sorted by "${name}".`, {
        details: { fields: { sort: `one of ${names.join(', ')}` } },
      });
    }
    return { by, order: term.trim().startsWith('-') ? 'desc' : 'asc' };
  });
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Returns the span of `from` and `to`: days of the zone as a whole, instants as they are. */
export function acceptSpan(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  zone: string,
): { madeFrom?: Date; madeBefore?: Date } {
  return {
    ...(from === undefined ? {} : { madeFrom: DAY.test(from) ? dayStart(from, zone) : new Date(from) }),
    ...(to === undefined
      ? {}
      : { madeBefore: DAY.test(to) ? dayStart(nextDay(to), zone) : new Date(Date.parse(to) + 1) }),
  };
}

/** Where clocks are put forward at midnight the day begins an hour later. */
const dayStart = (day: string, zone: string): Date =>
  instantOf(`${day} 00:00`, zone) ?? new Date(`${day}T00:00:00Z`);

const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
