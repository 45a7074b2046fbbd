// Changes what a person may change in a KOReader sidecar, and nothing else in it (koshelf.md "Writeback"). Pure.
import { tableField, textField } from './lua-fields.ts';
import { writeLua } from './lua-writer.ts';
import { luaString, readLua } from './lua.ts';
import type { LuaTable } from './lua.ts';
import { findMarks, placesOf } from './mark-lists.ts';
import type { MarkList } from './mark-lists.ts';
import { readSidecar } from './sidecar.ts';
import type { Sidecar, SidecarStatus } from './sidecar.ts';

/** Absent leaves a field as it is, null removes it. A note of blanks and a rating of 0 are none. */
export type SummaryChange = {
  note?: string | null;
  /** 0–5. */
  rating?: number | null;
  status?: SidecarStatus | null;
};

/** Absent leaves a field as it is; a note of null or of blanks is removed. */
export type AnnotationChange = { note?: string | null; color?: string; drawer?: string };

/** One change as plain data, so that it can cross to another thread. */
export type SidecarEdit =
  | {
      kind: 'summary';
      change: SummaryChange;
      /** YYYY-MM-DD. */
      today: string;
    }
  | {
      kind: 'annotation';
      /** As `readAnnotations` gives it. */
      key: string;
      change: AnnotationChange;
      /** YYYY-MM-DD HH:MM:SS. */
      now: string;
    }
  | { kind: 'annotation-removal'; key: string }
  /** Changes nothing but how it is written: without what KOReader cannot load. */
  | { kind: 'repair' }
  /** What cannot be done of them is left out, unless nothing can. */
  | { kind: 'several'; edits: SidecarEdit[] };

export type EditedSidecar =
  | { outcome: 'edited'; bytes: Uint8Array; sidecar: Sidecar }
  /** `legacy`: its highlights are in the lists of an old KOReader. `gone`: it has no annotation of that key. */
  | { outcome: 'legacy' | 'gone' };

/**
 * Returns the file after the edit and what it says then. Throws UnreadableFile for a file that is not a Lua data table, or
 * that would become larger than can be read again.
 */
