// Hears from the system what changes in a folder. The only file that uses the system's watching.
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { placeOf } from '../formats/walk.ts';
import { keyOf } from '../koreader/byte-paths.ts';
import { errorCode } from '../base/error-code.ts';

export type Heard = {
  /** Something came, went or changed at this path: a watched folder or none; undefined when the system does not say. */
  changed(path: Buffer, isFolder: boolean | undefined): void;
  /** Changes were missed: everything may be different. */
  missed(): void;
  /** The folder itself is gone, or was replaced. */
  away(): void;
  /** The system watches no more; nothing is heard from now on. */
  refused(error: unknown): void;
};

export type FolderWatcher = {
  /** Resolves when every folder below is watched, or when watching ended before. */
  placed: Promise<void>;
  close(): void;
};

/**
 * Watches a folder with everything a scan would look at below it. Names are raw bytes: libraries that hand out text lose
 * those that are not UTF-8. Linux watches one folder at a time, and a watch per folder, not per file, is all it takes.
 */
export const watchFolder = (root: Buffer, heard: Heard): FolderWatcher =>
  process.platform === 'linux' ? watchEach(root, heard) : watchWhole(root, heard);

/** Watches the entries of one folder; `changed` gets their names, or undefined when the system does not say. */
export function watchEntries(
  folder: string,
  heard: { changed(name: string | undefined): void; failed(error: unknown): void },
): () => void {
  const watcher = listen(
    folder,
    false,
    (name) => heard.changed(name?.toString()),
    (error) => heard.failed(error),
  );
  return () => watcher?.close();
}

function watchWhole(root: Buffer, heard: Heard): FolderWatcher {
  const watcher = listen(
    root,
    true,
    (name, event) => {
      // FSEvents and ReadDirectoryChangesW give no name when their buffer ran over.
      if (name === undefined) heard.missed();
      else heard.changed(joined(root, name), event === 'rename' ? undefined : false);
    },
    (error) => (isGone(error) ? heard.away() : heard.refused(error)),
  );
  return { placed: Promise.resolve(), close: () => watcher?.close() };
}

function watchEach(root: Buffer, heard: Heard): FolderWatcher {
  const watchers = new Map<string, Watched>();
  let closed = false;
  const close = () => {
    closed = true;
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
  };
  const end = (tell: () => void) => {
    if (closed) return;
    close();
    tell();
  };

  /** Whether the folder could be watched. */
  const watchOne = (folder: Buffer): boolean => {
    const watcher = listen(
      folder,
      false,
      (name, event) => {
        if (closed) return;
        if (name === undefined) heard.missed();
        else void hear(joined(folder, name), event);
      },
      (error) => {
        if (isGone(error) || isDenied(error)) {
          drop(keyOf(folder));
          if (folder.equals(root)) end(() => heard.away());
        } else end(() => heard.refused(error));
      },
    );
    if (watcher === undefined || closed) {
      watcher?.close();
      return false;
    }
    watchers.set(keyOf(folder), { watcher, below: [] });
    watchers.get(dirname(keyOf(folder)))?.below.push(keyOf(folder));
    return true;
  };

  /** Stops watching a folder and all below. */
  const drop = (key: string) => {
    const watched = watchers.get(key);
    if (watched === undefined) return;
    watchers.delete(key);
    watched.watcher.close();
    for (const below of watched.below) drop(below);
  };

  const place = async (start: Buffer) => {
    const pending = [start];
    for (let folder = pending.pop(); folder !== undefined && !closed; folder = pending.pop()) {
      if (watchers.has(keyOf(folder)) || !watchOne(folder)) continue;
      const entries = await readdir(folder, { encoding: 'buffer', withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (!entry.isDirectory()) continue;
        const path = joined(folder, entry.name);
        if (placeOf(root, path) !== 'outside') pending.push(path);
      }
    }
  };

  const hear = async (path: Buffer, event: string) => {
    if (event !== 'rename') {
      heard.changed(path, false);
      return;
    }
    // A watch follows its folder to another name: what has come or gone is watched anew.
    const was = watchers.has(keyOf(path));
    if (was) drop(keyOf(path));
    const isFolder = placeOf(root, path) !== 'outside' && (await isDirectory(path));
    if (closed) return;
    if (isFolder) await place(path);
    if (!closed) heard.changed(path, was || isFolder);
  };

  return { placed: place(root), close };
}

/** `below` are the keys of its subfolders, of those that have gone too. */
type Watched = { watcher: FSWatcher; below: string[] };

function listen(
  folder: Buffer | string,
  recursive: boolean,
  onEvent: (name: Buffer | undefined, event: string) => void,
  onError: (error: unknown) => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive, persistent: false, encoding: 'buffer' }, (event, name) =>
      onEvent(name ?? undefined, event),
    );
    watcher.on('error', onError);
    return watcher;
  } catch (error) {
    onError(error);
    return undefined;
  }
}

const joined = (folder: Buffer, name: Buffer): Buffer =>
  Buffer.from(join(folder.toString('latin1'), name.toString('latin1')), 'latin1');

const isDirectory = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(String(errorCode(error)));
const isDenied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(String(errorCode(error)));
