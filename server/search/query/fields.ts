// The fields of the query language: their names, what kind of value each has, and the words some of them take.
import { BOOK_FORMATS } from '../../formats/formats.ts';
import { READING_STATUSES } from '../../base/reading-status.ts';

export type FieldKind = 'text' | 'name' | 'word' | 'number' | 'size' | 'day' | 'instant';

export type Field = {
  name: string;
  kind: FieldKind;
  /** Whether a book can be without it, so that `none` means just that. */
  mayLack: boolean;
  /** The words it takes, each as people may write it, folded, with _ for blanks and hyphens. */
  words?: ReadonlyMap<string, string>;
};

const sameWords = (words: readonly string[]) => words.map((word) => [word, word] as const);

const STATUS_WORDS = new Map([
  ...sameWords(READING_STATUSES),
  // What the apps call them.
  ['unread', 'not_started'],
  ['reading', 'in_progress'],
  ['inprogress', 'in_progress'],
  ['finished', 'completed'],
  ['notstarted', 'not_started'],
] as const);
const FORMAT_WORDS = new Map(sameWords([...BOOK_FORMATS, 'physical']));
const IS_WORDS = new Map(sameWords(['favorite', 'physical', 'digital', 'lent', 'rated']));
const HAS_WORDS = new Map(sameWords(['annotations', 'notes', 'bookmarks', 'file', 'cover']));

const LIST: readonly [
  name: string,
  kind: FieldKind,
  mayLack: boolean,
  words?: ReadonlyMap<string, string>,
][] = [
  ['title', 'text', false],
  ['subtitle', 'text', true],
  ['author', 'text', true],
  ['publisher', 'text', true],
  ['description', 'text', true],
  ['isbn', 'text', true],
  ['series', 'text', true],
  ['language', 'text', true],
  ['location', 'text', true],
  ['lent_to', 'text', true],
  ['tag', 'name', true],
  ['shelf', 'name', true],
  ['status', 'word', false, STATUS_WORDS],
  ['format', 'word', true, FORMAT_WORDS],
  ['is', 'word', false, IS_WORDS],
  ['has', 'word', false, HAS_WORDS],
  ['rating', 'number', true],
  ['pages', 'number', true],
  ['progress', 'number', true],
  ['series_number', 'number', true],
  ['year', 'number', true],
  ['size', 'size', true],
  ['published', 'day', true],
  ['added', 'instant', false],
  ['started', 'instant', true],
  ['completed', 'instant', true],
  ['read', 'instant', true],
  ['lent', 'instant', true],
];

const ALIASES: Readonly<Record<string, string>> = {
  topic: 'tag',
  finished_at: 'completed',
  last_read: 'read',
};

const FIELDS = new Map(
  LIST.map(([name, kind, mayLack, words]): [string, Field] => [
    name,
    { name, kind, mayLack, ...(words === undefined ? {} : { words }) },
  ]),
);

/** Every field's name, in the order of the grammar. */
export const FIELD_NAMES: readonly string[] = LIST.map(([name]) => name);

/** Returns the field people mean by this name, whatever its case. */
export function findField(name: string): Field | undefined {
  const lower = name.toLowerCase();
  return FIELDS.get(Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? lower) : lower);
}
