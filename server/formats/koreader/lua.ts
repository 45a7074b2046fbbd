// Reads KOReader's data files: Lua tables as plain data. Nothing is ever executed.
import { UnreadableFile } from '../book.ts';

/** A Lua string as it lies in the file: one character (0–255) per byte, so bytes that are no UTF-8 survive a round trip. */
export type LuaString = { readonly bytes: string };

export type LuaValue = LuaTable | LuaString | number | boolean;

/** A string key has one character per byte like LuaString; ASCII keys read as they are. */
export type LuaKey = string | number | boolean;

/** Entries in file order. An entry whose value is nil is not there. */
export interface LuaTable extends Map<LuaKey, LuaValue> {}

export type LuaFile = {
  table: LuaTable;
  /** The first line without its dashes, when the file starts with a comment line: KOReader puts the sidecar's path there. */
  comment?: LuaString;
  /**
   * Set when a Lua that runs the file fails: `-inf` and `-nan` calculate with a name that means nothing, and so does a key
   * of that name. KOReader writes such numbers, and deletes the file when it comes to open it (docsettings.lua, open).
   */
  fails?: true;
};

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 200;
// A real sidecar has a few thousand values; a million fit in about 200 MB of memory.
const MAX_VALUES = 1_000_000;

/** Returns the Lua string that holds a text as UTF-8. */
export function luaString(text: string): LuaString {
  return { bytes: Buffer.from(text, 'utf8').toString('latin1') };
}

