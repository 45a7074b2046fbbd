// Where a sidecar keeps its marks: the list of the engine that was used last, and what the other engine left aside.
import { readAnnotations } from './annotations.ts';
import type { SidecarAnnotation } from './annotations.ts';
import { readLegacyAnnotations } from './legacy-annotations.ts';
import { tableField, textField } from './lua-fields.ts';
import type { LuaTable } from './lua.ts';

/**
 * Lists of today's form, the one in use first. Opened in its other engine, KOReader puts the marks of a book aside under the
 * name of their engine and takes out what that one had (readerannotation.lua, onReadSettings).
 */
export const MARK_LISTS = ['annotations', 'annotations_rolling', 'annotations_paging'] as const;
export type MarkList = (typeof MARK_LISTS)[number];

const ENGINES = ['_rolling', '_paging'] as const;

export type FoundMarks = {
  /** `legacy` when the file has no list of today's form in use, and one of an old KOReader. */
  annotationsFrom: 'annotations' | 'legacy' | 'nothing';
  /** One list after another, the one in use first; of marks with the same key the first. */
  annotations: SidecarAnnotation[];
  /** Keys of those that are only in the lists of an old KOReader; absent when there are none. */
  legacyKeys?: string[];
};

/**
 * Returns all marks of a file, those it keeps for the other engine included. KOReader moves the lists of its old form into
 * `annotations` once and then only keeps them; what was deleted since is still in them, so that a file with `annotations`
 * is not asked for them. Those of the other engine it moves when it comes to them, and takes them out.
 */
export function findMarks(table: LuaTable): FoundMarks {
  const isUsed = tableField(table, 'annotations') !== undefined;
  const old = isUsed ? undefined : legacyMarks(table, '');
  const marks = new Map<string, SidecarAnnotation>();
  const legacyKeys: string[] = [];
  const add = (found: readonly SidecarAnnotation[] = [], isLegacy = false) => {
    for (const mark of found) {
      if (marks.has(mark.key)) continue;
      marks.set(mark.key, { ...mark, index: marks.size });
      if (isLegacy) legacyKeys.push(mark.key);
    }
  };
  add(old, true);
  for (const name of listsOf(table)) add(readAnnotations(tableField(table, name) ?? new Map()));
  for (const engine of enginesOf(table)) add(legacyMarks(table, engine), true);
  return {
    annotationsFrom: old !== undefined ? 'legacy' : isUsed || marks.size > 0 ? 'annotations' : 'nothing',
    annotations: [...marks.values()],
    ...(legacyKeys.length === 0 ? {} : { legacyKeys }),
  };
}

/** Returns where the marks of this key are in lists of today's form; indexes count from 0. */
export const placesOf = (table: LuaTable, key: string): { list: MarkList; index: number }[] =>
  MARK_LISTS.flatMap((list) => {
    const mark = readAnnotations(tableField(table, list) ?? new Map()).find((each) => each.key === key);
    return mark === undefined ? [] : [{ list, index: mark.index }];
  });

/** The engine that was used last comes first: only documents with fixed pages have a last page. */
const enginesOf = (table: LuaTable) => (table.has('last_page') ? ENGINES.toReversed() : ENGINES);

const listsOf = (table: LuaTable): MarkList[] => [
  'annotations',
  ...enginesOf(table).map((engine) => `annotations${engine}` as const),
];

function legacyMarks(table: LuaTable, engine: string): SidecarAnnotation[] | undefined {
  const bookmarks = tableField(table, `bookmarks${engine}`);
  const highlights = tableField(table, `highlight${engine}`);
  if (bookmarks === undefined && highlights === undefined) return undefined;
  const defaultDrawer = textField(table, 'highlight_drawer') ?? 'lighten';
  return readLegacyAnnotations({ bookmarks, highlights, defaultDrawer });
}
