// Schemas of the annotation export (Papyrus behaviour §9.1).
import { z } from 'zod';
import { EXPORT_FORMATS, EXPORT_GROUPS } from '../../../marks/export-document.ts';
import { papyrus, plainText, QueryFlag, Uuid } from './shared.ts';

const Format = z.enum(EXPORT_FORMATS);
const envelope = QueryFlag.optional().describe(
  'JSON around the file, or the file itself, whatever Accept says.',
);

export const ExportQuery = z.object({ envelope });

export const BookExportQuery = z.object({
  format: Format,
  include_notes: QueryFlag.default(true),
  include_context: QueryFlag.default(false).describe("Also the device's positions."),
  envelope,
});

export const ExportRequest = z
  .object({
    format: Format,
    book_ids: z.array(Uuid).max(1000).nullish().describe('None are all.'),
    colors: z.array(plainText(50)).max(100).nullish().describe('#RRGGBB or names; none are all.'),
    include_notes: z.boolean().default(true),
    include_context: z.boolean().default(false).describe("Also the device's positions."),
    group_by: z.enum(EXPORT_GROUPS).default('book'),
  })
  .register(papyrus, { id: 'ExportAnnotationsRequest' });
