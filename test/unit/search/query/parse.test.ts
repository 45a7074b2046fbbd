import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../server/base/errors.ts';
import { parseQuery } from '../../../../server/search/query/parse.ts';
import type { Query, Term } from '../../../../server/search/query/syntax.ts';

/** The tree as a sentence: what belongs together stands in brackets. */
const shapeOf = (query: Query): string => {
  switch (query.kind) {
    case 'everything':
      return 'everything';
    case 'not':
      return `not ${shapeOf(query.part)}`;
    case 'term':
      return query.term.about === 'words' ? query.term.wanted.text : `${query.term.about}:${'field' in query.term ? query.term.field : query.term.name}`; // prettier-ignore
    case 'and':
    case 'or':
      return `(${query.parts.map(shapeOf).join(` ${query.kind} `)})`;
  }
};
const shape = (text: string): string => shapeOf(parseQuery(text));
const term = (text: string): Term => {
  const query = parseQuery(text);
  if (query.kind !== 'term') throw new Error(`${text} is no single term`);
  return query.term;
};
const refusal = (text: string): { position: unknown; message: string } => {
  try {
    parseQuery(text);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.kind).toBe('invalid');
    return { position: error.details?.['position'], message: error.message };
  }
  throw new Error(`${text} was understood`);
};

describe('the order of things in a query', () => {
  it.each([
    ['', 'everything'],
    ['   ', 'everything'],
    ['a', 'a'],
    ['a b', '(a and b)'],
    ['a AND b', '(a and b)'],
    ['a or b', '(a or b)'],
    ['a b OR c d', '((a and b) or (c and d))'],
    ['a (b OR c)', '(a and (b or c))'],
    ['a(b or c)d', '(a and (b or c) and d)'],
    ['NOT a b', '(not a and b)'],
    ['not a or b', '(not a or b)'],
    ['not not a', 'not not a'],
    ['-a -b', '(not a and not b)'],
    ['-(a or b)', 'not (a or b)'],
    ['-"a b"', 'not a b'],
    ['--a', 'not not a'],
    ['a - b', '(a and - and b)'],
    ['well-known', 'well-known'],
    ['status:not_started tag:fiction', '(word:status and name:tag)'],
    ['-rating:>3', 'not number:rating'],
    ['a"b c"d', '(a and b c and d)'],
    ['"AND" "or"', '(AND and or)'],
    ['((((a))))', 'a'],
  ])('reads %j as %s', (text, expected) => {
    expect(shape(text)).toBe(expected);
  });

  it('remembers where each term began', () => {
    const query = parseQuery('  a (b  -status:reading)');
    const places: number[] = [];
    const visit = (each: Query): void => {
      if (each.kind === 'term') places.push(each.at);
      if (each.kind === 'not') visit(each.part);
      if (each.kind === 'and' || each.kind === 'or') each.parts.forEach(visit);
    };
    visit(query);
    expect(places).toEqual([2, 5, 9]);
  });
});

