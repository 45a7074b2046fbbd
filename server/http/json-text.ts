// Reads JSON whose size alone says little: what it holds is counted before any of it is made, and long lists row by row.
import { setImmediate as breathe } from 'node:timers/promises';
import { AppError, invalid } from '../base/errors.ts';

export type JsonBounds = {
  /** Values of any kind in all of it. */
  mostValues: number;
  /** Values in one row of a list that is a member of the outermost object. */
  mostInRow: number;
};

/** What is looked at or made before others have their turn: some milliseconds' worth. */
const SLICE_BYTES = 256 * 1024;
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A long list that is a member of the outermost object: where it lies, and commas between its rows to cut at. */
type LongList = { start: number; end: number; cuts: number[] };

/** Returns the value of a text of UTF-8. Throws invalid for no JSON, too_large for more than the bounds. */
export async function parseJson(bytes: Buffer, bounds: JsonBounds): Promise<unknown> {
  const lists = await longListsIn(bytes, bounds);
  if (lists.length === 0) return parse(bytes.toString());
  // The lists are left out of the whole, made by themselves and put where they belong.
  const mark = crypto.randomUUID();
  let rest = '';
  let from = 0;
  for (const [n, { start, end }] of lists.entries()) {
    rest += `${bytes.toString('utf8', from, start)}"${mark} ${n}"`;
    from = end;
  }
  const whole = parse(rest + bytes.toString('utf8', from)) as Record<string, unknown>;
  for (const [key, value] of Object.entries(whole)) {
    if (typeof value !== 'string' || !value.startsWith(mark)) continue;
    const rows = await rowsOf(bytes, lists[Number(value.slice(mark.length + 1))]!);
    // As JSON.parse does for a member named __proto__.
    Object.defineProperty(whole, key, { value: rows, enumerable: true, writable: true, configurable: true });
  }
  return whole;
}

async function rowsOf(bytes: Buffer, { start, end, cuts }: LongList): Promise<unknown[]> {
  const rows: unknown[] = [];
  let from = start + 1;
  for (const cut of [...cuts, end - 1]) {
    const text = bytes.toString('utf8', from, cut);
    // A comma too many.
    if (text.trim() === '') throw broken();
    for (const row of parse(`[${text}]`) as unknown[]) rows.push(row);
    from = cut + 1;
    await breathe();
  }
  return rows;
}

/** Counts what there is, and notes the long lists on the way. */
async function longListsIn(bytes: Buffer, { mostValues, mostInRow }: JsonBounds): Promise<LongList[]> {
  const lists: LongList[] = [];
  let values = 0;
  let inRow = 0;
  let depth = 0;
  let inString = false;
  let list: LongList | undefined;

  const take = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (inString) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) {
        values++;
        inRow++;
        if (byte === COMMA) {
          if (depth === 2 && list !== undefined) cutAt(list, at);
          if (depth <= 2) inRow = 0;
        } else {
          depth++;
          if (depth <= 2) inRow = 0;
          if (depth === 2) list = byte === OPEN_LIST ? { start: at, end: 0, cuts: [] } : undefined;
        }
        if (values > mostValues || inRow > mostInRow) throw tooMany();
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (depth === 2 && list !== undefined) {
          list.end = at + 1;
          if (byte === CLOSE_LIST && list.cuts.length > 0) lists.push(list);
          list = undefined;
        }
        depth--;
      }
    }
  };
  // An escaped quote may stand behind the end of a slice: slices end outside of strings or go on.
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(bytes.length, from + SLICE_BYTES);
    while (to < bytes.length && bytes[to - 1] === BACKSLASH) to++;
    take(from, to);
    from = to;
    if (from < bytes.length) await breathe();
  }
  // The outermost value must be an object for its members to be lists of their own.
  return bytes.subarray(0, 64).toString().trimStart().startsWith('{') ? lists : [];
}

function cutAt(list: LongList, at: number): void {
  const last = list.cuts.at(-1) ?? list.start;
  if (at - last >= SLICE_BYTES) list.cuts.push(at);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken(error);
  }
}

const broken = (cause?: unknown) =>
  invalid('The request body is not valid JSON.', cause === undefined ? {} : { cause });
const tooMany = () => new AppError('too_large', 'The request holds too many values.');
