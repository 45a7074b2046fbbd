// The endpoint that looks a book up elsewhere.
import type { MetadataFinding, MetadataLookup } from '../../../library/metadata-lookup.ts';
import type { z } from 'zod';
import { userEndpoint } from '../auth.ts';
import { FetchMetadataRequest, MetadataSearchResults } from './schemas.ts';
import type { MetadataSearchResult } from './schemas.ts';
import { json } from '../../../http/bodies.ts';

/** Returns the endpoint. */
export const metadataEndpoints = ({ metadata }: { metadata: MetadataLookup }) => [
  userEndpoint(
    {
      tag: 'Books',
      access: 'user',
      method: 'post',
      path: '/books/metadata/fetch',
      summary: 'Asks Open Library and Google Books about a book.',
      description: 'A source that does not answer is left out; without a network the list is empty.',
      body: json(FetchMetadataRequest),
      answers: { 200: MetadataSearchResults },
    },
    async ({ body }) => ({
      results: (
        await metadata.find({
          isbn: body.isbn ?? undefined,
          title: body.title ?? undefined,
          author: body.author ?? undefined,
        })
      ).map(presentFinding),
    }),
  ),
];

const presentFinding = (finding: MetadataFinding): z.infer<typeof MetadataSearchResult> => ({
  source: finding.source,
  title: finding.title,
  author: finding.author,
  isbn: finding.isbn,
  isbn13: finding.isbn13,
  publisher: finding.publisher,
  publication_date: finding.publishedOn,
  page_count: finding.pageCount,
  description: finding.description,
  cover_image_url: finding.coverImageUrl,
  language: finding.language,
});
