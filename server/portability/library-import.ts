// Takes a library's export in: checked to the last row before the first is written, then book by book.
import type { Db } from '../catalogue/db.ts';
import { setImmediate as breathe } from 'node:timers/promises';
import { FIRST_PREFERENCES } from '../accounts/users.ts';
import { conflict, invalid } from '../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { deriveReadBook } from '../koreader/derive-reading.ts';
import { pageReadWriter } from '../koreader/statistics.queries.ts';
import { deriveTold } from '../reading/derive-told.ts';
import { isIn } from '../reading/rules.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { checkPreferences, checkRow } from './check-rows.ts';
import type { CheckedRow } from './check-rows.ts';
import { sectionNamed } from './columns.queries.ts';
import { createMerge } from './merge-rows.ts';
import type { Merge, SectionCounts } from './merge-rows.ts';
import { addReadBook, fillPreferences, findReadBook } from './merge.queries.ts';
import { readDocument } from './read-document.ts';
import { SECTIONS } from './sections.ts';
import type { SectionName } from './sections.ts';
import { FORMAT, FORMAT_VERSION } from './write-json.ts';

/** What one transaction takes in: small enough that others are answered in between. */
const ROWS_AT_ONCE = 400;
const READS_AT_ONCE = 5_000;

/** Sections whose rows hang on a book, besides what orders it. */
const OF_BOOKS = ['annotations', 'bookmarks', 'removed_marks', 'notes', 'reading_sessions'] as const;
const ORDERING = ['shelf_books', 'book_tags'] as const;
/** Sections that stand on their own, in the order they point to each other. */
const ON_THEIR_OWN = [
  'series', 'tags', 'shelves', 'saved_filters', 'reading_profiles', 'reading_goals', 'goal_updates',
] as const; // prettier-ignore

type Rows = ReadonlyMap<SectionName, CheckedRow[]>;
type Document = { exportedAt: string | null; preferences: Record<string, unknown> | undefined; rows: Rows };

export type ImportReport = {
  exportedAt: string | null;
  sections: Partial<Record<SectionName | 'preferences', SectionCounts>>;
};

export type LibraryImport = ReturnType<typeof createLibraryImport>;

/** Returns the verb. */
export function createLibraryImport({ catalogue, rules }: { catalogue: Catalogue; rules: ReadingRules }) {
  let isBusy = false;

  return {
    /**
     * Takes a document in and tells what became of its rows. Nothing is written when it is wrong; broken off half way, it
     * can be sent again. Throws invalid, too_large, conflict while another import is under way.
     */
    async takeIn(
      ownerId: string,
      source: AsyncIterable<Uint8Array>,
      deviceId: string,
    ): Promise<ImportReport> {
      // A document is held in memory once it is checked: one at a time is what a small computer can hold.
      if (isBusy) throw conflict('Another library is being brought in. Try again when that is done.');
      isBusy = true;
      try {
        const document = await check(source);
        const merge = createMerge(ownerId);
        const write = async (fn: (db: Db) => void): Promise<void> => {
          catalogue.write({ deviceId }, fn);
          await breathe();
        };
        await takeInOrder(document, { merge, write, ownerId });
        await takeInBooks(document.rows, { merge, write, rules });
        await takeInReading(document.rows, { merge, write, ownerId, rules });
        return { exportedAt: document.exportedAt, sections: merge.counts };
      } finally {
        isBusy = false;
      }
    },
  };
}

/** Reads all of it. Throws invalid for the first thing that is wrong. */
async function check(source: AsyncIterable<Uint8Array>): Promise<Document> {
  const rows = new Map<SectionName, CheckedRow[]>(SECTIONS.map(({ name }) => [name, []]));
  const members = new Map<string, unknown>();
  for await (const { name, isRow, value } of readDocument(source)) {
    const section = sectionNamed(name);
    if (!isRow) {
      if (section !== undefined) throw invalid(`"${name}" of the document must be a list of rows.`);
      members.set(name, value);
      continue;
    }
    if (name === 'account') throw invalid('"account" of the document must be an object.');
    // Lists of a later version, and what only describes: "files".
    if (section === undefined) continue;
    const list = rows.get(section.name)!;
    list.push(checkRow(section, value, list.length + 1));
  }
  if (members.get('format') !== FORMAT)
    throw invalid('This is not the export of a Papyrus Shelf library: its "format" says something else.');
  const version = members.get('version');
  if (typeof version !== 'number' || version < 1 || version > FORMAT_VERSION)
    throw invalid(`The export was written by a newer Papyrus Shelf (version ${String(version)}); this one knows ${FORMAT_VERSION}.`); // prettier-ignore
  const exportedAt = members.get('exported_at');
  const isInstant = typeof exportedAt === 'string' && !Number.isNaN(Date.parse(exportedAt));
  return {
    exportedAt: isInstant ? new Date(exportedAt).toISOString() : null,
    preferences: checkPreferences(members.get('account')),
    rows,
  };
}

type Write = (fn: (db: Db) => void) => Promise<void>;

