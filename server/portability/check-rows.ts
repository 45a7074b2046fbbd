// What a row of an export must be like before it may become one of ours.
import { z } from 'zod';
import { sanitizeDescription } from '../formats/markup/html.ts';
import { parseQuery } from '../search/query/parse.ts';
import { invalid } from '../base/errors.ts';
import { columnsOf } from './columns.queries.ts';
import type { ExportColumn } from './columns.queries.ts';
import type { Section, SectionName } from './sections.ts';

/** A row as our own tables take it: by the schema's names, instants as dates. */
export type CheckedRow = Record<string, unknown> & { page_reads?: PageRead[] };
export type PageRead = [startedSec: number, page: number, durationSec: number, totalPages: number];

/** Longest words of a person; everything else is a name. */
const LONG = new Set(['description', 'reviewNote', 'text', 'note', 'content', 'currentLocator']);
const MAX_LONG = 1_000_000;
const MAX_NAME = 4_000;
const MAX_JSON_CHARS = 200_000;

const plain = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be plain text');
const whole = z.int();
const record = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .refine((given) => JSON.stringify(given).length <= MAX_JSON_CHARS, 'is too long');
const day = z.iso.date();
/** Files of before have what the device says alone. */
const spokenOver = (maxLength: number) =>
  z
    .union([
      plain(maxLength).nullable(),
      z.object({
        is: plain(maxLength).nullable(),
        was: z.array(plain(100)).max(10_000),
        at: z.int().min(0),
        heard: z.int().min(0).optional(),
        dated: z.int().min(0).optional(),
      }),
    ])
    .transform((over) => (over !== null && typeof over === 'object' ? over : { is: over, was: [], at: 0 }))
    .optional();
const Says = z.object({ note: spokenOver(MAX_LONG), color: spokenOver(100), drawer: spokenOver(100) });

/** Columns with rules of their own. */
const RULES: Readonly<Record<string, z.ZodType>> = {
  rating: z.int().min(1).max(5),
  progress: z.number().min(0).max(1),
  coverImageUrl: z.url({ protocol: /^https?$/ }).max(MAX_NAME),
  color: plain(100),
  version: z.int().min(1).max(1_000_000_000),
  startDate: day,
  endDate: day,
  partialMd5: z.string().regex(/^[0-9a-f]{32}$/),
  md5: plain(200),
};

/** What the JSON of a column is. */
const LISTS: Readonly<Record<string, z.ZodType>> = {
  authors: z.array(plain(MAX_NAME)).max(1_000),
  subjects: z.array(plain(MAX_NAME)).max(10_000),
  identifiers: z.array(z.object({ scheme: plain(100), value: plain(1_000) })).max(1_000),
  origins: record(z.enum(['person', 'device', 'file', 'sidecar', 'name'])),
  customMetadata: record(z.unknown()),
  appearance: record(z.union([plain(500), z.number(), z.boolean(), z.null()])),
  deviceSays: Says,
};

const PageReads = z.array(z.tuple([z.int().min(0), z.int(), z.int().min(0).max(86_400), z.int().min(0)]));

const schemas = new Map<SectionName, z.ZodType<CheckedRow>>();

/** Returns the row in our words. Throws invalid naming the section, the row and what is wrong. */
export function checkRow(section: Section, value: unknown, number: number): CheckedRow {
  const result = schemaOf(section).safeParse(value);
  const refuse = (problem: string) =>
    invalid(`Row ${number} of "${section.name}" cannot be taken in: ${problem}.`, {
      details: { section: section.name, row: number },
    });
  if (!result.success) {
    const [issue] = result.error.issues;
    throw refuse(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`.trim());
  }
  const row = result.data;
  if (section.name === 'books' && typeof row.description === 'string')
    row.description = sanitizeDescription(row.description) ?? null;
  const query =
    section.name === 'shelves' ? row.smartQuery : section.name === 'saved_filters' ? row.query : null;
  if (section.name === 'shelves' && row.isSmart === true && typeof query !== 'string')
    throw refuse('a smart shelf needs a query');
  try {
    if (typeof query === 'string') parseQuery(query);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'its query cannot be read');
  }
  return row;
}

/** Returns the preferences of the account as they are; undefined when there are none. Throws invalid for what is no object of a sane size. */
export function checkPreferences(value: unknown): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  const account = z.object({ preferences: record(z.unknown()).optional() }).safeParse(value);
  if (account.success) return account.data.preferences;
  throw invalid('"account" of the document must be an object, its preferences an object of a sane size.');
}

function schemaOf(section: Section): z.ZodType<CheckedRow> {
  let schema = schemas.get(section.name);
  if (schema === undefined) {
    const { columns } = columnsOf(section);
    const shape: Record<string, z.ZodType> = {};
    for (const column of columns) shape[column.name] = valueOf(column);
    if (section.name === 'koreader_books') shape.page_reads = PageReads.default([]);
    schema = z.object(shape).transform((row: Record<string, unknown>): CheckedRow => {
      const checked: CheckedRow = {};
      for (const { key, name } of columns) if (row[name] !== undefined) checked[key] = row[name];
      if (row.page_reads !== undefined) checked.page_reads = row.page_reads as PageRead[];
      return checked;
    });
    schemas.set(section.name, schema);
  }
  return schema;
}

function valueOf(column: ExportColumn): z.ZodType {
  const known = kindOf(column);
  const value = column.isNullable ? known.nullable() : known;
  return column.isNullable || column.hasDefault ? value.optional() : value;
}

function kindOf({ key, name, kind, words }: ExportColumn): z.ZodType {
  const rule = kind === 'json' ? LISTS[key] : RULES[key];
  if (rule !== undefined) return rule;
  if (name.endsWith('_id')) return z.guid();
  switch (kind) {
    case 'flag':
      return z.boolean();
    case 'instant':
      return z.iso.datetime().transform((text) => new Date(text));
    case 'integer':
      return whole;
    case 'real':
      return z.number();
    case 'json':
      return record(z.unknown());
    case 'text':
      return words === undefined || words.length === 0
        ? plain(LONG.has(key) ? MAX_LONG : MAX_NAME)
        : z.enum(words as [string, ...string[]]);
  }
}
