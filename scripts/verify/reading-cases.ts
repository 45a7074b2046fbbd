// Which statistics databases of a folder are compared as reading: each on its own with the sidecars of its books, and
// those of devices that were synchronised in every order.
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Comparison } from './comparison.ts';
import { at, isTable, tablesOf } from './expected.ts';
import type { Readings } from './expected.ts';
import { importStatistics } from './import.ts';
import { compareReading } from './reading.ts';
import { compareStatistics, isCredible, isStatistics } from './statistics.ts';

/** What KOReader made of two devices' databases, under this name beside theirs. */
const MERGED = /^merged-(.+)-pulls-(.+)\.expected\.sqlite3$/;

/** Returns one comparison for each question about the reading in a folder. */
export async function compareFolderReading(
  folder: string,
  expected: ReadonlyMap<string, Readings>,
  scratch: string,
): Promise<Comparison[]> {
  const databases = [...expected].filter(([, readings]) => isCountable(readings));
  const comparisons: Comparison[] = [];
  for (const [path, readings] of databases) {
    const sidecars = stageSidecarsOf(
      readings,
      folder,
      expected,
      join(scratch, `books-${comparisons.length}`),
    );
    comparisons.push(...(await compareReading(path, { files: [join(folder, path)], sidecars, scratch })));
  }
  for (const [path, readings] of databases) {
    const [, local, income] = MERGED.exec(basename(path)) ?? [];
    if (local === undefined || income === undefined) continue;
    const beside = (name: string) => join(folder, dirname(path), `${name}.sqlite3`);
    const [a, b] = [beside(local), beside(income)];
    const merged = [join(folder, path), beside(`merged-${income}-pulls-${local}.expected`)];
    for (const files of [[a, b], [a, b, a, b], [...merged, a], merged]) {
      const order = files.map((file) => basename(file, '.sqlite3')).join(' then ');
      const where = `${dirname(path)} · ${order}`;
      comparisons.push(...(await compareReading(where, { files, sidecars: new Map(), scratch })));
    }
    const figures = await importStatistics(merged, scratch);
    // KOReader merges reading and nothing else: each device keeps its own count of marks.
    const isReading = ({ field }: Comparison) => field !== 'notes' && field !== 'highlights';
    const where = `${path} and the other device`;
    comparisons.push(...compareStatistics(where, figures, readings).filter(isReading));
  }
  return comparisons;
}

/** Sound databases with the tables of KOReader and rows it can have written. */
function isCountable(readings: Readings): boolean {
  const { sqlite } = readings;
  if (!isStatistics(readings) || at(sqlite, 'error') !== undefined || at(sqlite, 'integrity') !== 'ok')
    return false;
  const total = at(sqlite, 'page_stat_data');
  return (
    tablesOf(at(sqlite, 'per_book')).length > 0 &&
    isTable(total) &&
    isCredible({ rows: total.n, seconds: total.dur })
  );
}

/** Copies the sidecars that name a book of the database to folders of their own. */
function stageSidecarsOf(
  database: Readings,
  folder: string,
  expected: ReadonlyMap<string, Readings>,
  to: string,
): Map<string, Readings> {
  const books = new Set(tablesOf(at(database.sqlite, 'per_book')).map(({ md5 }) => md5));
  const staged = new Map<string, Readings>();
  for (const [path, readings] of expected) {
    const md5 = at(readings.lua, 'partial_md5_checksum');
    if (md5 === undefined || !books.delete(md5)) continue;
    const place = join(to, `${staged.size}.sdr`, basename(path));
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(join(folder, path), place);
    staged.set(place, readings);
  }
  return staged;
}
