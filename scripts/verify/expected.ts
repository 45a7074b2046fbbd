// Reads expected.json: what other programs found in each file of a folder, by path.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The readings of one file by the program that made them. */
export type Readings = Record<string, unknown>;

/** Returns the readings of a folder's files in the order of the file. Throws when expected.json is missing or not an object. */
export function readExpected(folder: string): Map<string, Readings> {
  const read: unknown = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  if (!isTable(read)) throw new Error('expected.json must hold an object with a path for each key.');
  return new Map(Object.entries(read).flatMap(([path, value]) => (isTable(value) ? [[path, value]] : [])));
}

/** Returns what lies under a row of keys; undefined where one of them is missing. */
export function at(value: unknown, ...keys: string[]): unknown {
  let found = value;
  for (const key of keys) found = isTable(found) ? found[key] : undefined;
  return found;
}

/** Returns the texts of a list, or the one text there is. */
export function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((each) => typeof each === 'string').filter((each) => each.trim() !== '');
}

/** Returns the tables of an array, or of a table whose values are tables. */
export function tablesOf(value: unknown): Readings[] {
  const list = Array.isArray(value) ? value : isTable(value) ? Object.values(value) : [];
  return list.filter(isTable);
}

export const isTable = (value: unknown): value is Readings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
