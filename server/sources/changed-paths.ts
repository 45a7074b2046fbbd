// Decides which of the heard changes are worth a look, and whether what changed has come to rest.
import { lstat, stat } from 'node:fs/promises';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { placeOf } from '../formats/walk.ts';
import { folderOf, isBelow, keyOf } from '../koreader/byte-paths.ts';

/** Files asked at once, and looked up before everything else gets its turn. */
const AT_ONCE = 64;

/** A path something happened at. */
export type Change = {
  path: Buffer;
  /** What a scan looks at because of it: the file, the folder, or the whole folder of a sidecar. */
  look: Buffer;
  /** Nothing to look at unless it turns out to be a folder. */
  mustBeFolder?: boolean;
};

/** Returns the change when a scan of `root` might find something new by it. */
export function relevantChange(
  root: Buffer,
  path: Buffer,
  isFolder: boolean | undefined,
): Change | undefined {
  switch (placeOf(root, path)) {
    case 'outside':
      return undefined;
    case 'book':
      return { path, look: path };
    case 'sidecar':
    case 'sidecar-backup':
      // Whether a backup counts depends on the sidecar beside it.
      return { path, look: folderOf(path).subarray(-4).toString() === '.sdr' ? folderOf(path) : path };
    case 'metadata':
    case 'cover':
    case 'marks':
      return { path, look: path };
    case 'other': {
      if (isFolder === true || path.subarray(-4).toString() === '.sdr') return { path, look: path };
      return isFolder === undefined ? { path, look: path, mustBeFolder: true } : undefined;
    }
  }
}

/** What stays while a file is at rest: its size and time; undefined when there is no file. */
export type Rest = string | undefined;

/** Returns size and time of each path, in the same order. */
export async function restOf(paths: readonly (Buffer | string)[]): Promise<Rest[]> {
  const rests: Rest[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const slice = paths.slice(from, from + AT_ONCE).map((path) =>
      stat(path).then(
        (stats) => (stats.isFile() ? `${stats.size} ${stats.mtimeMs}` : 'folder'),
        () => undefined,
      ),
    );
    rests.push(...(await Promise.all(slice)));
  }
  return rests;
}

/** Parts the changes into those whose file stays the same for `lookMs` and those whose file is still growing. */
export async function partSettled(
  changes: readonly Change[],
  lookMs: number,
): Promise<{ settled: Change[]; growing: Change[] }> {
  const paths = changes.map(({ path }) => path);
  const before = await restOf(paths);
  await sleep(lookMs);
  const after = await restOf(paths);
  return {
    settled: changes.filter((_, index) => before[index] === after[index]),
    growing: changes.filter((_, index) => before[index] !== after[index]),
  };
}

/**
 * Returns what to look at, none below another: what is there and what was there at the last scan. A file that came and
 * went, or a name that turned out to be no folder, is nothing to look at.
 */
export async function pathsToLookAt(
  changes: readonly Change[],
  isKnown: (path: Buffer) => boolean,
): Promise<Buffer[]> {
  const looks = new Map<string, Buffer>();
  for (const [index, { look, mustBeFolder }] of changes.entries()) {
    if (looks.has(keyOf(look))) continue;
    const stats = await lstat(look).catch(() => undefined);
    const isThere = stats !== undefined && (mustBeFolder !== true || stats.isDirectory());
    if (isThere || isKnown(look)) looks.set(keyOf(look), look);
    if (index % AT_ONCE === 0) await breathe();
  }
  return outermost([...looks.values()]);
}

/** Returns the paths that lie below no other one of them, each once. */
export function outermost(paths: Buffer[]): Buffer[] {
  const each = new Map(paths.map((path) => [keyOf(path), path]));
  return [...each.values()].filter((path) => {
    for (let folder = folderOf(path); folder.length > 1 && isBelow(folder, path);) {
      if (each.has(keyOf(folder))) return false;
      const outer = folderOf(folder);
      if (outer.length >= folder.length) break;
      folder = outer;
    }
    return true;
  });
}