/** Returns the text of a Lua string, bytes that are no UTF-8 replaced by U+FFFD. */
export function luaText({ bytes }: LuaString): string {
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Reads a file of the form `return { … }`. Names without a value (`nan`, `inf`, any global) are nil, as in an empty Lua, and
 * so is what Lua would fail at because of them.
 * Throws UnreadableFile for anything that is not data: code, byte code, a damaged, empty or oversized file.
 */
export function readLua(bytes: Buffer): LuaFile {
  if (bytes.length === 0) throw new UnreadableFile('empty', 'The KOReader file is empty.');
  if (bytes.length > MAX_BYTES)
    throw new UnreadableFile('too_large', 'The KOReader file is larger than 64 MB.');
  if (bytes[0] === 0x1b) {
    throw new UnreadableFile('unsupported', 'The KOReader file is compiled program code, not data.');
  }
  const source = bytes.toString('latin1', hasByteOrderMark(bytes) ? 3 : 0);
  const { table, fails } = readChunk(source);
  // A comment that begins with a long bracket may span lines and is no line of its own.
  const line = /^--(?!\[=*\[) ?([^\r\n]*)/.exec(source);
  return {
    table,
    ...(line?.[1] === undefined ? {} : { comment: { bytes: line[1] } }),
    ...(fails ? { fails } : {}),
  };
}

const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const SPACE = /[ \t\r\n\v\f]*/y;
const REST_OF_LINE = /[^\r\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const LONG_BRACKET = /\[(=*)\[/y;
const NUMERAL =
  /0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const PLAIN_CHARACTERS = /[^"'\\\r\n]+/y;
const WORD_OR_POINT = /[A-Za-z0-9_.]/y;
const MINUS = 0x2d;
const FIRST_LETTER = 0x41;
const RESERVED = new Set(
  'and break do else elseif end for function goto if in local not or repeat return then until while'.split(
    ' ',
  ),
);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
]);

function readChunk(source: string): { table: LuaTable; fails: boolean } {
  let at = 0;
  let values = 0;
  let fails = false;

  const damaged = (): UnreadableFile => {
    let line = 1;
    for (let i = source.indexOf('\n'); i !== -1 && i < at; i = source.indexOf('\n', i + 1)) line += 1;
    return new UnreadableFile('corrupt', `The KOReader file is damaged at line ${line}.`);
  };

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at += found[0].length;
    return found;
  };

  const skip = (): void => {
    // Most places have nothing to skip, and a million regular expressions take seconds.
    const code = source.charCodeAt(at);
    if (code > 0x20 && code !== MINUS) return;
    match(SPACE);
    while (source.startsWith('--', at)) {
      at += 2;
      if (longString() === undefined) match(REST_OF_LINE);
      match(SPACE);
    }
  };

  const take = (character: string): boolean => {
    if (source[at] !== character) return false;
    at += 1;
    return true;
  };

  const expect = (character: string): void => {
    skip();
    if (!take(character)) throw damaged();
  };

  /** A [[long]] or [==[long]==] string at this place, without the line end that may open it. */
  const longString = (): string | undefined => {
    const open = match(LONG_BRACKET);
    if (!open) return undefined;
    const close = `]${open[1]}]`;
    const end = source.indexOf(close, at);
    if (end === -1) throw damaged();
    const text = source.slice(at, end);
    at = end + close.length;
    // Lua 5.1 §2.1: the four line ends all mean "\n", and one right after the opening bracket is not part of the string.
    return text.replaceAll(/\r\n|\n\r|\r/g, '\n').replace(/^\n/, '');
  };

  const quotedString = (quote: string): string => {
    const parts: string[] = [];
    for (;;) {
      const plain = match(PLAIN_CHARACTERS);
      if (plain) parts.push(plain[0]);
      const character = source[at];
      if (character === undefined || character === '\n' || character === '\r') throw damaged();
      at += 1;
      if (character === quote) return parts.join('');
      parts.push(character === '\\' ? escape() : character);
    }
  };

  const escape = (): string => {
    const lineEnd = match(/\r\n|\n\r|\r|\n/y);
    if (lineEnd) return '\n';
    const decimal = match(/\d{1,3}/y);
    if (decimal) {
      const code = Number(decimal[0]);
      if (code > 255) throw damaged();
      return String.fromCharCode(code);
    }
    const hex = match(/x([0-9a-fA-F]{2})/y);
    if (hex) return String.fromCharCode(Number.parseInt(hex[1] ?? '', 16));
    const unicode = match(/u\{([0-9a-fA-F]{1,8})\}/y);
    if (unicode) return utf8Bytes(Number.parseInt(unicode[1] ?? '', 16));
    if (match(/z/y)) {
      match(SPACE);
      return '';
    }
    const character = source[at];
    if (character === undefined || character === 'x' || character === 'u') throw damaged();
    at += 1;
    return ESCAPES.get(character) ?? character;
  };

  const utf8Bytes = (code: number): string => {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw damaged();
    return luaString(String.fromCodePoint(code)).bytes;
  };

  const numeral = (): number | undefined => {
    const written = match(NUMERAL)?.[0];
    if (written === undefined) return undefined;
    // "1.2.3", "5x" and LuaJIT's "5LL" are no plain numbers.
    if (match(WORD_OR_POINT)) throw damaged();
    return written[1] === 'x' || written[1] === 'X' ? hexNumber(written) : Number(written);
  };

  const word = (): boolean | undefined => {
    const name = match(NAME)?.[0];
    if (name === undefined || RESERVED.has(name)) throw damaged();
    return name === 'true' ? true : name === 'false' ? false : undefined;
  };

  /** One value; undefined is nil. */
  const value = (depth: number): LuaValue | undefined => {
    values += 1;
    if (values > MAX_VALUES) {
      throw new UnreadableFile('too_large', 'The KOReader file holds more than a million values.');
    }
    const character = source[at];
    if (character === '{') return tableAt(depth + 1);
    if (character === '"' || character === "'") {
      at += 1;
      return { bytes: quotedString(character) };
    }
    if (character === '[') {
      const text = longString();
      if (text === undefined) throw damaged();
      return { bytes: text };
    }
    if (character === '-') {
      at += 1;
      skip();
      const number = numeral();
      if (number !== undefined) return -number;
      // KOReader writes -inf as it prints; only a name can follow the sign.
      if (word() !== undefined) throw damaged();
      fails = true;
      return undefined;
    }
    return numeral() ?? word();
  };

  const keyed = (depth: number): LuaKey | undefined => {
    at += 1;
    skip();
    const key = value(depth);
    expect(']');
    if (key instanceof Map) throw damaged();
    if (key === undefined) fails = true;
    return typeof key === 'object' ? key.bytes : key;
  };

  /** The key of `name =`; leaves the place as it is when there is none. */
  const bareKey = (): string | undefined => {
    const start = at;
    const name = source.charCodeAt(at) >= FIRST_LETTER ? match(NAME)?.[0] : undefined;
    if (name !== undefined) {
      skip();
      if (source[at] === '=' && source[at + 1] !== '=') {
        if (RESERVED.has(name) || ['true', 'false', 'nil'].includes(name)) throw damaged();
        return name;
      }
    }
    at = start;
    return undefined;
  };

  const tableAt = (depth: number): LuaTable => {
    if (depth > MAX_DEPTH) {
      throw new UnreadableFile('corrupt', `The KOReader file nests tables more than ${MAX_DEPTH} deep.`);
    }
    at += 1;
    const table: LuaTable = new Map();
    let position = 1;
    for (;;) {
      skip();
      if (take('}')) return table;
      const bracketed = source[at] === '[' && source[at + 1] !== '[' && source[at + 1] !== '=';
      const name = bracketed ? undefined : bareKey();
      let key: LuaKey | undefined;
      if (bracketed) key = keyed(depth);
      else if (name !== undefined) key = name;
      else {
        key = position;
        position += 1;
      }
      if (bracketed || name !== undefined) expect('=');
      skip();
      const item = value(depth);
      if (key !== undefined) {
        if (item === undefined) table.delete(key);
        else table.set(key, item);
      }
      skip();
      if (!take(',') && !take(';') && source[at] !== '}') throw damaged();
    }
  };

  skip();
  if (match(NAME)?.[0] !== 'return') throw damaged();
  skip();
  if (source[at] !== '{') throw damaged();
  const table = tableAt(1);
  skip();
  take(';');
  skip();
  if (at < source.length) throw damaged();
  return { table, fails };
}

function hexNumber(written: string): number {
  const [mantissa = '', exponent = '0'] = written.slice(2).toLowerCase().split('p');
  const [whole = '', fraction = ''] = mantissa.split('.');
  let number = 0;
  for (const digit of whole + fraction) number = number * 16 + Number.parseInt(digit, 16);
  return number * 2 ** (Number(exponent) - 4 * fraction.length);
}
