// Compares what we read of KOReader's sidecars with what a Lua interpreter finds in them.
import type { SidecarContent } from '../../server/koreader/sidecar-content.ts';
import { compare, isSameText, said } from './comparison.ts';
import type { Claim, Comparison } from './comparison.ts';
import { at, isTable, tablesOf, textsOf } from './expected.ts';
import type { Readings } from './expected.ts';

export type SidecarFile = {
  /** Undefined when we refuse the sidecar. */
  content: SidecarContent | undefined;
  /** Highlights and bookmarks of its book that it holds, in its order. */
  marks: { text: string | null; note: string | null }[];
};

/** Returns one comparison for each thing a sidecar says. */
export function compareSidecar(
  path: string,
  { content, marks }: SidecarFile,
  readings: Readings,
): Comparison[] {
  const lua = readings.lua;
  const exact = (field: string, ours: string | undefined, theirs: string | undefined) =>
    compare({ path, field, ours, claims: claim(theirs), isExact: true });
  const loose = (field: string, ours: string | undefined, theirs: string | undefined) =>
    compare({ path, field, ours, claims: claim(theirs) }, isSameText);

  const isData = isTable(lua) && !['load_error', 'run_error', 'returned'].some((key) => key in lua);
  const readable = exact(
    'sidecar is data',
    content === undefined ? 'refused' : 'read',
    isData ? 'read' : 'refused',
  );
  if (content === undefined || !isData) return [readable];

  const count = (value: number | undefined) => value?.toString();
  const { summary, says } = content;
  return [
    readable,
    exact('sidecar md5', content.partialMd5, md5Of(lua)),
    exact('percent', count(content.percentFinished), said(at(lua, 'percent_finished'))),
    exact('status', summary?.status, said(at(lua, 'summary', 'status'))),
    exact('rating', count(summary?.rating), said(at(lua, 'summary', 'rating'))),
    exact('status date', summary?.modified, said(at(lua, 'summary', 'modified'))),
    loose('review', summary?.note, said(at(lua, 'summary', 'note'))),
    exact('document pages', count(content.docPages), said(at(lua, 'doc_pages'))),
    exact('position', content.lastXPointer ?? count(content.lastPage), positionOf(lua)),
    exact('marks', marks.length.toString(), countMarks(lua).toString()),
    loose('marked words', wordsOf(marks, !isLegacy(lua)), wordsOf(marksOf(lua), !isLegacy(lua))),
    loose('document title', says.title, said(at(lua, 'doc_props', 'title'))),
    loose('document authors', says.authors?.join('\n'), said(at(lua, 'doc_props', 'authors'))),
  ];
}

const claim = (value: string | undefined): Claim[] => [{ tool: 'lua', value }];

/** What is no checksum is none. */
const md5Of = (lua: unknown): string | undefined =>
  [at(lua, 'partial_md5_checksum'), at(lua, 'stats', 'md5')]
    .flatMap(textsOf)
    .find((text) => /^[0-9a-f]{32}$/.test(text));

const positionOf = (lua: unknown): string | undefined =>
  said(at(lua, 'last_xpointer')) ?? said(at(lua, 'last_page'));

type Mark = {
  text?: string | null | undefined;
  note?: string | null | undefined;
  datetime?: string | undefined;
};

const isLegacy = (lua: unknown): boolean => at(lua, 'annotations') === undefined;

const TODAYS = ['annotations', 'annotations_rolling', 'annotations_paging'];
const PUT_ASIDE = ['_rolling', '_paging'];

/** What a file of today's form holds in it, the marks put aside for another engine included. */
const todaysMarksOf = (lua: unknown): Mark[] =>
  TODAYS.flatMap((list) => tablesOf(at(lua, list))).map(({ text, note }) => ({
    text: said(text),
    note: said(note),
  }));

/** Before v2024.07 a highlight stands in two lists, under the same date in both, and its note holds more than a note. */
function oldMarksOf(lua: unknown): Mark[] {
  const endings = isLegacy(lua) ? ['', ...PUT_ASIDE] : PUT_ASIDE;
  return endings.flatMap((ending) => {
    const pages = at(lua, `highlight${ending}`);
    return [
      ...tablesOf(at(lua, `bookmarks${ending}`)).map((mark) => ({
        text: said(mark.notes),
        datetime: said(mark.datetime),
      })),
      ...(isTable(pages) ? Object.values(pages) : [])
        .flatMap(tablesOf)
        .map((mark) => ({ text: said(mark.text), datetime: said(mark.datetime) })),
    ];
  });
}

const marksOf = (lua: unknown): Mark[] => [...todaysMarksOf(lua), ...oldMarksOf(lua)];

const countMarks = (lua: unknown): number =>
  todaysMarksOf(lua).length + new Set(oldMarksOf(lua).map(({ datetime, text }) => datetime ?? text)).size;

/** The marked texts and, where both sides have them apart, the notes: each once, in the order of the alphabet. */
function wordsOf(marks: readonly Mark[], withNotes: boolean): string | undefined {
  const words = marks.flatMap(({ text, note }) => [said(text), withNotes ? said(note) : undefined]);
  return said([...new Set(words.filter((word) => word !== undefined))].sort().join(' | '));
}
