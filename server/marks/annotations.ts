// Highlights: list, get, create, change, remove. Every call takes the owner; what is somebody else's is not there.
import type { Clock } from '../base/clock.ts';
import { notFound } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook } from '../library/books.queries.ts';
import { wordsOf } from '../search/query/search.queries.ts';
import { ANNOTATION_SORTS, selectAnnotation, selectAnnotationPage } from './annotations.queries.ts';
import type { Annotation, AnnotationFilter, AnnotationSort, ShownAnnotation } from './annotations.queries.ts';
import { changeAnnotation, removeAnnotation } from './change-marks.ts';
import { HIGHLIGHT_COLOR, wantedColors } from './colors.ts';
import { insertAnnotation } from './marks.queries.ts';
import type { MarkChange } from './persons-word.ts';

export type { Annotation, AnnotationSort, ShownAnnotation } from './annotations.queries.ts';
export type { MarkChange } from './persons-word.ts';

/** What a person marks. Positions are a device's own words and kept as they are. */
export type NewAnnotation = {
  text: string;
  note: string | null;
  color: string;
  startPosition: string;
  endPosition: string;
  chapter: string | null;
  chapterIndex: number | null;
  pageNumber: number | null;
};

/** What lists of highlights can be sorted by. */
export const ANNOTATION_SORT_NAMES = Object.keys(ANNOTATION_SORTS) as (keyof typeof ANNOTATION_SORTS)[];

export type AnnotationQuery = {
  bookId?: string | undefined;
  /** A hex code or a name. */
  color?: string | undefined;
  search?: string | undefined;
  madeFrom?: Date | undefined;
  madeBefore?: Date | undefined;
};

export type Annotations = ReturnType<typeof createAnnotations>;

/** Returns the verbs of highlights. */
export function createAnnotations({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, annotationId: string): Annotation => {
    const found = catalogue.read((db) => selectAnnotation(db, ownerId, annotationId));
    if (found === undefined) throw notFound('annotation', annotationId);
    return found;
  };
  const list = (
    ownerId: string,
    { color, search, ...asked }: AnnotationQuery,
    { page, limit, sorts }: { page: number; limit: number; sorts: readonly AnnotationSort[] },
  ): { annotations: ShownAnnotation[]; total: number } => {
    const filter: AnnotationFilter = {
      ownerId,
      ...asked,
      words: wordsOf(search ?? ''),
      colors: color === undefined ? undefined : wantedColors([color], HIGHLIGHT_COLOR),
    };
    return catalogue.read((db) =>
      selectAnnotationPage(db, filter, { sorts, limit, offset: (page - 1) * limit }),
    );
  };

  return {
    get,

    /** Returns page `page` (from 1) of `limit` highlights and the count of the whole list. All words of `search` must occur. */
    list,

    /** The same of one book. Throws not_found for an unknown book. */
    ofBook(ownerId: string, bookId: string, slice: Parameters<typeof list>[2]): ReturnType<typeof list> {
      if (catalogue.read((db) => selectBook(db, ownerId, bookId)) === undefined)
        throw notFound('book', bookId);
      return list(ownerId, { bookId }, slice);
    },

    /** Adds a highlight. Throws not_found for an unknown book. */
    create(ownerId: string, bookId: string, mark: NewAnnotation, deviceId: string): Annotation {
      const now = clock.now();
      const annotationId = newId(now);
      catalogue.write({ deviceId }, (db) => {
        if (selectBook(db, ownerId, bookId) === undefined) throw notFound('book', bookId);
        const times = { createdAt: now, updatedAt: now };
        insertAnnotation(db, { ...mark, ...times, annotationId, ownerId, bookId, source: 'papyrus' });
      });
      return get(ownerId, annotationId);
    },

    /** Changes note or colour in the catalogue alone. Throws not_found. */
    change(ownerId: string, annotationId: string, change: MarkChange, deviceId: string): Annotation {
      catalogue.write({ deviceId }, (db) =>
        changeAnnotation(db, ownerId, annotationId, change, { now: clock.now() }),
      );
      return get(ownerId, annotationId);
    },

    /** Removes a highlight from the catalogue alone. Throws not_found. */
    remove(ownerId: string, annotationId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => removeAnnotation(db, ownerId, annotationId, clock.now()));
    },
  };
}
