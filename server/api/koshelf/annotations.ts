// The endpoint of all annotations of the library as one list.
import type { Books } from '../../library/books.ts';
import type { Marks } from '../../marks/marks.ts';
import { firstMomentAfter, firstMomentOf } from './accept.ts';
import { koshelfEndpoint } from './auth.ts';
import { presentFoundMark, presentPagination } from './present.ts';
import { AnnotationsAnswer, AnnotationsQuery } from './schemas.ts';

const CONTENT_TYPES = { all: undefined, books: 'book', comics: 'comic' } as const;
const SORTS = { created: 'created', updated: 'updated', item: 'book' } as const;

export type AnnotationParts = {
  books: Books;
  marks: Marks;
  dayOf: (sec: number) => string;
  zone: () => string;
  includeUnread: boolean;
};

/** Returns the endpoint. */
export function annotationEndpoints({ books, marks, dayOf, zone, includeUnread }: AnnotationParts) {
  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/annotations',
        summary: 'Lists highlights and bookmarks of the whole library.',
        description:
          'An addition. Days are those of the reading statistics. Annotations of unknown time come last, and are left out where days are asked for.',
        tag: 'Items',
        access: 'reader',
        query: AnnotationsQuery,
        answers: { 200: AnnotationsAnswer },
        cached: true,
      },
      ({ caller, query }) => {
        const { page, limit, sort, from, to } = query;
        const list = marks.list(
          {
            ownerId: caller.ownerId,
            onlyWithSidecar: !includeUnread,
            search: query.q,
            contentType: CONTENT_TYPES[query.scope],
            kind: query.type,
            bookId: query.item_id === undefined ? undefined : books.idOf(caller.ownerId, query.item_id),
            color: query.color,
            drawer: query.drawer,
            hasNote: query.has_note === undefined ? undefined : query.has_note === 'true',
            madeFrom: from === undefined ? undefined : firstMomentOf(from, dayOf),
            madeBefore: to === undefined ? undefined : firstMomentAfter(to, dayOf),
          },
          { page, limit, sort: SORTS[sort], order: query.order ?? (sort === 'item' ? 'asc' : 'desc') },
        );
        return {
          annotations: list.found.map((mark) => presentFoundMark(mark, zone())),
          pagination: presentPagination(page, limit, list.total),
        };
      },
    ),
  ];
}
