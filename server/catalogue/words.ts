// Keeps the words search looks in: folded copies of what books and marks say, written with whatever changes them.
import type Database from 'better-sqlite3';
import { FOLD_VERSION, fold } from '../base/fold.ts';
import { textOfHtml } from '../base/html-text.ts';
import { matchesPieces } from '../base/wildcard.ts';
import { statement } from './statements.ts';

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

/** Marks whose words are kept, and which of their columns become heading, text and note. */
const MARKS = [
  ['annotations', 'annotation_words', ['chapter', 'text', 'note']],
  ['bookmarks', 'bookmark_words', ['chapter', 'text', 'note']],
  ['notes', 'note_words', ['title', 'content']],
] as const;

/** What has words: where it is, and where its words are, under its number. */
type Source = {
  table: 'books' | (typeof MARKS)[number][0];
  words: 'book_words' | (typeof MARKS)[number][1];
  /** Columns of the words by what makes them; all but the number and the owner. */
  values: Readonly<Record<string, string>>;
  /** Columns of the table whose change changes the words. */
  from: readonly string[];
};

const SOURCES: readonly Source[] = [
  {
    table: 'books',
    words: 'book_words',
    values: Object.fromEntries(BOOK_WORDS.map(([column, value]) => [column, value('said')])),
    from: BOOK_WORDS.flatMap(([, , columns]) => columns),
  },
  ...MARKS.map(([table, words, columns]): Source => {
    const kept = ['heading', 'text', 'note'].map((name, index) => [
      name,
      columns[index] === undefined ? 'null' : `folded(said.${columns[index]})`,
    ]);
    const book = '(select b.number from books b where b.book_id = said.book_id)';
    return {
      table,
      words,
      values: { book_number: book, ...Object.fromEntries(kept) },
      from: ['book_id', ...columns],
    };
  }),
];

/** Writes the words of what changed in the transaction that is about to end, and forgets what that was. */
export type Words = { write(): void; forget(): void };

/**
 * Gives this connection the functions that fold, and the triggers that note whose words change. They are temporary, as the
 * diary's are. The words themselves are written once, before the transaction ends: the index writes itself to the disk with
 * every statement there is, which makes a statement for each thing many times as dear as one for all. Books and marks that
 * have no words yet (of an older file) get theirs now.
 */
export function keepWords(db: Database.Database): Words {
  const due = new Map<string, Set<number>>(SOURCES.map(({ table }) => [table, new Set<number>()]));
  db.function('words_due', (table, number) => {
    due.get(table as string)?.add(number as number);
    return null;
  });
  for (const { table, from } of SOURCES) {
    const note = `select words_due('${table}', new.number);`;
    db.exec(`
      create temp trigger words_of_new_${table} after insert on main.${table} begin
        ${note}
      end;
      create temp trigger words_of_changed_${table} after update of ${from.join(', ')} on main.${table}
      when ${from.map((column) => `new.${column} is not old.${column}`).join(' or ')} begin
        ${note}
      end;`);
  }
  addMissing(db);
  return {
    write() {
      for (const source of SOURCES) {
        const numbers = due.get(source.table);
        if (numbers === undefined || numbers.size === 0) continue;
        writeWords(db, source, [...numbers]);
        numbers.clear();
      }
    },
    forget() {
      for (const numbers of due.values()) numbers.clear();
    },
  };
}

/**
 * Gives this connection the functions that fold, and folds anew what was kept by another rule: all of it or nothing, so
 * that no search or list is ever of both. The words of texts are put aside; `library/index-text.ts` folds those again.
 * Nothing is noted in the diary, where this comes before it: nobody's words changed.
 */
export function foldAnew(db: Database.Database): void {
  defineFold(db);
  const key = 'words.fold_version';
  const known = db.prepare('select value from settings where key = ?').pluck().get(key);
  if (known === String(FOLD_VERSION)) return;
  db.transaction(() => {
    db.exec(`
      update books set sort_title = folded(title), sort_author = folded(json_extract(authors, '$[0]'))
      where sort_title is not folded(title) or sort_author is not folded(json_extract(authors, '$[0]'));
      insert into text_passages_index (text_passages_index) values ('delete-all');`);
    for (const source of SOURCES) {
      const names = Object.keys(source.values);
      // Most words stay as they are, and an index is dear to write.
      db.exec(`
        update ${source.words} as w set ${names.map((name) => `${name} = made.${name}`).join(', ')}
        from (select said.number as number, ${Object.entries(source.values)
          .map(([name, value]) => `${value} as ${name}`)
          .join(', ')} from ${source.table} as said) as made
        where made.number = w.number and (${names.map((name) => `made.${name} is not w.${name}`).join(' or ')})`);
    }
    db.prepare(
      'insert into settings (key, value) values (?, ?) on conflict do update set value = excluded.value',
    ).run(key, String(FOLD_VERSION));
  })();
}

/** Writes the words of these things as they are; things that are gone meanwhile have none. */
function writeWords(
  db: Database.Database,
  { table, words, values }: Source,
  numbers: readonly number[],
): void {
  const names = Object.keys(values);
  statement(
    db,
    `insert into ${words} (number, owner_id, ${names.join(', ')})
     select said.number, said.owner_id, ${Object.values(values).join(', ')} from ${table} as said
     where said.number in (select value from json_each(?))
     on conflict (number) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  ).run(JSON.stringify(numbers));
}

/**
 * Books and marks of an older file have no words yet. Words are written with what they are of: once nothing was missing in a file
 * of this schema, only what another program added since can be, and its numbers are higher.
 */
function addMissing(db: Database.Database): void {
  const key = 'words.complete';
  const schema = String(db.pragma('user_version', { simple: true }));
  const newest = (table: string) => db.prepare(`select max(number) from ${table}`).pluck().get();
  const isComplete = db.prepare('select value from settings where key = ?').pluck().get(key) === schema;
  if (isComplete && SOURCES.every(({ table, words }) => newest(table) === newest(words))) return;
  db.transaction(() => {
    for (const source of SOURCES) {
      const { table, words } = source;
      const missing = db
        .prepare(
          `select number from ${table} as said where not exists (select 1 from ${words} as w where w.number = said.number)`,
        )
        .pluck()
        .all() as number[];
      if (missing.length > 0) writeWords(db, source, missing);
    }
    db.prepare(
      'insert into settings (key, value) values (?, ?) on conflict do update set value = excluded.value',
    ).run(key, schema);
  })();
}

/** What SQL calls to fold as the program does. Unknown stays unknown. */
export function defineFold(db: Database.Database): void {
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
