// Walks a folder and sorts what lies in it into known, to be read, and not there any more.
import type { Pool } from '../formats/workers/pool.ts';
import type { FolderEntry, FoundFile, UnreadableEntry, UnreadKinds } from '../formats/walk.ts';
import { keyOf } from '../koreader/byte-paths.ts';
import { removeLeftover } from '../koreader/replace-file.ts';
import { READER_VERSION } from '../library/intake.ts';
import type { SeenFile } from '../library/intake.queries.ts';
import type { Known } from './known-files.ts';

/** The folder, and where in it to look, everywhere without paths; `own` is the program's data folder. */
export type Target = { root: Buffer; own: Buffer; paths?: Buffer[] };

/** A file an earlier scan saw and this one did not find. */
export type Gone = { fileId: string; path: Buffer };

export type AllGone = Record<'files' | 'sidecars' | 'extras', Gone[]>;

export type Found = {
  unchanged: number;
  books: FoundFile[];
  sidecars: FoundFile[];
  extras: FoundFile[];
  unreadable: UnreadableEntry[];
  /** Files of kinds that are not read, by their endings; nothing when only some paths were looked at. */
  unread: UnreadKinds;
  goneFiles: Gone[];
  goneSidecars: Gone[];
  goneExtras: Gone[];
  /** Sidecars that are there, by their paths: their backups do not speak. */
  primaries: Set<string>;
};

type Looking = { pool: Pool; signal: AbortSignal };

/** Returns what there is, and removes what never got its name. `known` is used up. Throws UnreadableFile when the folder itself cannot be read. */
export async function lookThrough(
  { pool, signal }: Looking,
  target: Target,
  known: Known,
  onSeen: (entries: number) => void,
): Promise<Found> {
  const found: Found = {
    unchanged: 0,
    books: [],
    sidecars: [],
    extras: [],
    unreadable: [],
    unread: {},
    goneFiles: [],
    goneSidecars: [],
    goneExtras: [],
    primaries: new Set(),
  };
  const backups: FoundFile[] = [];
  const leftovers: Buffer[] = [];
  const sort = (entry: FoundFile, seen: Map<string, SeenFile>, toRead: FoundFile[]) => {
    const key = keyOf(entry.path);
    const before = seen.get(key);
    seen.delete(key);
    if (before !== undefined && isUnchanged(before, entry)) found.unchanged++;
    else toRead.push(entry);
  };
  const take = (entry: FolderEntry) => {
    switch (entry.kind) {
      case 'book':
        sort(entry, known.files, found.books);
        return;
      case 'sidecar':
        found.primaries.add(keyOf(entry.path));
        sort(entry, known.sidecars, found.sidecars);
        return;
      case 'sidecar-backup':
        backups.push(entry);
        return;
      case 'metadata':
      case 'cover':
      case 'marks':
        sort(entry, known.extras, found.extras);
        return;
      case 'leftover':
        leftovers.push(Buffer.from(entry.path));
        return;
      case 'unreadable':
        // What cannot be opened is not gone.
        known.files.delete(keyOf(entry.path));
        found.unreadable.push(entry);
        return;
    }
  };
  const { unread = {} } = await pool.run('walk-folder', target, {
    signal,
    timeoutMs: 600_000,
    onChunk: (entries) => {
      onSeen(entries.filter(({ kind }) => kind !== 'sidecar-backup' && kind !== 'leftover').length);
      for (const entry of entries) take(entry);
    },
  });
  for (const path of leftovers) await removeLeftover(path);
  found.unread = unread;
  // A backup speaks only where the sidecar itself is gone (KOReader docsettings.lua).
  for (const backup of backups) {
    if (!found.primaries.has(primaryOf(backup.path))) sort(backup, known.sidecars, found.sidecars);
  }
  const hidden = found.unreadable.map(({ path }) => `${keyOf(path)}/`);
  const gone = (seen: Map<string, SeenFile>): Gone[] =>
    [...seen].filter(([key]) => !hidden.some((folder) => key.startsWith(folder))).map(([, file]) => file);
  found.goneFiles = gone(known.files);
  found.goneSidecars = gone(known.sidecars);
  found.goneExtras = gone(known.extras);
  return found;
}

/**
 * Looks once more for what was not found, and returns what is still not there: a drive may have been away for the length of
 * the first look, and be back. Throws UnreadableFile when the folder itself cannot be read.
 */
export async function lookAgain(
  { pool, signal }: Looking,
  { root, own }: Target,
  { goneFiles, goneSidecars, goneExtras, primaries }: Found,
): Promise<AllGone> {
  const paths = [...goneFiles, ...goneSidecars, ...goneExtras].map(({ path }) => path);
  if (paths.length === 0) return { files: [], sidecars: [], extras: [] };
  const there = new Set<string>();
  await pool.run(
    'walk-folder',
    { root, own, paths },
    {
      signal,
      timeoutMs: 600_000,
      onChunk: (entries) => {
        for (const { kind, path } of entries)
          if (kind !== 'sidecar-backup' || !primaries.has(primaryOf(path))) there.add(keyOf(path));
      },
    },
  );
  const isGone = ({ path }: Gone) => !there.has(keyOf(path));
  return {
    files: goneFiles.filter(isGone),
    sidecars: goneSidecars.filter(isGone),
    extras: goneExtras.filter(isGone),
  };
}

const primaryOf = (backup: Uint8Array): string => keyOf(backup).replace(/\.old$/, '');

/** A file that could not be opened, or changed while it was read, is tried again however it looks. */
const isUnchanged = (before: SeenFile, now: FoundFile) =>
  before.sizeBytes === now.sizeBytes &&
  before.modifiedMs === now.modifiedMs &&
  before.readerVersion === READER_VERSION &&
  before.failureReason !== 'changed' &&
  before.failureReason !== 'no_access';
