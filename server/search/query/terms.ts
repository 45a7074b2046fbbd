// Reads one condition of a query: a word, or a field with an operator and a value of its kind.
import { fold } from '../../base/fold.ts';
import { badQuery } from './errors.ts';
import { FIELD_NAMES, findField } from './fields.ts';
import type { Field } from './fields.ts';
import type { Piece, Scanner } from './scanner.ts';
import type { Operator, OwnTest, Term, Wanted } from './syntax.ts';
import { readAge, readNumber, readPeriod, readSize } from './values.ts';

const OPERATORS = ['>=', '<=', '!=', '>', '<', '='] as const;

type Value = { op: Operator | undefined; piece: Piece };
type Range = { from: Piece; to: Piece };

/** Returns the condition that comes next. Throws invalid with `details.position`. */
export function readTerm(scanner: Scanner): Term {
  if (scanner.peek() === '"') return { about: 'words', wanted: wantedOf(scanner.quoted()) };
  const start = scanner.position();
  const name = scanner.bare(':');
  if (!scanner.skip(':')) {
    // meta."My field" is the one name that can be quoted.
    if (name.text.toLowerCase() !== 'meta.' || scanner.peek() !== '"')
      return { about: 'words', wanted: wantedOf(name) };
    const quoted = scanner.quoted();
    if (!scanner.skip(':'))
      throw badQuery('a colon and a value are missing after this name.', scanner.position());
    return readOwn(scanner, quoted);
  }
  if (/^meta\./i.test(name.text))
    return readOwn(scanner, { ...name, text: name.text.slice(5), at: name.at + 5 });
  const field = findField(name.text);
  if (field === undefined) {
    throw badQuery(
      `there is no field "${shorten(name.text)}". The fields are ${FIELD_NAMES.join(', ')} and meta.NAME. To look for these words, put them in quotation marks.`,
      start,
    );
  }
  return readFor(field, scanner);
}

function readFor(field: Field, scanner: Scanner): Term {
  const { name } = field;
  const hasRange = ['number', 'size', 'day', 'instant'].includes(field.kind);
  const value = readValue(scanner, name, hasRange);
  if ('from' in value) return rangeTerm(field, value);
  const { op, piece } = value;
  if (op === undefined && field.mayLack && isNone(piece)) return { about: 'nothing', field: name };
  switch (field.kind) {
    case 'text':
      return op === undefined
        ? { about: 'text', field: name, wanted: wantedOf(piece) }
        : { about: 'exact', field: name, text: piece.text, differs: differs(op, field, piece) };
    case 'name':
      return { about: 'name', field: name as 'tag' | 'shelf', wanted: op === undefined ? wantedOf(piece) : { text: piece.text }, differs: op !== undefined && differs(op, field, piece) }; // prettier-ignore
    case 'word':
      return { about: 'word', field: name, word: wordOf(field, piece), differs: op !== undefined && differs(op, field, piece) }; // prettier-ignore
    case 'number':
    case 'size':
      return { about: 'number', field: name, op: op ?? '=', value: numberOf(field, piece) };
    case 'day':
    case 'instant':
      return dateTerm(name, op, piece);
  }
}

function rangeTerm(field: Field, { from, to }: Range): Term {
  const { name } = field;
  if (field.kind === 'number' || field.kind === 'size') {
    return { about: 'numbers', field: name, from: numberOf(field, from), to: numberOf(field, to) };
  }
  return { about: 'days', field: name, from: periodOf(name, from).from, to: periodOf(name, to).to };
}

function dateTerm(name: string, op: Operator | undefined, piece: Piece): Term {
  const age = readAge(piece.text);
  if (age === undefined) return { about: 'day', field: name, op: op ?? '=', period: periodOf(name, piece) };
  if (op === undefined || op === '=' || op === '!=') {
    throw badQuery(
      `say whether it is less or more: ${name}:<${piece.text} or ${name}:>${piece.text}.`,
      piece.at,
    );
  }
  return { about: 'age', field: name, op, age };
}

/** A field of the person's own: what it is compared with says what it is compared as. */
function readOwn(scanner: Scanner, name: Piece): Term {
  if (name.text === '') throw badQuery('the name of a field is missing after "meta.".', name.at);
  const label = `meta.${shorten(name.text)}`;
  const value = readValue(scanner, label, true);
  return {
    about: 'own',
    name: name.text,
    own: 'from' in value ? ownRange(label, value) : ownTest(label, value),
  };
}

