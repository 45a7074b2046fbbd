// Shelves: nested, filled by hand or by a query. Every call takes the owner; a shelf of somebody else is not there.
import type { Db } from '../catalogue/db.ts';
import { conflict, forbidden, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { invalidField, putOnShelf, setShelves, takeOffShelf, wrongShelves } from './memberships.ts';
import { selectBookIdsOnShelf, selectOwnBookIds, selectShelfIds } from './memberships.queries.ts';
import { sameName } from './names.ts';
import { treeOf, withDescendants, wrongParent } from './shelf-tree.ts';
import type { ShelfNode } from './shelf-tree.ts';
import {
  deleteShelf,
  emptyShelf,
  insertShelf,
  selectPeopleWithoutShelves,
  selectShelfCounts,
  selectShelfRow,
  selectShelfRows,
  updateShelf,
} from './shelves.queries.ts';
import type { ShelfRow } from './shelves.queries.ts';
import { countSmartShelf, settleSmart } from './smart-shelves.ts';

export type NewShelf = {
  name: string;
  description?: string | null;
  color?: string | null;
  icon?: string | null;
  parentShelfId?: string | null;
  isSmart?: boolean;
  smartQuery?: string | null;
  sortOrder?: number;
};
export type ShelfChange = Partial<NewShelf>;

/** `bookCount` counts the shelf's own books, not those of shelves below it; undefined where nobody asked for it. */
export type CountedShelf = ShelfRow & { bookCount?: number | undefined };
export type ShelfRecord = ShelfNode<CountedShelf>;

/** Every account has them (papyrus.md "Shelves"). Books come and go by hand, whatever their reading status. */
const DEFAULT_SHELVES = ['Currently Reading', 'Want to Read', 'Finished'];

export type Shelves = ReturnType<typeof createShelves>;

type ShelvesParts = {
  catalogue: Catalogue;
  clock: Clock;
  /** The zone days of a query begin in. */
  zone?: () => string;
};

/** Returns the verbs of shelves; people without the default ones get them. */
export function createShelves({ catalogue, clock, zone = () => 'UTC' }: ShelvesParts) {
  const without = catalogue.read(selectPeopleWithoutShelves);
  if (without.length > 0) {
    catalogue.write({}, (db) => {
      for (const ownerId of without) addDefaultShelves(db, ownerId, clock.now());
    });
  }

  const get = (ownerId: string, shelfId: string): ShelfRecord =>
    catalogue.read((db) => {
      const rows = selectShelfRows(db, ownerId);
      const below = withDescendants(rows, shelfId);
      const kept = rows.filter((row) => below.has(row.shelfId));
      const top = treeOf(counted(db, ownerId, kept)).find((row) => row.shelfId === shelfId);
      if (top === undefined) throw notFound('shelf', shelfId);
      return top;
    });
  const find = (db: Db, ownerId: string, shelfId: string): ShelfRow => {
    const shelf = selectShelfRow(db, ownerId, shelfId);
    if (shelf === undefined) throw notFound('shelf', shelfId);
    return shelf;
  };
  const counted = (db: Db, ownerId: string, rows: ShelfRow[]): CountedShelf[] => {
    const counts = selectShelfCounts(db, ownerId);
    return rows.map((row) => ({
      ...row,
      bookCount: row.isSmart
        ? countSmartShelf(db, row, { now: clock.now(), zone: zone() })
        : (counts.get(row.shelfId) ?? 0),
    }));
  };
  const ofBook = (db: Db, ownerId: string, bookId: string): ShelfRow[] => {
    if (!selectOwnBookIds(db, ownerId, [bookId]).has(bookId)) throw notFound('book', bookId);
    const ids = new Set(selectShelfIds(db, bookId));
    return selectShelfRows(db, ownerId).filter((row) => ids.has(row.shelfId));
  };

  return {
    /** Returns a shelf with those below it and their counts. Throws not_found. */
    get,

    /** Returns a shelf alone. Throws not_found. */
    row: (ownerId: string, shelfId: string): ShelfRow => catalogue.read((db) => find(db, ownerId, shelfId)),

    /** Returns the shelves at the top with those below them; each level in the order a person gave it, then by name. */
    tree: (ownerId: string, { withCounts }: { withCounts: boolean }): ShelfRecord[] =>
      catalogue.read((db) => {
        const rows = selectShelfRows(db, ownerId);
        return treeOf(withCounts ? counted(db, ownerId, rows) : rows);
      }),

    /** Returns the shelves of every level in one list, in the same order. */
    list: (ownerId: string, { withCounts }: { withCounts: boolean }): CountedShelf[] =>
      catalogue.read((db) => {
        const rows = selectShelfRows(db, ownerId);
        return withCounts ? counted(db, ownerId, rows) : rows;
      }),

    /** Adds a shelf. Throws conflict for a name that is taken at its level, invalid. */
    create(ownerId: string, shelf: NewShelf, deviceId: string): ShelfRecord {
      const shelfId = catalogue.write({ deviceId }, (db) => addShelf(db, ownerId, shelf, clock.now()));
      return get(ownerId, shelfId);
    },

    /** Changes what is given; a shelf that becomes smart lets its books go. Throws not_found, conflict, invalid. */
    change(ownerId: string, shelfId: string, change: ShelfChange, deviceId: string): ShelfRecord {
      catalogue.write({ deviceId }, (db) => changeShelf(db, ownerId, shelfId, change, clock.now()));
      return get(ownerId, shelfId);
    },

    /**
     * Removes the shelf and those below it; the books stay, on `moveBooksTo` when it is given.
     * Throws not_found, forbidden where a default shelf would go, invalid for a target that cannot take books.
     */
    remove(
      ownerId: string,
      shelfId: string,
      { moveBooksTo }: { moveBooksTo?: string | undefined },
      deviceId: string,
    ) {
      catalogue.write({ deviceId }, (db) => removeShelf(db, ownerId, shelfId, clock.now(), moveBooksTo));
    },

    /** Puts books on a shelf; returns how many were not there. Throws not_found, invalid for a smart shelf and unknown books. */
    putBooks: (ownerId: string, shelfId: string, bookIds: string[], deviceId: string): number =>
      catalogue.write({ deviceId }, (db) => putOnShelf(db, find(db, ownerId, shelfId), bookIds, clock.now())),

    /** Takes books off a shelf; returns how many stood there. Throws not_found, invalid for a smart shelf. */
    takeBooks: (ownerId: string, shelfId: string, bookIds: string[], deviceId: string): number =>
      catalogue.write({ deviceId }, (db) => takeOffShelf(db, find(db, ownerId, shelfId), bookIds)),

    /** Returns the shelves filled by hand that a book stands on. Throws not_found for an unknown book. */
    ofBook: (ownerId: string, bookId: string): ShelfRow[] =>
      catalogue.read((db) => ofBook(db, ownerId, bookId)),

    /** Lets a book stand on these shelves and no other, and returns them. Throws not_found for an unknown book, invalid. */
    setOfBook: (ownerId: string, bookId: string, shelfIds: string[], deviceId: string): ShelfRow[] =>
      catalogue.write({ deviceId }, (db) => {
        ofBook(db, ownerId, bookId);
        const wrong = wrongShelves(db, ownerId, shelfIds);
        if (wrong !== undefined) throw invalidField('shelf_ids', wrong);
        setShelves(db, bookId, shelfIds, clock.now());
        return ofBook(db, ownerId, bookId);
      }),
  };
}

/** Gives an account the default shelves, within the write that makes it. */
export function addDefaultShelves(db: Db, ownerId: string, now: Date): void {
  const before = selectShelfRows(db, ownerId);
  for (const [sortOrder, name] of DEFAULT_SHELVES.entries()) {
    const own = before.find((shelf) => shelf.parentShelfId === null && sameName(shelf.name, name));
    if (own === undefined) {
      const shelfId = newId(now);
      insertShelf(db, { shelfId, ownerId, name, sortOrder, isDefault: true, createdAt: now, updatedAt: now });
    } else {
      updateShelf(db, own.shelfId, { isDefault: true });
    }
  }
}

/** Adds a shelf within a write and returns its id, the one given if any. Throws conflict, invalid. */
export function addShelf(
  db: Db,
  ownerId: string,
  { shelfId, ...shelf }: NewShelf & { shelfId?: string },
  now: Date,
): string {
  const rows = selectShelfRows(db, ownerId);
  const parentShelfId = shelf.parentShelfId ?? null;
  refuseParent(rows, undefined, parentShelfId);
  refuseTaken(rows, { name: shelf.name, parentShelfId });
  const id = shelfId ?? newId(now);
  const { isSmart = false, smartQuery = null, name } = shelf;
  const smart = settleSmart(db, { ownerId, shelfId: id, name, isSmart, smartQuery }, now);
  insertShelf(db, {
    ...shelf,
    ...smart,
    parentShelfId,
    shelfId: id,
    ownerId,
    createdAt: now,
    updatedAt: now,
  });
  return id;
}

/** Changes what is given within a write. Throws not_found, conflict, invalid. */
export function changeShelf(db: Db, ownerId: string, shelfId: string, change: ShelfChange, now: Date): void {
  const rows = selectShelfRows(db, ownerId);
  const before = rows.find((row) => row.shelfId === shelfId);
  if (before === undefined) throw notFound('shelf', shelfId);
  const parentShelfId = change.parentShelfId === undefined ? before.parentShelfId : change.parentShelfId;
  if (parentShelfId !== before.parentShelfId) refuseParent(rows, shelfId, parentShelfId);
  refuseTaken(rows, { name: change.name ?? before.name, parentShelfId, shelfId });
  // A shelf that is filled by hand again forgets its query.
  const kept = change.isSmart === false ? null : before.smartQuery;
  const { isSmart = before.isSmart, smartQuery = kept, name = before.name } = change;
  const asksAnew = [change.isSmart, change.smartQuery, change.name].some((said) => said !== undefined);
  const smart = asksAnew ? settleSmart(db, { ownerId, shelfId, name, isSmart, smartQuery }, now) : before;
  if (smart.isSmart && !before.isSmart) {
    if (before.isDefault) throw invalidField('is_smart', 'A default shelf is filled by hand.');
    if (rows.some((row) => row.parentShelfId === shelfId)) {
      throw invalidField('is_smart', 'Shelves stand in this one: it cannot become a smart shelf.');
    }
    emptyShelf(db, shelfId);
  }
  const { isSmart: becomesSmart, smartQuery: keptQuery } = smart;
  updateShelf(db, shelfId, {
    ...change,
    isSmart: becomesSmart,
    smartQuery: keptQuery,
    parentShelfId,
    updatedAt: now,
  });
}

/** Removes the shelf and those below it within a write. Throws not_found, forbidden, invalid. */
export function removeShelf(db: Db, ownerId: string, shelfId: string, now: Date, moveBooksTo?: string): void {
  const rows = selectShelfRows(db, ownerId);
  const going = withDescendants(rows, shelfId);
  const gone = rows.filter((row) => going.has(row.shelfId));
  const shelf = gone.find((row) => row.shelfId === shelfId);
  if (shelf === undefined) throw notFound('shelf', shelfId);
  if (shelf.isDefault) throw forbidden(`"${shelf.name}" is a default shelf and stays.`);
  const kept = gone.find((row) => row.isDefault);
  if (kept !== undefined) {
    throw forbidden(`The default shelf "${kept.name}" stands in "${shelf.name}": move it out first.`);
  }
  if (moveBooksTo !== undefined) {
    const target = rows.find((row) => row.shelfId === moveBooksTo);
    if (target === undefined) throw invalidField('move_books_to', 'There is no such shelf.');
    if (going.has(moveBooksTo)) throw invalidField('move_books_to', 'That shelf is removed as well.');
    const bookIds = gone.flatMap((row) => selectBookIdsOnShelf(db, row.shelfId));
    putOnShelf(db, target, bookIds, now);
  }
  deleteShelf(db, shelfId);
}

function refuseParent(rows: ShelfRow[], shelfId: string | undefined, parentId: string | null): void {
  const wrong = parentId === null ? undefined : wrongParent(rows, shelfId, parentId);
  if (wrong !== undefined) throw invalidField('parent_shelf_id', wrong);
}

function refuseTaken(
  rows: ShelfRow[],
  { name, parentShelfId, shelfId }: { name: string; parentShelfId: string | null; shelfId?: string },
): void {
  const taken = rows.find(
    (row) => row.shelfId !== shelfId && row.parentShelfId === parentShelfId && sameName(row.name, name),
  );
  if (taken !== undefined) throw conflict(`There is already a shelf called "${taken.name}" here.`);
}
