// Endpoints of notes.
import type { Notes } from '../../../marks/notes.ts';
import { acceptNoteChange, acceptNoteSort } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentNote } from './present.ts';
import { presentPagination } from '../books/present.ts';
import { BookParams } from '../books/schemas.ts';
import {
  BookNotesQuery,
  CreateNoteRequest,
  Note,
  NoteList,
  NoteParams,
  NotesQuery,
  UpdateNoteRequest,
} from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const NOTES = { tag: 'Notes', access: 'user' } as const;
const ONE = { ...NOTES, path: '/notes/{note_id}', params: NoteParams } as const;

/** Clients spell the notes of a book in two ways (papyrus.md "Annotations, notes and bookmarks"). */
const OF_BOOK = ['/books/{book_id}/notes', '/notes/books/{book_id}'];

/** Returns the endpoints. */
export function noteEndpoints({ notes }: { notes: Notes }) {
  return [
    userEndpoint(
      {
        ...NOTES,
        method: 'get',
        path: '/notes',
        summary: 'Lists your notes on all books, pinned ones first.',
        query: NotesQuery,
        answers: { 200: NoteList },
        cached: true,
      },
      ({ caller, query }) => {
        const { page, limit, book_id: bookId, is_pinned: isPinned, search } = query;
        const slice = { page, limit, sorts: acceptNoteSort(query.sort) };
        const list = notes.list(caller.userId, { bookId, isPinned, search }, slice);
        return {
          notes: list.notes.map(presentNote),
          pagination: presentPagination(page, limit, list.total),
        };
      },
    ),
    ...OF_BOOK.flatMap((path) => [
      userEndpoint(
        {
          ...NOTES,
          method: 'get',
          path,
          summary: 'Lists the notes on a book, pinned ones first.',
          params: BookParams,
          query: BookNotesQuery,
          answers: { 200: NoteList },
          errors: ['not_found'],
          cached: true,
        },
        ({ caller, params, query: { page, limit, sort } }) => {
          const slice = { page, limit, sorts: acceptNoteSort(sort) };
          const list = notes.ofBook(caller.userId, params.book_id, slice);
          return {
            notes: list.notes.map(presentNote),
            pagination: presentPagination(page, limit, list.total),
          };
        },
      ),
      userEndpoint(
        {
          ...NOTES,
          method: 'post',
          path,
          summary: 'Adds a note to a book.',
          params: BookParams,
          body: json(CreateNoteRequest),
          answers: { 201: Note },
          errors: ['not_found'],
        },
        ({ caller, params, body: { title, content, is_pinned: isPinned } }) =>
          presentNote(
            notes.create(caller.userId, params.book_id, { title, content, isPinned }, caller.sessionId),
          ),
      ),
    ]),
    userEndpoint(
      { ...ONE, method: 'get', summary: 'Returns a note.', answers: { 200: Note }, errors: ['not_found'] },
      ({ caller, params }) => presentNote(notes.get(caller.userId, params.note_id)),
    ),
    userEndpoint(
      {
        ...ONE,
        method: 'patch',
        summary: 'Changes what is given.',
        body: json(UpdateNoteRequest),
        answers: { 200: Note },
        errors: ['not_found'],
      },
      ({ caller, params, body }) =>
        presentNote(notes.change(caller.userId, params.note_id, acceptNoteChange(body), caller.sessionId)),
    ),
    userEndpoint(
      { ...ONE, method: 'delete', summary: 'Removes a note.', errors: ['not_found'] },
      ({ caller, params }) => notes.remove(caller.userId, params.note_id, caller.sessionId),
    ),
  ];
}
