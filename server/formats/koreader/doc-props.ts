// What a KOReader file says about its book: the doc_props table.
import type { BookIdentifier } from '../book.ts';
import { readIdentifier } from '../epub/identifiers.ts';
import { labelField, textField } from './lua-fields.ts';
import type { LuaTable } from './lua.ts';
import { defined } from '../../base/defined.ts';

/** Trimmed; what the file does not say is absent, lists are then empty. */
export type DocProps = {
  title?: string;
  authors: string[];
  series?: string;
  /** As written: "2", "2.5". */
  seriesIndex?: string;
  language?: string;
  keywords: string[];
  /** Unsanitised HTML. */
  description?: string;
  /** Lines of the form scheme:value, read as those of an EPUB are. */
  identifiers: BookIdentifier[];
};

/** Returns the properties of a doc_props table. */
export function readDocProps(table: LuaTable | undefined): DocProps {
  const { series, seriesIndex } = readSeries(table);
  return defined<DocProps>({
    title: trimmed(table, 'title'),
    authors: lines(table, 'authors'),
    series,
    seriesIndex,
    language: trimmed(table, 'language'),
    keywords: lines(table, 'keywords'),
    description: trimmed(table, 'description'),
    identifiers: lines(table, 'identifiers').flatMap((line) => readIdentifier(line, {}) ?? []),
  });
}

const trimmed = (table: LuaTable | undefined, key: string): string | undefined =>
  textField(table, key)?.trim() || undefined;

const lines = (table: LuaTable | undefined, key: string): string[] =>
  (textField(table, key) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function readSeries(table: LuaTable | undefined): {
  series?: string | undefined;
  seriesIndex?: string | undefined;
} {
  const series = trimmed(table, 'series');
  const seriesIndex = labelField(table, 'series_index')?.trim() || undefined;
  // Older files have no series_index and write "Name #2" into series.
  const joined = seriesIndex === undefined ? series?.lastIndexOf(' #') : undefined;
  const index = joined === undefined || joined < 1 ? undefined : series?.slice(joined + 2);
  if (index === undefined || !/^\d{1,9}(\.\d{1,9})?$/.test(index)) return { series, seriesIndex };
  return { series: series?.slice(0, joined).trim(), seriesIndex: index };
}
