// Rules of what stands on which shelf and carries which tag. They work inside a write of the caller's.
import type { Db } from '../catalogue/db.ts';
import { invalid } from '../base/errors.ts';
import type { AppError } from '../base/errors.ts';
import {
  clearAbsence,
  deleteBookTag,
  deleteShelfBook,
  insertBookTag,
  insertShelfBook,
  selectOwnBookIds,
  selectShelfIds,
  selectTagIds,
} from './memberships.queries.ts';
import { selectShelfRows } from './shelves.queries.ts';
import type { ShelfRow } from './shelves.queries.ts';
import { selectTagRows } from './tags.queries.ts';

/** More tags than this say nothing any more (papyrus.md "Books"). */
export const TAGS_PER_BOOK = 10;

/** Says what is wrong with shelves a book is to stand on; undefined when each is the owner's and filled by hand. */
export function wrongShelves(db: Db, ownerId: string, shelfIds: readonly string[]): string | undefined {
  if (shelfIds.length === 0) return undefined;
  const known = new Map(selectShelfRows(db, ownerId).map((shelf) => [shelf.shelfId, shelf]));
  for (const shelfId of shelfIds) {
    const shelf = known.get(shelfId);
    if (shelf === undefined) return 'There is no such shelf.';
    if (shelf.isSmart) return filledByItself(shelf);
  }
  return undefined;
}

/** Returns the first smart shelf of the owner's among these. */
export const smartAmong = (db: Db, ownerId: string, shelfIds: readonly string[]): ShelfRow | undefined =>
  shelfIds.length === 0
    ? undefined
    : selectShelfRows(db, ownerId).find((shelf) => shelf.isSmart && shelfIds.includes(shelf.shelfId));

/** Says what is wrong with tags a book is to carry; undefined when each is the owner's and they are not too many. */
export function wrongTags(db: Db, ownerId: string, tagIds: readonly string[]): string | undefined {
  if (new Set(tagIds).size > TAGS_PER_BOOK) return `A book carries at most ${TAGS_PER_BOOK} tags.`;
  if (tagIds.length === 0) return undefined;
  const known = new Set(selectTagRows(db, ownerId).map((tag) => tag.tagId));
  return tagIds.every((tagId) => known.has(tagId)) ? undefined : 'There is no such tag.';
}

/** The sentence for somebody who fills a smart shelf by hand. */
export const filledByItself = (shelf: Pick<ShelfRow, 'name'>): string =>
  `"${shelf.name}" is a smart shelf: its query says which books stand on it.`;

/** An error that names the field and says the same in its sentence. */
export const invalidField = (field: string, message: string): AppError =>
  invalid(message, { details: { fields: { [field]: message } } });

/** Puts the books on the shelf, in the order given; returns how many were not there before. Throws invalid for a smart shelf or a book that is not the owner's. */
export function putOnShelf(db: Db, shelf: ShelfRow, bookIds: readonly string[], now: Date): number {
  if (shelf.isSmart) throw invalid(filledByItself(shelf));
  const unique = [...new Set(bookIds)];
  const own = selectOwnBookIds(db, shelf.ownerId, unique);
  if (own.size < unique.length) throw invalidField('book_ids', 'There is no such book.');
  return unique.filter((bookId) => {
    clearAbsence(db, bookId);
    return insertShelfBook(db, shelf.shelfId, bookId, now);
  }).length;
}

/** Takes the books off the shelf; returns how many stood there. Throws invalid for a smart shelf. */
export function takeOffShelf(db: Db, shelf: ShelfRow, bookIds: readonly string[]): number {
  if (shelf.isSmart) throw invalid(filledByItself(shelf));
  return [...new Set(bookIds)].filter((bookId) => deleteShelfBook(db, shelf.shelfId, bookId)).length;
}

/** Lets the book stand on these shelves and no other; the shelves were checked. */
export function setShelves(db: Db, bookId: string, shelfIds: readonly string[], now: Date): void {
  const before = selectShelfIds(db, bookId);
  const wanted = new Set(shelfIds);
  for (const shelfId of before) if (!wanted.has(shelfId)) deleteShelfBook(db, shelfId, bookId);
  if (wanted.size > 0) clearAbsence(db, bookId);
  for (const shelfId of wanted) {
    if (!before.includes(shelfId)) insertShelfBook(db, shelfId, bookId, now);
  }
}

/** Lets the book carry these tags and no other; the tags were checked. */
export function setTags(db: Db, bookId: string, tagIds: readonly string[], now: Date): void {
  const before = selectTagIds(db, bookId);
  const wanted = new Set(tagIds);
  for (const tagId of before) if (!wanted.has(tagId)) deleteBookTag(db, bookId, tagId);
  if (wanted.size > 0) clearAbsence(db, bookId);
  for (const tagId of wanted) if (!before.includes(tagId)) insertBookTag(db, bookId, tagId, now);
}
