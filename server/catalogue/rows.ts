// Writes single rows by statements prepared once for each set of columns: building them anew costs more than they do.
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Db } from './catalogue.ts';
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

/** Changes the given columns of the row with this id. */
export function updateRow(
  db: Db,
  table: SQLiteTable,
  id: SQLiteColumn,
  value: string | number,
  change: Row,
): void {
  const { names, values } = columnsOf(table, change);
  if (names.length === 0) return;
  statement(
    db.$client,
    `update ${getTableName(table)} set ${names.map((name) => `${name} = ?`).join(', ')} where ${id.name} = ?`,
  ).run(...values, value);
}

function columnsOf(table: SQLiteTable, row: object): { names: string[]; values: unknown[] } {
  const columns = getTableColumns(table);
  const names: string[] = [];
  const values: unknown[] = [];
  for (const [key, value] of Object.entries(row)) {
    const column = columns[key];
    if (column === undefined || value === undefined) continue;
    names.push(column.name);
    values.push(value === null ? null : column.mapToDriverValue(value));
  }
  return { names, values };
}
