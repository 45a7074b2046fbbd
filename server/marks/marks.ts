// Marks: what a person left in a book.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { wordsOf } from '../search/query/search.queries.ts';
import { selectAnnotations, selectBookmarks } from './marks.queries.ts';
import type { AnnotationRow, BookmarkRow } from './marks.queries.ts';
import { selectMarks } from './search.queries.ts';
import type { FoundMark, MarkFilter, MarkSort } from './search.queries.ts';

export type Marks = ReturnType<typeof createMarks>;

/** Returns the verbs of marks. */
export function createMarks({ catalogue }: { catalogue: Catalogue }) {
  return {
    /** Returns the highlights and the bookmarks of a book, each in the order of the text. */
    ofBook: (bookId: string): { highlights: AnnotationRow[]; bookmarks: BookmarkRow[] } =>
      catalogue.read((db) => ({
        highlights: selectAnnotations(db, bookId),
        bookmarks: selectBookmarks(db, bookId),
      })),

    /**
     * Returns page `page` (from 1) of `limit` marks of all shown books and the count of the whole list. All words of
     * `search` must occur in the mark, or in title or authors of its book. Unknown times last, ties by id.
     */
    list(
      filter: Omit<MarkFilter, 'words'> & { search?: string | undefined },
      slice: { page: number; limit: number; sort: MarkSort; order: 'asc' | 'desc' },
    ): { found: FoundMark[]; total: number } {
      const { page, limit, sort, order } = slice;
      const words = wordsOf(filter.search ?? '');
      return catalogue.read((db) =>
        selectMarks(db, { ...filter, words }, { sort, order, limit, offset: (page - 1) * limit }),
      );
    },
  };
}
