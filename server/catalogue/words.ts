// Keeps the words search looks in: folded copies of what books and marks say, written with whatever changes them.
import type Database from 'better-sqlite3';
import { fold } from '../base/fold.ts';
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
  { table: 'annotations', kind: 'annotation', id: 'annotation_id', columns: ['chapter', 'text', 'note'] },
  { table: 'notes', kind: 'note', id: 'note_id', columns: ['title', 'content'] },
] as const;

/** What has words: where it is, where its words are, and how they are made of a row. */
type Source = {
  table: 'books' | (typeof MARKS)[number]['table'];
  id: string;
  words: 'book_words' | 'mark_words';
  wordsId: string;
  /** Columns of the words by what makes them; all but the id and the owner. */
  values: Readonly<Record<string, string>>;
  /** Columns of the table whose change changes the words. */
  from: readonly string[];
};

const SOURCES: readonly Source[] = [
  {
    table: 'books',
    id: 'book_id',
    words: 'book_words',
    wordsId: 'book_id',
    values: Object.fromEntries(BOOK_WORDS.map(([column, value]) => [column, value('said')])),
    from: BOOK_WORDS.flatMap(([, , columns]) => columns),
  },
  ...MARKS.map(({ table, kind, id, columns }): Source => {
    const kept = ['heading', 'text', 'note'].map((name, index) => [
      name,
      columns[index] === undefined ? 'null' : `folded(said.${columns[index]})`,
    ]);
    return {
      table,
      id,
      words: 'mark_words',
      wordsId: 'mark_id',
      values: { kind: `'${kind}'`, book_id: 'said.book_id', ...Object.fromEntries(kept) },
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
  defineFunctions(db);
  const due = new Map<string, Set<string>>(SOURCES.map(({ table }) => [table, new Set<string>()]));
  db.function('words_due', (table, id) => {
    due.get(table as string)?.add(id as string);
    return null;
  });
  for (const { table, id, from } of SOURCES) {
    const note = `select words_due('${table}', new.${id});`;
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
        const ids = due.get(source.table);
        if (ids === undefined || ids.size === 0) continue;
        writeWords(db, source, [...ids]);
        ids.clear();
      }
    },
    forget() {
      for (const ids of due.values()) ids.clear();
    },
  };
}

/** Writes the words of these things as they are; things that are gone meanwhile have none. The ids of one owner's lie side by side. */
function writeWords(db: Database.Database, source: Source, ids: readonly string[]): void {
  const { table, id, words, wordsId, values } = source;
  const asked = JSON.stringify(ids);
  const names = Object.keys(values);
  statement(
    db,
    `update ${words} set (${names.join(', ')}) = (select ${Object.values(values).join(', ')} from ${table} as said where said.${id} = ${words}.${wordsId})
     where ${wordsId} in (select ${id} from ${table} where ${id} in (select value from json_each(?)))`,
  ).run(asked);
  const isNew = `said.${id} in (select value from json_each(:asked))
       and not exists (select 1 from ${words} as w where w.${wordsId} = said.${id})`;
  const owners = statement(db, `select distinct owner_id from ${table} as said where ${isNew}`)
    .pluck()
    .all({ asked }) as string[];
  for (const owner of owners) {
    // A new owner's begin where nobody's are.
    statement(
      db,
      `insert into ${words} (words_id, ${wordsId}, owner_id, ${names.join(', ')})
       select row_number() over (order by said.${id}) - 1 + coalesce((select max(words_id) + 1 from ${words} where owner_id = :owner),
           ((select coalesce(max(words_id), 0) from ${words}) / 4294967296 + 1) * 4294967296),
         said.${id}, said.owner_id, ${Object.values(values).join(', ')}
       from ${table} as said where said.owner_id = :owner and ${isNew}`,
    ).run({ asked, owner });
  }
}

/** Books and marks of an older file have no words yet. */
function addMissing(db: Database.Database): void {
  db.transaction(() => {
    for (const source of SOURCES) {
      const { table, id, words, wordsId } = source;
      const missing = db
        .prepare(
          `select ${id} from ${table} as said where not exists (select 1 from ${words} as w where w.${wordsId} = said.${id})`,
        )
        .pluck()
        .all() as string[];
      if (missing.length > 0) writeWords(db, source, missing);
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
