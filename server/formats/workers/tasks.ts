// The work done in worker threads: each task takes and gives plain data that can cross to another thread.
import type { BookFormat } from '../formats.ts';
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { UnreadableFile, type BookReading } from '../book.ts';
import {
  coverHash,
  isPicture,
  keepCover,
  renderCover,
  storeCover,
  type CoverStored,
} from '../pictures/cover.ts';
import { drawSvg } from '../pictures/draw-svg.ts';
import { readBytes } from '../file-bytes.ts';
import { partialMd5, sha256 } from '../hashes.ts';
import { rewriteSidecar, type EditedSidecar, type SidecarEdit } from '../koreader/edit-sidecar.ts';
import { readExtra, type ExtraContent, type ExtraKind } from '../koreader/extra-file.ts';
import { readSidecar, type Sidecar } from '../koreader/sidecar.ts';
import type { DatabaseCheck } from '../database-check.ts';
import type { StatisticsChunk, StatisticsReading } from '../koreader/statistics.ts';
import { readBook } from '../read-book.ts';
import { isCut } from '../archive/whole-file.ts';
import { sniff } from '../sniff.ts';
import { readPassages, type TextPassage } from '../text/passages.ts';
import { walkFolder, walkPaths, type FolderEntry, type UnreadKinds } from '../walk.ts';
import { errorCode } from '../../base/error-code.ts';

/** Every task by name: what it takes, the pieces it streams, what it gives in the end. */
export type TaskMap = {
  'read-file': { input: ReadFileInput; chunk: never; result: FileReading };
  /** What the file is by its first bytes, and its KOReader checksum. */
  'sniff-file': { input: { path: Uint8Array; name: string }; chunk: never; result: SniffedFile };
  /** Makes the pictures of an image file. */
  'draw-cover': {
    input: { path: Uint8Array; coversDir: string };
    chunk: never;
    result: DrawnCover | undefined;
  };
  'render-cover': {
    input: { hash: string; coversDir: string };
    chunk: never;
    result: CoverStored | 'too slow' | undefined;
  };
  /** For SVG the program made itself: what a stranger made goes through the covers' checks. */
  'draw-share-image': { input: { svg: string }; chunk: never; result: Uint8Array };
  /** Looks at and below these paths only, when some are given. */
  'walk-folder': {
    input: { root: Uint8Array; paths?: Uint8Array[]; own?: Uint8Array };
    chunk: FolderEntry[];
    /** `unread` counts what is not read; of a look at some paths it knows nothing. */
    result: { entryCount: number; unread?: UnreadKinds };
  };
  /** Only while the file is the one with these bytes. */
  'read-text': {
    input: { path: Uint8Array; name: string; sha256: string };
    chunk: TextPassage[];
    result: { passages: number };
  };
  'read-sidecar': { input: { path: Uint8Array }; chunk: never; result: SidecarReading };
  'read-extra': {
    input: { path: Uint8Array; kind: ExtraKind; coversDir: string };
    chunk: never;
    result: ExtraReading;
  };
  'edit-sidecar': { input: { bytes: Uint8Array; edit: SidecarEdit }; chunk: never; result: EditedSidecar };
  'read-statistics': {
    input: { path: string; scratchDir: string };
    chunk: StatisticsChunk;
    result: StatisticsReading;
  };
  /** Only whether it is KOReader's. */
  'check-statistics': { input: { path: string; scratchDir: string }; chunk: never; result: void };
  /** For a copy the program made itself, somewhere it may write. */
  'check-database': { input: { path: string }; chunk: never; result: DatabaseCheck };
};

export type TaskName = keyof TaskMap;

export type ReadFileInput = {
  /** The raw bytes of the path. */
  path: Uint8Array;
  /** Where the cover is kept as it is, for a later render-cover: drawing it takes thirty times as long. */
  coversDir: string;
  /** What the file is called where its path does not say. */
  name?: string;
  /** Hashes of images that turned out to be none: the next is taken. */
  withoutCovers?: readonly string[];
  /** Hashes that are known already: a large file need not be read for them again. */
  hashes?: { partialMd5: string; sha256: string };
};

export type SniffedFile = {
  format: BookFormat | undefined;
  partialMd5: string;
  /** Whether its end is missing. */
  isCut: boolean;
};
export type DrawnCover = CoverStored & { mediaType: string };

