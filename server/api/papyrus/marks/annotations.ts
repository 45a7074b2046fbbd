// Endpoints of annotations.
import type { EditMarks } from '../../../koreader/edit-marks.ts';
import type { Annotations } from '../../../marks/annotations.ts';
import {
  acceptAnnotationChange,
  acceptAnnotationSort,
  acceptBookAnnotationSort,
  acceptNewAnnotation,
  acceptSpan,
} from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentAnnotation } from './present.ts';
import { presentPagination } from '../books/present.ts';
import { BookParams } from '../books/schemas.ts';
import {
  Annotation,
  AnnotationList,
  AnnotationParams,
  AnnotationsQuery,
  BookAnnotationsQuery,
  CreateAnnotationRequest,
  UpdateAnnotationRequest,
} from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const ANNOTATIONS = { tag: 'Annotations', access: 'user' } as const;
const ONE = { ...ANNOTATIONS, path: '/annotations/{annotation_id}', params: AnnotationParams } as const;

/** Clients spell the marks of a book in two ways (papyrus.md "Annotations, notes and bookmarks"). */
const OF_BOOK = ['/books/{book_id}/annotations', '/annotations/books/{book_id}'];

export type AnnotationParts = {
  annotations: Annotations;
  editMarks: EditMarks;
  /** The zone of days. */
  zone: () => string;
};

/** Returns the endpoints. */
export function annotationEndpoints({ annotations, editMarks, zone }: AnnotationParts) {
  return [
    userEndpoint(
      {
        ...ANNOTATIONS,
        method: 'get',
        path: '/annotations',
        summary: 'Lists your highlights in all books, newest first.',
        query: AnnotationsQuery,
        answers: { 200: AnnotationList },
        cached: true,
      },
      ({ caller, query }) => {
        const { page, limit, book_id: bookId, color, search } = query;
        const list = annotations.list(
          caller.userId,
          { bookId, color, search, ...acceptSpan(query, zone()) },
          { page, limit, sorts: acceptAnnotationSort(query.sort) },
        );
        return {
          annotations: list.annotations.map(presentAnnotation),
          pagination: presentPagination(page, limit, list.total),
        };
      },
    ),
    ...OF_BOOK.flatMap((path) => [
      userEndpoint(
        {
          ...ANNOTATIONS,
          method: 'get',
          path,
          summary: 'Lists the highlights of a book in the order of its text.',
          params: BookParams,
          query: BookAnnotationsQuery,
          answers: { 200: AnnotationList },
          errors: ['not_found'],
          cached: true,
        },
        ({ caller, params, query: { page, limit, sort } }) => {
          const sorts = acceptBookAnnotationSort(sort);
          const list = annotations.ofBook(caller.userId, params.book_id, { page, limit, sorts });
          return {
            annotations: list.annotations.map(presentAnnotation),
            pagination: presentPagination(page, limit, list.total),
          };
        },
      ),
      userEndpoint(
        {
          ...ANNOTATIONS,
          method: 'post',
          path,
          summary: 'Adds a highlight to a book.',
          params: BookParams,
          body: json(CreateAnnotationRequest),
          answers: { 201: Annotation },
          errors: ['not_found'],
        },
        ({ caller, params, body }) =>
          presentAnnotation(
            annotations.create(caller.userId, params.book_id, acceptNewAnnotation(body), caller.sessionId),
          ),
      ),
    ]),
    userEndpoint(
      {
        ...ONE,
        method: 'get',
        summary: 'Returns a highlight.',
        answers: { 200: Annotation },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentAnnotation(annotations.get(caller.userId, params.annotation_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: "Changes note or colour, in KOReader's file too where writeback is on.",
        body: json(UpdateAnnotationRequest),
        answers: { 200: Annotation },
        errors: ['not_found', 'stale', 'unavailable'],
      },
      async ({ caller, params, body }) =>
        presentAnnotation(
          await editMarks.changeAnnotation(
            caller.userId,
            params.annotation_id,
            acceptAnnotationChange(body),
            caller.sessionId,
          ),
        ),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'delete',
        summary: "Removes a highlight, from KOReader's file too where writeback is on.",
        errors: ['not_found', 'stale', 'unavailable'],
      },
      ({ caller, params }) =>
        editMarks.removeAnnotation(caller.userId, params.annotation_id, caller.sessionId),
    ),
  ];
}
