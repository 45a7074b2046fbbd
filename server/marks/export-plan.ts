// Puts the highlights of an export into their order, by ids alone: fifty thousand are a few megabytes.
import { setImmediate } from 'node:timers/promises';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectAnnotationPlaces } from './annotations.queries.ts';
import type { AnnotationPlace, MarkedBook } from './annotations.queries.ts';
import { colorNameOf, HIGHLIGHT_COLOR, hexOf, isWanted } from './colors.ts';
import type { WantedColors } from './colors.ts';
import type { ExportGroup, Heading } from './export-document.ts';

/** A heading with the highlights right below it. */
export type Section = { headings: Heading[]; annotationIds: string[] };

/** After so many highlights other requests get their turn. */
const PAUSE_AFTER = 2_000;

/**
 * Returns the sections of an export. Books and the highlights in them stand in the order they are given and read; colours
 * are by the order a person sees them in, days newest first.
 */
export async function planExport(
  catalogue: Catalogue,
  books: readonly MarkedBook[],
  how: { groupBy: ExportGroup; colors: WantedColors | undefined; dayOf: (sec: number) => string },
): Promise<Section[]> {
  /** Titles of level 1 to the sections below each. */
  const groups = new Map<string, Section[]>();
  let sincePause = 0;
  for (const book of books) {
    const places = catalogue
      .read((db) => selectAnnotationPlaces(db, book.bookId))
      .filter(({ color }) => how.colors === undefined || isWanted(color, how.colors));
    for (const [title, ids] of byTitle(places, (place) => titleOf(place, how))) {
      const key = how.groupBy === 'book' || how.groupBy === 'chapter' ? book.bookId : title;
      const sections = groups.get(key) ?? [];
      groups.set(key, sections);
      sections.push({
        headings: headingsOf(how.groupBy, title, book, sections.length === 0),
        annotationIds: ids,
      });
    }
    sincePause += places.length;
    if (sincePause >= PAUSE_AFTER) {
      sincePause = 0;
      await setImmediate();
    }
  }
  const entries = [...groups];
  if (how.groupBy === 'color') entries.sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  if (how.groupBy === 'date') entries.sort(([a], [b]) => (a < b ? 1 : -1));
  return entries.flatMap(([, sections]) => sections);
}

/** The highlights of one book by the group they belong to, in the order the groups come first. */
function byTitle(
  places: readonly AnnotationPlace[],
  titleOf: (place: AnnotationPlace) => string,
): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const place of places) {
    const title = titleOf(place);
    const ids = titles.get(title);
    if (ids === undefined) titles.set(title, [place.annotationId]);
    else ids.push(place.annotationId);
  }
  return titles;
}

function titleOf(
  place: AnnotationPlace,
  { groupBy, dayOf }: { groupBy: ExportGroup; dayOf: (sec: number) => string },
): string {
  switch (groupBy) {
    case 'book':
      return '';
    case 'chapter':
      return place.chapter ?? '';
    case 'color':
      return colorNameOf(hexOf(place.color, HIGHLIGHT_COLOR));
    case 'date':
      return dayOf(Math.floor(place.madeMs / 1000));
  }
}

function headingsOf(groupBy: ExportGroup, title: string, book: MarkedBook, isFirst: boolean): Heading[] {
  const ofBook = (level: 1 | 2): Heading => ({
    kind: 'heading',
    level,
    title: book.title,
    ...(book.authors.length === 0 ? {} : { author: book.authors.join(', ') }),
  });
  if (groupBy === 'book') return [ofBook(1)];
  if (groupBy === 'chapter') {
    const chapter: Heading = { kind: 'heading', level: 2, title: title === '' ? 'Without a chapter' : title };
    return isFirst ? [ofBook(1), chapter] : [chapter];
  }
  const group: Heading = { kind: 'heading', level: 1, title: groupBy === 'color' ? capital(title) : title };
  return isFirst ? [group, ofBook(2)] : [ofBook(2)];
}

const COLOR_ORDER = ['yellow', 'green', 'blue', 'pink', 'purple', 'orange', 'red', 'olive', 'cyan', 'gray'];
const rankOf = (color: string): number => (COLOR_ORDER.indexOf(color) + 1 || COLOR_ORDER.length + 1) - 1;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
