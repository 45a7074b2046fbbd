// Brings the catalogue's KOReader marks of a book in line with one of its sidecars. Runs inside a write.
import type { Db } from '../catalogue/db.ts';
import { derivedId } from '../base/ids.ts';
import { instantOf } from '../base/time-zone.ts';
import type { SidecarAnnotation } from '../formats/koreader/sidecar.ts';
import { fieldTimes } from '../catalogue/times.ts';
import { selectRemovedKeys } from '../marks/bookmarks.queries.ts';
import { dropKeptWords, keepWords, selectKeptWords } from '../marks/kept-words.queries.ts';
import {
  deleteAnnotations,
  deleteBookmarks,
  hasAnnotation,
  hasBookmark,
  insertAnnotation,
  insertBookmark,
  selectKoreaderAnnotations,
  selectKoreaderBookmarks,
  updateAnnotation,
  updateBookmark,
} from '../marks/marks.queries.ts';
import type { Spoken } from '../marks/persons-word.ts';
import { adopted, isDatedByPerson, settledOf, stampOf } from './settled-mark.ts';
import type { PersonsMark, SettledMark } from './settled-mark.ts';
import type { SidecarContent } from './sidecar-content.ts';
import { selectSidecarsOfBook } from './sidecars.queries.ts';
import type { SidecarRow } from './sidecars.queries.ts';

type Source = {
  ownerId: string;
  bookId: string;
  /** Null for marks that are in no sidecar of the book yet. */
  sidecarId: string | null;
  /** KOReader's checksum of the book, as the sidecar names it. */
  partialMd5: string | undefined;
  modifiedMs: number;
  /** Whether this program wrote it: what it dates is no word of the device. */
  isOurs?: boolean;
};

/**
 * Adds marks that are new, changes those the sidecar has differently, and removes those it no longer has, unless another
 * sidecar of the book still has them. A mark keeps its id as long as KOReader keeps its time and place, and has the same
 * one in a library that is built anew. Of two sidecars that disagree about one mark the one that changed it last is right, else
 * the newer one. What a person said of a mark stays until the device says something new of it, also through an absence of the
 * mark; what they removed stays away.
 */
export function mergeMarks(
  db: Db,
  source: Source,
  marks: readonly SidecarAnnotation[],
  when: { now: Date; zone: string },
): void {
  merge(db, source, marks, when);
}

/** The same for one mark of a sidecar that says of all others what it said when they were merged last. */
export function mergeMark(
  db: Db,
  source: Source,
  mark: SidecarAnnotation,
  when: { now: Date; zone: string },
): void {
  merge(db, source, [mark], { ...when, onlyKey: mark.key });
}

