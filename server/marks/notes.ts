// Notes: what a person wrote about a book, in Markdown. Every call takes the owner; what is somebody else's is not there.
import type { Clock } from '../base/clock.ts';
import { notFound } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectBook } from '../library/books.queries.ts';
import { wordsOf } from '../search/query/search.queries.ts';
import {
  deleteNote,
  insertNote,
  NOTE_SORTS,
  selectNote,
  selectNotePage,
  updateNote,
} from './notes.queries.ts';
import type { Note, NoteSort } from './notes.queries.ts';

export type { Note, NoteSort } from './notes.queries.ts';

export type NewNote = { title: string; content: string; isPinned: boolean };
/** Absent leaves a field as it is. */
export type NoteChange = Partial<NewNote>;
export type NoteQuery = {
  bookId?: string | undefined;
  isPinned?: boolean | undefined;
  search?: string | undefined;
};

/** What lists of notes can be sorted by. */
export const NOTE_SORT_NAMES = Object.keys(NOTE_SORTS) as NoteSort['by'][];

export type Notes = ReturnType<typeof createNotes>;

/** Returns the verbs of notes. */
export function createNotes({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, noteId: string): Note => {
    const found = catalogue.read((db) => selectNote(db, ownerId, noteId));
    if (found === undefined) throw notFound('note', noteId);
    return found;
  };
  const list = (
    ownerId: string,
    { search, ...asked }: NoteQuery,
    { page, limit, sorts }: { page: number; limit: number; sorts: readonly NoteSort[] },
  ): { notes: Note[]; total: number } =>
    catalogue.read((db) =>
      selectNotePage(
        db,
        { ownerId, ...asked, words: wordsOf(search ?? '') },
        { sorts, limit, offset: (page - 1) * limit },
      ),
    );

  return {
    get,

    /** Returns page `page` (from 1) of `limit` notes and the count of the whole list. All words of `search` must occur. */
    list,

    /** The same of one book. Throws not_found for an unknown book. */
    ofBook(ownerId: string, bookId: string, slice: Parameters<typeof list>[2]): ReturnType<typeof list> {
      if (catalogue.read((db) => selectBook(db, ownerId, bookId)) === undefined)
        throw notFound('book', bookId);
      return list(ownerId, { bookId }, slice);
    },

    /** Adds a note. Throws not_found for an unknown book. */
    create(ownerId: string, bookId: string, note: NewNote, deviceId: string): Note {
      const now = clock.now();
      const noteId = newId(now);
      catalogue.write({ deviceId }, (db) => {
        if (selectBook(db, ownerId, bookId) === undefined) throw notFound('book', bookId);
        insertNote(db, { ...note, noteId, ownerId, bookId, createdAt: now, updatedAt: now });
      });
      return get(ownerId, noteId);
    },

    /** Changes what is given. Throws not_found. */
    change(ownerId: string, noteId: string, change: NoteChange, deviceId: string): Note {
      catalogue.write({ deviceId }, (db) => {
        if (selectNote(db, ownerId, noteId) === undefined) throw notFound('note', noteId);
        if (Object.keys(change).length > 0) updateNote(db, noteId, { ...change, updatedAt: clock.now() });
      });
      return get(ownerId, noteId);
    },

    /** Removes a note. Throws not_found. */
    remove(ownerId: string, noteId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => {
        if (selectNote(db, ownerId, noteId) === undefined) throw notFound('note', noteId);
        deleteNote(db, noteId);
      });
    },
  };
}
