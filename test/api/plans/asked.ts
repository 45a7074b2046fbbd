// Notes every statement that is prepared on a library file, with how SQLite goes about it.
import Database from 'better-sqlite3';
import { CATALOGUE_FILE } from '../../../server/catalogue/open.ts';

export type Plan = { sql: string; steps: readonly string[] };

/** Notes the text of what is prepared on library files, without line breaks. */
export function noteStatements(): { statements: ReadonlySet<string>; stop: () => void } {
  const statements = new Set<string>();
  const own: { prepare: (this: Database.Database, text: string) => Database.Statement } = Database.prototype;
  const { prepare } = own;
  own.prepare = function (text) {
    const sql = text.replaceAll(/\s+/g, ' ').trim();
    const isOurs = this.name.endsWith(CATALOGUE_FILE) && /^(?:select|with|insert|update|delete)\b/i.test(sql);
    if (isOurs) statements.add(sql);
    return prepare.call(this, text);
  };
  return {
    statements,
    stop: () => {
      own.prepare = prepare;
    },
  };
}

/**
 * Returns how SQLite goes about a statement in a library of which it knows no sizes: those of a test's few rows would make it
 * go through tables that are large elsewhere.
 */
export function planOf(client: Database.Database, sql: string): Plan {
  for (;;) {
    try {
      const rows = client.prepare(`explain query plan ${sql}`).all(...unbound(sql)) as { detail: string }[];
      return { sql, steps: rows.map(({ detail }) => detail) };
    } catch (error) {
      // What a feature adds to its connection.
      const [, name] = /no such function: (\w+)/.exec(String(error)) ?? [];
      if (name === undefined) throw error;
      client.function(name, { varargs: true, deterministic: true }, () => null);
    }
  }
}

/** Nulls for what is to be given: a plan does not depend on it. */
function unbound(sql: string): [unknown?, ...unknown[]] {
  const plain = sql.replaceAll(/'(?:[^']|'')*'/g, '');
  const names = [...plain.matchAll(/[:@$](\w+)/g)].map(([, name]) => [name, null] as const);
  const places = plain.match(/\?/g)?.length ?? 0;
  return [
    ...Array.from({ length: places }, () => null),
    ...(names.length > 0 ? [Object.fromEntries(names)] : []),
  ];
}

/** Tables that grow with what people have; in the others there is a handful of rows. */
const GROWING = new Set([
  'annotations', 'book_checksums', 'book_files', 'book_tags', 'book_words', 'bookmarks', 'books', 'changes', 'device_files',
  'field_times', 'former_books', 'former_files', 'kept_words', 'koreader_extras', 'koreader_sidecars', 'notes', 'page_reads',
  'read_books', 'read_completions', 'read_days', 'read_sessions', 'reading_sessions', 'shelf_books', 'statistics_file_books',
  'stored_files', 'stream_ops', 'text_files', 'text_passages',
]); // prettier-ignore

/** The indexes that hold few of a table's rows: to go through one is to read what is asked for. */
const partialIn = (client: Database.Database): ReadonlySet<string> =>
  new Set(
    client
      .prepare("select name from sqlite_schema where type = 'index' and sql like '% where %'")
      .pluck()
      .all() as string[],
  );

/** The tables that grow and are gone through from end to end. */
export function scannedBy(client: Database.Database, { sql, steps }: Plan): string[] {
  const partial = partialIn(client);
  const names = new Map(
    [...sql.matchAll(/\b(?:from|join)\s+(?:main\.)?"?(\w+)"?(?:\s+as)?(?:\s+(?!where|on|using|order|group|left|join|cross|inner|not|indexed|limit|set)(\w+))?/gi)].map(
      ([, table = '', alias]) => [alias ?? table, table],
    ),
  ); // prettier-ignore
  return steps.flatMap((step) => {
    const [, name = '', index = ''] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(step) ?? [];
    if (partial.has(index)) return [];
    const table = names.get(name) ?? name;
    return GROWING.has(table) ? [table] : [];
  });
}