export function rewriteSidecar(bytes: Uint8Array, edit: SidecarEdit): EditedSidecar {
  const { table, comment } = readLua(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const outcome = applyEdit(table, edit);
  if (outcome !== 'edited') return { outcome };
  const edited = writeLua(table, comment);
  // KOReader deletes a sidecar it cannot load: nothing leaves this place that was not read back.
  return { outcome, bytes: edited, sidecar: readSidecar(edited) };
}

function applyEdit(table: LuaTable, edit: SidecarEdit): EditedSidecar['outcome'] {
  if (edit.kind === 'several') {
    const outcomes = edit.edits.map((each) => applyEdit(table, each));
    return outcomes.includes('edited') ? 'edited' : (outcomes[0] ?? 'edited');
  }
  if (edit.kind === 'repair') return 'edited';
  if (edit.kind === 'summary') {
    editSummary(table, edit.change, edit.today);
    return 'edited';
  }
  const places = placesOf(table, edit.key);
  for (const { list, index } of places) {
    if (edit.kind === 'annotation') editAnnotation(table, index, edit.change, edit.now, list);
    else deleteAnnotation(table, index, list);
  }
  if (places.length > 0) return 'edited';
  const { annotationsFrom, legacyKeys = [] } = findMarks(table);
  return annotationsFrom !== 'annotations' || legacyKeys.includes(edit.key) ? 'legacy' : 'gone';
}

/** Changes review, rating and status, and always the date of the summary, which is made when there is none. `today` is YYYY-MM-DD. */
export function editSummary(table: LuaTable, change: SummaryChange, today: string): void {
  const summary = tableField(table, 'summary') ?? new Map();
  table.set('summary', summary);
  if (change.note !== undefined) setText(summary, 'note', cleanNote(change.note));
  if (change.rating !== undefined) {
    if (change.rating === null || change.rating === 0) summary.delete('rating');
    else summary.set('rating', change.rating);
  }
  if (change.status !== undefined) setText(summary, 'status', change.status ?? undefined);
  summary.set('modified', luaString(today));
}

/**
 * Changes the annotation at `index` (from 0) of a list. Its `datetime_updated` becomes `now` (YYYY-MM-DD HH:MM:SS), unless it is later, when
 * colour or drawer are given, or a highlight gets its first note or loses it; then the counters of `stats`, which are of
 * the list in use, follow. Throws RangeError when there is no such annotation.
 */
export function editAnnotation(
  table: LuaTable,
  index: number,
  change: AnnotationChange,
  now: string,
  name: MarkList = 'annotations',
): void {
  const [, annotation] = annotationAt(table, name, index);
  const hadNote = textField(annotation, 'note') !== undefined;
  const isHighlight = textField(annotation, 'drawer') !== undefined;
  if (change.note !== undefined) editNote(annotation, cleanNote(change.note));
  if (change.color !== undefined) setText(annotation, 'color', change.color);
  if (change.drawer !== undefined) setText(annotation, 'drawer', change.drawer);
  const hasNote = textField(annotation, 'note') !== undefined;
  const becameOther = isHighlight && hadNote !== hasNote;
  if (becameOther && name === 'annotations') {
    count(table, hadNote ? 'notes' : 'highlights', -1);
    count(table, hadNote ? 'highlights' : 'notes', 1);
  }
  if (becameOther || change.color !== undefined || change.drawer !== undefined)
    setText(annotation, 'datetime_updated', laterOf(textField(annotation, 'datetime_updated'), now));
}

/**
 * Removes the annotation at `index` (from 0) of a list; later ones move up by one, and of a highlight in use the counter in
 * `stats` goes down. Throws RangeError when there is no such annotation.
 */
export function deleteAnnotation(table: LuaTable, index: number, name: MarkList = 'annotations'): void {
  const [list, annotation] = annotationAt(table, name, index);
  let position = index + 1;
  for (let next = list.get(position + 1); next !== undefined; next = list.get(position + 1)) {
    list.set(position, next);
    position += 1;
  }
  list.delete(position);
  if (name !== 'annotations' || textField(annotation, 'drawer') === undefined) return;
  count(table, textField(annotation, 'note') === undefined ? 'highlights' : 'notes', -1);
}

function annotationAt(
  table: LuaTable,
  name: MarkList,
  index: number,
): [list: LuaTable, annotation: LuaTable] {
  const list = tableField(table, name);
  const annotation = list?.get(index + 1);
  if (list === undefined || !(annotation instanceof Map))
    throw new RangeError(`there is no annotation ${index}`);
  return [list, annotation];
}

/** Moves a counter KOReader keeps; one that is not there, or no whole number, stays as it is. */
function count(table: LuaTable, name: 'highlights' | 'notes', by: 1 | -1): void {
  const stats = tableField(table, 'stats');
  const counted = stats?.get(name);
  if (typeof counted !== 'number' || !Number.isInteger(counted)) return;
  stats?.set(name, Math.max(0, counted + by));
}

/** What a person writes here is plain text: the format of the note it takes the place of goes. */
function editNote(annotation: LuaTable, note: string | undefined): void {
  if (note !== textField(annotation, 'note')) annotation.delete('note_format');
  setText(annotation, 'note', note);
}

/** A word that is written late, and dated when it was said, takes nothing of a later change's date. */
const laterOf = (before: string | undefined, now: string): string =>
  before !== undefined && before > now ? before : now;

const cleanNote = (note: string | null): string | undefined =>
  note === null || note.trim() === '' ? undefined : note;

function setText(table: LuaTable, key: string, text: string | undefined): void {
  if (text === undefined) table.delete(key);
  else table.set(key, luaString(text));
}
