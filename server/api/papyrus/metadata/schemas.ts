// Schemas of looking a book up elsewhere (papyrus.md "Removing, batches, covers").
import { z } from 'zod';
import { papyrus, plainText, requiredText } from '../shared-schemas.ts';

const Words = requiredText(500);

export const FetchMetadataRequest = z
  .object({ isbn: requiredText(32).nullish(), title: Words.nullish(), author: Words.nullish() })
  .refine(({ isbn, title, author }) => isbn != null || title != null || author != null, {
    message: 'one of isbn, title and author is needed',
    path: ['title'],
  })
  .register(papyrus, { id: 'FetchMetadataRequest' });

export const MetadataSearchResult = z
  .object({
    source: z.enum(['open_library', 'google_books']),
    title: z.string(),
    author: z.string().nullable(),
    isbn: z.string().nullable(),
    isbn13: z.string().nullable(),
    publisher: z.string().nullable(),
    publication_date: z.iso.date().nullable(),
    page_count: z.int().nullable(),
    description: z.string().nullable().describe('Sanitised HTML.'),
    cover_image_url: z.string().nullable().describe('Always https.'),
    language: plainText(35).nullable(),
  })
  .register(papyrus, { id: 'MetadataSearchResult' });

export const MetadataSearchResults = z
  .object({ results: z.array(MetadataSearchResult) })
  .register(papyrus, { id: 'MetadataSearchResults' });
