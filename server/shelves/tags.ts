// Tags: coloured words on books. Every call takes the owner; a tag of somebody else is not there.
import type { Db } from '../catalogue/db.ts';
import { conflict, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { invalidField, setTags, wrongTags } from './memberships.ts';
import { selectOwnBookIds } from './memberships.queries.ts';
import { sameName } from './names.ts';
import {
  deleteTag,
  insertTag,
  selectTagCount,
  selectTagCounts,
  selectTagRow,
  selectTagRows,
  updateTag,
} from './tags.queries.ts';
import type { TagRow } from './tags.queries.ts';

export type NewTag = { name: string; color: string; description?: string | null };
export type TagChange = Partial<NewTag>;
/** `usageCount` is undefined where nobody asked for it. */
export type TagRecord = TagRow & { usageCount?: number | undefined };

export type Tags = ReturnType<typeof createTags>;

/** Returns the verbs of tags. */
export function createTags({ catalogue, clock }: { catalogue: Catalogue; clock: Clock }) {
  const get = (ownerId: string, tagId: string): TagRecord =>
    catalogue.read((db) => {
      const tag = selectTagRow(db, ownerId, tagId);
      if (tag === undefined) throw notFound('tag', tagId);
      return { ...tag, usageCount: selectTagCount(db, tagId) };
    });

  return {
    /** Returns a tag with the number of its books. Throws not_found. */
    get,

    /** Returns the owner's tags by name, with the number of their books when `counted`. */
    list: (ownerId: string, { counted }: { counted: boolean }): TagRecord[] =>
      catalogue.read((db) => {
        const rows = selectTagRows(db, ownerId);
        if (!counted) return rows;
        const counts = selectTagCounts(db, ownerId);
        return rows.map((tag) => ({ ...tag, usageCount: counts.get(tag.tagId) ?? 0 }));
      }),

    /** Adds a tag. Throws conflict for a name that is taken, whatever its case. */
    create(ownerId: string, tag: NewTag, deviceId: string): TagRecord {
      const tagId = catalogue.write({ deviceId }, (db) => addTag(db, ownerId, tag, clock.now()));
      return get(ownerId, tagId);
    },

    /** Changes what is given. Throws not_found, conflict. */
    change(ownerId: string, tagId: string, change: TagChange, deviceId: string): TagRecord {
      catalogue.write({ deviceId }, (db) => changeTag(db, ownerId, tagId, change, clock.now()));
      return get(ownerId, tagId);
    },

    /** Removes the tag from every book, and the tag. Throws not_found. */
    remove(ownerId: string, tagId: string, deviceId: string): void {
      catalogue.write({ deviceId }, (db) => removeTag(db, ownerId, tagId));
    },

    /** Lets a book carry these tags and no other. Throws not_found for an unknown book, invalid for unknown tags. */
    setOfBook(ownerId: string, bookId: string, tagIds: string[], deviceId: string): void {
      catalogue.write({ deviceId }, (db) => {
        if (!selectOwnBookIds(db, ownerId, [bookId]).has(bookId)) throw notFound('book', bookId);
        const wrong = wrongTags(db, ownerId, tagIds);
        if (wrong !== undefined) throw invalidField('tag_ids', wrong);
        setTags(db, bookId, tagIds, clock.now());
      });
    },
  };
}

/** Adds a tag within a write and returns its id, the one given if any. Throws conflict. */
export function addTag(
  db: Db,
  ownerId: string,
  { tagId, ...tag }: NewTag & { tagId?: string },
  now: Date,
): string {
  refuseTaken(db, ownerId, tag.name);
  const id = tagId ?? newId(now);
  insertTag(db, { ...tag, tagId: id, ownerId, createdAt: now, updatedAt: now });
  return id;
}

/** Changes what is given within a write. Throws not_found, conflict. */
export function changeTag(db: Db, ownerId: string, tagId: string, change: TagChange, now: Date): void {
  if (selectTagRow(db, ownerId, tagId) === undefined) throw notFound('tag', tagId);
  if (change.name !== undefined) refuseTaken(db, ownerId, change.name, tagId);
  updateTag(db, tagId, { ...change, updatedAt: now });
}

/** Removes the tag within a write. Throws not_found. */
export function removeTag(db: Db, ownerId: string, tagId: string): void {
  if (selectTagRow(db, ownerId, tagId) === undefined) throw notFound('tag', tagId);
  deleteTag(db, tagId);
}

function refuseTaken(db: Db, ownerId: string, name: string, exceptId?: string): void {
  const taken = selectTagRows(db, ownerId).find((tag) => tag.tagId !== exceptId && sameName(tag.name, name));
  if (taken !== undefined) throw conflict(`There is already a tag called "${taken.name}".`);
}
