// Endpoints that change KOReader's own files. With writeback off they are described but not there.
import type { ErrorKind } from '../../base/errors.ts';
import type { ItemChange as BookChange, Writeback } from '../../koreader/writeback.ts';
import type { MarkChange } from '../../marks/annotations.ts';
import type { Books } from '../../library/books.ts';
import { koshelfEndpoint } from './auth.ts';
import { AnnotationChange, AnnotationParams, ItemChange, ItemParams } from './schemas.ts';
import type { z } from 'zod';
import { json } from '../../http/bodies.ts';

export type WritebackParts = { books: Books; writeback: Writeback };

/** Returns the endpoints. */
export function writebackEndpoints({ books, writeback }: WritebackParts) {
  const writes = {
    tag: 'Writeback',
    access: 'reader',
    description: 'Only when the server was started with --writeback; else 404.',
    errors: ['not_found', 'stale'] as ErrorKind[],
    isOff: () => !writeback.enabled(),
  } as const;
  return [
    koshelfEndpoint(
      {
        ...writes,
        method: 'patch',
        path: '/items/{id}',
        summary: "Changes rating, status or review in KOReader's file of the item.",
        params: ItemParams,
        body: json(ItemChange),
      },
      ({ caller, params, body }) =>
        writeback.changeItem(caller.ownerId, books.idOf(caller.ownerId, params.id), acceptItem(body)),
    ),
    koshelfEndpoint(
      {
        ...writes,
        method: 'patch',
        path: '/items/{id}/annotations/{annotation_id}',
        summary: "Changes an annotation in KOReader's file of the item.",
        params: AnnotationParams,
        body: json(AnnotationChange),
      },
      ({ caller, params: { id, annotation_id }, body }) =>
        writeback.changeMark(
          caller.ownerId,
          books.idOf(caller.ownerId, id),
          annotation_id,
          acceptAnnotation(body),
        ),
    ),
    koshelfEndpoint(
      {
        ...writes,
        method: 'delete',
        path: '/items/{id}/annotations/{annotation_id}',
        summary: "Removes an annotation from KOReader's file of the item.",
        params: AnnotationParams,
      },
      ({ caller, params: { id, annotation_id } }) =>
        writeback.removeMark(caller.ownerId, books.idOf(caller.ownerId, id), annotation_id),
    ),
  ];
}

/** A status of null says nothing (koshelf.md "Writeback"). */
const acceptItem = ({ review_note, rating, status }: z.output<typeof ItemChange>): BookChange => ({
  ...(review_note === undefined ? {} : { reviewNote: review_note }),
  ...(rating === undefined ? {} : { rating }),
  ...(status == null ? {} : { status }),
});

/** A colour or drawer of null says nothing (koshelf.md "Writeback"). */
const acceptAnnotation = ({ note, color, drawer }: z.output<typeof AnnotationChange>): MarkChange => ({
  ...(note === undefined ? {} : { note }),
  ...(color == null ? {} : { color }),
  ...(drawer == null ? {} : { drawer }),
});