export type FileReading = FileVersion & {
  partialMd5: string;
  sha256: string;
  reading: Omit<BookReading<BookFormat>, 'cover'>;
  cover?: CoverStored;
};

export type SidecarReading = Omit<FileVersion, 'inode'> & { sidecar: Sidecar };

export type ExtraReading = Omit<FileVersion, 'inode'> & { says: ExtraContent };

export type FileVersion = {
  sizeBytes: number;
  /** Whole milliseconds, rounded down. */
  modifiedMs: number;
  inode: number;
};

/** Hands one piece to the other side; resolves when more may be sent. */
export type Emit<Chunk> = (chunk: Chunk) => Promise<void>;

type Task<Name extends TaskName> = (
  input: TaskMap[Name]['input'],
  emit: Emit<TaskMap[Name]['chunk']>,
) => Promise<TaskMap[Name]['result']>;

/** The function behind each task. All of them throw UnreadableFile for what lies in the file or folder itself. */
export const tasks: { [Name in TaskName]: Task<Name> } = {
  'read-file': (input) => readFile(input),
  'sniff-file': (input) => sniffFile(input),
  'draw-cover': (input) => drawCover(input),
  'render-cover': ({ hash, coversDir }) => renderCover(hash, coversDir),
  'draw-share-image': ({ svg }) => drawSvg(svg),
  'walk-folder': ({ root, paths, own }, emit) =>
    walk(paths ? walkPaths(root, paths, own) : walkFolder(root, own), emit),
  'read-text': (input, emit) => readTextFile(input, emit),
  'read-sidecar': ({ path }) => readSidecarFile(path),
  'read-extra': (input) => readExtraFile(input),
  'edit-sidecar': async ({ bytes, edit }) => rewriteSidecar(bytes, edit),
  'read-statistics': async ({ path, scratchDir }, emit) => {
    // Most workers never open a database.
    const { readStatistics } = await import('../koreader/statistics.ts');
    return readStatistics(path, scratchDir, emit);
  },
  'check-statistics': async ({ path, scratchDir }) => {
    const { checkStatistics } = await import('../koreader/statistics.ts');
    return checkStatistics(path, scratchDir);
  },
  'check-database': async ({ path }) => {
    const { checkDatabase } = await import('../database-check.ts');
    return checkDatabase(path);
  },
};

const maxSidecarBytes = 64 * 1024 * 1024;

const readFile = async (input: ReadFileInput): Promise<FileReading> => {
  const { path, coversDir, name, hashes: known, withoutCovers = [] } = input;
  const { image, ...file } = await readUnchanged(path, async (fd, version) => {
    const source = {
      fd,
      sizeBytes: version.sizeBytes,
      name: name ?? basename(Buffer.from(path).toString()),
      isPicture: async (found: Uint8Array) =>
        !(withoutCovers.length > 0 && withoutCovers.includes(coverHash(found))) && (await isPicture(found)),
    };
    const { cover, ...reading } = await readBook(source);
    const hashes = known ?? { partialMd5: partialMd5(fd, version.sizeBytes), sha256: sha256(fd) };
    return { ...version, ...hashes, reading, image: cover };
  });
  // A full disk below the covers folder is no fault of the book's file.
  const cover = image && (await keepCover(image, coversDir));
  return { ...file, ...(cover && { cover }) };
};

const sniffFile = ({ path, name }: { path: Uint8Array; name: string }): Promise<SniffedFile> =>
  readUnchanged(path, async (fd, { sizeBytes }) => {
    const source = { fd, sizeBytes, name };
    const format = await sniff(source);
    return {
      format,
      partialMd5: partialMd5(fd, sizeBytes),
      isCut: format !== undefined && (await isCut(source, format)),
    };
  });

const maxImageBytes = 10 * 1024 * 1024;

/** Undefined for what is no JPEG, PNG, WebP or GIF, or cannot be decoded. */
const drawCover = async ({
  path,
  coversDir,
}: {
  path: Uint8Array;
  coversDir: string;
}): Promise<DrawnCover | undefined> => {
  const image = await readUnchanged(path, (fd, { sizeBytes }) => {
    if (sizeBytes > maxImageBytes)
      throw new UnreadableFile('too_large', 'This picture is larger than 10 MB.');
    return readBytes(fd, 0, sizeBytes);
  });
  const mediaType = imageTypeOf(image);
  const stored = mediaType === undefined ? undefined : await storeCover(image, coversDir);
  return mediaType === undefined || stored === undefined ? undefined : { ...stored, mediaType };
};

