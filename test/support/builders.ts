// Makes what tests need with only what they care about said: each builder fills the rest and counts, nothing is random.
import type { BookFormat } from '../../server/formats/formats.ts';
import type { Db } from '../../server/catalogue/db.ts';
import { createHash } from 'node:crypto';
import type { Clock } from '../../server/base/clock.ts';
import { insertUser } from '../../server/accounts/users.queries.ts';
import type { BookMetadata } from '../../server/formats/book.ts';
import { readSidecar } from '../../server/formats/koreader/sidecar.ts';
import type { Sidecar } from '../../server/formats/koreader/sidecar.ts';
import { allocatePageReads } from '../../server/formats/koreader/page-reads.ts';
import type { PageReads, StatisticsBook } from '../../server/formats/koreader/statistics.ts';
import { insertBook, selectBook } from '../../server/library/books.queries.ts';
import type { BookRow, NewBookRow } from '../../server/library/books.queries.ts';
import { sortColumns } from '../../server/library/describe.ts';
import type { TakenFile } from '../../server/library/intake.ts';
import { insertAnnotation } from '../../server/marks/marks.queries.ts';
import type { AnnotationRow } from '../../server/marks/marks.queries.ts';
import { rulesOf } from '../../server/reading/rules.ts';
import type { ReadingClock, ReadingRules } from '../../server/reading/rules.ts';
import { makeSidecar } from './make-sidecar.ts';
import type { LuaContent } from './make-sidecar.ts';

/** Rules by which reading counts at whatever time it was, for tests that count in a few seconds from 1970 on. */
export const rulesOfAnyTime = (set: Partial<ReadingClock>, clock: Clock): ReadingRules => ({
  ...rulesOf(set, clock),
  possible: () => ({ fromSec: 0, beforeSec: Infinity }),
});

const DAY_ONE = new Date('2026-01-01T00:00:00Z');

let count = 0;
/** A UUID that is different each time and grows, so that ties are broken in the order things were made. */
const nextId = (): string => `00000000-0000-7000-8000-${(++count).toString(16).padStart(12, '0')}`;

/** Adds an account and returns its id. */
export function aUser(db: Db, user: Partial<Parameters<typeof insertUser>[1]> = {}): string {
  const userId = user.userId ?? nextId();
  insertUser(db, { displayName: 'Somebody', createdAt: DAY_ONE, ...user, userId });
  return userId;
}

/** Adds a book that no file tells of. */
export function aBook(db: Db, book: Partial<NewBookRow> & { ownerId: string }): BookRow {
  const described = { ...book, title: book.title ?? 'A Book', authors: book.authors ?? ['Some Author'] };
  const bookId = book.bookId ?? nextId();
  insertBook(db, {
    addedAt: DAY_ONE,
    updatedAt: DAY_ONE,
    ...sortColumns(described),
    ...described,
    bookId,
  });
  return selectBook(db, book.ownerId, bookId)!;
}

/** Adds a highlight, and a book for it unless one is named. Returns its id. */
export function anAnnotation(
  db: Db,
  { ownerId, ...annotation }: Partial<AnnotationRow> & { ownerId: string },
): string {
  const annotationId = nextId();
  insertAnnotation(db, {
    annotationId,
    source: 'papyrus',
    text: 'A line',
    updatedAt: DAY_ONE,
    ...annotation,
    ownerId,
    bookId: annotation.bookId ?? aBook(db, { ownerId }).bookId,
  });
  return annotationId;
}

/** What a file without any metadata says, and what is given. */
export const metadata = (given: Partial<BookMetadata> = {}): BookMetadata => ({
  authors: [],
  subjects: [],
  identifiers: [],
  chapters: [],
  ...given,
});

const digestOf = (algorithm: 'md5' | 'sha256', content: string) =>
  createHash(algorithm).update(content).digest('hex');

/** The KOReader checksum `aFile` gives a file of this content. */
export const checksumOf = (content: string): string => digestOf('md5', content);

/** A file in /books as a scan hands it over. Equal `content` (the path, unless given) is the same file, byte for byte. */
export function aFile(
  place: { ownerId: string; folderId: string },
  file: Partial<Omit<TakenFile, 'path' | 'metadata'>> & {
    path: string;
    content?: string;
    metadata?: Partial<BookMetadata>;
  },
): TakenFile {
  const { content = file.path, metadata: said, path, ...given } = file;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    ownerId: place.ownerId,
    folderId: place.folderId,
    name,
    sizeBytes: content.length,
    modifiedMs: DAY_ONE.getTime(),
    inode: 1,
    partialMd5: checksumOf(content),
    sha256: digestOf('sha256', content),
    format: name.slice(name.lastIndexOf('.') + 1) as BookFormat,
    coverHash: undefined,
    ...given,
    path: Buffer.from(path),
    metadata: metadata(said),
  };
}

/** What KOReader's own reader gives of a sidecar with this content. */
export const aSidecar = (content: Record<string, LuaContent | undefined> = {}): Sidecar =>
  readSidecar(makeSidecar(content));

/** A highlight as KOReader writes it: number `n` of its book, made on the nth of January 2024. */
export const aHighlight = (
  n: number,
  content: Record<string, LuaContent | undefined> = {},
): Record<string, LuaContent | undefined> => ({
  drawer: 'lighten',
  color: 'yellow',
  text: `Line ${n}`,
  chapter: 'One',
  pageno: n,
  datetime: `2024-01-${String(n).padStart(2, '0')} 10:00:00`,
  page: `/body/p[${n}].0`,
  pos0: `/body/p[${n}].0`,
  pos1: `/body/p[${n}].9`,
  ...content,
});

/** A bookmark as KOReader writes it: no drawer, no end. */
export const aBookmark = (
  n: number,
  content: Record<string, LuaContent | undefined> = {},
): Record<string, LuaContent | undefined> =>
  aHighlight(n, {
    drawer: undefined,
    color: undefined,
    text: `in One`,
    pos0: undefined,
    pos1: undefined,
    ...content,
  });

/** A row of KOReader's book table; the checksum belongs to the title unless given. */
export const aStatisticsBook = (book: Partial<StatisticsBook> = {}): StatisticsBook => ({
  sourceBookId: 1,
  md5: checksumOf(book.title ?? 'A Book'),
  title: 'A Book',
  authors: 'Some Author',
  series: 'N/A',
  language: 'en',
  pages: 100,
  lastOpenSec: 100,
  notes: 0,
  highlights: 0,
  totalReadSec: 0,
  totalReadPages: 0,
  ...book,
});

/** Page reads as columns, of rows [book, page, start, seconds, pages of that layout]. */
export function pageReads(rows: readonly (readonly [number, number, number, number, number])[]): PageReads {
  const reads = allocatePageReads(rows.length);
  rows.forEach(([book, page, start, seconds, pages], index) => {
    reads.sourceBookId[index] = book;
    reads.page[index] = page;
    reads.startSec[index] = start;
    reads.durationSec[index] = seconds;
    reads.totalPages[index] = pages;
  });
  return reads;
}