function merge(
  db: Db,
  source: Source,
  marks: readonly SidecarAnnotation[],
  { now, zone, onlyKey }: { now: Date; zone: string; onlyKey?: string },
): void {
  const others = selectSidecarsOfBook(db, source.bookId).filter((row) => row.sidecarId !== source.sidecarId);
  const removed = new Set(selectRemovedKeys(db, source.bookId));
  const highlights = selectKoreaderAnnotations(db, source.bookId, onlyKey);
  const bookmarks = selectKoreaderBookmarks(db, source.bookId, onlyKey);
  // A mark that comes back, or changes its kind, is made anew: what the person said of it goes with it.
  const words: Map<string | null, Spoken & Partial<PersonsMark>> = selectKeptWords(db, source.bookId);
  for (const row of [...highlights, ...bookmarks]) words.set(row.koreaderKey, row);
  const settled = marks.map((mark) => settledOf(mark, words.get(mark.key), { ...source, zone }));
  const there = new Set(marks.map(({ key }) => key));
  const newer = new Set(
    others.filter((row) => row.modifiedMs > source.modifiedMs).map((row) => row.sidecarId),
  );
  /**
   * What is to be kept where another sidecar of the book may know the mark better, undefined where it does: but for what a
   * person said of it, and then in the sidecar that KOReader opens.
   */
  const againstOthers = (row: PersonsMark, found: SettledMark): SettledMark | undefined => {
    const { mark } = found;
    if (row.sidecarId === source.sidecarId) return found;
    const ours = stampOf(mark.datetimeUpdated, mark.datetime);
    const known = stampOf(row.deviceDatetimeUpdated, row.deviceDatetime);
    // That this program dated it later says nothing of the device.
    const theirs = known > ours && isDatedByPerson(row, zone) ? ours : known;
    const isLatest = newer.size === 0 && source.sidecarId !== null;
    if (theirs > ours && row.deviceSays !== null && isLatest) return adopted(found, row, zone);
    if (row.sidecarId === null) return found;
    const isOutdone = theirs === ours ? newer.has(row.sidecarId) : theirs > ours;
    return isOutdone ? undefined : found;
  };
  const common = ({ mark, words: { note, color } }: SettledMark, row: PersonsMark | undefined) => ({
    ownerId: source.ownerId,
    bookId: source.bookId,
    source: 'koreader' as const,
    sidecarId: source.sidecarId,
    koreaderKey: mark.key,
    positionIndex: mark.index,
    text: mark.text ?? null,
    note,
    color,
    chapter: mark.chapter ?? null,
    pageNumber: mark.pageNumber ?? null,
    deviceDatetime: mark.datetime ?? null,
    deviceDatetimeUpdated: mark.datetimeUpdated ?? null,
    createdAt: createdAtOf(mark, row, zone),
  });
  const settle = <Row extends PersonsMark, Fields extends object>(work: {
    kind: SidecarAnnotation['kind'];
    rows: Row[];
    idOf(row: Row): string;
    isTaken(id: string): boolean;
    fieldsOf(mark: SettledMark, row: Row | undefined): Fields;
    insert(id: string, fields: Fields): void;
    update(id: string, fields: Fields | { sidecarId: string }): void;
    remove(ids: string[]): void;
  }) => {
    const byKey = new Map(work.rows.map((row) => [row.koreaderKey, row]));
    const mine = new Set<string>();
    for (const found of settled) {
      const { mark } = found;
      if (found.kind !== work.kind) continue;
      mine.add(mark.key);
      const row = byKey.get(mark.key);
      // The person removed it: a device that still has it does not bring it back.
      if (row === undefined && removed.has(mark.key)) continue;
      if (row === undefined) {
        const fields = { ...work.fieldsOf(found, row), deviceSays: found.deviceSays };
        const id = derivedId('mark', source.partialMd5 ?? source.bookId, mark.key);
        // Another book has it when a sidecar was copied beside a second file, or two people own the same one.
        work.insert(work.isTaken(id) ? derivedId('mark', source.bookId, mark.key) : id, fields);
        if (words.has(mark.key)) dropKeptWords(db, source.bookId, mark.key);
        continue;
      }
      const kept = againstOthers(row, found);
      if (kept === undefined) continue;
      const fields = { ...work.fieldsOf(kept, row), deviceSays: kept.deviceSays };
      if (!differs(row, fields)) continue;
      work.update(work.idOf(row), fields);
      noteTimes(db, { ...source, id: work.idOf(row), row, found: kept, now });
    }
    const gone = work.rows.filter(
      (row) => row.sidecarId === source.sidecarId && !mine.has(row.koreaderKey ?? ''),
    );
    const orphaned: string[] = [];
    for (const row of gone) {
      const keeper = others.find((other) => keysOf(other).includes(row.koreaderKey ?? ''));
      if (keeper !== undefined) {
        work.update(work.idOf(row), { sidecarId: keeper.sidecarId });
        continue;
      }
      orphaned.push(work.idOf(row));
      const { note, color, drawer = null, deviceSays, koreaderKey } = row;
      if (deviceSays !== null && koreaderKey !== null && !there.has(koreaderKey))
        keepWords(db, { bookId: source.bookId, koreaderKey }, { note, color, drawer, deviceSays }, now);
    }
    work.remove(orphaned);
  };

  settle({
    kind: 'highlight',
    rows: highlights,
    idOf: (row) => row.annotationId,
    isTaken: (id) => hasAnnotation(db, id),
    fieldsOf: (found, row) => ({
      ...common(found, row),
      drawer: found.words.drawer,
      startPosition: placeOf(found.mark),
      endPosition: found.mark.endPosition ?? null,
    }),
    insert: (annotationId, fields) => insertAnnotation(db, { ...fields, annotationId, updatedAt: now }),
    update: (id, fields) => updateAnnotation(db, id, { ...fields, updatedAt: now }),
    remove: (ids) => deleteAnnotations(db, ids),
  });
  settle({
    kind: 'bookmark',
    rows: bookmarks,
    idOf: (row) => row.bookmarkId,
    isTaken: (id) => hasBookmark(db, id),
    fieldsOf: (found, row) => ({ ...common(found, row), position: placeOf(found.mark) }),
    insert: (bookmarkId, fields) => insertBookmark(db, { ...fields, bookmarkId, updatedAt: now }),
    update: (id, fields) => updateBookmark(db, id, { ...fields, updatedAt: now }),
    remove: (ids) => deleteBookmarks(db, ids),
  });
}

/** Notes that what the device changed of a mark was said when it did, and not when its file was read. */
function noteTimes(
  db: Db,
  {
    id,
    ownerId,
    row,
    found,
    now,
  }: { id: string; ownerId: string; row: PersonsMark; found: SettledMark; now: Date },
): void {
  const { wroteMs, changedMs = wroteMs } = found.spoke;
  const last = [Math.min(changedMs, now.getTime()), row.version + 1] as const;
  const changed = (['note', 'color', 'drawer'] as const).filter(
    (field) => found.words[field] !== (row[field] ?? null),
  );
  if (changed.length === 0) return;
  const said = Object.fromEntries(changed.map((field) => [field, last]));
  fieldTimes(db.$client).note({ entityId: id, ownerId, said });
}

const placeOf = ({ startPosition, page }: SidecarAnnotation): string | null => startPosition ?? page ?? null;

/** When a mark was made. Working a wall time out takes as long as all else of a mark: of the same words it is the same. */
function createdAtOf(
  { datetime }: SidecarAnnotation,
  row: PersonsMark | undefined,
  zone: string,
): Date | null {
  if (datetime === undefined) return null;
  const isKnown = row?.deviceDatetime === datetime && row.createdAt !== null;
  return isKnown ? row.createdAt : (instantOf(datetime, zone) ?? null);
}

const keysOf = (row: SidecarRow): string[] =>
  row.content === null ? [] : (JSON.parse(row.content) as SidecarContent).keys;

function differs(row: object, fields: object): boolean {
  return Object.entries(fields).some(([name, value]) => {
    const had = (row as Record<string, unknown>)[name];
    return had instanceof Date || value instanceof Date
      ? !(had instanceof Date && value instanceof Date && had.getTime() === value.getTime())
      : had !== value;
  });
}
