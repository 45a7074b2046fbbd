import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../server/base/errors.ts';
import { READING_STATUSES } from '../../../../server/base/reading-status.ts';
import { compileQuery } from '../../../../server/search/query/compile.queries.ts';
import { FIELD_NAMES } from '../../../../server/search/query/fields.ts';
import { openShelf } from '../../../support/catalogue.ts';
import { COMPARES, compares, comparesDay, fits, likens, plain, written } from './evaluate.ts';
import type { ModelBook, ModelQuery } from './evaluate.ts';
import { addModelBook, found } from './library.ts';

// Few and short, so that they meet: letters with and without accents, signs of SQL and of FTS5, a whole astral character.
const WORDS = ['a', 'é', 'be', 'Bé', 'dune', 'DÜNE', 'du', 'x%', '_', "o'b", '100', 'ﬁn', '🐉', 'a.b', 'straße', 'Ωmega', '-', 'and', 'none']; // prettier-ignore
const word = fc.constantFrom(...WORDS);
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 2 });
const day = fc.constantFrom(
  '1999-12-31',
  '2000-01-01',
  '2000-01-31',
  '2000-02-01',
  '2024-02-29',
  '2025-06-15',
);
const NAMES = ['a', 'Bé', 'dune', 'x y'];
const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 });
const FORMATS = ['epub', 'pdf', 'txt'];

const book: fc.Arbitrary<ModelBook> = fc.record({
  title: phrase,
  subtitle: maybe(phrase),
  authors: fc.array(phrase, { maxLength: 2 }),
  publisher: maybe(phrase),
  description: maybe(phrase),
  isbn: maybe(fc.constantFrom('9780441013593', '0441013597', '12')),
  language: maybe(fc.constantFrom('en', 'en-GB', 'de', 'eng')),
  series: maybe(fc.constantFrom(...NAMES)),
  tags: names,
  shelves: names,
  formats: fc.uniqueArray(fc.constantFrom(...FORMATS), { maxLength: 2 }),
  status: fc.constantFrom(...READING_STATUSES),
  rating: maybe(fc.integer({ min: 1, max: 5 })),
  pages: maybe(fc.constantFrom(0, 1, 99, 100, 101)),
  progress: maybe(fc.constantFrom(0, 0.004, 0.495, 0.5, 0.505, 1)),
  published: maybe(fc.constantFrom('1999', '2000', '2000-02', '2000-01-31', '2024-02-29')),
  added: day,
  read: maybe(day),
  isPhysical: fc.boolean(),
  isFavorite: fc.boolean(),
  lentTo: maybe(phrase),
  own: fc.dictionary(fc.constantFrom('mood', 'n', 'd'), fc.oneof(word, fc.integer({ min: 0, max: 3 }), fc.boolean()), { noNullPrototype: true, maxKeys: 2 }), // prettier-ignore
});

const quoted = (text: string) => `"${text.replace(/["\\*]/g, '\\$&')}"`;
const term = (text: string, test: (book: ModelBook) => boolean): ModelQuery => ({
  is: 'term',
  text,
  fits: test,
});
const op = fc.constantFrom(...COMPARES);

const TEXTS: Readonly<Record<string, (book: ModelBook) => (string | null)[]>> = {
  title: (each) => [each.title],
  subtitle: (each) => [each.subtitle],
  author: (each) => each.authors,
  publisher: (each) => [each.publisher],
  description: (each) => [each.description],
  series: (each) => [each.series],
  lent_to: (each) => [each.lentTo],
};
const textField = fc.constantFrom(...Object.keys(TEXTS));
const valuesOf = (field: string, each: ModelBook): string[] =>
  (TEXTS[field]?.(each) ?? []).filter((value) => value !== null);
const NUMBERS: Readonly<Record<string, (book: ModelBook) => number | null>> = {
  rating: (each) => each.rating,
  pages: (each) => each.pages,
  progress: (each) => (each.progress === null ? null : Math.round(each.progress * 100)),
  year: (each) => (each.published === null ? null : Number(each.published.slice(0, 4))),
};
const numberField = fc.constantFrom(...Object.keys(NUMBERS));
const aNumber = fc.constantFrom(-1, 0, 1, 3, 5, 49.5, 50, 51, 99, 100, 1999, 2000);
const DATES: Readonly<Record<string, (book: ModelBook) => string | null>> = {
  published: (each) =>
    each.published === null ? null : each.published + '-01-01'.slice(each.published.length - 4, 6),
  added: (each) => each.added,
  read: (each) => each.read,
};
const dateField = fc.constantFrom(...Object.keys(DATES));
const period = fc.constantFrom(
  '1999',
  '2000',
  '2000-01',
  '2000-02',
  '2000-01-31',
  '2000-02-01',
  '2024-02-29',
);
const negates = (sign: string) => sign === '!=';
const membership = fc.constantFrom('tag', 'shelf');
const held = (field: string, each: ModelBook) => (field === 'tag' ? each.tags : each.shelves);

