// Marks out, in the Papyrus contract's words. Every key is always there, null when unset (papyrus.md "Answers").
import type { z } from 'zod';
import type { ShownAnnotation } from '../../../marks/annotations.ts';
import { BOOKMARK_COLOR, HIGHLIGHT_COLOR, hexOf } from '../../../marks/colors.ts';
import type { BookmarkRow } from '../../../marks/marks.queries.ts';
import type { Note as NoteRecord } from '../../../marks/notes.ts';
import type { Annotation, Bookmark, Note } from './schemas.ts';

/** Returns a highlight. One without a time, from a device without a clock, is as old as its last change. */
export const presentAnnotation = (mark: ShownAnnotation): z.infer<typeof Annotation> => ({
  annotation_id: mark.annotationId,
  book_id: mark.bookId,
  book_title: mark.bookTitle,
  selected_text: mark.text,
  note: mark.note,
  highlight_color: hexOf(mark.color, HIGHLIGHT_COLOR),
  start_position: mark.startPosition,
  end_position: mark.endPosition,
  chapter_title: mark.chapter,
  chapter_index: mark.chapterIndex,
  page_number: mark.pageNumber,
  created_at: (mark.createdAt ?? mark.updatedAt).toISOString(),
  updated_at: mark.updatedAt.toISOString(),
});

/** Returns a note. */
export const presentNote = (note: NoteRecord): z.infer<typeof Note> => ({
  note_id: note.noteId,
  book_id: note.bookId,
  book_title: note.bookTitle,
  title: note.title,
  content: note.content,
  is_pinned: note.isPinned,
  created_at: note.createdAt.toISOString(),
  updated_at: note.updatedAt.toISOString(),
});

/** Returns a bookmark. */
export const presentBookmark = (mark: BookmarkRow): z.infer<typeof Bookmark> => ({
  bookmark_id: mark.bookmarkId,
  book_id: mark.bookId,
  position: mark.position,
  page_number: mark.pageNumber,
  chapter_title: mark.chapter,
  note: mark.note,
  color: hexOf(mark.color, BOOKMARK_COLOR),
  created_at: (mark.createdAt ?? mark.updatedAt).toISOString(),
});
