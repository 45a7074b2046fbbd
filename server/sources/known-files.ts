// What earlier scans saw of a folder, in all or at and below some paths of it.
import type { Db } from '../catalogue/db.ts';
import { sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { keyOf } from '../koreader/byte-paths.ts';
import { selectSeenExtras } from '../koreader/extras.queries.ts';
import { selectSeenSidecars } from '../koreader/sidecars.queries.ts';
import { selectSeenFiles } from '../library/intake.queries.ts';
import type { SeenFile } from '../library/intake.queries.ts';

/** Files by `keyOf` their path. */
export type Known = Record<'files' | 'sidecars' | 'extras', Map<string, SeenFile>>;

const SLICE = 2_000;
const SLICE_OF_PATH = 50;

/** Returns what the last scan saw; with paths, what it saw at and below them. Reads a slice at a time. */
export async function loadKnown(catalogue: Catalogue, folderId: string, paths?: Buffer[]): Promise<Known> {
  const limit = paths === undefined ? SLICE : SLICE_OF_PATH;
  const ranges = paths?.flatMap(rangesOf) ?? [EVERYTHING];
  const load = async (select: SelectSeen) => {
    const files = new Map<string, SeenFile>();
    for (const { after, holds, isBeyond } of ranges) {
      for (let from = after; ;) {
        const slice = catalogue.read((db) => select(db, folderId, from, limit));
        for (const file of slice) if (holds(file.path)) files.set(keyOf(file.path), file);
        const last = slice.at(-1);
        if (last === undefined || slice.length < limit || isBeyond(last.path)) break;
        from = Buffer.from(last.path);
        await breathe();
      }
    }
    await breathe();
    return files;
  };
  return {
    files: await load(selectSeenFiles),
    sidecars: await load(selectSeenSidecars),
    extras: await load(selectSeenExtras),
  };
}

/** Whether the last scan saw anything at or below the path. */
export function isKnown(db: Db, folderId: string, path: Buffer): boolean {
  return [selectSeenFiles, selectSeenSidecars, selectSeenExtras].some((select) =>
    rangesOf(path).some(({ after, holds }) =>
      select(db, folderId, after, SLICE_OF_PATH).some((file) => holds(file.path)),
    ),
  );
}

type SelectSeen = (db: Db, folderId: string, after: Buffer, limit: number) => SeenFile[];
/** A stretch of all paths in the order of their bytes. */
type Range = {
  after: Buffer;
  holds: (path: Uint8Array) => boolean;
  /** Whether nothing after this path is held. */
  isBeyond: (path: Uint8Array) => boolean;
};

const EVERYTHING: Range = { after: Buffer.alloc(0), holds: () => true, isBeyond: () => false };

/** Where the path itself lies among all paths, and where those below it lie. */
function rangesOf(path: Buffer): Range[] {
  const folder = Buffer.concat([path, Buffer.from(sep)]);
  const isBelow = (each: Uint8Array) => folder.equals(each.subarray(0, folder.length));
  return [
    {
      after: justBefore(path),
      holds: (each) => path.equals(each),
      isBeyond: (each) => path.compare(each) <= 0,
    },
    { after: folder, holds: isBelow, isBeyond: (each) => !isBelow(each) },
  ];
}

/** A path so close before this one that hardly any lies between. */
const justBefore = (path: Buffer): Buffer =>
  Buffer.concat([path.subarray(0, -1), Buffer.from([Math.max(0, (path.at(-1) ?? 0) - 1), 0xff, 0xff])]);
