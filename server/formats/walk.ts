// Finds books and KOReader sidecars below a folder.
import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { sep } from 'node:path';
import { UnreadableFile } from './book.ts';
import { isBookName } from './sniff.ts';

/** Paths are raw bytes: a name need not be valid UTF-8 to be opened. */
export type FoundFile = {
  kind: 'book' | 'sidecar' | 'sidecar-backup';
  path: Uint8Array;
  sizeBytes: number;
  /** Whole milliseconds, rounded down. */
  modifiedMs: number;
  inode: number;
};

export type FolderEntry = FoundFile | { kind: 'unreadable'; path: Uint8Array; message: string };

/**
 * The books and sidecars at any depth below a folder, in chunks of at most 2,000, and what could not be looked into: a
 * folder's own files in the order of their names' bytes, then its subfolders likewise. Folders that are links are not
 * entered, the root excepted; a file that is a link counts when its target lies below the root. Throws UnreadableFile
 * when the root itself cannot be read.
 */
export function* walkFolder(root: Uint8Array): Generator<FolderEntry[]> {
  const start = openRoot(root);
  const pending: Folder[] = [start];
  let chunk: FolderEntry[] = [];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    if (chunk.length >= chunkSize) {
      yield chunk;
      chunk = [];
    }
    const names = folder === start ? start.names : readFolder(folder, chunk);
    const subfolders: Folder[] = [];
    for (const entry of names) {
      if (entry.isDirectory()) {
        const subfolder = enter(folder, entry.name);
        if (subfolder) subfolders.push(subfolder);
        continue;
      }
      const found = lookAt(folder, entry, start.realPath);
      if (!found) continue;
      if (chunk.length >= chunkSize) {
        yield chunk;
        chunk = [];
      }
      chunk.push(found);
    }
    for (const subfolder of subfolders.reverse()) pending.push(subfolder);
  }
  if (chunk.length > 0) yield chunk;
}

const chunkSize = 2000;
const separator = Buffer.from(sep);

/**
 * What may lie in a folder: anything; sidecars in some folder below (an app's own data); or sidecars right here (the
 * folder KOReader keeps beside a book).
 */
type Content = 'library' | 'app-data' | 'sidecar-folder';

type Folder = { path: Buffer; content: Content };
type Root = Folder & { names: Dirent<Buffer>[]; realPath: Buffer };

// Recycle bins, sync tools' versions and previews, and what macOS adds to archives: copies of books, not books.
const skippedFolders =
  /^(?:\.stversions|@eaDir|__MACOSX|\.Trash.*|\$RECYCLE\.BIN|System Volume Information|lost\+found)$/i;

// Hidden folders that hold KOReader's data on Kobo readers: docsettings and hashdocsettings lie below them.
const appFolders = new Set(['.adds', '.kobo']);

const sidecarName = /^metadata\.[^/\\]+\.lua(\.old)?$/;

const openRoot = (root: Uint8Array): Root => {
  const path = Buffer.from(root);
  try {
    return {
      path: path.length > 1 && path.at(-1) === separator[0] ? path.subarray(0, -1) : path,
      content: 'library',
      names: sortedNames(path),
      realPath: realpathSync.native(path, { encoding: 'buffer' }),
    };
  } catch (error) {
    if (isDenied(error)) throw new UnreadableFile('no_access', 'This folder may not be opened.', error);
    throw new UnreadableFile('unreadable', 'The folder is not there. Is its disk connected?', error);
  }
};

const sortedNames = (path: Buffer): Dirent<Buffer>[] =>
  readdirSync(path, { encoding: 'buffer', withFileTypes: true }).sort((a, b) =>
    Buffer.compare(a.name, b.name),
  );

/** The folder's entries; none when it cannot be read, which is reported unless the folder has just gone. */
const readFolder = (folder: Folder, report: FolderEntry[]): Dirent<Buffer>[] => {
  try {
    return sortedNames(folder.path);
  } catch (error) {
    if (!isGone(error)) report.push(unreadable(folder.path, error, 'folder'));
    return [];
  }
};

const enter = (parent: Folder, rawName: Buffer): Folder | undefined => {
  if (parent.content === 'sidecar-folder') return undefined;
  const name = rawName.toString();
  if (skippedFolders.test(name)) return undefined;
  const path = joinPath(parent.path, rawName);
  if (name.endsWith('.sdr')) return { path, content: 'sidecar-folder' };
  if (!name.startsWith('.')) return { path, content: parent.content };
  return appFolders.has(name) ? { path, content: 'app-data' } : undefined;
};

const lookAt = (folder: Folder, entry: Dirent<Buffer>, realRoot: Buffer): FolderEntry | undefined => {
  const kind = kindOf(folder.content, entry.name.toString());
  if (!kind) return undefined;
  const path = joinPath(folder.path, entry.name);
  try {
    if (entry.isSymbolicLink() && !isBelow(realRoot, realpathSync.native(path, { encoding: 'buffer' })))
      return undefined;
    const stats = statSync(path);
    return stats.isFile() ? found(kind, path, stats) : undefined;
  } catch (error) {
    return isGone(error) ? undefined : unreadable(path, error, 'file');
  }
};

const kindOf = (content: Content, name: string): FoundFile['kind'] | undefined => {
  if (content === 'sidecar-folder') {
    const match = sidecarName.exec(name);
    return match ? (match[1] === undefined ? 'sidecar' : 'sidecar-backup') : undefined;
  }
  return content === 'library' && isBookName(name) ? 'book' : undefined;
};

const found = (kind: FoundFile['kind'], path: Buffer, stats: Stats): FoundFile => ({
  kind,
  path,
  sizeBytes: stats.size,
  modifiedMs: Math.floor(stats.mtimeMs),
  inode: stats.ino,
});

const joinPath = (folder: Buffer, name: Buffer): Buffer =>
  folder.at(-1) === separator[0] ? Buffer.concat([folder, name]) : Buffer.concat([folder, separator, name]);

const isBelow = (root: Buffer, path: Buffer): boolean => {
  const prefix = root.at(-1) === separator[0] ? root : Buffer.concat([root, separator]);
  return path.length > prefix.length && path.subarray(0, prefix.length).equals(prefix);
};

const unreadable = (path: Buffer, error: unknown, what: 'file' | 'folder'): FolderEntry => ({
  kind: 'unreadable',
  path,
  message: isDenied(error) ? `This ${what} may not be opened.` : `This ${what} could not be read.`,
});

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

const isDenied = (error: unknown): boolean => codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM';

// ELOOP: a link that leads to itself leads nowhere.
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(codeOf(error)));
