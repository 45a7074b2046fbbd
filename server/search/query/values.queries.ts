// The SQL of comparing what a book has one of: numbers, days, instants, and the fields a person made up.
import type { Db } from '../../catalogue/db.ts';
import { dayBounds, timeBefore } from '../../base/time-zone.ts';
import { fold } from '../../base/fold.ts';
import { condition, joined, negated } from './condition.ts';
import type { Condition, Value } from './condition.ts';
import { selectOwnNames } from './names.queries.ts';
import { foldPart } from './words.queries.ts';
import type { Age, Operator, OwnTest, Period, Term } from './syntax.ts';

const NUMBERS: Readonly<Record<string, string>> = {
  rating: 'books.rating',
  pages: 'books.page_count',
  // Whole percent, as the apps show it.
  progress: 'round(books.progress * 100)',
  series_number: `case when books.series_index glob '[0-9]*' or books.series_index glob '-[0-9]*' then cast(books.series_index as real) end`,
  size: 'books.file_bytes',
  year: 'cast(substr(books.published_on, 1, 4) as integer)',
};
/** The first day of what is known of the date. */
const firstDay = (value: string) => `${value} || substr('0000-01-01', length(${value}) + 1)`;
const PUBLISHED = firstDay('books.published_on');
const INSTANTS: Readonly<Record<string, string>> = {
  added: 'books.added_at',
  started: 'books.started_at',
  completed: 'books.completed_at',
  read: 'books.last_read_at',
  lent: 'books.lent_at',
};

/** The value of a field of which a book has at most one. */
export function valueOf(field: string): string {
  const sql = NUMBERS[field] ?? INSTANTS[field] ?? (field === 'published' ? 'books.published_on' : undefined);
  if (sql === undefined) throw new Error(`${field} has no single value`);
  return sql;
}

/** Unknown matches nothing. */
const sure = (sql: string, ...params: Value[]): Condition => condition(`ifnull(${sql}, 0)`, ...params);

const SQL_OPERATORS: Readonly<Record<Operator, string>> = { '=': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' }; // prettier-ignore

/** Books whose number compares so. */
export const numberIs = (field: string, op: Operator, value: number): Condition =>
  sure(`${valueOf(field)} ${SQL_OPERATORS[op]} ?`, value);

/** Books whose number is from the one to the other, both included. */
export const numberBetween = (field: string, from: number, to: number): Condition =>
  sure(`${valueOf(field)} between ? and ?`, from, to);

/** Books whose date compares so with a day, month or year. */
export function dateIs(field: string, op: Operator, period: Period, zone: string): Condition {
  if (field === 'published') return comparedDays(PUBLISHED, op, period);
  const from = dayBounds(period.from, zone).from.getTime();
  const until = dayBounds(period.to, zone).until.getTime();
  const value = valueOf(field);
  switch (op) {
    case '=':
      return sure(`${value} >= ? and ${value} < ?`, from, until);
    case '!=':
      return sure(`${value} < ? or ${value} >= ?`, from, until);
    case '<':
      return sure(`${value} < ?`, from);
    case '<=':
      return sure(`${value} < ?`, until);
    case '>':
      return sure(`${value} >= ?`, until);
    case '>=':
      return sure(`${value} >= ?`, from);
  }
}

/** Books whose date is from the one day to the other, both included. */
export const dateBetween = (field: string, from: string, to: string, zone: string): Condition =>
  joined([dateIs(field, '>=', { from, to: from }, zone), dateIs(field, '<=', { from: to, to }, zone)], 'and');

/** Books whose date is less or more than this long ago. */
export function ageIs({ field, op, age }: Term & { about: 'age' }, now: Date, zone: string): Condition {
  const { instant, day } = timeBefore(now, durationOf(age), zone);
  // Younger is later.
  const later = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }[op];
  if (field === 'published') return sure(`${PUBLISHED} ${later} ?`, day);
  return sure(`${valueOf(field)} ${later} ?`, instant.getTime());
}

const durationOf = ({ count, unit }: Age) =>
  ({ d: { days: count }, w: { weeks: count }, m: { months: count }, y: { years: count } })[unit];

/** Compares a text YYYY-MM-DD. */
function comparedDays(value: string, op: Operator, { from, to }: Period): Condition {
  switch (op) {
    case '=':
      return sure(`${value} between ? and ?`, from, to);
    case '!=':
      return sure(`${value} not between ? and ?`, from, to);
    case '<':
      return sure(`${value} < ?`, from);
    case '<=':
      return sure(`${value} <= ?`, to);
    case '>':
      return sure(`${value} > ?`, to);
    case '>=':
      return sure(`${value} >= ?`, from);
  }
}

const OWN_TEXT = `folded(case m.type when 'true' then 'true' when 'false' then 'false' else cast(m.value as text) end)`;
const OWN_DAY = firstDay('substr(m.value, 1, 10)');

/** Books with a field of the person's own that compares so. Its name is compared folded. An index knows the books that have any. */
export function ownIs(db: Db, ownerId: string, name: string, own: OwnTest): Condition {
  const { sql, params } = ownValue(own);
  const wanted = fold(name);
  const found = condition(
    `books.book_id in (select o.book_id from books o indexed by books_own_fields, json_each(o.custom_metadata) m
       where o.owner_id = ? and o.custom_metadata <> '{}' and m.key in (select value from json_each(?)) and m.type <> 'null' and m.value <> '' and ${sql})`,
    ownerId,
    JSON.stringify(selectOwnNames(db, ownerId).filter((each) => fold(each) === wanted)),
    ...params,
  );
  return own.test === 'none' ? negated(found) : found;
}

function ownValue(own: OwnTest): Condition {
  switch (own.test) {
    case 'none':
      return condition('1');
    case 'holds':
      return own.wanted.pieces === undefined
        ? condition(`instr(${OWN_TEXT}, ?) > 0`, foldPart(own.wanted.text))
        : condition(`matches_pieces(${OWN_TEXT}, ?) = 1`, JSON.stringify(own.wanted.pieces.map(foldPart)));
    case 'is':
      return condition(`${OWN_TEXT} ${own.differs ? '<>' : '='} ?`, fold(own.text));
    case 'number':
      return condition(`(m.type in ('integer', 'real') and m.value ${SQL_OPERATORS[own.op]} ?)`, own.value);
    case 'numbers':
      return condition(`(m.type in ('integer', 'real') and m.value between ? and ?)`, own.from, own.to);
    case 'day':
      return asDay(comparedDays(OWN_DAY, own.op, own.period));
    case 'days':
      return asDay(condition(`${OWN_DAY} between ? and ?`, own.from, own.to));
  }
}

const asDay = ({ sql, params }: Condition): Condition => ({
  sql: `(m.type = 'text' and m.value glob '[0-9][0-9][0-9][0-9]*' and ${sql})`,
  params,
});
