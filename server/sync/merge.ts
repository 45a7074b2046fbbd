// The conflict rules of RULES.md for fields and sets. Pure: neither clocks nor the catalogue.
import { isDeepStrictEqual } from 'node:util';
import type { Said, Times } from '../catalogue/times.ts';

export type Fields = Readonly<Record<string, unknown>>;

export type Strategy = 'latest_wins' | 'server_wins' | 'client_wins' | 'manual';

/** Who spoke when, knowing what. */
export type Context = {
  times: Times;
  saidMs: number;
  nowMs: number;
  /** The version the device had seen; undefined when it does not say. */
  base: number | undefined;
  /** When the row was made: fields nobody changed were said then. */
  bornMs: number;
  strategy: Strategy;
};

export type Merged = {
  /** What to write. */
  taken: Fields;
  /** When each field the device spoke of was said last, the words that stayed left out. */
  said: Record<string, number>;
  /** Fields somebody else changed meanwhile to something else, whoever's word stays. */
  contested: string[];
};

/** Returns what becomes of the device's words about fields; a field of `always` is taken whatever was said before. */
export function mergeFields(
  { ours, theirs, always }: { ours: Fields; theirs: Fields; always?: ReadonlySet<string> },
  context: Context,
): Merged {
  const taken: Record<string, unknown> = {};
  const said: Record<string, number> = {};
  const contested: string[] = [];
  for (const [name, word] of Object.entries(theirs)) {
    const own = ours[name];
    const isSame = own === word || isDeepStrictEqual(own, word);
    const last = always?.has(name) === true ? undefined : timeOf(name, context);
    const isKnown = last === undefined || (context.base !== undefined && last[1] <= context.base);
    if (!isKnown && !isSame && (context.base !== undefined || last[0] > context.saidMs)) contested.push(name);
    if (!isKnown && !isSame && !isTaken(context, last[0], own, word)) continue;
    said[name] = Math.max(context.saidMs, last?.[0] ?? 0);
    if (!isSame) taken[name] = word;
  }
  return { taken, said, contested };
}

/** Returns the set after the device's word on it; `added` and `removed` are when each element came and went. */
export function mergeSets(
  { ours, theirs }: { ours: readonly string[]; theirs: readonly string[] },
  { times, saidMs, base, bornMs }: Context,
): string[] {
  const isLater = ([atMs, version]: Said) => (base === undefined ? atMs > saidMs : version > base);
  const wanted = new Set(theirs);
  const kept = ours.filter((id) => wanted.has(id) || isLater(times[`+${id}`] ?? [bornMs, 1]));
  const own = new Set(ours);
  const added = theirs.filter((id) => {
    const gone = times[`-${id}`];
    return !own.has(id) && (gone === undefined || !isLater(gone));
  });
  return [...new Set([...kept, ...added])];
}

/** Whether a place in a book that was read then is news. */
export const isReadLater = (readMs: number, lastReadMs: number | undefined): boolean =>
  lastReadMs === undefined || readMs >= lastReadMs;

/** What a thing was made with is older than anything said of it in the same moment. */
const timeOf = (name: string, { times, bornMs }: Context): Said => times[name] ?? [bornMs - 1, 1];

function isTaken({ strategy, base, saidMs }: Context, lastMs: number, own: unknown, word: unknown): boolean {
  if (base !== undefined && strategy === 'server_wins') return false;
  if (strategy === 'client_wins') return true;
  if (saidMs !== lastMs) return saidMs > lastMs;
  return textOf(word) > textOf(own);
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? '';
