// Schemas of the annotation export (papyrus.md "Export of annotations").
import { z } from 'zod';
import { EXPORT_FORMATS, EXPORT_GROUPS } from '../../../marks/export-document.ts';
import { Instant, papyrus, plainText, QueryFlag, Uuid } from '../shared-schemas.ts';

const Format = z.enum(EXPORT_FORMATS);
const envelope = QueryFlag.optional().describe(
  'JSON around the file, or the file itself, whatever Accept says.',
);

export const ExportQuery = z.object({ envelope });

export const BookExportQuery = z.object({
  format: Format,
  include_notes: QueryFlag.default(true),
  include_context: QueryFlag.default(false).describe('Also how far in the book, where that is known.'),
  envelope,
});

const ExportedAnnotations = z
  .object({
    exported_at: Instant,
    group_by: z.enum(EXPORT_GROUPS),
    count: z.int(),
    groups: z.array(
      z.object({
        headings: z.array(z.string()),
        annotations: z.array(
          z.object({
            annotation_id: Uuid,
            book_id: Uuid,
            book_title: z.string(),
            author: z.string(),
            selected_text: z.string(),
            note: z.string().nullable().optional(),
            highlight_color: z.string().describe('#RRGGBB'),
            chapter_title: z.string().nullable(),
            chapter_index: z.int().nullable(),
            page_number: z.int().nullable(),
            start_position: z.string().nullable(),
            end_position: z.string().nullable(),
            created_at: Instant,
            updated_at: Instant,
          }),
        ),
      }),
    ),
  })
  .register(papyrus, { id: 'ExportedAnnotations' });

const ExportEnvelope = z
  .object({
    format: Format,
    filename: z.string(),
    encoding: z.enum(['utf-8', 'base64']).describe('base64 of a PDF.'),
    content: z.string(),
  })
  .register(papyrus, { id: 'AnnotationExportEnvelope' });

/** The file where its format is JSON, or any file as JSON around it. */
export const ExportAnswer = z
  .union([ExportedAnnotations, ExportEnvelope])
  .register(papyrus, { id: 'AnnotationExport' });

export const ExportRequest = z
  .object({
    format: Format,
    book_ids: z.array(Uuid).max(1000).nullish().describe('None are all.'),
    colors: z.array(plainText(50)).max(100).nullish().describe('#RRGGBB or names; none are all.'),
    include_notes: z.boolean().default(true),
    include_context: z.boolean().default(false).describe('Also how far in the book, where that is known.'),
    group_by: z.enum(EXPORT_GROUPS).default('book'),
  })
  .register(papyrus, { id: 'ExportAnnotationsRequest' });
