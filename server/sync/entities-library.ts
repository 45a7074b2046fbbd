// How devices' words reach books, shelves, tags and series.
import type { Entity, Stored, Writing } from './entity.ts';
import type { Db } from '../catalogue/db.ts';
import { AppError, notFound } from '../base/errors.ts';
import type { Claim } from '../files/files.ts';
import { differing } from '../catalogue/rows.ts';
import { addBook, columnsOfChange, removeBook, shownBooks, withDetails } from '../library/books.ts';
import type { BookChange, NewBook } from '../library/books.ts';
import { selectBook, selectBooksById, updateBook } from '../library/books.queries.ts';
import type { BookRecord, BookRow, ShownBook } from '../library/books.queries.ts';
import { invalidField, setShelves, setTags, wrongShelves, wrongTags } from '../shelves/memberships.ts';
import { sameName } from '../shelves/names.ts';
import { addSeries, changeSeries, removeSeries } from '../library/series.ts';
import type { NewSeries } from '../library/series.ts';
import { selectSeriesRow, selectSeriesRows } from '../library/series.queries.ts';
import type { SeriesRow } from '../library/series.queries.ts';
import { addShelf, changeShelf, removeShelf } from '../shelves/shelves.ts';
import type { NewShelf } from '../shelves/shelves.ts';
import { selectShelfRow, selectShelfRows } from '../shelves/shelves.queries.ts';
import type { ShelfRow } from '../shelves/shelves.queries.ts';
import { withStatus } from '../library/status.ts';
import { addTag, changeTag, removeTag } from '../shelves/tags.ts';
import type { NewTag } from '../shelves/tags.ts';
import { selectTagRow, selectTagRows } from '../shelves/tags.queries.ts';
import type { TagRow } from '../shelves/tags.queries.ts';
import { columnsOfMove } from '../reading/progress.ts';
import { mergeBook } from './merge-book.ts';
import type { Move, Place } from './merge-book.ts';

/** What a device says of a book. */
export type BookWords = BookChange & {
  place?: Place;
  readAt?: Date;
  shelfIds?: string[];
  tagIds?: string[];
};

const bookThing = (record: ShownBook) => ({ kind: 'book', record }) as const;

type Row = BookRow & { seriesName: string | null };

/** Returns the owner's books of these ids; what else a record has is read for all of them when the first is asked for it. */
function storedBooks(db: Db, ownerId: string, ids: readonly string[]): (readonly [string, Stored])[] {
  const rows = selectBooksById(db, ids).filter((row) => row.ownerId === ownerId);
  let records: BookRecord[] = [];
  return rows.map((row, index) => {
    const thing = () => {
      if (records.length === 0) records = withDetails(db, rows);
      return bookThing(records[index]!);
    };
    const { addedAt, version } = row;
    return [
      row.bookId,
      { thing, fields: row, always: saidByFiles(row), bornMs: addedAt.getTime(), version },
    ] as const;
  });
}

export const book: Entity = {
  at: { table: 'books', id: 'book_id' },
  // A book that left the lists is gone for devices; when it comes back it is there again.
  select: (db, ownerId, ids) =>
    shownBooks(db, ownerId, ids).map((record) => [record.bookId, bookThing(record)] as const),
  find: (db, ownerId, id) => storedBooks(db, ownerId, [id])[0]?.[1],
  findAll: storedBooks,
  isApart: true,
  merge(stored, theirs, context) {
    const { lastReadAt } = rowOf(stored);
    const times = [lastReadAt?.getTime(), context.times.progress?.[0]].filter((each) => each !== undefined);
    const lastReadMs = times.length === 0 ? undefined : Math.min(...times);
    const { fields: ours, always = new Set() } = stored;
    return mergeBook({ ours, sets: () => setsOf(stored), theirs, always, lastReadMs }, context);
  },
  add(to, fields) {
    const { db, ownerId, id, saidAt } = to;
    const { place, readAt, claim, ...rest } = fields as NewBook & BookWords & { claim?: Claim };
    addBook(db, ownerId, { ...rest, bookId: id }, saidAt);
    if (claim !== undefined) claimFile(to, claim);
    if (place === undefined) return;
    // A book that is new somewhere else may come with how far it was read there.
    const row = selectBook(db, ownerId, id);
    if (row === undefined) throw notFound('book', id);
    write(to, { move: { place, readAt: readAt ?? saidAt, keepsStatus: rest.status !== undefined } }, row);
  },
  change: (to, taken, stored) => write(to, taken, rowOf(stored)),
  isChangedOrNot: true,
  remove: ({ db, ownerId, id, now }) => removeBook(db, ownerId, id, now),
};

