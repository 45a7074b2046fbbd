// Reads a JSON document row by row while it arrives: no more than one row of it is ever text in memory.
import { AppError, invalid } from '../base/errors.ts';

const MAX_DOCUMENT_BYTES = 50 * 1024 * 1024;
const MAX_ROW_CHARS = 8 * 1024 * 1024;
const MAX_DEPTH = 32;

/** A member of the document, or one element of a member that is a list. */
export type Piece = { name: string; isRow: boolean; value: unknown };

/** Goes through an object's members; a list's elements one by one. Throws invalid for what is no such object, too_large. */
export async function* readDocument(source: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const scanner = createScanner();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw invalid('The document is not valid UTF-8.', { cause: error });
    }
  };
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES)
      throw new AppError('too_large', `An export of more than ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB cannot be taken in.`); // prettier-ignore
    yield* scanner.take(decode(chunk));
  }
  yield* scanner.take(decode());
  scanner.end();
}

type Where = 'before' | 'name' | 'value' | 'row' | 'after' | 'done';

/** Finds where names, values and elements end; JSON.parse says what they are. */
function createScanner() {
  let where: Where = 'before';
  let name = '';
  let piece = '';
  let depth = 0;
  let inString = false;
  let escaped = false;

  const parse = (): unknown => {
    try {
      return JSON.parse(piece) as unknown;
    } catch (error) {
      throw broken(error);
    } finally {
      piece = '';
    }
  };

  function* take(text: string): Generator<Piece> {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === BACKSLASH) escaped = true;
        else if (code === QUOTE) inString = false;
        continue;
      }
      if (code === QUOTE && where !== 'before' && where !== 'after' && where !== 'done') {
        inString = true;
        continue;
      }
      if (where === 'before' || where === 'after' || where === 'done') {
        from = at + 1;
        if (isBlank(code)) continue;
        if (where === 'before' && code === OPEN_OBJECT) where = 'name';
        else if (where === 'after' && code === COMMA) where = 'name';
        else if (where === 'after' && code === CLOSE_OBJECT) where = 'done';
        else throw broken();
        continue;
      }
      if (depth === 0) {
        if (where === 'name') {
          if (code === CLOSE_OBJECT && (piece + text.slice(from, at)).trim() === '') {
            where = 'done';
            from = at + 1;
          } else if (code === COLON) {
            piece += text.slice(from, at);
            const found = parse();
            if (typeof found !== 'string') throw broken();
            name = found;
            where = 'value';
            from = at + 1;
          }
          continue;
        }
        if (where === 'value' && code === OPEN_LIST && (piece + text.slice(from, at)).trim() === '') {
          where = 'row';
          piece = '';
          from = at + 1;
          continue;
        }
        const ends = where === 'row' ? CLOSE_LIST : CLOSE_OBJECT;
        if (code === COMMA || code === ends) {
          piece += text.slice(from, at);
          from = at + 1;
          const isRow = where === 'row';
          if (isRow && code === ends && piece.trim() === '') piece = '';
          else yield { name, isRow, value: parse() };
          if (isRow) where = code === ends ? 'after' : 'row';
          else where = code === ends ? 'done' : 'name';
          continue;
        }
      }
      if (code === OPEN_OBJECT || code === OPEN_LIST) {
        if (++depth > MAX_DEPTH) throw invalid('The document is nested too deep.');
      } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
        if (--depth < 0) throw broken();
      }
    }
    if (from < text.length && where !== 'before' && where !== 'after' && where !== 'done')
      piece += text.slice(from);
    if (piece.length > MAX_ROW_CHARS) throw new AppError('too_large', 'A row of the document is too long.');
  }

  return {
    take,
    end: (): void => {
      if (where !== 'done') throw broken();
    },
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** RFC 8259 §2; a mark at the beginning says only that this is UTF-8. */
const isBlank = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0xfeff;

const broken = (cause?: unknown) =>
  invalid('The document is not the JSON of an exported library.', cause === undefined ? {} : { cause });
