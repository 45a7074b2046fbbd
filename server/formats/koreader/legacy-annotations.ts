// Highlights and bookmarks as KOReader kept them up to v2024.04: a `bookmarks` list and a `highlight` table by page.
import { numberAnnotations, positionKey } from './annotations.ts';
import type { FoundAnnotation, SidecarAnnotation } from './annotations.ts';
import { booleanField, numberedTables, textField } from './lua-fields.ts';
import type { LuaTable } from './lua.ts';
import { defined } from '../../base/defined.ts';

type LegacyHighlight = { pageNumber: number; table: LuaTable };

type LegacyTables = {
  /** Newest position first. */
  bookmarks: LuaTable | undefined;
  /** Page number → list of highlights. */
  highlights: LuaTable | undefined;
  /** The drawer of highlights that name none. */
  defaultDrawer: string;
};

/**
 * Returns what both tables hold in document order, in today's form. A highlight without its bookmark is kept too, even
 * one without date and position, as versions before 2014 wrote them.
 */
export function readLegacyAnnotations({
  bookmarks,
  highlights,
  defaultDrawer,
}: LegacyTables): SidecarAnnotation[] {
  const alone = listHighlights(highlights);
  const byDatetime = groupByDatetime(alone);
  const found: FoundAnnotation[] = [];
  for (const [, bookmark] of numberedTables(bookmarks).reverse()) {
    const highlight = takeMatch(byDatetime, bookmark);
    if (highlight) alone.delete(highlight);
    found.push(convertBookmark(bookmark, highlight, defaultDrawer));
  }
  const unmarked = [...alone].map((highlight) => convertHighlight(highlight, defaultDrawer));
  return numberAnnotations(mergeByPage(found, unmarked));
}

function listHighlights(highlights: LuaTable | undefined): Set<LegacyHighlight> {
  const list = new Set<LegacyHighlight>();
  for (const [pageNumber, onPage] of numberedTables(highlights)) {
    for (const [, table] of numberedTables(onPage)) list.add({ pageNumber, table });
  }
  return list;
}

type Waiting = Map<string, Map<string, LegacyHighlight[]>>;

/** Highlights by date, then by positions; the first of each group is the last of its list. */
function groupByDatetime(highlights: Set<LegacyHighlight>): Waiting {
  const groups: Waiting = new Map();
  for (const highlight of [...highlights].reverse()) {
    const datetime = textField(highlight.table, 'datetime');
    if (datetime === undefined) continue;
    const group = groups.get(datetime) ?? new Map<string, LegacyHighlight[]>();
    const positions = positionsOf(highlight.table);
    const candidates = group.get(positions) ?? [];
    candidates.push(highlight);
    group.set(positions, candidates);
    groups.set(datetime, group);
  }
  return groups;
}

const positionsOf = (table: LuaTable): string =>
  JSON.stringify([positionKey(table.get('pos0')), positionKey(table.get('pos1'))]);

/** Takes the highlight a bookmark belongs to: same date and positions, or else the same date alone, as KOReader joins them. */
function takeMatch(waiting: Waiting, bookmark: LuaTable): LegacyHighlight | undefined {
  if (!isHighlighted(bookmark) && !bookmark.has('pos0')) return undefined;
  const group = waiting.get(textField(bookmark, 'datetime') ?? '');
  if (!group) return undefined;
  const exact = positionsOf(bookmark);
  for (const positions of group.has(exact) ? [exact] : group.keys()) {
    const candidates = group.get(positions) ?? [];
    const match = candidates.pop();
    if (candidates.length === 0) group.delete(positions);
    if (match) return match;
  }
  return undefined;
}

const isHighlighted = (bookmark: LuaTable): boolean => booleanField(bookmark, 'highlighted') === true;

