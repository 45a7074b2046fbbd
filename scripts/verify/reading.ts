// Asks the running server about every statistics database of a folder and compares its answers with what SQL counts.
import { join } from 'node:path';
import { compare } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { at, isTable, tablesOf } from './expected.ts';
import type { Readings } from './expected.ts';
import { askServer } from './import.ts';
import { questionsOf } from './reading-answers.ts';
import type { Question } from './reading-answers.ts';
import { countReading } from './reading-tables.ts';
import type { ReadBookSidecar } from './reading-tables.ts';

/** Reading days are counted where a book was read: west and east of the date line, and by half hours. */
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati'];

export type ReadingParts = {
  /** The databases, in the order they are imported in; one can come again. */
  files: readonly string[];
  /** Sidecars of their books: where they lie for the scan, and what a Lua interpreter found in them. */
  sidecars: ReadonlyMap<string, Readings>;
  scratch: string;
};

/** Returns one comparison for each question about the reading in the databases. */
export async function compareReading(
  path: string,
  { files, sidecars, scratch }: ReadingParts,
): Promise<Comparison[]> {
  const read = [...sidecars].flatMap(([file, readings]) => readSidecar(file, readings.lua));
  const comparisons: Comparison[] = [];
  await askServer(
    { statistics: files, library: [...sidecars.keys()].map((file) => join(file, '../..')), scratch },
    async (ask, clock) => {
      for (const zone of ZONES) {
        const db = countReading({ files, sidecars: read, zone, scratch });
        const today = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(clock.now());
        for (const question of questionsOf(db, { zone, today })) {
          const ours = await ask(`/reading/${question.path}`);
          comparisons.push(judge(path, question, ours));
        }
        db.close();
      }
    },
  );
  return comparisons;
}

/** Compares only what the question knows: titles and links are none of SQL's business. */
function judge(path: string, { field, path: asked, answer }: Question, ours: unknown): Comparison {
  const [where, ourValue, theirValue] = firstDifference(ours, answer) ?? [asked, 'same', 'same'];
  return compare({
    path: `${path} · ${where === asked ? asked : `${asked} ${where}`}`,
    field,
    ours: ourValue,
    claims: [{ tool: 'sql', value: theirValue }],
    isExact: true,
  });
}

/** Returns where the two differ and what they say there; undefined when ours has all that theirs has. */
function firstDifference(
  ours: unknown,
  theirs: unknown,
  where = '',
): [where: string, ours: string, theirs: string] | undefined {
  if (Array.isArray(theirs)) {
    const list: unknown[] = Array.isArray(ours) ? sorted(ours) : [];
    if (list.length !== theirs.length) return [`${where}.length`, String(list.length), String(theirs.length)];
    for (const [index, each] of sorted(theirs).entries()) {
      const found = firstDifference(list[index], each, `${where}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isTable(theirs)) {
    for (const [key, value] of Object.entries(theirs)) {
      const found = firstDifference(at(ours, key), value, `${where}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return ours === theirs
    ? undefined
    : [where, JSON.stringify(ours) ?? 'nothing', JSON.stringify(theirs) ?? 'nothing'];
}

/** Events and completions of one day come in the order of titles, which SQL does not know here. */
const sorted = (list: readonly unknown[]): unknown[] => {
  const keyOf = (each: unknown) =>
    JSON.stringify([
      at(each, 'key'),
      at(each, 'end_date'),
      at(each, 'item_ref'),
      at(each, 'start'),
      at(each, 'start_date'),
      at(each, 'reading_time_sec'),
    ]);
  return list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

const COMIC = /metadata\.cb[rz7]\.lua/;

function readSidecar(file: string, lua: unknown): ReadBookSidecar[] {
  const md5 = at(lua, 'partial_md5_checksum');
  if (typeof md5 !== 'string') return [];
  const modified = at(lua, 'summary', 'modified');
  const stable = at(lua, 'pagemap_doc_pages');
  const isMadeUp =
    at(lua, 'pagemap_chars_per_synthetic_page') !== undefined && typeof stable === 'number' && stable > 0;
  return [
    {
      md5: md5.toLowerCase(),
      type: COMIC.test(file) ? 'comic' : 'book',
      finishedOn:
        at(lua, 'summary', 'status') === 'complete' && typeof modified === 'string' ? modified : null,
      hiddenPages: hiddenPages(lua),
      stablePages: isMadeUp ? stable : null,
    },
  ];
}

/** Pages between a point that hides and the next that shows, or the end. */
function hiddenPages(lua: unknown): number {
  if (at(lua, 'handmade_flows_enabled') !== true) return 0;
  let from: number | undefined;
  let hidden = 0;
  const end = { hidden: false, page: Number(at(lua, 'doc_pages')) + 1 };
  for (const point of [...tablesOf(at(lua, 'handmade_flow_points')), end]) {
    if (point.hidden === true) from ??= Number(point.page);
    else if (from !== undefined) {
      hidden += Math.max(0, Number(point.page) - from);
      from = undefined;
    }
  }
  return hidden;
}
