// KOReader's list of highlights and bookmarks (`annotations`, since v2024.07) and what identifies each of them.
import { createHash } from 'node:crypto';

import { countField, labelField, numberField, tablesOf, textField, textOf } from './lua-fields.ts';
import { formatNumber } from './lua-writer.ts';
import type { LuaTable, LuaValue } from './lua.ts';
import { defined } from '../../base/defined.ts';

export type SidecarAnnotation = {
  /** Place in the list, from 0. KOReader's own index is one higher. */
  index: number;
  /** A highlight has a drawer, a bookmark has none. */
  kind: 'highlight' | 'bookmark';
  /** lighten, underscore, strikeout or invert; as written. */
  drawer?: string;
  /** A KOReader colour name, or whatever the file says. */
  color?: string;
  text?: string;
  note?: string;
  chapter?: string;
  /** Page of the layout the book had on the device. */
  pageNumber?: number;
  /** Page label: a stable page number, or "[2]13" inside a flow. */
  pageRef?: string;
  /** YYYY-MM-DD HH:MM:SS in the device's own time, as written and not checked. */
  datetime?: string;
  datetimeUpdated?: string;
  /** An XPointer, or for paged documents JSON with the keys page, rotation, x, y, zoom. */
  startPosition?: string;
  endPosition?: string;
  /** An XPointer, or a page number as text. */
  page?: string;
  /** The same for one annotation in every version of the file, legacy formats included; unique in the file; URL-safe. */
  key: string;
};

/** An annotation before it has its place and key; positions are as Lua has them. */
export type FoundAnnotation = Omit<
  SidecarAnnotation,
  'index' | 'kind' | 'key' | 'startPosition' | 'endPosition' | 'page'
> & {
  page?: LuaValue;
  pos0?: LuaValue;
  pos1?: LuaValue;
};

/** Returns the annotations of an `annotations` table in its order, up to the first index that is no table. */
export function readAnnotations(list: LuaTable): SidecarAnnotation[] {
  return numberAnnotations(
    tablesOf(list).map((item) =>
      defined<FoundAnnotation>({
        drawer: textField(item, 'drawer'),
        color: textField(item, 'color'),
        text: textField(item, 'text'),
        note: textField(item, 'note'),
        chapter: textField(item, 'chapter'),
        pageNumber: countField(item, 'pageno'),
        pageRef: labelField(item, 'pageref'),
        datetime: textField(item, 'datetime'),
        datetimeUpdated: textField(item, 'datetime_updated'),
        page: item.get('page'),
        pos0: item.get('pos0'),
        pos1: item.get('pos1'),
      }),
    ),
  );
}

/** Gives annotations in their final order an index and a key. */
export function numberAnnotations(found: FoundAnnotation[]): SidecarAnnotation[] {
  const seen = new Map<string, number>();
  return found.map(({ page, pos0, pos1, ...rest }, index) => {
    const identity = digest(identityOf({ ...rest, ...defined<FoundAnnotation>({ page, pos0, pos1 }) }));
    const ordinal = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, ordinal);
    return defined<SidecarAnnotation>({
      index,
      kind: rest.drawer === undefined ? 'bookmark' : 'highlight',
      ...rest,
      startPosition: positionText(pos0, page),
      endPosition: positionText(pos1, page),
      page: pageText(page),
      key: ordinal === 1 ? identity : `${identity}-${ordinal}`,
    });
  });
}

/** Returns what KOReader compares of a position: an XPointer's text, x and y of a point in a paged document. */
export function positionKey(position: LuaValue | undefined): string {
  if (!(position instanceof Map)) return textOf(position) ?? '';
  return ['x', 'y'].map((axis) => printedNumber(numberField(position, axis))).join(' ');
}

/**
 * KOReader's rule for "the same annotation" (readerannotation.lua): date and positions, in paged documents also the page.
 * The drawer does not count: a bookmark that gets one stays the same annotation.
 */
function identityOf({ datetime = '', page, pos0, pos1, text = '' }: FoundAnnotation): string[] {
  if (pos0 instanceof Map || pos1 instanceof Map) {
    return ['paged', datetime, pageText(page) ?? '', positionKey(pos0), positionKey(pos1)];
  }
  if (pos0 !== undefined && pos1 !== undefined)
    return ['flowing', datetime, positionKey(pos0), positionKey(pos1)];
  return datetime === '' ? ['undated', pageText(page) ?? '', text] : ['page', datetime, pageText(page) ?? ''];
}

const digest = (identity: string[]): string =>
  createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);

// One number can reach us with more digits than KOReader prints today; %.14g makes both the same.
const printedNumber = (number: number | undefined): string =>
  number === undefined ? '' : formatNumber(number);

function pageText(page: LuaValue | undefined): string | undefined {
  return typeof page === 'number' && Number.isFinite(page) ? formatNumber(page) : textOf(page);
}

function positionText(position: LuaValue | undefined, page: LuaValue | undefined): string | undefined {
  if (!(position instanceof Map)) return textOf(position);
  // Highlights made in the reflow mode of old versions have no page in their positions.
  const onPage = numberField(position, 'page') ?? (typeof page === 'number' ? page : undefined);
  const [rotation, x, y, zoom] = ['rotation', 'x', 'y', 'zoom'].map((key) => numberField(position, key));
  return JSON.stringify({ page: onPage, rotation, x, y, zoom });
}
