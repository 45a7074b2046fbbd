// Writes Lua tables byte for byte as KOReader's own serialiser does since v2023.10.
import { UnreadableFile } from '../book.ts';
import type { LuaKey, LuaString, LuaTable, LuaValue } from './lua.ts';

const MAX_DEPTH = 200;

/**
 * Returns the bytes of a KOReader data file: an optional comment line, then the table with sorted keys, four spaces per
 * level and a comma after every entry. Numbers Lua cannot read back (nan, ±inf) are left out, which is what they load as.
 * Throws UnreadableFile for a table that holds itself or is nested more than 200 deep.
 */
export function writeLua(table: LuaTable, comment?: LuaString): Buffer {
  const parts: string[] = [];
  // A line end inside the comment would turn the rest of it into code.
  if (comment) parts.push('-- ', comment.bytes.replaceAll(/[\r\n]/g, ' '), '\n');
  parts.push('return ');
  writeTable(table, parts, 1);
  parts.push('\n');
  return Buffer.from(parts.join(''), 'latin1');
}

/** Returns the bytes of a value as they lie in such a file, where its key is `depth` levels in. Throws as writeLua does. */
export function writeLuaValue(value: LuaValue, depth: number): Buffer {
  const parts: string[] = [];
  writeValue(value, parts, depth + 1);
  return Buffer.from(parts.join(''), 'latin1');
}

/** Returns a finite number as C's `%.14g` prints it, the form KOReader gives every number. */
export function formatNumber(number: number): string {
  if (Number.isInteger(number) && Math.abs(number) < 1e14)
    return Object.is(number, -0) ? '-0' : String(number);
  const [mantissa = '', exponentText = '0'] = fourteenDigits(number).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 14) {
    const digits = String(Math.abs(exponent)).padStart(2, '0');
    return `${withoutTrailingZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const sign = number < 0 ? '-' : '';
  const figures = mantissa.replace('-', '').replace('.', '');
  if (exponent < 0) return withoutTrailingZeros(`${sign}0.${'0'.repeat(-exponent - 1)}${figures}`);
  return withoutTrailingZeros(`${sign}${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`);
}

const withoutTrailingZeros = (decimal: string): string =>
  decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;

/** The number in exponent form with 14 significant digits, halves rounded to even as C does (JavaScript rounds them up). */
function fourteenDigits(number: number): string {
  const rounded = number.toExponential(13);
  if (!/5e/.test(number.toExponential(14))) return rounded;
  const [exact = '', exponent = '0'] = number.toExponential(60).split('e');
  const kept = exact.slice(0, exact.indexOf('.') + 14);
  return /^50*$/.test(exact.slice(kept.length)) && /[02468]$/.test(kept) ? `${kept}e${exponent}` : rounded;
}

function writeTable(table: LuaTable, parts: string[], depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new UnreadableFile('corrupt', `The KOReader data nests tables more than ${MAX_DEPTH} deep.`);
  }
  const entries = [...table].filter(([key, value]) => isWritable(key) && isWritable(value));
  if (entries.length === 0) {
    parts.push('{}');
    return;
  }
  const indent = '    '.repeat(depth);
  parts.push('{\n');
  for (const [key, value] of entries.sort(([a], [b]) => compareKeys(a, b))) {
    parts.push(indent, '[', writeScalar(key), '] = ');
    writeValue(value, parts, depth + 1);
    parts.push(',\n');
  }
  parts.push('    '.repeat(depth - 1), '}');
}

function writeValue(value: LuaValue, parts: string[], depth: number): void {
  if (value instanceof Map) writeTable(value, parts, depth);
  else parts.push(writeScalar(typeof value === 'object' ? value.bytes : value));
}

const isWritable = (value: LuaKey | LuaValue): boolean => typeof value !== 'number' || Number.isFinite(value);

/** KOReader's order: numbers by value, strings by bytes, keys of different types by how they print. */
function compareKeys(a: LuaKey, b: LuaKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [first, second] = [printed(a), printed(b)];
  if (first !== second) return first < second ? -1 : 1;
  return typeof a === 'number' ? -1 : 1;
}

const printed = (key: LuaKey): string => (typeof key === 'number' ? formatNumber(key) : String(key));

function writeScalar(value: LuaKey): string {
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'boolean' ? String(value) : quote(value);
}

/** LuaJIT's `%q`: control characters in the shortest decimal form, three digits where a digit follows. */
function quote(bytes: string): string {
  const quoted = bytes.replaceAll(/["\\\x00-\x1f\x7f]/g, (character: string, at: number) => {
    if (character === '"' || character === '\\' || character === '\n') return `\\${character}`;
    const code = String(character.charCodeAt(0));
    return `\\${/\d/.test(bytes[at + 1] ?? '') ? code.padStart(3, '0') : code}`;
  });
  return `"${quoted}"`;
}
