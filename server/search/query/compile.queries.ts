// Makes SQL of a query: one condition over the table books, every word of the person's a bound value.
import type { Db } from '../../catalogue/db.ts';
import { AppError } from '../../base/errors.ts';
import { fold } from '../../base/fold.ts';
import { isLanguage, languageOf } from '../../base/language.ts';
import { matchesPieces } from '../../base/wildcard.ts';
import { ALWAYS, butNot, condition, joined, negated, NEVER } from './condition.ts';
import type { Condition } from './condition.ts';
import { badQuery } from './errors.ts';
import { selectLanguages, selectSeriesNames, selectShelfNames, selectTagNames } from './names.queries.ts';
import type { Named, NamedShelf } from './names.queries.ts';
import { parseQuery } from './parse.ts';
import type { Query, Term, Wanted } from './syntax.ts';
import { ageIs, dateBetween, dateIs, numberBetween, numberIs, ownIs, valueOf } from './values.queries.ts';
import { foldPart, holds, is, says } from './words.queries.ts';
import type { WordColumn } from './words.queries.ts';

export type QueryGround = {
  ownerId: string;
  now: Date;
  /** The zone days begin in. */
  zone: string;
  /** The smart shelf the query is, or is to be, so that one that looks for itself is refused. */
  shelf?: { shelfId: string; name: string } | undefined;
};

/** Conditions in all, those of smart shelves included: each costs a look through the library. */
const MAX_CONDITIONS = 500;

/**
 * Returns the query as a condition over `books`: the caller adds whose books and which of them are listed. Smart shelves
 * it names are put in their place. Throws invalid with `details.position`: not readable, or shelves that go in a circle.
 */
export function compileQuery(db: Db, text: string, ground: QueryGround): Condition {
  const compiler = createCompiler(db, ground);
  return compiler.compile(parseQuery(text), ground.shelf === undefined ? [] : [ground.shelf.shelfId]);
}

const TEXT_COLUMNS: Readonly<Record<string, WordColumn>> = {
  title: 'title',
  subtitle: 'subtitle',
  author: 'authors',
  publisher: 'publisher',
  description: 'description',
  isbn: 'isbn',
  location: 'location',
  lent_to: 'lent_to',
};
const columnOf = (field: string): WordColumn => {
  const column = TEXT_COLUMNS[field];
  if (column === undefined) throw new Error(`${field} is no text`);
  return column;
};

const IS: Readonly<Record<string, string>> = {
  favorite: 'books.is_favorite = 1',
  physical: 'books.is_physical = 1',
  digital: 'books.is_physical = 0',
  rated: 'books.rating is not null',
};
const HAS: Readonly<Record<string, string>> = {
  annotations: 'exists (select 1 from annotations m where m.book_id = books.book_id)',
  notes: 'exists (select 1 from notes m where m.book_id = books.book_id)',
  bookmarks: 'exists (select 1 from bookmarks m where m.book_id = books.book_id)',
  file: 'books.has_file = 1',
  cover: '(books.cover_hash is not null or books.cover_image_url is not null)',
};
const HAS_FORMAT = 'books.file_formats is not null';
/** Few are lent, and an index knows them. */
const LENT =
  'books.book_id in (select l.book_id from books l indexed by books_lent where l.owner_id = ? and l.lent_to is not null)';
const TAGGED = condition('exists (select 1 from book_tags t where t.book_id = books.book_id)');
const SHELVED = condition('exists (select 1 from shelf_books s where s.book_id = books.book_id)');