/** What does not hang on a book: series, tags, shelves, goals and the rest. */
async function takeInOrder(
  { rows, preferences }: Document,
  { merge, write, ownerId }: { merge: Merge; write: Write; ownerId: string },
): Promise<void> {
  if (preferences !== undefined && Object.keys(preferences).length > 0) {
    await write((db) =>
      merge.count(
        'preferences',
        fillPreferences(db, ownerId, { preferences, first: FIRST_PREFERENCES }) ? 'added' : 'kept',
      ),
    );
  }
  for (const name of ON_THEIR_OWN) {
    const list = name === 'shelves' ? parentsFirst(rows.get(name)!) : rows.get(name)!;
    for (let from = 0; from < list.length; from += ROWS_AT_ONCE) {
      await write((db) => {
        for (const row of list.slice(from, from + ROWS_AT_ONCE)) merge.takeIn(db, name, row);
      });
    }
  }
}

/** Books with all that hangs on them, a few at a time. What hangs on books that are only here comes last. */
async function takeInBooks(
  rows: Rows,
  { merge, write, rules }: { merge: Merge; write: Write; rules: ReadingRules },
): Promise<void> {
  const byBook = (name: SectionName) => Map.groupBy(rows.get(name)!, (row) => row.bookId as string);
  const checksums = byBook('book_checksums');
  const hanging = new Map([...ORDERING, ...OF_BOOKS].map((name) => [name, byBook(name)] as const));
  const inDocument = new Map(rows.get('books')!.map((book) => [book.bookId as string, book]));
  const others = new Set([checksums, ...hanging.values()].flatMap((of) => [...of.keys()]));
  const bookIds = new Set([...inDocument.keys(), ...others]);

  const isPossible = ({ startedAt }: CheckedRow) =>
    startedAt instanceof Date && isIn(startedAt.getTime() / 1000, rules.possible());

  const takeInBook = (db: Db, bookId: string): void => {
    const sums = (checksums.get(bookId) ?? []).map((row) => row.partialMd5 as string);
    const book = inDocument.get(bookId);
    merge.settleBook(db, bookId, book, sums);
    for (const name of ORDERING)
      for (const row of hanging.get(name)?.get(bookId) ?? []) merge.takeIn(db, name, row);
    if (book !== undefined) merge.takeInBook(db, book);
    for (const row of checksums.get(bookId) ?? []) merge.takeIn(db, 'book_checksums', row);
    for (const name of OF_BOOKS)
      for (const row of hanging.get(name)?.get(bookId) ?? []) {
        // What no door takes from a device is not taken from a document either.
        if (name === 'reading_sessions' && !isPossible(row)) merge.count(name, 'skipped');
        else merge.takeIn(db, name, row);
      }
    const target = merge.idOf('books', bookId);
    if (target !== undefined && hanging.get('reading_sessions')?.has(bookId) === true)
      deriveTold(db, target, rules);
  };

  let slice: string[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const ids = slice;
    slice = [];
    size = 0;
    if (ids.length === 0) return;
    await write((db) => {
      merge.begin(db);
      for (const bookId of ids) takeInBook(db, bookId);
    });
  };
  for (const bookId of bookIds) {
    slice.push(bookId);
    size += 1;
    for (const of of hanging.values()) size += of.get(bookId)?.length ?? 0;
    if (size >= ROWS_AT_ONCE) await flush();
  }
  await flush();
}

/** What KOReader counted, and the days and sittings that follow from it. */
async function takeInReading(
  rows: Rows,
  parts: { merge: Merge; write: Write; ownerId: string; rules: ReadingRules },
): Promise<void> {
  const { merge, write, ownerId, rules } = parts;
  for (const { page_reads: reads = [], ...row } of rows.get('koreader_books')!) {
    let readBookId = 0;
    await write((db) => {
      const there = findReadBook(db, ownerId, row.md5 as string);
      const bookId = merge.idOf('books', (row.bookId as string | null | undefined) ?? '') ?? null;
      readBookId = there ?? addReadBook(db, { ...row, ownerId, bookId });
      merge.count('koreader_books', there === undefined ? 'added' : 'kept');
    });
    for (let from = 0; from < reads.length; from += READS_AT_ONCE) {
      await write((db) => {
        const put = pageReadWriter(db);
        for (const [startedSec, page, durationSec, totalPages] of reads.slice(from, from + READS_AT_ONCE))
          put(readBookId, startedSec, page, durationSec, totalPages);
      });
    }
    await write((db) => deriveReadBook(db, readBookId, rules));
  }
}

/** Shelves in an order in which each one's parent was before it. Throws invalid for shelves that stand in each other in a circle. */
function parentsFirst(shelves: CheckedRow[]): CheckedRow[] {
  const ids = new Set(shelves.map((shelf) => shelf.shelfId));
  const children = Map.groupBy(shelves, (shelf) =>
    ids.has(shelf.parentShelfId) ? (shelf.parentShelfId as string) : undefined,
  );
  const ordered = [...(children.get(undefined) ?? [])];
  for (const shelf of ordered) ordered.push(...(children.get(shelf.shelfId as string) ?? []));
  if (ordered.length < shelves.length)
    throw invalid('The shelves of the document stand in each other in a circle.');
  return ordered;
}
