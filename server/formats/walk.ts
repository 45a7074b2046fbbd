// Finds books and KOReader sidecars below a folder.
import { lstatSync, readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { sep } from 'node:path';
import { UnreadableFile } from './book.ts';
import { extraKindOf, isMarksExport } from './koreader/extra-file.ts';
import type { ExtraKind } from './koreader/extra-file.ts';
import { isCopiesFolder, isCopyName, unreadKindOf } from './passed-over.ts';
import { isBookName } from './sniff.ts';
import { errorCode } from '../base/error-code.ts';

/** Paths are raw bytes: a name need not be valid UTF-8 to be opened. */
export type FoundFile = {
  kind: 'book' | 'sidecar' | 'sidecar-backup' | ExtraKind;
  path: Uint8Array;
  sizeBytes: number;
  /** Whole milliseconds, rounded down. */
  modifiedMs: number;
  inode: number;
};

export type FolderEntry =
  | FoundFile
  | UnreadableEntry
  /** A file of ours that never got its name. */
  | { kind: 'leftover'; path: Uint8Array };

/** The names of files that are being written beside a sidecar, for as long as they are. */
export const TEMPORARY_NAME = /^\.papyrus-shelf-[0-9a-f]{16}\.tmp$/;

export type UnreadableEntry = {
  kind: 'unreadable';
  path: Uint8Array;
  reason: 'no_access' | 'link';
  message: string;
};

/** How many files of kinds that are not read there are, by their endings (".djvu"). */
export type UnreadKinds = Record<string, number>;

/**
 * The books and sidecars at any depth below a folder, in chunks of at most 2,000, and what could not be looked into: a
 * folder's own files in the order of their names' bytes, then its subfolders likewise. A file that is a link is the file it
 * leads to, wherever that is, but below `own`, the program's own data: who made the link had the folder in their hands. A
 * folder that is a link out of the root is told and not entered, the root itself excepted. Returns what is not read. Throws
 * UnreadableFile when the root itself cannot be read.
 */
export function* walkFolder(root: Uint8Array, own?: Uint8Array): Generator<FolderEntry[], UnreadKinds> {
  const start = openRoot(root, own);
  yield* inChunks(entriesBelow(start, start, start.names));
  return start.unread;
}

/**
 * What a walk of the whole folder would find at and below these paths, in the same chunks; a path that is not there, or
 * that a walk would not come to, gives nothing. No path may lie below another one. Throws UnreadableFile when the root
 * itself cannot be read.
 */
export function* walkPaths(
  root: Uint8Array,
  paths: readonly Uint8Array[],
  own?: Uint8Array,
): Generator<FolderEntry[]> {
  yield* inChunks(entriesAt(openRoot(root, own), paths));
}

/** What a walk of `root` makes of a name at this path: a file to read, some other name, or a place it never enters. */
export function placeOf(root: Uint8Array, path: Uint8Array): FoundFile['kind'] | 'other' | 'outside' {
  const parts = partsBelow(Buffer.from(root), Buffer.from(path));
  const name = parts?.pop();
  const parent = name && parts && folderAt(Buffer.from(root), parts);
  if (!name || !parent) return 'outside';
  const kind = kindOf(parent.content, name.toString());
  if (kind) return kind;
  return enter(parent, name) ? 'other' : 'outside';
}

const chunkSize = 2000;
const separator = Buffer.from(sep);

/**
 * What may lie in a folder: anything; sidecars in some folder below (an app's own data, a Kobo reader's among them); the books
 * a Kobo reader keeps for itself, whose names have no ending; or sidecars right here (the folder KOReader keeps beside a book).
 */
type Content = 'library' | 'app-data' | 'kobo-data' | 'kobo-books' | 'sidecar-folder';

type Folder = { path: Buffer; content: Content };
type Root = Folder & {
  names: Dirent<Buffer>[];
  realPath: Buffer;
  own: Buffer | undefined;
  unread: UnreadKinds;
};

const sidecarName = /^metadata\.[^/\\]+\.lua(\.old)?$/;

/** KOReader before 2015 named the sidecar after the whole book: Book.sdr/Book.epub.lua. */
const isOldSidecar = (name: string): boolean => name.endsWith('.lua') && isBookName(name.slice(0, -4));

/** Its forerunner laid it right beside the book: Book.pdf.kpdfview.lua. */
const isViewerSidecar = (name: string): boolean =>
  name.endsWith('.kpdfview.lua') && isBookName(name.slice(0, -'.kpdfview.lua'.length));

function* inChunks(entries: Iterable<FolderEntry>): Generator<FolderEntry[], void> {
  let chunk: FolderEntry[] = [];
  for (const entry of entries) {
    chunk.push(entry);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function* entriesBelow(root: Root, start: Folder, startNames?: Dirent<Buffer>[]): Generator<FolderEntry> {
  const pending: Folder[] = [start];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    const unread: FolderEntry[] = [];
    const names = (folder === start ? startNames : undefined) ?? readFolder(folder, unread);
    yield* unread;
    const subfolders: Folder[] = [];
    for (const entry of names) {
      if (entry.isDirectory()) {
        const subfolder = enter(folder, entry.name);
        if (subfolder && root.own?.equals(subfolder.path) !== true) subfolders.push(subfolder);
        continue;
      }
      const found = lookAt(folder, entry, root);
      if (found) yield found;
      else if (entry.isFile() && TEMPORARY_NAME.test(entry.name.toString()))
        yield { kind: 'leftover', path: joinPath(folder.path, entry.name) };
      else if (entry.isFile() && folder.content === 'library')
        countUnread(root.unread, entry.name.toString());
    }
    for (const subfolder of subfolders.reverse()) pending.push(subfolder);
  }
}

function* entriesAt(root: Root, paths: readonly Uint8Array[]): Generator<FolderEntry> {
  for (const each of paths) {
    const path = Buffer.from(each);
    if (root.own && (root.own.equals(path) || isBelow(root.own, path))) continue;
    const parts = partsBelow(root.path, path);
    if (parts?.length === 0) yield* entriesBelow(root, root, root.names);
    const name = parts?.pop();
    const parent = name && parts && folderAt(root.path, parts);
    if (!name || !parent || !isWithoutLinks(root, parts)) continue;
    const stats = lstatOf(joinPath(parent.path, name));
    if (stats?.isDirectory()) {
      const folder = enter(parent, name);
      if (folder) yield* entriesBelow(root, folder);
      continue;
    }
    const entry = { name, isSymbolicLink: () => stats?.isSymbolicLink() ?? false };
    const found = stats && lookAt(parent, entry, root);
    if (found) yield found;
  }
}

/** The names that lead from the root to a path; undefined when it does not lie below. */
const partsBelow = (root: Buffer, path: Buffer): Buffer[] | undefined => {
  if (path.equals(root)) return [];
  if (!isBelow(root, path)) return undefined;
  const parts: Buffer[] = [];
  let from = root.at(-1) === separator[0] ? root.length : root.length + 1;
  for (let to = path.indexOf(separator, from); to !== -1; to = path.indexOf(separator, from)) {
    parts.push(path.subarray(from, to));
    from = to + 1;
  }
  parts.push(path.subarray(from));
  return parts.some((part) => part.length === 0 || /^\.\.?$/.test(part.toString())) ? undefined : parts;
};

/** The folder these names lead to; undefined where a walk would not go. */
const folderAt = (root: Buffer, parts: readonly Buffer[]): Folder | undefined =>
  parts.reduce<Folder | undefined>((folder, name) => folder && enter(folder, name), {
    path: root,
    content: 'library',
  });

/** Whether no folder on the way is a link. */
const isWithoutLinks = (root: Root, parts: readonly Buffer[]): boolean => {
  const named = (start: Buffer): Buffer => parts.reduce<Buffer>(joinPath, start);
  try {
    return realpathSync.native(named(root.path), { encoding: 'buffer' }).equals(named(root.realPath));
  } catch {
    return false;
  }
};

const lstatOf = (path: Buffer): Stats | undefined => {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
};

const openRoot = (root: Uint8Array, own?: Uint8Array): Root => {
  const path = Buffer.from(root);
  try {
    return {
      path: path.length > 1 && path.at(-1) === separator[0] ? path.subarray(0, -1) : path,
      content: 'library',
      names: sortedNames(path),
      realPath: realpathSync.native(path, { encoding: 'buffer' }),
      own: own && Buffer.from(own),
      unread: {},
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

// .adds and .kobo hold KOReader's data on Kobo readers: docsettings and hashdocsettings lie below them.
const enter = (parent: Folder, rawName: Buffer): Folder | undefined => {
  if (parent.content === 'sidecar-folder') return undefined;
  const name = rawName.toString();
  if (isCopiesFolder(name)) return undefined;
  const path = joinPath(parent.path, rawName);
  if (name.endsWith('.sdr')) return { path, content: 'sidecar-folder' };
  if (parent.content === 'kobo-data') return { path, content: name === 'kepub' ? 'kobo-books' : 'app-data' };
  if (name === '.kobo') return { path, content: 'kobo-data' };
  if (!name.startsWith('.')) return { path, content: parent.content };
  return name === '.adds' ? { path, content: 'app-data' } : undefined;
};

const lookAt = (
  folder: Folder,
  entry: Pick<Dirent<Buffer>, 'name' | 'isSymbolicLink'>,
  root: Root,
): FolderEntry | undefined => {
  const kind = kindOf(folder.content, entry.name.toString());
  const isLink = entry.isSymbolicLink();
  // A name a folder would not be entered under is no folder to tell of.
  if (!kind && !(isLink && enter(folder, entry.name))) return undefined;
  const path = joinPath(folder.path, entry.name);
  try {
    const stats = statSync(path);
    const target = isLink ? realpathSync.native(path, { encoding: 'buffer' }) : undefined;
    if (stats.isDirectory()) return target && linkedFolder(path, target, root);
    if (!kind || !stats.isFile()) return undefined;
    if (target && root.own && isBelow(root.own, target)) return link(path, INTO_OWN_DATA);
    return found(kind, path, stats);
  } catch (error) {
    if (!isGone(error)) return unreadable(path, error, 'file');
    return kind && isLink ? link(path, LEADS_NOWHERE) : undefined;
  }
};

/** What lies below the root is found there. */
const linkedFolder = (path: Buffer, target: Buffer, root: Root): FolderEntry | undefined =>
  target.equals(root.realPath) || isBelow(root.realPath, target) ? undefined : link(path, LINKED_FOLDER);

const LINKED_FOLDER = 'This is a link to a folder, and such links are not followed. Add that folder itself.';
const LEADS_NOWHERE = 'This link leads to a file that is not there. Is its drive connected?';
const INTO_OWN_DATA = 'This link leads to what Papyrus Shelf keeps for itself.';

const link = (path: Buffer, message: string): UnreadableEntry => ({
  kind: 'unreadable',
  path,
  reason: 'link',
  message,
});

const countUnread = (unread: UnreadKinds, name: string): void => {
  const ending = isCopyName(name) ? undefined : unreadKindOf(name);
  if (ending !== undefined) unread[ending] = (unread[ending] ?? 0) + 1;
};

const kindOf = (content: Content, name: string): FoundFile['kind'] | undefined => {
  if (isCopyName(name)) return undefined;
  if (content === 'sidecar-folder') {
    const match = sidecarName.exec(name);
    if (match) return match[1] === undefined ? 'sidecar' : 'sidecar-backup';
    return isOldSidecar(name) ? 'sidecar' : extraKindOf(name);
  }
  if (content === 'kobo-books') return name.includes('.') ? undefined : 'book';
  if (content !== 'library') return undefined;
  if (isBookName(name)) return 'book';
  if (isViewerSidecar(name)) return 'sidecar';
  return isMarksExport(name) ? 'marks' : undefined;
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
  reason: 'no_access',
  message: isDenied(error) ? `This ${what} may not be opened.` : `This ${what} could not be read.`,
});

const isDenied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(String(errorCode(error)));

// ELOOP: a link that leads to itself leads nowhere.
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(errorCode(error)));
