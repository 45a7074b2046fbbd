// Endpoints of the search over everything.
import type { z } from 'zod';
import type { Search, SearchResult as SearchResultRecord } from '../../library/search.ts';
import { userEndpoint } from './auth.ts';
import { presentPagination } from './present.ts';
import { SearchQuery, SearchResultList } from './schemas/search.ts';
import type { SearchResult } from './schemas/search.ts';

const SEARCH = { tag: 'Search', access: 'user' } as const;

/** Returns the endpoints. */
export function searchEndpoints({ search }: { search: Search }) {
  return [
    userEndpoint(
      {
        ...SEARCH,
        method: 'get',
        path: '/search',
        summary:
          'Finds words in books, annotations, notes or the text of books, with the places they stand in.',
        query: SearchQuery,
        response: SearchResultList,
      },
      ({ caller, query: { q, in: within, page, limit } }) => {
        const { results, total } = search.find(caller.userId, { search: q, in: within }, { page, limit });
        return { results: results.map(presentResult), pagination: presentPagination(page, limit, total) };
      },
    ),
  ];
}

const presentResult = (result: SearchResultRecord): z.infer<typeof SearchResult> => ({
  kind: result.kind,
  id: result.id,
  book_id: result.bookId,
  book_title: result.bookTitle,
  author: result.authors[0] ?? null,
  co_authors: result.authors.slice(1),
  chapter_title: result.chapter,
  passage: result.place,
  snippets: result.snippets,
});
