// How a row of an export meets what is here: added, put over it where it is newer, or left alone.
import type { Db } from '../catalogue/db.ts';
import { derivedId } from '../base/ids.ts';
import { sortColumns } from '../library/describe.ts';
import { SHELF_LEVELS } from '../shelves/shelf-tree.ts';
import type { CheckedRow } from './check-rows.ts';
import { sectionNamed } from './columns.queries.ts';
import {
  addRow,
  allowForwardReferences,
  changeRow,
  deleteProfile,
  deleteShelf,
  findByChecksum,
  findByName,
  findDefaultProfile,
  findKoreaderMark,
  findPresent,
  findShelf,
  findSibling,
  lastVersion,
  levelOfShelf,
  selectBookThere,
} from './merge.queries.ts';
import type { BookThere } from './merge.queries.ts';
import type { Section, SectionName } from './sections.ts';

export type Outcome = 'added' | 'updated' | 'kept' | 'skipped';
export type SectionCounts = Record<Outcome, number>;
type Keyed = Extract<Section, { id: string }>;
type Plan = { id: string; outcome: 'add' | 'update' | 'keep' };

/** Columns that point to rows of other sections. */
const REFERENCES: Readonly<Record<string, SectionName>> = {
  bookId: 'books',
  seriesId: 'series',
  shelfId: 'shelves',
  parentShelfId: 'shelves',
  tagId: 'tags',
  goalId: 'reading_goals',
};

/** Without what they point to these rows say nothing. */
const ESSENTIAL = new Set(['bookId', 'shelfId', 'tagId', 'goalId']);

/** What a person says of a book besides describing it, and what it is while they said nothing. */
const PERSONAL: Partial<Record<keyof BookThere, unknown>> = {
  rating: null, reviewNote: null, isFavorite: false, isPhysical: false, physicalLocation: null, lentTo: null, lentAt: null,
  status: 'not_started', progress: null, currentPage: null, currentLocator: null, startedAt: null, completedAt: null,
  lastReadAt: null, coverImageUrl: null, seriesId: null, seriesIndex: null,
}; // prettier-ignore

export type Merge = ReturnType<typeof createMerge>;