function ownRange(label: string, { from, to }: Range): OwnTest {
  const [least, most] = [readNumber(from.text), readNumber(to.text)];
  if (least !== undefined && most !== undefined) return { test: 'numbers', from: least, to: most };
  const [first, last] = [readPeriod(from.text), readPeriod(to.text)];
  if (first !== undefined && last !== undefined) return { test: 'days', from: first.from, to: last.to };
  throw badQuery(`${label} takes a range of two numbers or of two dates.`, from.at);
}

function ownTest(label: string, { op, piece }: Value): OwnTest {
  if (op === undefined) return isNone(piece) ? { test: 'none' } : { test: 'holds', wanted: wantedOf(piece) };
  if (op === '=' || op === '!=') return { test: 'is', text: piece.text, differs: op === '!=' };
  const value = readNumber(piece.text);
  if (value !== undefined) return { test: 'number', op, value };
  const period = readPeriod(piece.text);
  if (period !== undefined) return { test: 'day', op, period };
  throw badQuery(`${label} is compared with a number or a date, such as ${op}3 or ${op}2024-05.`, piece.at);
}

/** An operator and a value, or a range where the field takes one. */
function readValue(scanner: Scanner, field: string, hasRange: boolean): Value | Range {
  const at = scanner.position();
  const op = OPERATORS.find((operator) => scanner.skip(operator));
  if (hasRange && op === undefined && scanner.skip('[')) return readBracket(scanner, at);
  if (scanner.peek() === '"') return { op, piece: scanner.quoted() };
  const piece = scanner.bare();
  if (piece.text === '') throw badQuery(`a value is missing after "${field}:${op ?? ''}".`, piece.at);
  const dots = piece.text.indexOf('..');
  if (!hasRange || dots < 0) return { op, piece };
  if (op !== undefined) throw badQuery('a range takes no operator.', at);
  const from = { ...piece, text: piece.text.slice(0, dots) };
  const to = { ...piece, text: piece.text.slice(dots + 2), at: piece.at + dots + 2 };
  if (from.text === '')
    throw badQuery(`a range has two ends. To leave one open write ${field}:<=${to.text}.`, at);
  if (to.text === '')
    throw badQuery(`a range has two ends. To leave one open write ${field}:>=${from.text}.`, to.at);
  return { from, to };
}

/** [2001 TO 2005], behind its first bracket. */
function readBracket(scanner: Scanner, at: number): Range {
  const piece = (): Piece => {
    scanner.skipBlanks();
    return scanner.bare(']');
  };
  const from = piece();
  if (from.text === '' || scanner.atEnd())
    throw badQuery('this bracket is never closed: write [1 TO 5].', at);
  const word = piece();
  if (word.text.toUpperCase() !== 'TO') throw badQuery('a range is written [1 TO 5].', word.at);
  const to = piece();
  if (to.text === '') throw badQuery('the end of the range is missing.', to.at);
  scanner.skipBlanks();
  if (!scanner.skip(']')) throw badQuery('this bracket is never closed: write [1 TO 5].', at);
  return { from, to };
}

const isNone = (piece: Piece): boolean => !piece.isQuoted && piece.text.toLowerCase() === 'none';

const wantedOf = ({ text, pieces }: Piece): Wanted =>
  pieces.length === 1 ? { text: pieces[0] ?? text } : { text, pieces };

function differs(op: Operator, { name }: Field, { at }: Piece): boolean {
  if (op === '=' || op === '!=') return op === '!=';
  throw badQuery(`${name} cannot be more or less than something; only = and != fit here.`, at);
}

function wordOf({ name, words = new Map() }: Field, piece: Piece): string {
  const word = words.get(fold(piece.text).replace(/[ -]/g, '_'));
  if (word !== undefined) return word;
  const known = [...new Set(words.values())].join(', ');
  throw badQuery(`${name} cannot be "${shorten(piece.text)}". It can be ${known}.`, piece.at);
}

function numberOf({ name, kind }: Field, piece: Piece): number {
  const value = kind === 'size' ? readSize(piece.text) : readNumber(piece.text);
  if (value !== undefined) return value;
  const example = kind === 'size' ? 'a size such as 500kb or 10mb' : 'a number';
  throw badQuery(`${name} takes ${example}, not "${shorten(piece.text)}".`, piece.at);
}

function periodOf(name: string, piece: Piece): { from: string; to: string } {
  const period = readPeriod(piece.text);
  if (period !== undefined) return period;
  throw badQuery(
    `${name} takes a date such as 2024, 2024-05 or 2024-05-31, not "${shorten(piece.text)}".`,
    piece.at,
  );
}

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40).toWellFormed()}…` : text);
