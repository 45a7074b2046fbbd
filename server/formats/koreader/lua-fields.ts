// Typed access to the entries of a Lua table: a value of the wrong type counts as absent, it never fails the file.
import { luaText } from './lua.ts';
import type { LuaTable, LuaValue } from './lua.ts';

/** Returns the table under a key. */
export function tableField(table: LuaTable | undefined, key: string): LuaTable | undefined {
  const value = table?.get(key);
  return value instanceof Map ? value : undefined;
}

/** Returns the text of a string under a key; numbers are not converted, and an empty string is absent. */
export function textField(table: LuaTable | undefined, key: string): string | undefined {
  const value = table?.get(key);
  return textOf(value);
}

/** Returns a value's text when it is a string that is not empty. */
export function textOf(value: LuaValue | undefined): string | undefined {
  if (typeof value !== 'object' || value instanceof Map || value.bytes === '') return undefined;
  return luaText(value);
}

/** Returns a string's text, or a finite number as it prints. */
export function labelField(table: LuaTable | undefined, key: string): string | undefined {
  const value = table?.get(key);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : textOf(value);
}

/** Returns the finite number under a key. */
export function numberField(table: LuaTable | undefined, key: string): number | undefined {
  const value = table?.get(key);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns the whole number from 0 to 2^32 − 1 under a key. */
export function countField(table: LuaTable | undefined, key: string | number): number | undefined {
  const value = table?.get(key);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    return undefined;
  return Object.is(value, -0) ? 0 : value;
}

/** Returns the boolean under a key. */
export function booleanField(table: LuaTable | undefined, key: string): boolean | undefined {
  const value = table?.get(key);
  return typeof value === 'boolean' ? value : undefined;
}

/** Returns the boolean under a key, which KOReader also writes as 0 or 1. */
export function flagField(table: LuaTable | undefined, key: string): boolean | undefined {
  const value = table?.get(key);
  if (value === 0 || value === 1) return value === 1;
  return typeof value === 'boolean' ? value : undefined;
}

/** Returns the two whole numbers of a table under a key; absent when either is. */
export function pairField(table: LuaTable | undefined, key: string): [number, number] | undefined {
  const pair = tableField(table, key);
  const [first, second] = [countField(pair, 1), countField(pair, 2)];
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** Returns the tables of an array in order, up to the first index that holds none, as Lua's ipairs goes. */
export function tablesOf(array: LuaTable | undefined): LuaTable[] {
  const tables: LuaTable[] = [];
  for (let index = 1; ; index += 1) {
    const item = array?.get(index);
    if (!(item instanceof Map)) return tables;
    tables.push(item);
  }
}

/** Returns the tables under numeric keys with their keys, in numeric order, gaps and other values left out. */
export function numberedTables(table: LuaTable | undefined): [number, LuaTable][] {
  const tables: [number, LuaTable][] = [];
  for (const [key, value] of table ?? []) {
    if (typeof key === 'number' && value instanceof Map) tables.push([key, value]);
  }
  return tables.sort(([a], [b]) => a - b);
}
