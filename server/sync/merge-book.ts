// The conflict rules of a book: its fields, its place, and the shelves and tags it is on. Pure.
import { isReadLater, mergeFields, mergeSets } from './merge.ts';
import type { Context, Fields, Merged } from './merge.ts';

/** Where a person is in a book. Absent leaves as it is. */
export type Place = { progress?: number | null; currentPage?: number | null; currentLocator?: string | null };

/** What to write of a move in the book. */
export type Move = {
  place: Place;
  readAt: Date;
  /** The status was said after this reading: it stays. */
  keepsStatus: boolean;
};

/** A book carries no more (papyrus.md "Books"). */
const MOST_TAGS = 10;

/**
 * Returns what becomes of the device's words about a book. Beside fields they may hold `place` and when it was read (`readAt`), `shelfIds` and
 * `tagIds`; what is taken holds a `move` for a place. `sets` gives the shelves and tags there are, `lastReadMs` is when the
 * place there is was read.
 */
export function mergeBook(
  {
    ours,
    sets,
    theirs,
    always,
    lastReadMs,
  }: {
    ours: Fields;
    sets: () => Record<'shelfIds' | 'tagIds', string[]>;
    theirs: Fields;
    always: ReadonlySet<string>;
    lastReadMs: number | undefined;
  },
  context: Context,
): Merged {
  const { place, readAt, shelfIds, tagIds, ...fields } = theirs;
  const merged = mergeFields({ ours, theirs: fields, always }, context);
  const taken: Record<string, unknown> = { ...merged.taken };
  const said = { ...merged.said };
  const contested = [...merged.contested];
  const { times, base, saidMs } = context;
  if (place !== undefined) {
    const isKnown = base !== undefined && (times.progress?.[1] ?? 1) <= base;
    const readMs = readAt instanceof Date ? Math.min(readAt.getTime(), context.nowMs) : saidMs;
    if (isKnown || isReadLater(readMs, lastReadMs)) {
      const keepsStatus = !('status' in taken) && (times.status?.[0] ?? 0) > readMs;
      taken.move = { place: place as Place, readAt: new Date(readMs), keepsStatus } satisfies Move;
      said.progress = Math.max(readMs, isKnown ? (times.progress?.[0] ?? 0) : 0);
    }
  }
  for (const [name, wanted] of [
    ['shelfIds', shelfIds],
    ['tagIds', tagIds],
  ] as const) {
    if (wanted === undefined) continue;
    const own = sets()[name];
    const merge = mergeSets({ ours: own, theirs: wanted as string[] }, context);
    const set = name === 'tagIds' ? merge.slice(0, MOST_TAGS) : merge;
    if (set.length !== own.length || set.some((id) => !own.includes(id))) taken[name] = set;
  }
  return { taken, said, contested };
}