/** By the first bytes: JPEG (ITU T.81 B.1.1.3), PNG (W3C PNG §5.2), GIF89a §17, WebP (RFC 9649 §2.4). */
const imageTypeOf = (image: Buffer): string | undefined => {
  const head = image.toString('latin1', 0, 12);
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (/^GIF8[79]a/.test(head)) return 'image/gif';
  return /^RIFF[^]{4}WEBP/.test(head) ? 'image/webp' : undefined;
};

const readTextFile = (
  { path, name, sha256: expected }: TaskMap['read-text']['input'],
  emit: Emit<TextPassage[]>,
): Promise<{ passages: number }> =>
  readUnchanged(path, async (fd, { sizeBytes }) => {
    if (sha256(fd) !== expected)
      throw new UnreadableFile(
        'changed',
        'The file changed since it was read; the next scan reads it again.',
      );
    let passages = 0;
    for await (const chunk of readPassages({ fd, sizeBytes, name })) {
      passages += chunk.length;
      await emit(chunk);
    }
    return { passages };
  });

const readSidecarFile = (path: Uint8Array): Promise<SidecarReading> =>
  readUnchanged(path, (fd, { sizeBytes, modifiedMs }) => {
    if (sizeBytes > maxSidecarBytes)
      throw new UnreadableFile('too_large', 'This sidecar is larger than 64 MB.');
    return { sizeBytes, modifiedMs, sidecar: readSidecar(readBytes(fd, 0, sizeBytes)) };
  });

const readExtraFile = ({ path, kind, coversDir }: TaskMap['read-extra']['input']): Promise<ExtraReading> =>
  readUnchanged(path, async (fd, { sizeBytes, modifiedMs }) => {
    const isTooLarge = sizeBytes > (kind === 'cover' ? maxImageBytes : maxSidecarBytes);
    if (isTooLarge)
      throw new UnreadableFile(
        'too_large',
        kind === 'cover' ? 'This picture is larger than 10 MB.' : 'This file is larger than 64 MB.',
      );
    const says = await readExtra(kind, readBytes(fd, 0, sizeBytes), coversDir);
    return { sizeBytes, modifiedMs, says };
  });

const walk = async (
  chunks: Generator<FolderEntry[], UnreadKinds | undefined | void>,
  emit: Emit<FolderEntry[]>,
): Promise<TaskMap['walk-folder']['result']> => {
  let entryCount = 0;
  let next = chunks.next();
  for (; next.done !== true; next = chunks.next()) {
    entryCount += next.value.length;
    await emit(next.value);
  }
  return { entryCount, ...(next.value && { unread: next.value }) };
};

/** Opens the file for a reading that counts only when the file stays the same from the first to the last byte. */
const readUnchanged = async <T>(
  path: Uint8Array,
  read: (fd: number, version: FileVersion) => T | Promise<T>,
): Promise<T> => {
  const fd = openFile(path);
  try {
    const before = fstatSync(fd);
    if (!before.isFile()) throw new UnreadableFile('unreadable', 'This is not a regular file.');
    try {
      const result = await read(fd, versionOf(before));
      if (isChanged(before, fstatSync(fd))) throw changed();
      return result;
    } catch (error) {
      // What was misread because it changed is not corrupt.
      if (isChanged(before, fstatSync(fd))) throw changed(error);
      throw error instanceof UnreadableFile ? error : readFailure(error);
    }
  } finally {
    closeSync(fd);
  }
};

/** Never waits: a pipe without a writer opens at once and is refused by its type. */
const openFile = (path: Uint8Array): number => {
  try {
    return openSync(Buffer.from(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw readFailure(error);
  }
};

const versionOf = (stats: Stats): FileVersion => ({
  sizeBytes: stats.size,
  modifiedMs: Math.floor(stats.mtimeMs),
  inode: stats.ino,
});

const isChanged = (before: Stats, after: Stats): boolean =>
  before.size !== after.size || before.mtimeMs !== after.mtimeMs;

const changed = (cause?: unknown): UnreadableFile =>
  new UnreadableFile('changed', 'The file changed while it was read; the next scan reads it again.', cause);

const readFailure = (error: unknown): UnreadableFile => {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM')
    return new UnreadableFile('no_access', 'Papyrus Shelf may not open this file.', error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new UnreadableFile('changed', 'The file is no longer there.', error);
  return new UnreadableFile('unreadable', 'This file could not be read.', error);
};
