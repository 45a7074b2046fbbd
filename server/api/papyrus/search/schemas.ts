// Schemas of the search over everything (an addition to the contract).
import { z } from 'zod';
import { PageQuery, Pagination, papyrus, plainText, Uuid } from '../shared-schemas.ts';

export const SearchQuery = z.object({
  ...PageQuery,
  q: plainText(500).describe('Words that must all occur; case and accents do not matter.'),
  in: z
    .enum(['books', 'annotations', 'notes', 'text'])
    .default('books')
    .describe(
      '`text` is inside books: every word begins a word of one passage. At most 5000 passages are counted.',
    ),
});

export const SearchResult = z
  .object({
    kind: z.enum(['book', 'annotation', 'note', 'text']),
    id: Uuid.describe("The book's, annotation's or note's id; of a passage of text, the book's."),
    book_id: Uuid,
    book_title: z.string(),
    author: z.string().nullable(),
    co_authors: z.array(z.string()),
    chapter_title: z.string().nullable(),
    passage: z.int().nullable().describe("Of a passage of text: which of the book's it is, from 0."),
    snippets: z.array(
      z.object({
        field: z.string().describe('Where the words were found.'),
        text: z.string().describe('Plain text, an ellipsis where it was cut.'),
        marks: z
          .array(z.object({ start: z.int(), end: z.int() }))
          .describe('The words found, as ranges of the text in UTF-16 units.'),
      }),
    ),
  })
  .register(papyrus, { id: 'SearchResult' });

export const SearchResultList = z
  .object({ results: z.array(SearchResult), pagination: Pagination })
  .register(papyrus, { id: 'SearchResultList' });

export const SearchSettings = z
  .object({
    book_text: z.boolean().describe('Off until you switch it on: it takes room on the disk.'),
    files: z.int().describe('Files whose text can be searched by now.'),
    passages: z.int(),
    unreadable_files: z.int().describe('Files whose text could not be read.'),
  })
  .register(papyrus, { id: 'SearchSettings' });

export const UpdateSearchSettingsRequest = z
  .object({ book_text: z.boolean() })
  .register(papyrus, { id: 'UpdateSearchSettingsRequest' });
