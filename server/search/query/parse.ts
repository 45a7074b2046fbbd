// Reads the query language: text in, a tree out, or an error that says what is wrong and where (grammar.md).
import { badQuery } from './errors.ts';
import { createScanner } from './scanner.ts';
import type { Scanner } from './scanner.ts';
import type { Query } from './syntax.ts';
import { readTerm } from './terms.ts';

const MAX_QUERY_LENGTH = 1000;
const MAX_DEPTH = 50;
/** Each costs a look through the library. */
const MAX_TERMS = 100;

/** Returns what the query says. Throws invalid with `details.position`. */
export function parseQuery(source: string): Query {
  if (source.length > MAX_QUERY_LENGTH) {
    throw badQuery(`a query has at most ${MAX_QUERY_LENGTH} characters.`, MAX_QUERY_LENGTH);
  }
  refuseUnreadable(source);
  const scanner = createScanner(source);
  const parser = createParser(scanner);
  scanner.skipBlanks();
  if (scanner.atEnd()) return { kind: 'everything' };
  const query = parser.either(0);
  if (!scanner.atEnd()) throw badQuery('this bracket closes nothing.', scanner.position());
  return query;
}

function refuseUnreadable(source: string): void {
  const nul = source.indexOf('\0');
  if (nul >= 0) throw badQuery('there is a character no text has.', nul);
  if (source.isWellFormed()) return;
  let at = 0;
  for (const character of source) {
    if (!character.isWellFormed()) break;
    at += character.length;
  }
  throw badQuery('there is half of a character.', at);
}

type Keyword = 'AND' | 'OR' | 'NOT';

function createParser(scanner: Scanner) {
  let terms = 0;

  /** The keyword that comes next, if one does; it is passed over when it is the one asked for. */
  const keyword = (wanted?: Keyword): Keyword | undefined => {
    const start = scanner.position();
    const word = scanner.bare().text.toUpperCase();
    const found = word === 'AND' || word === 'OR' || word === 'NOT' ? word : undefined;
    if (found === undefined || found !== wanted) scanner.backTo(start);
    else scanner.skipBlanks();
    return found;
  };
  const atClose = (): boolean => scanner.atEnd() || scanner.peek() === ')';

  const either = (depth: number): Query => {
    const parts = [all(depth)];
    while (!atClose() && keyword('OR') === 'OR') parts.push(all(depth));
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  };

  const all = (depth: number): Query => {
    const parts = [negated(depth)];
    while (!atClose() && keyword() !== 'OR') {
      keyword('AND');
      parts.push(negated(depth));
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  };

  const negated = (depth: number): Query => {
    const start = scanner.position();
    if (depth > MAX_DEPTH) throw badQuery(`brackets and NOTs are nested more than ${MAX_DEPTH} deep.`, start);
    if (scanner.atEnd()) throw badQuery('something is missing at the end.', start);
    if (keyword('NOT') === 'NOT') return { kind: 'not', part: negated(depth + 1) };
    if (scanner.skip('-')) {
      // A hyphen alone is a word like any other: "Foo - Bar".
      if (scanner.peek() === '(' || scanner.peek() === '"' || !scanner.atBorder()) {
        return { kind: 'not', part: negated(depth + 1) };
      }
      scanner.backTo(start);
    }
    return primary(depth);
  };

  const primary = (depth: number): Query => {
    const start = scanner.position();
    if (scanner.skip('(')) {
      scanner.skipBlanks();
      if (scanner.peek() === ')') throw badQuery('there is nothing between these brackets.', start);
      if (scanner.atEnd()) throw badQuery('this bracket is never closed.', start);
      const inside = either(depth + 1);
      if (!scanner.skip(')')) throw badQuery('this bracket is never closed.', start);
      scanner.skipBlanks();
      return inside;
    }
    if (scanner.peek() === ')') throw badQuery('something is missing before this bracket.', start);
    const word = keyword();
    if (word !== undefined) {
      throw badQuery(
        `something is missing before ${word}. To look for the word, put it in quotation marks.`,
        start,
      );
    }
    if (++terms > MAX_TERMS) throw badQuery(`a query has at most ${MAX_TERMS} conditions.`, start);
    const term = readTerm(scanner);
    scanner.skipBlanks();
    return { kind: 'term', at: start, term };
  };

  return { either };
}