describe('a term', () => {
  it.each([
    ['title:Dune', { about: 'text', field: 'title', wanted: { text: 'Dune' } }],
    ['TITLE:"Dune Messiah"', { about: 'text', field: 'title', wanted: { text: 'Dune Messiah' } }],
    ['title:du*e', { about: 'text', field: 'title', wanted: { text: 'du*e', pieces: ['du', 'e'] } }],
    [
      'title:"a \\"b\\" \\\\ \\* *"',
      { about: 'text', field: 'title', wanted: { text: 'a "b" \\ * *', pieces: ['a "b" \\ * ', ''] } },
    ],
    ['title:=5*', { about: 'exact', field: 'title', text: '5*', differs: false }],
    ['title:none', { about: 'text', field: 'title', wanted: { text: 'none' } }],
    ['author:none', { about: 'nothing', field: 'author' }],
    ['author:"none"', { about: 'text', field: 'author', wanted: { text: 'none' } }],
    ['author:!="Ann"', { about: 'exact', field: 'author', text: 'Ann', differs: true }],
    ['topic:x', { about: 'name', field: 'tag', wanted: { text: 'x' }, differs: false }],
    ['shelf:none', { about: 'nothing', field: 'shelf' }],
    ['status:inProgress', { about: 'word', field: 'status', word: 'in_progress', differs: false }],
    ['status:"not started"', { about: 'word', field: 'status', word: 'not_started', differs: false }],
    ['status:!=finished', { about: 'word', field: 'status', word: 'completed', differs: true }],
    ['format:EPUB', { about: 'word', field: 'format', word: 'epub', differs: false }],
    ['rating:>=4', { about: 'number', field: 'rating', op: '>=', value: 4 }],
    ['rating:4', { about: 'number', field: 'rating', op: '=', value: 4 }],
    ['rating:none', { about: 'nothing', field: 'rating' }],
    ['pages:100..200', { about: 'numbers', field: 'pages', from: 100, to: 200 }],
    ['pages:[ 100 to 200 ]', { about: 'numbers', field: 'pages', from: 100, to: 200 }],
    ['size:>1.5MB', { about: 'number', field: 'size', op: '>', value: 1_500_000 }],
    [
      'published:1999',
      { about: 'day', field: 'published', op: '=', period: { from: '1999-01-01', to: '1999-12-31' } },
    ],
    [
      'added:<=2024-02',
      { about: 'day', field: 'added', op: '<=', period: { from: '2024-02-01', to: '2024-02-29' } },
    ],
    [
      'finished_at:2024-02..2024-03-05',
      { about: 'days', field: 'completed', from: '2024-02-01', to: '2024-03-05' },
    ],
    ['last_read:<7d', { about: 'age', field: 'read', op: '<', age: { count: 7, unit: 'd' } }],
    ['lent:>1Y', { about: 'age', field: 'lent', op: '>', age: { count: 1, unit: 'y' } }],
    ['is:lent', { about: 'word', field: 'is', word: 'lent', differs: false }],
    ['meta.mood:calm', { about: 'own', name: 'mood', own: { test: 'holds', wanted: { text: 'calm' } } }],
    ['meta."My field":>3', { about: 'own', name: 'My field', own: { test: 'number', op: '>', value: 3 } }],
    ['meta.n:1..2', { about: 'own', name: 'n', own: { test: 'numbers', from: 1, to: 2 } }],
    ['meta.d:2020..2021', { about: 'own', name: 'd', own: { test: 'numbers', from: 2020, to: 2021 } }],
    [
      'meta.d:>2020-05',
      {
        about: 'own',
        name: 'd',
        own: { test: 'day', op: '>', period: { from: '2020-05-01', to: '2020-05-31' } },
      },
    ],
    ['meta.d:none', { about: 'own', name: 'd', own: { test: 'none' } }],
  ])('is read from %s', (text, expected) => {
    expect(term(text)).toEqual(expected);
  });
});

describe('a query that cannot be understood', () => {
  it.each([
    ['title:"open', 6, 'quotation mark is never closed'],
    ['a (b', 2, 'bracket is never closed'],
    ['a)', 1, 'closes nothing'],
    [')', 0, 'missing before this bracket'],
    ['a ()', 2, 'nothing between these brackets'],
    ['a OR', 4, 'missing at the end'],
    ['a AND', 5, 'missing at the end'],
    ['OR a', 0, 'missing before OR'],
    ['a AND OR b', 6, 'missing before OR'],
    ['NOT', 3, 'missing at the end'],
    ['rating:5 colour:red', 9, 'no field "colour"'],
    ['constructor:1', 0, 'no field "constructor"'],
    ['toString:1', 0, 'no field'],
    ['rating:', 7, 'value is missing after "rating:"'],
    ['rating:>', 8, 'value is missing after "rating:>"'],
    ['rating:good', 7, 'rating takes a number, not "good"'],
    ['year:>=19x', 7, 'year takes a number'],
    ['status:sleeping', 7, 'status cannot be "sleeping". It can be not_started'],
    ['status:none', 7, 'status cannot be "none"'],
    ['published:2024-13', 10, 'takes a date'],
    ['published:2023-02-29', 10, 'takes a date'],
    ['added:7d', 6, 'added:<7d or added:>7d'],
    ['title:>a', 7, 'cannot be more or less'],
    ['tag:<a', 5, 'cannot be more or less'],
    ['pages:[1 TO 5', 6, 'bracket is never closed'],
    ['pages:[1 UP 5]', 9, 'a range is written'],
    ['pages:..5', 6, 'pages:<=5'],
    ['pages:5..', 9, 'pages:>=5'],
    ['pages:>1..5', 6, 'no operator'],
    ['meta.:x', 5, 'name of a field is missing'],
    ['meta.a:>b', 8, 'with a number or a date'],
    ['a\0b', 1, 'no text has'],
    ['a\ud800', 1, 'half of a character'],
    ['x'.repeat(1001), 1000, 'at most 1000 characters'],
    [`${'('.repeat(51)}a${')'.repeat(51)}`, 51, 'more than 50 deep'],
    [`${'-'.repeat(51)}a`, 51, 'more than 50 deep'],
    ['a '.repeat(101), 200, 'at most 100 conditions'],
  ])('%j is refused with its place', (text, position, words) => {
    const { position: at, message } = refusal(text);
    expect(at).toBe(position);
    expect(message).toContain(words);
    expect(message).toContain(`character ${position + 1}:`);
  });

  it('is not one that is just within the limits', () => {
    expect(shape(`${'('.repeat(50)}a${')'.repeat(50)}`)).toBe('a');
    expect(parseQuery('x'.repeat(1000)).kind).toBe('term');
    expect(parseQuery('a '.repeat(100)).kind).toBe('and');
  });
});
