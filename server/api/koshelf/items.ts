// Endpoints of the library: the list, an item with what is asked for, its pages.
import { notFound } from '../../base/errors.ts';
import type { Sidecars } from '../../koreader/sidecars.ts';
import type { Books } from '../../library/books.ts';
import type { Marks } from '../../marks/marks.ts';
import type { Activity } from '../../reading/activity.ts';
import { koshelfEndpoint } from './auth.ts';
import type { DialectShape } from './dialect.ts';
import {
  presentBookmark,
  presentChapters,
  presentCompletions,
  presentDetail,
  presentHighlight,
  presentItem,
  presentPageActivity,
  presentReader,
  presentStatistics,
} from './present.ts';
import {
  ItemAnswer,
  ItemParams,
  ItemQuery,
  ItemsAnswer,
  ItemsQuery,
  PageActivity,
  PageActivityQuery,
} from './schemas.ts';
import { defined } from '../../base/defined.ts';

const CONTENT_TYPES = { all: undefined, books: 'book', comics: 'comic' } as const;
const ASCENDING = new Set(['title', 'author', 'status']);

export type ItemParts = {
  books: Books;
  marks: Marks;
  activity: Activity;
  sidecars: Sidecars;
  zone: () => string;
  includeUnread: boolean;
  /** Whether a book has the pages KOReader made up for it. */
  stablePages: () => boolean;
  shape: DialectShape;
};

/** Returns the endpoints. */
export function itemEndpoints(parts: ItemParts) {
  const { books, marks, activity, sidecars, zone, includeUnread, stablePages, shape } = parts;
  /** The item of an id, KoShelf's own among them. */
  const itemOf = (ownerId: string, idOrChecksum: string) => {
    const id = books.idOf(ownerId, idOrChecksum);
    const book = books.get(ownerId, id);
    const sidecar = sidecars.ofBook(id);
    // Books on paper, and those KOReader never opened when they are not wanted, are no items.
    if (!book.hasSidecar && !(book.hasFile && includeUnread)) throw notFound('item', id);
    return { id, book, sidecar };
  };

  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/items',
        summary: 'Lists the library.',
        tag: 'Items',
        access: 'reader',
        query: ItemsQuery,
        answers: { 200: ItemsAnswer },
        cached: true,
      },
      ({ caller, query: { scope, sort, order } }) => ({
        items: books
          .overviews({
            ownerId: caller.ownerId,
            contentType: CONTENT_TYPES[scope],
            onlyWithSidecar: !includeUnread,
            sort,
            order: order ?? (ASCENDING.has(sort) ? 'asc' : 'desc'),
          })
          .map((book) => presentItem(book, shape)),
      }),
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/items/{id}',
        summary: 'Returns an item with what is asked for.',
        tag: 'Items',
        access: 'reader',
        params: ItemParams,
        query: ItemQuery,
        answers: { 200: ItemAnswer },
        errors: ['not_found'],
      },
      ({ caller, params, query: { include } }) => {
        const { id, book, sidecar } = itemOf(caller.ownerId, params.id);
        const left = marks.ofBook(id);
        const reading =
          include.includes('statistics') || include.includes('completions')
            ? activity.statisticsOf(id)
            : undefined;
        return defined({
          item: presentDetail(book, sidecar, {
            annotationCount: left.highlights.length + left.bookmarks.length,
            shape,
            stablePages: stablePages(),
          }),
          highlights: include.includes('highlights')
            ? left.highlights.map((mark) => presentHighlight(mark, zone()))
            : undefined,
          bookmarks: include.includes('bookmarks')
            ? left.bookmarks.map((mark) => presentBookmark(mark, zone()))
            : undefined,
          statistics: include.includes('statistics')
            ? presentStatistics(left, reading, { zone: zone(), shape })
            : undefined,
          completions: include.includes('completions')
            ? presentCompletions(reading?.completions ?? [])
            : undefined,
          reader_presentation: include.includes('reader_presentation') ? presentReader(sidecar) : undefined,
          chapters: include.includes('chapters')
            ? presentChapters(books.chapters(caller.ownerId, id))
            : undefined,
        });
      },
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/items/{id}/page-activity',
        summary: 'Returns how long each page was read.',
        tag: 'Items',
        access: 'reader',
        params: ItemParams,
        query: PageActivityQuery,
        answers: { 200: PageActivity },
        errors: ['not_found'],
      },
      ({ caller, params, query: { completion } }) => {
        const { id } = itemOf(caller.ownerId, params.id);
        const found = activity.ofBook(id);
        if (found === undefined) throw notFound('reading data', id);
        return presentPageActivity(found.pages, readsOf(found, completion), marks.ofBook(id));
      },
    ),
  ];

  /** The reads of one completion, none when there is no such completion. */
  function readsOf(found: NonNullable<ReturnType<Activity['ofBook']>>, completion: number | undefined) {
    if (completion === undefined) return found.reads;
    const chosen = found.completions[completion];
    return chosen === undefined ? [] : found.reads.slice(chosen.reads.from, chosen.reads.to);
  }
}