/** Returns the verbs of one import. They run inside writes, books after what they point to. */
export function createMerge(ownerId: string) {
  const ids = new Map<string, string>();
  const plans = new Map<string, Plan & { sameFile: boolean }>();
  const counts: Partial<Record<SectionName | 'preferences', SectionCounts>> = {};

  const count = (name: SectionName | 'preferences', outcome: Outcome): void => {
    (counts[name] ??= { added: 0, updated: 0, kept: 0, skipped: 0 })[outcome]++;
  };
  const keyOf = (name: SectionName, id: string) => `${name} ${id}`;
  const idOf = (name: SectionName, id: string): string | undefined => ids.get(keyOf(name, id));

  /** What becomes of the row. An id that is somebody else's is never touched nor told of: the row gets another, always the same. */
  function plan(db: Db, section: Keyed, row: CheckedRow): Plan {
    const given = row[section.id] as string;
    let id = given;
    let there = findPresent(db, section, id);
    if (there !== undefined && there.ownerId !== ownerId) {
      id = derivedId('import', ownerId, section.name, given);
      there = findPresent(db, section, id);
    }
    if (there === undefined) return { id, outcome: 'add' };
    const isNewer =
      row.updatedAt instanceof Date && there.updatedAt !== null && row.updatedAt.getTime() > there.updatedAt;
    return { id, outcome: isNewer ? 'update' : 'keep' };
  }

  /** The row with its references told in the ids of here; undefined when something it hangs on is nowhere. */
  function translate(section: Section, row: CheckedRow): CheckedRow | undefined {
    const own = 'id' in section ? section.id : undefined;
    const translated = { ...row };
    for (const [key, target] of Object.entries(REFERENCES)) {
      const id = row[key];
      if (key === own || typeof id !== 'string') continue;
      const here = idOf(target, id);
      if (here === undefined && ESSENTIAL.has(key)) return undefined;
      translated[key] = here ?? null;
    }
    return translated;
  }

  function add(db: Db, section: Section, row: CheckedRow): boolean {
    const { version, ...values } = row;
    const owned = 'ownerId' in section.leftOut ? { ownerId } : {};
    // What was removed here and comes back is newer than its removal.
    const past = 'entity' in section ? lastVersion(db, section.entity, row[section.id] as string) : 0;
    const numbered = version === undefined ? {} : { version: Math.max(version as number, past + 1) };
    return addRow(db, section, { ...values, ...owned, ...numbered });
  }

  function apply(db: Db, section: Keyed, row: CheckedRow, { id, outcome }: Plan): void {
    ids.set(keyOf(section.name, row[section.id] as string), id);
    if (outcome === 'add') {
      // Two rows of one document may claim the same name: the second one finds the first.
      count(section.name, add(db, section, { ...row, [section.id]: id }) ? 'added' : 'kept');
      return;
    }
    if (outcome === 'update') {
      // The version is raised by the diary: devices must hear of it.
      const { version: _version, [section.id]: _id, ...values } = row;
      changeRow(db, section, id, values);
    }
    count(section.name, outcome === 'update' ? 'updated' : 'kept');
  }

  /** Series and tags: one name, one row. */
  function takeInNamed(
    db: Db,
    section: Extract<Section, { name: 'series' | 'tags' }>,
    row: CheckedRow,
  ): void {
    const planned = plan(db, section, row);
    const named = findByName(db, section, ownerId, row.name as string);
    if (named !== undefined && named !== planned.id) {
      if (planned.outcome === 'add') apply(db, section, row, { id: named, outcome: 'keep' });
      else apply(db, section, row, { ...planned, outcome: 'keep' });
    } else apply(db, section, row, planned);
  }

  function takeInShelf(db: Db, section: Extract<Section, { name: 'shelves' }>, row: CheckedRow): void {
    const planned = plan(db, section, row);
    if (planned.outcome !== 'add') {
      // Where a shelf stands is left as it is here: two moves could make a circle.
      const {
        parentShelfId: _parent,
        isSmart: _smart,
        smartQuery: _query,
        isDefault: _default,
        ...values
      } = row;
      const named = findSibling(db, planned.id, row.name as string);
      const isTaken = named !== undefined;
      apply(db, section, isTaken ? row : values, isTaken ? { ...planned, outcome: 'keep' } : planned);
      return;
    }
    let parentShelfId = row.parentShelfId as string | null;
    if (parentShelfId !== null && parentShelfId !== undefined) {
      const { level, isSmart } = levelOfShelf(db, parentShelfId);
      if (isSmart || level >= SHELF_LEVELS) parentShelfId = null;
    } else parentShelfId = null;
    const named = findShelf(db, ownerId, parentShelfId, row.name as string);
    if (named !== undefined) {
      // The shelves every account begins with give way to those of the document while nothing stands on them.
      if (named.isDefault !== 1 || row.isDefault !== true || named.holds === 1) {
        apply(db, section, row, { id: named.shelfId, outcome: 'keep' });
        return;
      }
      deleteShelf(db, named.shelfId);
    }
    const smartQuery = row.isSmart === true ? row.smartQuery : null;
    apply(db, section, { ...row, parentShelfId, smartQuery }, planned);
  }

  function takeInProfile(
    db: Db,
    section: Extract<Section, { name: 'reading_profiles' }>,
    row: CheckedRow,
  ): void {
    const planned = plan(db, section, row);
    if (planned.outcome !== 'add') {
      // Which one is the default is left as it is here.
      const { isDefault: _default, ...values } = row;
      apply(db, section, values, planned);
      return;
    }
    const present = row.isDefault === true ? findDefaultProfile(db, ownerId) : undefined;
    if (present?.isUntouched === 1) deleteProfile(db, present.profileId);
    const isDefault = row.isDefault === true && (present === undefined || present.isUntouched === 1);
    apply(db, section, { ...row, isDefault }, planned);
  }

  function takeInMark(
    db: Db,
    section: Extract<Section, { name: 'annotations' | 'bookmarks' }>,
    row: CheckedRow,
  ): void {
    const planned = plan(db, section, row);
    const key = row.koreaderKey;
    const known =
      typeof key === 'string' ? findKoreaderMark(db, section, row.bookId as string, key) : undefined;
    // KOReader's file was read here too: it is the same mark under another id.
    if (known !== undefined && known !== planned.id) count(section.name, 'kept');
    else apply(db, section, row, planned);
  }

  return {
    counts,
    count,
    idOf,

    /** Begins a transaction in which a book's places may be told before the book. */
    begin: (db: Db): void => allowForwardReferences(db),

    /** Finds out which book of here this is: by its id, or by a file that is the same. */
    settleBook(db: Db, bookId: string, book: CheckedRow | undefined, checksums: string[]): void {
      const section = sectionNamed('books') as Extract<Section, { name: 'books' }>;
      const planned = plan(db, section, book ?? { bookId });
      if (planned.outcome === 'add') {
        const sameFile = findByChecksum(db, ownerId, checksums);
        if (sameFile !== undefined) {
          ids.set(keyOf('books', bookId), sameFile);
          plans.set(bookId, { id: sameFile, outcome: 'keep', sameFile: true });
          return;
        }
        if (book === undefined) return;
      }
      ids.set(keyOf('books', bookId), planned.id);
      plans.set(bookId, { ...planned, sameFile: false });
    },

    /** Takes a settled book in. */
    takeInBook(db: Db, row: CheckedRow): void {
      const section = sectionNamed('books') as Extract<Section, { name: 'books' }>;
      const planned = plans.get(row.bookId as string);
      const translated = translate(section, row);
      if (planned === undefined || translated === undefined) return count('books', 'skipped');
      if (planned.outcome === 'add')
        return apply(db, section, { ...translated, ...sorted(translated) }, planned);
      const there = selectBookThere(db, planned.id);
      if (there === undefined) return count('books', 'skipped');
      const change =
        planned.outcome === 'update' ? translated : planned.sameFile ? wordsFor(there, translated) : {};
      const isChanged = Object.keys(change).length > 0;
      if (!isChanged) return count('books', 'kept');
      const after = { ...there, ...change };
      const values = { ...change, ...sorted(after), absentSince: null };
      apply(db, section, { ...values, bookId: row.bookId }, { id: planned.id, outcome: 'update' });
    },

    /** Takes a row of any other section in. */
    takeIn(db: Db, name: SectionName, given: CheckedRow): void {
      const section = sectionNamed(name)!;
      const row = translate(section, given);
      if (row === undefined) return count(name, 'skipped');
      if (section.name === 'series' || section.name === 'tags') takeInNamed(db, section, row);
      else if (section.name === 'shelves') takeInShelf(db, section, row);
      else if (section.name === 'reading_profiles') takeInProfile(db, section, row);
      else if (section.name === 'annotations' || section.name === 'bookmarks') takeInMark(db, section, row);
      else if ('id' in section) apply(db, section, row, plan(db, section, row));
      else count(name, add(db, section, row) ? 'added' : 'kept');
    },
  };
}

/** The columns lists sort by, which the document does not have. */
const sorted = (book: CheckedRow): object =>
  sortColumns({
    title: book.title as string,
    authors: (book.authors as string[] | undefined) ?? [],
  });

/** A book that was only found on the disk: it gets a person's words where nobody here has said anything. */
function wordsFor(there: BookThere, row: CheckedRow): CheckedRow {
  const change: CheckedRow = {};
  for (const [key, unsaid] of Object.entries(PERSONAL)) {
    const said = row[key];
    if (said !== undefined && said !== unsaid && there[key as keyof BookThere] === unsaid) change[key] = said;
  }
  const origins = { ...there.origins };
  for (const [field, origin] of Object.entries((row.origins as Record<string, string> | undefined) ?? {})) {
    if (origin !== 'person' || origins[field] === 'person' || row[field] === undefined) continue;
    change[field] = row[field];
    origins[field] = 'person';
    change.origins = origins;
  }
  return change;
}