function createCompiler(db: Db, { ownerId, now, zone, shelf: own }: QueryGround) {
  let conditions = 0;
  let shelves: NamedShelf[] | undefined;
  const shelvesNamed = (fits: (name: string) => boolean): NamedShelf[] => {
    shelves ??= selectShelfNames(db, ownerId).filter(({ id }) => id !== own?.shelfId);
    const mine =
      own === undefined ? [] : [{ id: own.shelfId, name: own.name, isSmart: 1 as const, smartQuery: null }];
    return [...mine, ...shelves].filter(({ name }) => fits(name));
  };

  /** `path` are the smart shelves it is inside of. */
  const compile = (query: Query, path: readonly string[]): Condition => {
    switch (query.kind) {
      case 'everything':
        return ALWAYS;
      case 'and':
      case 'or':
        return joined(query.parts.map((part) => compile(part, path)), query.kind); // prettier-ignore
      case 'not':
        return negated(compile(query.part, path));
      case 'term':
        if (++conditions > MAX_CONDITIONS) {
          throw badQuery('with the smart shelves it names it has too many conditions.', query.at);
        }
        return compileTerm(query.term, query.at, path);
    }
  };

  const compileTerm = (term: Term, at: number, path: readonly string[]): Condition => {
    switch (term.about) {
      case 'words':
        return holds(db, ownerId, ['title', 'subtitle', 'authors'], term.wanted);
      case 'nothing':
        return lacks(term.field);
      case 'text':
        return textHolds(term.field, term.wanted);
      case 'exact':
        return textIs(term.field, term.text, term.differs);
      case 'name':
        return term.field === 'tag' ? taggedWith(term) : shelvedOn(term, at, path);
      case 'word':
        return wordIs(term, ownerId);
      case 'number':
        return numberIs(term.field, term.op, term.value);
      case 'numbers':
        return numberBetween(term.field, term.from, term.to);
      case 'day':
        return dateIs(term.field, term.op, term.period, zone);
      case 'days':
        return dateBetween(term.field, term.from, term.to, zone);
      case 'age':
        return ageIs(term, now, zone);
      case 'own':
        return ownIs(db, ownerId, term.name, term.own);
    }
  };

  const lacks = (field: string): Condition => {
    switch (field) {
      case 'tag':
        return negated(TAGGED);
      case 'shelf':
        return negated(SHELVED);
      case 'format':
        return negated(condition(HAS_FORMAT));
      case 'series':
        return condition('books.series_id is null');
      case 'language':
        return condition('books.language is null');
      default:
        return field in TEXT_COLUMNS
          ? negated(says(db, ownerId, columnOf(field)))
          : condition(`${valueOf(field)} is null`);
    }
  };

  const textHolds = (field: string, wanted: Wanted): Condition => {
    if (field === 'series') {
      const part = foldPart(wanted.text);
      return ofSeries(wanted.pieces === undefined ? (name) => fold(name).includes(part) : fitsName(wanted));
    }
    if (field === 'language') return inLanguages(fitsLanguage(wanted));
    return holds(db, ownerId, [columnOf(field)], field === 'isbn' ? plainIsbn(wanted) : wanted);
  };

  const textIs = (field: string, text: string, differs: boolean): Condition => {
    const wanted = { text };
    const [found, any] =
      field === 'series'
        ? [ofSeries(fitsName(wanted)), condition('books.series_id is not null')]
        : field === 'language'
          ? [
              inLanguages((written) => fold(languageOf(written)) === fold(languageOf(text))),
              condition('books.language is not null'),
            ]
          : [is(db, ownerId, columnOf(field), field === 'isbn' ? plainIsbn(wanted).text : text), says(db, ownerId, columnOf(field))]; // prettier-ignore
    return differs ? butNot(found, any) : found;
  };

  const ofSeries = (fits: (name: string) => boolean): Condition =>
    inIds('books.series_id', selectSeriesNames(db, ownerId).filter(({ name }) => fits(name))); // prettier-ignore

  const inLanguages = (fits: (written: string) => boolean): Condition =>
    among('books.language', selectLanguages(db, ownerId).filter(fits));

  const taggedWith = ({ wanted, differs }: Term & { about: 'name' }): Condition => {
    const fits = fitsName(wanted);
    const tags = selectTagNames(db, ownerId).filter(({ name }) => fits(name));
    const found = condition(
      'books.book_id in (select t.book_id from book_tags t where t.tag_id in (select value from json_each(?)))',
      idsOf(tags),
    );
    return differs ? butNot(found, TAGGED) : found;
  };

  const shelvedOn = ({ wanted, differs }: Term & { about: 'name' }, at: number, path: readonly string[]) => {
    const found = shelvesNamed(fitsName(wanted));
    const manual = found.filter(({ isSmart }) => isSmart === 0);
    const smart = found.filter(({ isSmart }) => isSmart === 1);
    const matching = joined(
      [
        condition(
          'books.book_id in (select s.book_id from shelf_books s where s.shelf_id in (select value from json_each(?)))',
          idsOf(manual),
        ),
        ...smart.map((shelf) => smartShelf(shelf, at, path)),
      ],
      'or',
    );
    return differs ? butNot(matching, SHELVED) : matching;
  };

  const smartShelf = (
    { id, name, smartQuery }: NamedShelf,
    at: number,
    path: readonly string[],
  ): Condition => {
    if (path.includes(id)) throw badQuery(`the smart shelf "${name}" would look for itself.`, at);
    if (smartQuery === null) return NEVER;
    try {
      return compile(parseQuery(smartQuery), [...path, id]);
    } catch (error) {
      // Positions inside the other shelf's query mean nothing to who wrote this one.
      if (!(error instanceof AppError)) throw error;
      throw badQuery(
        `the smart shelf "${name}" has a query of its own that does not work. ${error.message}`,
        at,
      );
    }
  };

  return { compile };
}

