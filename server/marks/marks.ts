// Marks: what a person left in a book.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectAnnotations, selectBookmarks } from './marks.queries.ts';
import type { AnnotationRow, BookmarkRow } from './marks.queries.ts';

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
  };
}
