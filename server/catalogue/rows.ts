// Reads and writes rows by statements prepared once for each set of columns: building them anew costs more than they do.
import type { Db } from './db.ts';
import { isDeepStrictEqual } from 'node:util';
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { statement } from './statements.ts';

/** Values by the names the schema gives the columns; undefined ones are left out. */
type Row = Record<string, unknown>;

/** Adds a row. With `onConflict` a row with the same value there takes over what the new one says. Returns how many changed. */
export function insertRow(
  db: Db,
  table: SQLiteTable,
  row: Row,
  onConflict?: SQLiteColumn | 'nothing',
): number {
  const { names, values } = columnsOf(table, row);
  const list = names.join(', ');
  const ending =
    onConflict === undefined
      ? ''
      : onConflict === 'nothing'
        ? ' on conflict do nothing'
        : ` on conflict (${onConflict.name}) do update set ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  return statement(
    db.$client,
    `insert into ${getTableName(table)} (${list}) values (${names.map(() => '?').join(', ')})${ending}`,
  ).run(...values).changes;
}

/** Changes the given columns of the row with this id, and raises its version where it has one. */
export function updateRow(
  db: Db,
  table: SQLiteTable,
  id: SQLiteColumn,
  value: string | number,
  change: Row,
): void {
  const { names, values } = columnsOf(table, change);
  if (names.length === 0) return;
  // The diary would write the row a second time to raise it.
  const raises = 'version' in getTableColumns(table) && !('version' in change);
  const settings = `${names.join(' = ?, ')} = ?${raises ? ', version = version + 1' : ''}`;
  values.push(value);
  statement(db.$client, `update ${getTableName(table)} set ${settings} where ${id.name} = ?`).run(values);
}

/**
 * Returns what of a change differs from the row as it was read. A column that is set is written into every index it is in,
 * whether or not it is another value.
 */
export function differing<Of extends Row>(before: Of, change: Partial<Of>): Partial<Of> {
  const names = Object.keys(change) as (keyof Of)[];
  const differs = names.filter((name) => change[name] !== undefined && !isSame(before[name], change[name]));
  const rest: Partial<Of> = {};
  for (const name of differs) rest[name] = change[name]!;
  return rest;
}

function isSame(before: unknown, value: unknown): boolean {
  if (before === value) return true;
  const areObjects = typeof before === 'object' && typeof value === 'object';
  return areObjects && before !== null && value !== null && isDeepStrictEqual(before, value);
}

/** How rows of a table are read: what to select, in this order, and what makes a record of the values. */
export type Reader<Record> = { columns: string; recordOf: (values: readonly unknown[]) => Record };

/**
 * Returns the reader of a table for statements that are `raw()`. `also` are columns that follow, as SQL by the names they
 * get; their values stay as SQLite gives them. Columns of the table named in `without` are not read.
 */
export function readerOf<
  Table extends SQLiteTable,
  Also extends object = object,
  Without extends keyof Table['$inferSelect'] & string = never,
>(
  table: Table,
  also: { [Name in keyof Also]: string } = {} as never,
  without: readonly Without[] = [],
): Reader<Omit<Table['$inferSelect'], Without> & Also> {
  const own = Object.entries(getTableColumns(table) as Record<string, SQLiteColumn>).filter(
    ([name]) => !(without as readonly string[]).includes(name),
  );
  const names = [...own.map(([name]) => name), ...Object.keys(also)];
  const prefix = getTableName(table);
  const columns = [...own.map(([, column]) => `${prefix}.${column.name}`), ...Object.values<string>(also)];
  // Plain values are by far the most: they are stored without a look at the column.
  const decoders = own
    .map(([, column], index) => ({ column, index }))
    .filter(({ column }) => column.dataType !== 'string' && column.dataType !== 'number');
  const blank: Row = Object.fromEntries(names.map((name) => [name, null]));
  return {
    columns: columns.join(', '),
    recordOf(values) {
      // A copy has all its names from the beginning, which is what makes records of many columns cheap.
      const record = { ...blank };
      for (let index = 0; index < names.length; index += 1) record[names[index] as string] = values[index];
      for (const { column, index } of decoders) {
        const value = values[index];
        if (value !== null) record[names[index] as string] = column.mapFromDriverValue(value);
      }
      return record as Omit<Table['$inferSelect'], Without> & Also;
    },
  };
}

function columnsOf(table: SQLiteTable, row: Row): { names: string[]; values: unknown[] } {
  const columns = getTableColumns(table);
  const names: string[] = [];
  const values: unknown[] = [];
  for (const key of Object.keys(row)) {
    const value = row[key];
    const column = columns[key];
    if (column === undefined || value === undefined) continue;
    names.push(column.name);
    values.push(value === null ? null : column.mapToDriverValue(value));
  }
  return { names, values };
}
