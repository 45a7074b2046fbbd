// Keeps the words search looks in: folded copies of what books say, written by triggers whenever a book is.
import type Database from 'better-sqlite3';
import { fold } from '../base/fold.ts';
import { textOfHtml } from '../base/html-text.ts';
import { matchesPieces } from '../base/wildcard.ts';

/** Descriptions beyond this are not searched. */
const MAX_DESCRIPTION = 10_000;

/** What is copied: column of book_words, and what makes it of a row of books. */
const BOOK_WORDS = [
  ['title', (row: string) => `folded(${row}.title)`, ['title']],
  ['subtitle', (row: string) => `folded(${row}.subtitle)`, ['subtitle']],
  ['authors', (row: string) => `folded_list(${row}.authors)`, ['authors']],
  ['isbn', (row: string) => `folded_isbns(${row}.isbn, ${row}.isbn13)`, ['isbn', 'isbn13']],
  ['publisher', (row: string) => `folded(${row}.publisher)`, ['publisher']],
  ['location', (row: string) => `folded(${row}.physical_location)`, ['physical_location']],
  ['lent_to', (row: string) => `folded(${row}.lent_to)`, ['lent_to']],
  ['description', (row: string) => `folded_html(${row}.description)`, ['description']],
] as const;

const COLUMNS = BOOK_WORDS.map(([column]) => column).join(', ');
const valuesOf = (row: string) => BOOK_WORDS.map(([, value]) => value(row)).join(', ');

/** The next id among those of the same owner; a new owner's begin where nobody's are. */
const nextIdOf = (table: string, row: string) =>
  `coalesce((select max(words_id) + 1 from ${table} where owner_id = ${row}.owner_id),
     ((select coalesce(max(words_id), 0) from ${table}) / 4294967296 + 1) * 4294967296)`;

/** Marks whose words are kept, and which of their columns become heading, text and note. */
const MARKS = [
  { table: 'annotations', kind: 'annotation', id: 'annotation_id', columns: ['chapter', 'text', 'note'] },
  { table: 'notes', kind: 'note', id: 'note_id', columns: ['title', 'content'] },
] as const;
type Marks = (typeof MARKS)[number];

const markValues = ({ columns }: Marks, row: string) =>
  ['heading', 'text', 'note'].map((_, index) => (columns[index] === undefined ? 'null' : `folded(${row}.${columns[index]})`)); // prettier-ignore
const addMark = (marks: Marks, row: string) =>
  `insert into mark_words (words_id, mark_id, kind, owner_id, book_id, heading, text, note)
   select ${nextIdOf('mark_words', row)}, ${row}.${marks.id}, '${marks.kind}', ${row}.owner_id, ${row}.book_id, ${markValues(marks, row).join(', ')}`;

/**
 * Gives this connection the functions that fold, and the triggers that keep the words. They are temporary, as the
 * diary's are. Books that have no words yet (of an older file) get theirs now.
 */
export function keepWords(db: Database.Database): void {
  defineFunctions(db);
  const sources = BOOK_WORDS.flatMap(([, , columns]) => columns);
  db.exec(`
    create temp trigger words_of_new_book after insert on main.books begin
      insert into book_words (words_id, book_id, owner_id, ${COLUMNS})
      values (${nextIdOf('book_words', 'new')}, new.book_id, new.owner_id, ${valuesOf('new')});
    end;
    create temp trigger words_of_changed_book after update of ${sources.join(', ')} on main.books
    when ${sources.map((column) => `new.${column} is not old.${column}`).join(' or ')} begin
      update book_words set ${BOOK_WORDS.map(([column, value]) => `${column} = ${value('new')}`).join(', ')}
      where book_id = new.book_id;
    end;`);
  for (const marks of MARKS) {
    const { table, id, columns } = marks;
    const [heading, text, note] = markValues(marks, 'new');
    db.exec(`
      create temp trigger words_of_new_${table} after insert on main.${table} begin
        ${addMark(marks, 'new')};
      end;
      create temp trigger words_of_changed_${table} after update of book_id, ${columns.join(', ')} on main.${table}
      when ${['book_id', ...columns].map((column) => `new.${column} is not old.${column}`).join(' or ')} begin
        update mark_words set book_id = new.book_id, heading = ${heading}, text = ${text}, note = ${note} where mark_id = new.${id};
      end;`);
  }
  addMissing(db);
}

/** Books and marks of an older file have no words yet. */
function addMissing(db: Database.Database): void {
  const missing = db
    .prepare(
      'select book_id as id from books where not exists (select 1 from book_words w where w.book_id = books.book_id) order by owner_id',
    )
    .all() as { id: string }[];
  const add = db.prepare(
    `insert into book_words (words_id, book_id, owner_id, ${COLUMNS})
     select ${nextIdOf('book_words', 'books')}, book_id, owner_id, ${valuesOf('books')} from books where book_id = ?`,
  );
  db.transaction(() => {
    for (const { id } of missing) add.run(id);
    for (const marks of MARKS) {
      const { table, id } = marks;
      const ids = db.prepare(`select ${id} as id from ${table} where not exists (select 1 from mark_words w where w.mark_id = ${table}.${id}) order by owner_id`).all() as { id: string }[]; // prettier-ignore
      const addOne = db.prepare(`${addMark(marks, table)} from ${table} where ${id} = ?`);
      for (const { id: markId } of ids) addOne.run(markId);
    }
  })();
}

/** What SQL calls to fold as the program does. Unknown stays unknown. */
function defineFunctions(db: Database.Database): void {
  const define = (name: string, fn: (...values: unknown[]) => unknown) =>
    db.function(name, { deterministic: true, varargs: true }, fn);
  define('folded', (text) => (typeof text === 'string' ? fold(text) : null));
  define('folded_html', (html) =>
    typeof html === 'string' ? fold(textOfHtml(html.slice(0, MAX_DESCRIPTION))) : null,
  );
  define('folded_list', (json) =>
    typeof json === 'string' ? asLines((JSON.parse(json) as string[]).map(fold)) : null,
  );
  define('folded_isbns', (...isbns) =>
    asLines(isbns.filter((isbn) => typeof isbn === 'string').map((isbn) => fold(isbn).replace(/[ -]/g, ''))),
  );
  let pattern: { json: string; pieces: string[] } | undefined;
  define('matches_pieces', (text, json) => {
    if (typeof text !== 'string' || typeof json !== 'string') return 0;
    if (pattern?.json !== json) pattern = { json, pieces: JSON.parse(json) as string[] };
    const { pieces } = pattern;
    return text.split('\n').some((line) => matchesPieces(line, pieces)) ? 1 : 0;
  });
}

const asLines = (values: string[]): string | null =>
  values.length === 0 ? null : `\n${values.join('\n')}\n`;