function convertBookmark(
  bookmark: LuaTable,
  highlight: LegacyHighlight | undefined,
  defaultDrawer: string,
): FoundAnnotation {
  const page = bookmark.get('page');
  const isHighlight = highlight !== undefined || isHighlighted(bookmark);
  return defined<FoundAnnotation>({
    drawer: textField(highlight?.table, 'drawer') ?? (isHighlight ? defaultDrawer : undefined),
    color: textField(highlight?.table, 'color'),
    text: textField(bookmark, 'notes') ?? textField(highlight?.table, 'text'),
    note: noteOf(bookmark),
    chapter: textField(bookmark, 'chapter') ?? textField(highlight?.table, 'chapter'),
    pageNumber: pageNumberOf(page) ?? pageNumberOf(highlight?.pageNumber),
    datetime: textField(bookmark, 'datetime'),
    datetimeUpdated: textField(bookmark, 'datetime_updated'),
    page,
    pos0: bookmark.get('pos0') ?? highlight?.table.get('pos0'),
    pos1: bookmark.get('pos1') ?? highlight?.table.get('pos1'),
  });
}

function convertHighlight({ pageNumber, table }: LegacyHighlight, defaultDrawer: string): FoundAnnotation {
  const pos0 = table.get('pos0');
  const isFlowing = pos0 !== undefined && typeof pos0 === 'object' && !(pos0 instanceof Map);
  return defined<FoundAnnotation>({
    drawer: textField(table, 'drawer') ?? defaultDrawer,
    color: textField(table, 'color'),
    text: textField(table, 'text'),
    chapter: textField(table, 'chapter'),
    pageNumber: pageNumberOf(pageNumber),
    datetime: textField(table, 'datetime'),
    datetimeUpdated: textField(table, 'datetime_updated'),
    page: isFlowing ? pos0 : pageNumber,
    pos0,
    pos1: table.get('pos1'),
  });
}

const pageNumberOf = (page: unknown): number | undefined =>
  typeof page === 'number' && Number.isInteger(page) && page >= 0 && page <= 0xffff_ffff ? page : undefined;

/** What the person wrote: KOReader filled `text` by itself, with the marked text or a line it made of it. */
function noteOf(bookmark: LuaTable): string | undefined {
  const text = textField(bookmark, 'text');
  const notes = textField(bookmark, 'notes') ?? '';
  const datetime = textField(bookmark, 'datetime') ?? '';
  return text === undefined || text === notes || isAutoText(text, notes, datetime) ? undefined : text;
}

// "Page 12 ", "Seite [2]34 ", "Str. č. xii ", "第 12 页 ": at most one word before the page label and one after it.
const WORD = String.raw`[\p{L}\p{M}.'’]{1,20}`;
const LABEL = String.raw`(?:\[\d{1,9}\])?(?:\d{1,9}|[ivxlcdm]{1,12})`;
const BEFORE_NOTES = [
  new RegExp(String.raw`^(?:${WORD}\s?)?(?:[\p{L}]{1,2}\.\s?)?${LABEL}\s`, 'iu'),
  new RegExp(String.raw`^(?:${WORD}\s?)?(?:[\p{L}]{1,2}\.\s?)?${LABEL}\s?${WORD}\s`, 'iu'),
];

/** Whether a text is the line "Page 12 <marked text> @ <date>", in whatever language the device spoke. */
function isAutoText(text: string, notes: string, datetime: string): boolean {
  if (datetime === '') return false;
  const dateAt = text.lastIndexOf(datetime);
  if (dateAt === -1 || !/^[^\d]{0,4}$/u.test(text.slice(dateAt + datetime.length))) return false;
  const beforeDate = text.slice(0, dateAt);
  return BEFORE_NOTES.some((pattern) => {
    const start = pattern.exec(text)?.[0].length;
    if (start === undefined || !beforeDate.startsWith(notes, start)) return false;
    return /^\s?\P{N}{0,8}\s?$/u.test(beforeDate.slice(start + notes.length));
  });
}

/** Puts highlights without a bookmark, which only know their page, before the first annotation of a later page. */
function mergeByPage(found: FoundAnnotation[], unmarked: FoundAnnotation[]): FoundAnnotation[] {
  const merged: FoundAnnotation[] = [];
  let next = 0;
  for (const annotation of found) {
    for (;;) {
      const waiting = unmarked[next];
      if (!waiting || (annotation.pageNumber ?? 0) <= (waiting.pageNumber ?? 0)) break;
      merged.push(waiting);
      next += 1;
    }
    merged.push(annotation);
  }
  return [...merged, ...unmarked.slice(next)];
}
