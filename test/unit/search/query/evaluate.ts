// A second opinion on the query language: says of one book whether a query fits it, without SQL and without the parser.
import type { ReadingStatus } from '../../../../server/base/reading-status.ts';

export type ModelBook = {
  title: string;
  subtitle: string | null;
  authors: string[];
  publisher: string | null;
  description: string | null;
  isbn: string | null;
  language: string | null;
  series: string | null;
  tags: string[];
  shelves: string[];
  formats: string[];
  status: ReadingStatus;
  rating: number | null;
  pages: number | null;
  progress: number | null;
  published: string | null;
  added: string;
  read: string | null;
  isPhysical: boolean;
  isFavorite: boolean;
  lentTo: string | null;
  own: Record<string, string | number | boolean>;
};

export type ModelQuery =
  | { is: 'and' | 'or'; parts: ModelQuery[] }
  | { is: 'not'; part: ModelQuery }
  | { is: 'term'; text: string; fits: (book: ModelBook) => boolean };

/** The query as a person would type it. */
export function written(query: ModelQuery): string {
  if (query.is === 'term') return query.text;
  if (query.is === 'not')
    return query.part.is === 'term' ? `-${query.part.text}` : `NOT (${written(query.part)})`;
  return query.parts.map((part) => (part.is === 'term' ? part.text : `(${written(part)})`)).join(query.is === 'or' ? ' OR ' : ' '); // prettier-ignore
}

/** Whether the book fits. */
export function fits(query: ModelQuery, book: ModelBook): boolean {
  if (query.is === 'term') return query.fits(book);
  if (query.is === 'not') return !fits(query.part, book);
  return query.is === 'and' ? query.parts.every((part) => fits(part, book)) : query.parts.some((part) => fits(part, book)); // prettier-ignore
}

/** Without accents, case and runs of blanks. */
export const plain = (text: string): string =>
  Array.from(text.normalize('NFKD')).filter((c) => !/\p{Mark}/u.test(c)).join('').toLowerCase().split(/\s+/).filter(Boolean).join(' '); // prettier-ignore

type Compare = '=' | '!=' | '<' | '<=' | '>' | '>=';
export const COMPARES: readonly Compare[] = ['=', '!=', '<', '<=', '>', '>='];
export const compares = (left: number | string | null, op: Compare, right: number | string): boolean => {
  if (left === null) return false;
  switch (op) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
};

/** Whether a day is so to a month or a day. */
export const comparesDay = (day: string | null, op: Compare, period: string): boolean =>
  day !== null && compares(day.slice(0, period.length), op, period);

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** Whether the whole text is the pattern, in which * is anything. */
export const likens = (text: string, pattern: string): boolean =>
  new RegExp(`^${pattern.split('*').map((piece) => literal(plain(`x${piece}x`).slice(1, -1))).join('.*')}$`, 's').test(plain(text)); // prettier-ignore