/** A file that was uploaded for it; the name of one that stayed on the device is the device's own affair. */
function claimFile({ db, ownerId, id, claim }: Writing, claimed: Claim): void {
  try {
    claim(ownerId, claimed).give(db, id);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

type TakenOfBook = BookWords & { move?: Move };

/** Writes a row once, whatever was said of it: each time costs every index of books. Returns its version where it knows. */
function write(
  { db, ownerId, id, saidAt, now }: Writing,
  taken: TakenOfBook,
  before: Row,
): number | undefined {
  const { move, status, shelfIds, tagIds, ...rest } = taken;
  const changed = Object.keys(rest).length > 0 ? columnsOfChange(db, before, rest, now) : {};
  // Rows are wide: one is copied only for what needs it.
  const row = move === undefined && status === undefined ? before : { ...before, ...changed };
  if (move !== undefined) {
    const said = status ?? (move.keepsStatus ? row.status : undefined);
    const change = { ...move.place, ...(said === undefined ? {} : { status: said }) };
    Object.assign(changed, columnsOfMove(row, change, now, move.readAt));
  } else if (status !== undefined) {
    Object.assign(changed, {
      ...withStatus(row, status, saidAt),
      origins: { ...row.origins, status: 'person' },
      absentSince: null,
      updatedAt: now,
    });
  }
  // Whatever can be wrong is found before anything is written.
  const wrong = {
    shelf_ids: wrongShelves(db, ownerId, shelfIds ?? []),
    tag_ids: wrongTags(db, ownerId, tagIds ?? []),
  };
  for (const [field, message] of Object.entries(wrong))
    if (message !== undefined) throw invalidField(field, message);
  const columns = differing(before, changed);
  columns.updatedAt = now;
  updateBook(db, id, columns);
  if (shelfIds !== undefined) setShelves(db, id, shelfIds, now);
  if (tagIds !== undefined) setTags(db, id, tagIds, now);
  // Every shelf and tag that comes or goes raises it too.
  return shelfIds === undefined && tagIds === undefined ? before.version + 1 : undefined;
}

const rowOf = ({ fields }: Stored): Row => fields as Row;

function setsOf(stored: Stored): Record<'shelfIds' | 'tagIds', string[]> {
  const { shelves, tags } = stored.thing().record as BookRecord;
  return { shelfIds: shelves.map(({ shelfId }) => shelfId), tagIds: tags.map(({ tagId }) => tagId) };
}

/** Rating and status in a sidecar are a person's word, given in KOReader; everything else a file says is not. */
function saidByFiles({ origins }: BookRow): ReadonlySet<string> {
  const isPersons = (name: string) => name === 'rating' || name === 'status';
  return new Set(
    Object.entries(origins)
      .filter(([name, origin]) => origin !== 'person' && !(origin === 'sidecar' && isPersons(name)))
      .map(([name]) => name),
  );
}

const shelfStored = (record: ShelfRow): Stored => ({
  thing: () => ({ kind: 'shelf', record }),
  fields: record,
  bornMs: record.createdAt.getTime(),
});

export const shelf: Entity = {
  at: { table: 'shelves', id: 'shelf_id' },
  select: (db, ownerId, ids) => each(ids, (id) => selectShelfRow(db, ownerId, id), shelfStored),
  find: (db, ownerId, id) => stored(selectShelfRow(db, ownerId, id), shelfStored),
  namesake(db, ownerId, fields) {
    const { name, parentShelfId = null } = fields as NewShelf;
    return selectShelfRows(db, ownerId).find(
      (row) => row.parentShelfId === parentShelfId && sameName(row.name, name),
    )?.shelfId;
  },
  add: ({ db, ownerId, id, saidAt }, fields) =>
    addShelf(db, ownerId, { ...(fields as NewShelf), shelfId: id }, saidAt),
  change: ({ db, ownerId, id, now }, taken) => changeShelf(db, ownerId, id, taken, now),
  remove: ({ db, ownerId, id, now }) => removeShelf(db, ownerId, id, now),
};

const tagStored = (record: TagRow): Stored => ({
  thing: () => ({ kind: 'tag', record }),
  fields: record,
  bornMs: record.createdAt.getTime(),
});

export const tag: Entity = {
  at: { table: 'tags', id: 'tag_id' },
  select: (db, ownerId, ids) => each(ids, (id) => selectTagRow(db, ownerId, id), tagStored),
  find: (db, ownerId, id) => stored(selectTagRow(db, ownerId, id), tagStored),
  namesake: (db, ownerId, fields) =>
    selectTagRows(db, ownerId).find((row) => sameName(row.name, (fields as NewTag).name))?.tagId,
  add: ({ db, ownerId, id, saidAt }, fields) =>
    addTag(db, ownerId, { ...(fields as NewTag), tagId: id }, saidAt),
  change: ({ db, ownerId, id, now }, taken) => changeTag(db, ownerId, id, taken, now),
  remove: ({ db, ownerId, id }) => removeTag(db, ownerId, id),
};

const seriesStored = (record: SeriesRow): Stored => ({
  thing: () => ({ kind: 'series', record }),
  fields: record,
  bornMs: record.createdAt.getTime(),
});

export const series: Entity = {
  at: { table: 'series', id: 'series_id' },
  select: (db, ownerId, ids) => each(ids, (id) => selectSeriesRow(db, ownerId, id), seriesStored),
  find: (db, ownerId, id) => stored(selectSeriesRow(db, ownerId, id), seriesStored),
  namesake: (db, ownerId, fields) =>
    selectSeriesRows(db, ownerId).find((row) => sameName(row.name, (fields as NewSeries).name))?.seriesId,
  add: ({ db, ownerId, id, saidAt }, fields) =>
    addSeries(db, ownerId, { ...(fields as NewSeries), seriesId: id }, saidAt),
  change: ({ db, ownerId, id, now }, taken) => changeSeries(db, ownerId, id, taken, now),
  remove: ({ db, ownerId, id, now }) => removeSeries(db, ownerId, id, now),
};

/** Those that are there, each found by its id: a library has thousands of series, and its changes come in parts. */
const each = <Row>(
  ids: readonly string[],
  find: (id: string) => Row | undefined,
  toStored: (row: Row) => Stored,
): ReturnType<Entity['select']> =>
  ids.flatMap((id) => {
    const row = find(id);
    return row === undefined ? [] : [[id, toStored(row).thing()] as const];
  });

const stored = <Row>(row: Row | undefined, toStored: (row: Row) => Stored): Stored | undefined =>
  row === undefined ? undefined : toStored(row);
