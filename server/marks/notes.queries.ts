// The SQL of notes: what a person wrote about a book.
import type { Db } from '../catalogue/db.ts';
import { notes } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';
import { keptMarksHolding } from '../search/query/marks.queries.ts';
import { isAmongNamed } from '../search/query/numbers.ts';

export type NoteRow = typeof notes.$inferSelect;
/** A note with the title of its book. */
export type Note = NoteRow & { bookTitle: string };

export type NoteFilter = {
  ownerId: string;
  bookId?: string | undefined;
  isPinned?: boolean | undefined;
  /** Folded words: each must occur in title or content. */
  words: readonly string[];
};

export const NOTE_SORTS = {
  created_at: 'n.created_at',
  updated_at: 'n.updated_at',
  book_title: 'b.sort_title',
  title: 'folded(n.title)',
  is_pinned: 'n.is_pinned',
} as const;
export type NoteSort = { by: keyof typeof NOTE_SORTS; order: 'asc' | 'desc' };

const COLUMNS = `n.note_id as noteId, n.owner_id as ownerId, n.book_id as bookId, n.title as title, n.content as content,
  n.is_pinned as isPinned, n.created_at as createdAt, n.updated_at as updatedAt, n.version as version, b.title as bookTitle`;

/** One slice of the notes and how many there are in all. Ties by id. */
export function selectNotePage(
  db: Db,
  filter: NoteFilter,
  slice: { sorts: readonly NoteSort[]; offset: number; limit: number },
): { notes: Note[]; total: number } {
  const owner = 'n.owner_id = :ownerId';
  const isFound =
    filter.words.length === 0
      ? { sql: owner, values: {} }
      : isAmongNamed(keptMarksHolding(db, { ...filter, table: 'note_words' }), {
          column: 'n.number',
          owner,
          name: 'found',
        });
  const where = `where ${isFound.sql} and (:bookId is null or n.book_id = :bookId) and (:isPinned is null or n.is_pinned = :isPinned)`;
  const order = slice.sorts
    .map(({ by, order }) => `${NOTE_SORTS[by]} ${order}`)
    .concat('n.note_id')
    .join(', ');
  const values = {
    ownerId: filter.ownerId,
    bookId: filter.bookId ?? null,
    isPinned: filter.isPinned === undefined ? null : filter.isPinned ? 1 : 0,
    ...isFound.values,
  };
  // Notes are long: only those that are shown are read.
  const needsBook = slice.sorts.some(({ by }) => by === 'book_title');
  const ids = statement(
    db.$client,
    `select n.note_id from notes n ${needsBook ? 'join books b on b.book_id = n.book_id' : ''} ${where}
     order by ${order} limit :limit offset :offset`,
  )
    .pluck()
    .all({ ...values, limit: slice.limit, offset: slice.offset }) as string[];
  const total = statement(db.$client, `select count(*) from notes n ${where}`).pluck().get(values) as number;
  const found = new Map(selectNotesById(db, filter.ownerId, ids).map((note) => [note.noteId, note]));
  return { notes: ids.flatMap((id) => found.get(id) ?? []), total };
}

/** One of the owner's notes. */
export function selectNote(db: Db, ownerId: string, noteId: string): Note | undefined {
  const row = statement(
    db.$client,
    `select ${COLUMNS} from notes n join books b on b.book_id = n.book_id where n.note_id = ? and n.owner_id = ?`,
  ).get(noteId, ownerId) as RawNote | undefined;
  return row === undefined ? undefined : noteOf(row);
}

/** The owner's notes of these ids, in no order. */
export const selectNotesById = (db: Db, ownerId: string, noteIds: readonly string[]): Note[] =>
  (
    statement(
      db.$client,
      `select ${COLUMNS} from notes n join books b on b.book_id = n.book_id
       where n.note_id in (select value from json_each(?)) and n.owner_id = ?`,
    ).all(JSON.stringify(noteIds), ownerId) as RawNote[]
  ).map(noteOf);

export const insertNote = (db: Db, row: typeof notes.$inferInsert): void => {
  insertRow(db, notes, row);
};
export const updateNote = (db: Db, noteId: string, change: Partial<typeof notes.$inferInsert>): void =>
  updateRow(db, notes, notes.noteId, noteId, change);
export const deleteNote = (db: Db, noteId: string): void => {
  statement(db.$client, 'delete from notes where note_id = ?').run(noteId);
};

type RawNote = Omit<Note, 'isPinned' | 'createdAt' | 'updatedAt'> & {
  isPinned: number;
  createdAt: number;
  updatedAt: number;
};

const noteOf = (row: RawNote): Note => ({
  ...row,
  isPinned: row.isPinned === 1,
  createdAt: new Date(row.createdAt),
  updatedAt: new Date(row.updatedAt),
});
