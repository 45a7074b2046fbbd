// Schemas of annotations, notes and bookmarks (papyrus.md "Annotations, notes and bookmarks").
import { z } from 'zod';
import { ANNOTATION_SORT_NAMES } from '../../../marks/annotations.ts';
import { NOTE_SORT_NAMES } from '../../../marks/notes.ts';
import { BOOKMARK_COLOR, HIGHLIGHT_COLOR } from '../../../marks/colors.ts';
import {
  Instant,
  PageQuery,
  Pagination,
  papyrus,
  plainText,
  QueryFlag,
  requiredText,
  sortOf,
  Uuid,
} from '../shared-schemas.ts';

const Color = z.string().regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour such as #FFEB3B');
const Position = plainText(2000).min(1);
const ChapterTitle = plainText(255).nullish();
const PageNumber = z.int().min(0).max(1_000_000_000).nullish();
const MarkNote = plainText(100_000).nullish();

export const Annotation = z
  .object({
    annotation_id: Uuid,
    book_id: Uuid,
    book_title: z.string(),
    selected_text: z.string().nullable().describe('Null for a picture KOReader marked.'),
    note: z.string().nullable(),
    highlight_color: Color,
    start_position: z.string().nullable().describe("The device's own word: a CFI, an XPointer, a place."),
    end_position: z.string().nullable(),
    chapter_title: z.string().nullable(),
    chapter_index: z.int().nullable(),
    page_number: z.int().nullable(),
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'Annotation' });

export const AnnotationList = z
  .object({ annotations: z.array(Annotation), pagination: Pagination })
  .register(papyrus, { id: 'AnnotationList' });

export const AnnotationParams = z.object({ annotation_id: Uuid });

const Search = plainText(500).optional();
const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .optional()
  .describe("A day of the server's zone, or an instant.");

export const BookAnnotationsQuery = z.object({
  ...PageQuery,
  sort: sortOf(ANNOTATION_SORT_NAMES)
    .optional()
    .describe('By chapter, page and time unless given; a leading - is for descending.'),
});

export const AnnotationsQuery = z.object({
  ...PageQuery,
  sort: sortOf(ANNOTATION_SORT_NAMES).optional().describe('A leading - is for descending.'),
  book_id: Uuid.optional(),
  color: plainText(50)
    .optional()
    .describe('#RRGGBB, or yellow, green, blue, pink, purple, orange; case does not matter.'),
  search: Search.describe('Words that must all occur in text, note, chapter or title of the book.'),
  from: Moment,
  to: Moment.describe("A day of the server's zone, itself included, or an instant."),
});

export const CreateAnnotationRequest = z
  .object({
    selected_text: plainText(100_000).min(1),
    note: MarkNote,
    highlight_color: Color.default(HIGHLIGHT_COLOR),
    start_position: Position,
    end_position: Position,
    chapter_title: ChapterTitle,
    chapter_index: PageNumber,
    page_number: PageNumber,
  })
  .register(papyrus, { id: 'CreateAnnotationRequest' });

export const UpdateAnnotationRequest = z
  .object({ note: MarkNote, highlight_color: Color.optional() })
  .register(papyrus, { id: 'UpdateAnnotationRequest' });

export const Note = z
  .object({
    note_id: Uuid,
    book_id: Uuid,
    book_title: z.string(),
    title: z.string(),
    content: z.string().describe('Markdown.'),
    is_pinned: z.boolean(),
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'Note' });

export const NoteList = z
  .object({ notes: z.array(Note), pagination: Pagination })
  .register(papyrus, { id: 'NoteList' });

export const NoteParams = z.object({ note_id: Uuid });

const noteSort = sortOf(NOTE_SORT_NAMES).optional().describe('A leading - is for descending.');

export const BookNotesQuery = z.object({ ...PageQuery, sort: noteSort });

export const NotesQuery = z.object({
  ...PageQuery,
  sort: noteSort,
  book_id: Uuid.optional(),
  is_pinned: QueryFlag.optional(),
  search: Search.describe('Words that must all occur in title or content.'),
});

const NoteContent = plainText(500_000);

export const CreateNoteRequest = z
  .object({ title: requiredText(255), content: NoteContent, is_pinned: z.boolean().default(false) })
  .register(papyrus, { id: 'CreateNoteRequest' });

export const UpdateNoteRequest = z
  .object({
    title: requiredText(255).optional(),
    content: NoteContent.optional(),
    is_pinned: z.boolean().optional(),
  })
  .register(papyrus, { id: 'UpdateNoteRequest' });

export const Bookmark = z
  .object({
    bookmark_id: Uuid,
    book_id: Uuid,
    position: z.string().nullable().describe("The device's own word, as it gave it."),
    page_number: z.int().nullable(),
    chapter_title: z.string().nullable(),
    note: z.string().nullable(),
    color: Color,
    created_at: Instant,
  })
  .register(papyrus, { id: 'Bookmark' });

export const BookmarkList = z
  .object({ bookmarks: z.array(Bookmark) })
  .register(papyrus, { id: 'BookmarkList' });

export const BookmarkParams = z.object({ bookmark_id: Uuid });
export const BookmarksQuery = z.object({ book_id: Uuid.optional() });

const BookmarkNote = plainText(500).nullish();

export const CreateBookmarkRequest = z
  .object({
    position: z
      .union([Position, z.number().min(0).max(1)])
      .describe("The device's own word, or the part read, 0 to 1."),
    page_number: PageNumber,
    chapter_title: ChapterTitle,
    note: BookmarkNote,
    color: Color.default(BOOKMARK_COLOR),
  })
  .register(papyrus, { id: 'CreateBookmarkRequest' });

export const UpdateBookmarkRequest = z
  .object({ note: BookmarkNote, color: Color.optional() })
  .register(papyrus, { id: 'UpdateBookmarkRequest' });