const wordIs = ({ field, word, differs }: Term & { about: 'word' }, ownerId: string): Condition => {
  switch (field) {
    case 'status':
      return condition(`books.status ${differs ? '<>' : '='} ?`, word);
    case 'format': {
      const found =
        word === 'physical'
          ? condition('books.is_physical = 1')
          : condition('ifnull(instr(books.file_formats, ?), 0) > 0', ` ${word} `);
      const any = condition(word === 'physical' ? '1' : HAS_FORMAT);
      return differs ? butNot(found, any) : found;
    }
    default: {
      const found =
        field === 'is' && word === 'lent'
          ? condition(LENT, ownerId)
          : condition((field === 'is' ? IS : HAS)[word] ?? '0');
      return differs ? negated(found) : found;
    }
  }
};

/** The languages a query means: "en" is English of every country, "ger" and "German" are "de". */
function fitsLanguage({ text, pieces }: Wanted): (written: string) => boolean {
  if (pieces !== undefined) {
    const folded = pieces.map((piece) => fold(piece).replaceAll('_', '-'));
    return (written) => matchesPieces(languageOf(written).toLowerCase(), folded);
  }
  const wanted = languageOf(text);
  return (written) => isLanguage(languageOf(written), wanted);
}

/** ISBNs are kept without hyphens and blanks. */
function plainIsbn({ text, pieces }: Wanted): Wanted {
  const plain = (part: string) => part.replace(/[\s-]/g, '');
  return { text: plain(text), ...(pieces === undefined ? {} : { pieces: pieces.map(plain) }) };
}

/** Whether a name is the one looked for: the whole of it, folded. */
function fitsName({ text, pieces }: Wanted): (name: string) => boolean {
  if (pieces === undefined) {
    const folded = fold(text);
    return (name) => fold(name) === folded;
  }
  const folded = pieces.map(foldPart);
  return (name) => matchesPieces(fold(name), folded);
}

const idsOf = (named: Named[]): string => JSON.stringify(named.map(({ id }) => id));

const inIds = (column: string, named: Named[]): Condition =>
  among(
    column,
    named.map(({ id }) => id),
  );

const among = (column: string, values: readonly string[]): Condition =>
  values.length === 0
    ? NEVER
    : condition(`ifnull(${column} in (select value from json_each(?)), 0)`, JSON.stringify(values));
