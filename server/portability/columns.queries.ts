// Rows to and from the words of an export: a column's own name, instants as RFC 3339, flags as booleans, JSON as JSON.
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { SECTIONS } from './sections.ts';
import type { Section, SectionName } from './sections.ts';

export type ColumnKind = 'text' | 'integer' | 'real' | 'flag' | 'instant' | 'json';

export type ExportColumn = {
  /** As the schema calls it. */
  key: string;
  /** As SQL and the document call it. */
  name: string;
  kind: ColumnKind;
  isNullable: boolean;
  /** The table says what it is when nobody does. */
  hasDefault: boolean;
  words: readonly string[] | undefined;
  /** What SQLite has, as the document says it. */
  write: (value: unknown) => unknown;
};

export type TableColumns = { table: string; columns: ExportColumn[] };

const cache = new Map<SectionName, TableColumns>();

/** Returns the columns a section has, in the order of the schema. */
export function columnsOf(section: Section): TableColumns {
  let found = cache.get(section.name);
  if (found === undefined) {
    const table: SQLiteTable = section.table;
    const columns = Object.entries(getTableColumns(table))
      .filter(([key]) => !(key in section.leftOut))
      .map(([key, column]) => describe(key, column));
    cache.set(section.name, (found = { table: getTableName(table), columns }));
  }
  return found;
}

/** Returns the section of this name, undefined for a stranger's. */
export const sectionNamed = (name: string): Section | undefined =>
  SECTIONS.find((section) => section.name === name);

function describe(key: string, column: SQLiteColumn): ExportColumn {
  const kind = kindOf(column);
  return {
    key,
    name: column.name,
    kind,
    isNullable: !column.notNull,
    hasDefault: column.hasDefault,
    words: column.enumValues,
    write: writers[kind],
  };
}

const KINDS: Partial<Record<string, ColumnKind>> = {
  boolean: 'flag',
  date: 'instant',
  json: 'json',
  number: 'integer',
  string: 'text',
};

function kindOf({ name, dataType, columnType }: SQLiteColumn): ColumnKind {
  const kind = columnType === 'SQLiteReal' ? 'real' : KINDS[dataType];
  if (kind === undefined) throw new Error(`an export has no words for ${name} (${dataType})`);
  return kind;
}

const given =
  (write: (value: never) => unknown) =>
  (value: unknown): unknown =>
    value === null ? null : write(value as never);

const asIs = (value: unknown): unknown => value;

const writers: Record<ColumnKind, (value: unknown) => unknown> = {
  text: asIs,
  integer: asIs,
  real: asIs,
  flag: given((value: number) => value === 1),
  instant: given((ms: number) => new Date(ms).toISOString()),
  json: given((text: string) => JSON.parse(text)),
};
