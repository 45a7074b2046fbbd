// Schemas of taking a library out and bringing it back (papyrus.md "Taking a library out and in").
import { z } from 'zod';
import { SECTIONS } from '../../../portability/sections.ts';
import { FORMAT, FORMAT_VERSION } from '../../../portability/write-json.ts';
import { Instant, papyrus, Uuid } from '../shared-schemas.ts';

const Ids = z.array(Uuid).max(10_000);

export const ExportLibraryRequest = z
  .object({
    format: z.enum(['json', 'csv', 'opml']),
    include_books: z.boolean().default(true),
    include_annotations: z.boolean().default(true).describe('Bookmarks among them.'),
    include_notes: z.boolean().default(true),
    include_progress: z.boolean().default(true).describe('Reading, sessions and goals.'),
    shelf_ids: Ids.optional().describe('Only books on one of these shelves.'),
    tag_ids: Ids.optional().describe(
      'Only books with one of these tags; of those on the shelves, when both are given.',
    ),
  })
  .register(papyrus, { id: 'ExportLibraryRequest' });

export const ExportBooksRequest = z
  .object({
    book_ids: Ids.optional().describe('All books when nothing is said.'),
    include_metadata: z.boolean().default(true).describe('A JSON file beside each book.'),
  })
  .register(papyrus, { id: 'ExportBooksRequest' });

const Rows = z.array(z.record(z.string(), z.unknown()));

const sections = Object.fromEntries(SECTIONS.map(({ name }) => [name, Rows.optional()]));

/** What POST /export/library writes as JSON: docs/export-format.md says more. */
export const LibraryDocument = z
  .looseObject({
    format: z.literal(FORMAT),
    version: z.literal(FORMAT_VERSION),
    exported_at: Instant.optional(),
    exported_by: z.string().optional(),
    is_whole: z.boolean().optional(),
    account: z
      .looseObject({ display_name: z.string(), preferences: z.record(z.string(), z.unknown()) })
      .optional(),
    ...sections,
    files: Rows.optional().describe('Checksums, sizes and names; they are told, not taken in.'),
  })
  .register(papyrus, { id: 'LibraryDocument' });

/** What POST /import/library reads of it; what else there is is passed over. */
export const LibraryToTakeIn = z
  .looseObject({ format: z.literal(FORMAT), version: z.literal(FORMAT_VERSION), ...sections })
  .register(papyrus, { id: 'LibraryToTakeIn' });

const Count = z.int().min(0);

export const LibraryImportReport = z
  .object({
    exported_at: Instant.nullable().describe('When the document says it was written.'),
    sections: z
      .record(
        z.string(),
        z.object({
          added: Count,
          updated: Count.describe('Were here already, and the document has newer words.'),
          kept: Count.describe('Were here already, and are newer or the same.'),
          skipped: Count.describe('Hang on something that is neither here nor in the document.'),
        }),
      )
      .describe('What became of the rows of each section.'),
  })
  .register(papyrus, { id: 'LibraryImportReport' });