const leaf: fc.Arbitrary<ModelQuery> = fc.oneof(
  phrase.map((text) => term(quoted(text), (each) => [each.title, each.subtitle, ...each.authors].some((value) => value !== null && plain(value).includes(plain(text))))), // prettier-ignore
  fc.tuple(textField, phrase).map(([field, text]) => term(`${field}:${quoted(text)}`, (each) => valuesOf(field, each).some((value) => plain(value).includes(plain(text))))), // prettier-ignore
  fc.tuple(textField, phrase, fc.constantFrom('=', '!=')).map(([field, text, sign]) =>
    term(`${field}:${sign}${quoted(text)}`, (each) => {
      const values = valuesOf(field, each);
      const same = values.some((value) => plain(value) === plain(text));
      return negates(sign) ? values.length > 0 && !same : same;
    }),
  ),
  fc
    .tuple(textField, phrase, fc.constantFrom('$*', '*$', '*$*', '$*a', 'd*$'))
    .map(([field, text, shape]) => {
      const pattern = shape.replace('$', () => text);
      return term(`${field}:"${pattern}"`, (each) =>
        valuesOf(field, each).some((value) => likens(value, pattern)),
      );
    }),
  fc.constantFrom('subtitle', 'author', 'publisher', 'description', 'series', 'lent_to').map((field) => term(`${field}:none`, (each) => valuesOf(field, each).length === 0)), // prettier-ignore
  fc.constantFrom('978-0441', '0441 013', '12', '978').map((text) => term(`isbn:${quoted(text)}`, (each) => each.isbn?.includes(text.replace(/[- ]/g, '')) ?? false)), // prettier-ignore
  fc.constantFrom('en', 'EN-gb', 'de').map((code) => term(`language:${code}`, (each) => each.language !== null && `${each.language === 'eng' ? 'en' : each.language}-`.toLowerCase().startsWith(`${code}-`.toLowerCase()))), // prettier-ignore
  fc.tuple(membership, fc.constantFrom(...NAMES, 'BE', 'other')).map(([field, name]) => term(`${field}:${quoted(name)}`, (each) => held(field, each).some((one) => plain(one) === plain(name)))), // prettier-ignore
  fc.tuple(membership, fc.constantFrom(...NAMES)).map(([field, name]) => term(`${field}:!=${quoted(name)}`, (each) => held(field, each).length > 0 && !held(field, each).includes(name))), // prettier-ignore
  membership.map((field) => term(`${field}:none`, (each) => held(field, each).length === 0)),
  fc.tuple(fc.constantFrom(...READING_STATUSES), fc.constantFrom('', '=', '!=')).map(([status, sign]) => term(`status:${sign}${status}`, (each) => (each.status === status) !== negates(sign))), // prettier-ignore
  fc.tuple(fc.constantFrom(...FORMATS), fc.constantFrom('', '!=')).map(([format, sign]) => term(`format:${sign}${format}`, ({ formats }) => (negates(sign) ? formats.length > 0 && !formats.includes(format) : formats.includes(format)))), // prettier-ignore
  fc.constant(term('format:physical', (each) => each.isPhysical)),
  fc.constant(term('is:favorite', (each) => each.isFavorite)),
  fc.constant(term('is:digital', (each) => !each.isPhysical)),
  fc.constant(term('is:lent', (each) => each.lentTo !== null)),
  fc.constant(term('is:!=rated', (each) => each.rating === null)),
  fc.tuple(numberField, op, aNumber).map(([field, sign, value]) => term(`${field}:${sign}${value}`, (each) => compares(NUMBERS[field]?.(each) ?? null, sign, value))), // prettier-ignore
  fc.tuple(numberField, aNumber, aNumber).map(([field, from, to]) => term(`${field}:${from}..${to}`, (each) => { const value = NUMBERS[field]?.(each) ?? null; return value !== null && value >= from && value <= to; })), // prettier-ignore
  fc.constantFrom('rating', 'pages', 'progress', 'year').map((field) => term(`${field}:none`, (each) => (NUMBERS[field]?.(each) ?? null) === null)), // prettier-ignore
  fc.tuple(dateField, op, period).map(([field, sign, value]) => term(`${field}:${sign}${value}`, (each) => comparesDay(DATES[field]?.(each) ?? null, sign, value))), // prettier-ignore
  fc.tuple(dateField, period, period).map(([field, from, to]) => term(`${field}:[${from} TO ${to}]`, (each) => { const value = DATES[field]?.(each) ?? null; return comparesDay(value, '>=', from) && comparesDay(value, '<=', to); })), // prettier-ignore
  fc.tuple(fc.constantFrom('mood', 'N', 'd'), word).map(([name, text]) => term(`meta.${name}:${quoted(text)}`, (each) => { const value = each.own[name.toLowerCase()]; return value !== undefined && plain(String(value)).includes(plain(text)); })), // prettier-ignore
  fc.tuple(fc.constantFrom('mood', 'n'), op.filter((sign) => sign.length === 1 && sign !== '='), fc.integer({ min: 0, max: 3 })).map(([name, sign, value]) => term(`meta.${name}:${sign}${value}`, (each) => { const own = each.own[name]; return typeof own === 'number' && compares(own, sign, value); })), // prettier-ignore
);
const { query } = fc.letrec<{ query: ModelQuery }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ is: fc.constant('not' as const), part: tie('query') }),
    fc.record({
      is: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('query'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

const ground = { now: new Date('2026-03-14T12:00:00Z'), zone: 'UTC' };

describe('any query', () => {
  it('finds the books a second reading of the language finds', () => {
    fc.assert(
      fc.property(fc.array(book, { minLength: 3, maxLength: 12 }), fc.array(query, { minLength: 20, maxLength: 40 }), (books, queries) => {
        const shelf = openShelf();
        const ids = shelf.write((db) => books.map((each) => addModelBook(db, shelf, each)));
        for (const each of queries) {
          const text = written(each);
          if (text.length > 1000) continue;
          const expected = ids.filter((_, index) => fits(each, books[index]!)).toSorted();
          expect(found(shelf, text), text).toEqual(expected);
        }
        shelf.write((db) => db.$client.exec("insert into book_words_index (book_words_index) values ('integrity-check')"));
        shelf.catalogue.close();
      }),
      { numRuns: 60 },
    ); // prettier-ignore
  }, 120_000);

  const piece = fc.oneof(
    fc.constantFrom(...FIELD_NAMES.map((name) => `${name}:`), 'meta.x:', '(', ')', '"', '\\', '-', 'NOT ', ' AND ', ' OR ', '[', ' TO ', ']', '..', '>=', '<', '!=', '*', 'none', '7d', '2024', '2024-02-30', '5', ' ', '\t', '\0', "'; drop table books; --", '?'), // prettier-ignore
    fc.string({ unit: 'binary', maxLength: 4 }),
    word,
  );
  const anything = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('is answered, or refused with a sentence and a place within it', () => {
    const shelf = openShelf();
    shelf.write((db) => addModelBook(db, shelf, fc.sample(book, { numRuns: 1, seed: 1 })[0]!));
    let answered = 0;
    fc.assert(
      fc.property(anything, (text) => {
        try {
          found(shelf, text);
          answered++;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.kind).toBe('invalid');
          expect(error.message).toMatch(/^The query cannot be read at character \d+: .+[.]$/s);
          const position = error.details?.['position'] as number;
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 3000 },
    );
    expect(answered).toBeGreaterThan(100);
  }, 60_000);

  it('never becomes a part of the SQL: whatever it says, only its shape does', () => {
    const shelf = openShelf();
    const secret = fc.string({
      unit: fc.constantFrom(...Array.from('zqwv\'";?%')),
      minLength: 4,
      maxLength: 12,
    });
    const forms: ((text: string) => string)[] = [
      (text) => quoted(text),
      (text) => `title:${quoted(text)}`,
      (text) => `series:${quoted(text)}`,
      (text) => `author:=${quoted(text)}`,
      (text) => `language:${quoted(text)}`,
      (text) => `tag:${quoted(text)}`,
      (text) => `meta.${quoted(text)}:${quoted(text)}`,
    ];
    fc.assert(
      fc.property(secret, secret, fc.constantFrom(...forms), (one, other, form) => {
        const compiled = shelf.read((db) =>
          [one, other].map((text) => compileQuery(db, form(text), { ...ground, ownerId: shelf.ownerId })),
        );
        expect(compiled[0]?.sql).toBe(compiled[1]?.sql);
        for (const { sql, params } of compiled) expect(sql.split('?').length - 1).toBe(params.length);
      }),
      { numRuns: 300 },
    );
  });
});
