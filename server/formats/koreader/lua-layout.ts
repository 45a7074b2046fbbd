// Finds where the parts of a KOReader data file lie, so that one can be changed without touching the others.

/** Where an entry lies: from its indent to behind the line end after its comma, its value within. */
export type Entry = { start: number; valueStart: number; valueEnd: number; end: number };

export type LuaLayout = {
  /** The entries of the outermost table by their names, in the order of the names' bytes. */
  entries: Map<string, Entry>;
  /** The items of `annotations` in their order; undefined when that is no table. */
  annotations: Entry[] | undefined;
  /** Where the outermost table ends: at its closing brace. */
  closes: number;
};

// Somewhat less than readLua takes, which counts keys as well: a change of one part does not go beyond that.
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 200;
const MAX_VALUES = 900_000;
const LIST = 'annotations';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const SMALL_E = 0x65;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const ENDS_TEXT = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, NEWLINE, RETURN]) ENDS_TEXT[byte] = 1;

/**
 * Returns where the parts lie, of a file laid out as KOReader does (lua-writer.ts): every byte was looked at, and `readLua`
 * reads it. Undefined for any other file, also for one with an entry twice, and one whose `annotations` are more than a list of tables.
 */
export function findLayout(bytes: Uint8Array): LuaLayout | undefined {
  const { length } = bytes;
  if (length > MAX_BYTES) return undefined;
  let at = 0;
  let values = 0;
  const entries = new Map<string, Entry>();
  let annotations: Entry[] | undefined;

  const take = (text: string): boolean => {
    for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
    at += text.length;
    return true;
  };

  const indent = (depth: number): boolean => {
    const end = at + depth * 4;
    for (let i = at; i < end; i += 1) if (bytes[i] !== SPACE) return false;
    at = end;
    return true;
  };

  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

  const digits = (): boolean => {
    const start = at;
    while (isDigit(bytes[at])) at += 1;
    return at > start;
  };

  const number = (): boolean => {
    if (bytes[at] === MINUS) at += 1;
    else if (!isDigit(bytes[at])) return false;
    if (bytes[at] === ZERO && isDigit(bytes[at + 1])) return false;
    if (!digits()) return false;
    if (bytes[at] === POINT) {
      at += 1;
      if (!digits()) return false;
    }
    if (bytes[at] !== SMALL_E) return true;
    at += 1;
    if (bytes[at] !== PLUS && bytes[at] !== MINUS) return false;
    at += 1;
    return digits();
  };

  const string = (): boolean => {
    at += 1;
    for (;;) {
      // Nearly all of a file is text: this loop is what looking through it costs.
      let i = at;
      while (i < length && ENDS_TEXT[bytes[i] ?? 0] === 0) i += 1;
      at = i + 1;
      if (bytes[i] === QUOTE) return true;
      if (bytes[i] !== BACKSLASH || !escaped()) return false;
    }
  };

  /** What `%q` escapes: a quote, a backslash, a line end, or a control character by its number. */
  const escaped = (): boolean => {
    const byte = bytes[at];
    if (byte === QUOTE || byte === BACKSLASH || byte === NEWLINE) {
      at += 1;
      return true;
    }
    let code = 0;
    let count = 0;
    for (; count < 3 && isDigit(bytes[at]); count += 1, at += 1) code = code * 10 + (bytes[at] ?? 0) - ZERO;
    return count > 0 && code <= 0xff;
  };

  const scalar = (): boolean => {
    if (bytes[at] === QUOTE) return string();
    return number() || take('true') || take('false');
  };

  const value = (depth: number): boolean => (bytes[at] === OPEN_BRACE ? table(depth + 1) : scalar());

  /** A table whose entries are `depth` levels in; they are added to `into` with where their keys lie. */
  const table = (depth: number, into?: (entry: Entry, keyEnd: number) => boolean): boolean => {
    if (depth > MAX_DEPTH) return false;
    at += 1;
    if (bytes[at] === CLOSE_BRACE) {
      at += 1;
      return into === undefined;
    }
    if (bytes[at] !== NEWLINE) return false;
    at += 1;
    for (;;) {
      const start = at;
      if (!indent(depth - 1)) return false;
      if (bytes[at] === CLOSE_BRACE) {
        at += 1;
        return true;
      }
      values += 2;
      if (values > MAX_VALUES || !indent(1) || bytes[at] !== OPEN_BRACKET) return false;
      at += 1;
      if (!scalar()) return false;
      const keyEnd = at;
      if (!take('] = ')) return false;
      const valueStart = at;
      const isList = depth === 1 && isNamed(start, keyEnd, LIST) && bytes[at] === OPEN_BRACE;
      if (!(isList ? list() : value(depth))) return false;
      const valueEnd = at;
      if (bytes[at] !== COMMA || bytes[at + 1] !== NEWLINE) return false;
      at += 2;
      if (into !== undefined && !into({ start, valueStart, valueEnd, end: at }, keyEnd)) return false;
    }
  };

  const isNamed = (start: number, keyEnd: number, name: string): boolean =>
    keyEnd - start === name.length + 7 && latin1(start + 6, keyEnd - 1) === name;

  const list = (): boolean => {
    if (bytes[at + 1] === CLOSE_BRACE) {
      annotations = [];
      at += 2;
      return true;
    }
    const items: Entry[] = [];
    const isWhole = table(2, (item, keyEnd) => {
      items.push(item);
      return bytes[item.valueStart] === OPEN_BRACE && isNumbered(item.start + 9, keyEnd, items.length);
    });
    annotations = items;
    return isWhole;
  };

  const isNumbered = (start: number, end: number, index: number): boolean => {
    let number = 0;
    for (let i = start; i < end; i += 1) {
      if (!isDigit(bytes[i])) return false;
      number = number * 10 + (bytes[i] ?? 0) - ZERO;
    }
    return number === index;
  };

  const latin1 = (start: number, end: number): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

  if (bytes[0] === MINUS) {
    if (!take('-- ')) return undefined;
    while (bytes[at] !== NEWLINE) {
      if (at >= bytes.length || bytes[at] === RETURN) return undefined;
      at += 1;
    }
    at += 1;
  }
  if (!take('return ') || bytes[at] !== OPEN_BRACE) return undefined;
  let last = '';
  const isWhole = table(1, (entry, keyEnd) => {
    if (bytes[entry.start + 5] !== QUOTE) return false;
    const name = latin1(entry.start + 6, keyEnd - 1);
    if (name.includes('\\') || (entries.size > 0 && name <= last)) return false;
    entries.set(name, entry);
    last = name;
    return true;
  });
  const closes = at - 1;
  return isWhole && take('\n') && at === bytes.length ? { entries, annotations, closes } : undefined;
}
