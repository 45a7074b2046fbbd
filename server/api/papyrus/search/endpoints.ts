// Endpoints of the search over everything.
import type { z } from 'zod';
import type { BookText } from '../../../search/book-text.ts';
import type { Search, SearchResult as SearchResultRecord } from '../../../search/search.ts';
import { userEndpoint } from '../auth.ts';
import { presentPagination } from '../books/present.ts';
import { SearchQuery, SearchResultList, SearchSettings, UpdateSearchSettingsRequest } from './schemas.ts';
import type { SearchResult } from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const SEARCH = { tag: 'Search', access: 'user' } as const;

/** Returns the endpoints. */
export function searchEndpoints({ search, bookText }: { search: Search; bookText: BookText }) {
  const presentSettings = (ownerId: string): z.infer<typeof SearchSettings> => {
    const { files, passages, unreadable } = bookText.counts(ownerId);
    return { book_text: bookText.isOn(ownerId), files, passages, unreadable_files: unreadable };
  };
  return [
    userEndpoint(
      {
        ...SEARCH,
        method: 'get',
        path: '/search',
        summary:
          'Finds words in books, annotations, notes or the text of books, with the places they stand in.',
        query: SearchQuery,
        answers: { 200: SearchResultList },
      },
      ({ caller, query: { q, in: within, page, limit } }) => {
        const { results, total } = search.find(caller.userId, { search: q, in: within }, { page, limit });
        return { results: results.map(presentResult), pagination: presentPagination(page, limit, total) };
      },
    ),
    userEndpoint(
      {
        ...SEARCH,
        method: 'get',
        path: '/search/settings',
        summary: 'Says whether the text of your books is searched, and how much of it is there.',
        answers: { 200: SearchSettings },
      },
      ({ caller }) => presentSettings(caller.userId),
    ),
    userEndpoint(
      {
        ...SEARCH,
        method: 'put',
        path: '/search/settings',
        summary:
          'Switches the search inside books on or off; their text is taken in, or given up, in the background.',
        body: json(UpdateSearchSettingsRequest),
        answers: { 200: SearchSettings },
      },
      ({ caller, body }) => {
        bookText.set(caller.userId, body.book_text);
        return presentSettings(caller.userId);
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
