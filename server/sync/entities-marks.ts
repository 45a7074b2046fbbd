// How devices' words reach highlights, notes and bookmarks.
import type { Entity, Writing } from './entity.ts';
import { notFound } from '../base/errors.ts';
import { selectOwnBookIds } from '../shelves/memberships.queries.ts';
import type { NewAnnotation } from '../marks/annotations.ts';
import { selectAnnotation, selectAnnotationsById } from '../marks/annotations.queries.ts';
import type { NewBookmark } from '../marks/bookmarks.ts';
import { selectBookmark, selectBookmarksById } from '../marks/bookmarks.queries.ts';
import { changeAnnotation, changeBookmark, removeAnnotation, removeBookmark } from '../marks/change-marks.ts';
import { insertAnnotation, insertBookmark } from '../marks/marks.queries.ts';
import type { NewNote, NoteChange } from '../marks/notes.ts';
import { deleteNote, insertNote, selectNote, selectNotesById, updateNote } from '../marks/notes.queries.ts';

/** A device names the book of a new mark beside it. */
export type InBook = { bookId: string };

/** What every new mark has. Throws not_found for an unknown book. */
function placed({ db, ownerId, saidAt, now }: Writing, bookId: string) {
  if (!selectOwnBookIds(db, ownerId, [bookId]).has(bookId)) throw notFound('book', bookId);
  return { ownerId, bookId, createdAt: saidAt, updatedAt: now };
}

const bornAt = (row: { createdAt: Date | null; updatedAt: Date }): number =>
  (row.createdAt ?? row.updatedAt).getTime();

export const annotation: Entity = {
  at: { table: 'annotations', id: 'annotation_id' },
  isApart: true,
  select: (db, ownerId, ids) =>
    selectAnnotationsById(db, ids)
      .filter((row) => row.ownerId === ownerId)
      .map((record) => [record.annotationId, { kind: 'annotation', record }] as const),
  find(db, ownerId, id) {
    const record = selectAnnotation(db, ownerId, id);
    if (record === undefined) return undefined;
    return { thing: () => ({ kind: 'annotation', record }), fields: record, bornMs: bornAt(record) };
  },
  add(to, fields) {
    const { bookId, ...mark } = fields as NewAnnotation & InBook;
    insertAnnotation(to.db, { ...mark, ...placed(to, bookId), annotationId: to.id, source: 'papyrus' });
  },
  change: ({ db, ownerId, id, ...moment }, taken) => changeAnnotation(db, ownerId, id, taken, moment),
  remove: ({ db, ownerId, id, now }) => removeAnnotation(db, ownerId, id, now),
};

export const bookmark: Entity = {
  at: { table: 'bookmarks', id: 'bookmark_id' },
  isApart: true,
  select: (db, ownerId, ids) =>
    selectBookmarksById(db, ownerId, ids).map(
      (record) => [record.bookmarkId, { kind: 'bookmark', record }] as const,
    ),
  find(db, ownerId, id) {
    const record = selectBookmark(db, ownerId, id);
    if (record === undefined) return undefined;
    return { thing: () => ({ kind: 'bookmark', record }), fields: record, bornMs: bornAt(record) };
  },
  add(to, fields) {
    const { bookId, ...mark } = fields as NewBookmark & InBook;
    insertBookmark(to.db, { ...mark, ...placed(to, bookId), bookmarkId: to.id, source: 'papyrus' });
  },
  change: ({ db, ownerId, id, ...moment }, taken) => changeBookmark(db, ownerId, id, taken, moment),
  remove: ({ db, ownerId, id, now }) => removeBookmark(db, ownerId, id, now),
};

export const note: Entity = {
  at: { table: 'notes', id: 'note_id' },
  isApart: true,
  select: (db, ownerId, ids) =>
    selectNotesById(db, ownerId, ids).map((record) => [record.noteId, { kind: 'note', record }] as const),
  find(db, ownerId, id) {
    const record = selectNote(db, ownerId, id);
    if (record === undefined) return undefined;
    return { thing: () => ({ kind: 'note', record }), fields: record, bornMs: bornAt(record) };
  },
  add(to, fields) {
    const { bookId, ...words } = fields as NewNote & InBook;
    insertNote(to.db, { ...words, ...placed(to, bookId), noteId: to.id });
  },
  change: ({ db, id, now }, taken) => updateNote(db, id, { ...(taken as NoteChange), updatedAt: now }),
  remove({ db, ownerId, id }) {
    if (selectNote(db, ownerId, id) === undefined) throw notFound('note', id);
    deleteNote(db, id);
  },
};
