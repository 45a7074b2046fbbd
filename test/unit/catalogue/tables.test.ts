import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import * as schema from '../../../server/catalogue/schema/index.ts';
import { openShelf } from '../../support/catalogue.ts';

const shelf = openShelf();
const tables = Object.values(schema).filter(
  (each): each is (typeof schema)['books'] => typeof each === 'object' && 'getSQL' in each,
) as SQLiteTable[];
const inFile = shelf
  .rows(
    "select name, strict, wr from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'",
  )
  .map(({ name, strict }) => ({ name: String(name), strict }));

type Column = { name: string; type: string; required: boolean; hasDefault: boolean };
const sorted = (columns: Column[]) => columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const columnsInFile = (table: string): Column[] =>
  sorted(
    shelf
      .rows(`select name, type, "notnull", pk, dflt_value from pragma_table_info('${table}')`)
      .map(({ name, type, notnull, dflt_value: fallback }) => ({
        name: String(name),
        type: String(type).toLowerCase(),
        required: notnull === 1,
        hasDefault: fallback !== null,
      })),
  );
const keysInFile = (table: string) =>
  shelf.rows(`select name from pragma_table_info('${table}') where pk > 0`).map(({ name }) => String(name));
/** Columns of which no two rows have the same. */
const uniqueInFile = (table: string) =>
  shelf
    .rows(
      `select (select group_concat(name) from pragma_index_info(i.name)) as names from pragma_index_list('${table}') i where "unique" = 1 and not partial`,
    )
    .map(({ names }) => String(names));

describe('the tables in the code and in the file', () => {
  it('are the same tables', () => {
    expect(tables.map((table) => getTableName(table)).toSorted()).toEqual(
      inFile.map(({ name }) => name).toSorted(),
    );
    expect(tables.length).toBeGreaterThan(14);
  });

  it.each(tables.map((table) => [getTableName(table), table] as const))(
    'agree on the columns of %s: names, types, what may be missing and what has a default',
    (name, table) => {
      const keys = keysInFile(name);
      const inCode = Object.values(getTableColumns(table)).map((column) => ({
        name: column.name,
        type: column.getSQLType(),
        required: column.notNull,
        hasDefault: column.hasDefault && column.default !== undefined,
      }));
      // The code calls every key required; SQLite says so only where the key does not make its own value.
      const ofKey = ({ name: column, required, ...rest }: Column) => ({ ...rest, name: column, required: required || keys.includes(column) }); // prettier-ignore
      expect(sorted(inCode).map(ofKey)).toEqual(columnsInFile(name).map(ofKey));
    },
  );

  it('agree on the key of a table that has one column for it', () => {
    for (const table of tables) {
      const inCode = Object.values(getTableColumns(table)).filter((column) => column.primary);
      const keys = keysInFile(getTableName(table));
      if (keys.length === 1)
        expect(
          inCode.map(({ name }) => name),
          getTableName(table),
        ).toEqual(keys);
    }
  });

  it('agree on every word a column may hold', () => {
    const sql = new Map(
      shelf
        .rows("select name, sql from sqlite_schema where type = 'table'")
        .map((row) => [String(row.name), String(row.sql)]),
    );
    const checked: string[] = [];
    for (const table of tables) {
      for (const column of Object.values(getTableColumns(table))) {
        const [, list] =
          new RegExp(`${column.name} in \\(([^)]*)\\)`).exec(sql.get(getTableName(table)) ?? '') ?? [];
        if (list === undefined) continue;
        const words = [...list.matchAll(/'([^']*)'/g)].map(([, word]) => word);
        expect(column.enumValues, `${getTableName(table)}.${column.name}`).toEqual(words);
        checked.push(column.name);
      }
    }
    expect(checked).toContain('status');
  });
});

describe('every table', () => {
  it('is strict', () => {
    expect(inFile.filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  it('has an index for each foreign key, says what deletion means, and points to a key', () => {
    const lacking: string[] = [];
    let count = 0;
    for (const { name } of inFile) {
      const leading = shelf
        .rows(
          `select (select name from pragma_index_info(i.name) where seqno = 0) as first, partial from pragma_index_list('${name}') i`,
        )
        .map(({ first }) => String(first));
      for (const key of shelf.rows(
        `select "from", on_delete, "to", "table" from pragma_foreign_key_list('${name}')`,
      )) {
        count++;
        const column = String(key.from);
        // user_version, owner_id … of a WITHOUT ROWID table lead its own key.
        const covered = leading.includes(column) || keysInFile(name)[0] === column;
        if (!covered) lacking.push(`${name}.${column} has no index`);
        if (!['CASCADE', 'SET NULL'].includes(String(key.on_delete)))
          lacking.push(`${name}.${column}: ${String(key.on_delete)}`);
        expect([...keysInFile(String(key.table)), ...uniqueInFile(String(key.table))]).toContain(key.to);
      }
    }
    expect(lacking).toEqual([]);
    expect(count).toBeGreaterThan(20);
  });

  it('uses a partial index on a foreign key only to leave out what points nowhere', () => {
    const partial = shelf
      .rows("select name, sql from sqlite_schema where type = 'index' and sql like 'create index % where %'")
      .map(({ sql }) => String(sql))
      .filter((sql) => /\((\w+_id)\)/.test(sql));
    for (const sql of partial) {
      const [, column] = /\((\w+_id)\)/.exec(sql) ?? [];
      expect(sql).toContain(`where ${String(column)} is not null`);
    }
    expect(partial.length).toBeGreaterThan(3);
  });
});
