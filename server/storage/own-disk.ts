// The server's own disk. Files come whole: written beside their place, on the disk before they get their name.
import { constants, createReadStream, createWriteStream } from 'node:fs';
import type { Dirent } from 'node:fs';
import { link, mkdir, open, opendir, realpath, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkPath, StorageError } from './backend.ts';
import type { StorageBackend } from './backend.ts';

const TEMPORARY = '.part';

export type OwnDisk = StorageBackend & {
  pathOf(path: string): string;
  /** Removes what a process that was killed was writing: no other than this one writes here. */
  removeLeftovers(): Promise<void>;
};

/** Returns the place below `root`, which is made when the first file comes. */
export function openOwnDisk(root: string): OwnDisk {
  const underWay = new Set<string>();
  const pathOf = (path: string): string => {
    checkPath(path);
    return join(root, ...path.split('/'));
  };

  /** Throws when the file would lie outside: a link in a folder's place leads anywhere. */
  async function folderFor(target: string): Promise<string> {
    const folder = dirname(target);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const away = relative(await realpath(root), await realpath(folder));
    if (away.split(sep)[0] === '..')
      throw new StorageError('permission', 'The folder for files leads elsewhere.');
    return folder;
  }

  return {
    pathOf,

    async write(path, source, { sizeBytes, signal, stagedPath, onSent }) {
      const target = pathOf(path);
      const folder = await folderFor(target).catch(translate);
      const temporary = `${target}.${randomUUID()}${TEMPORARY}`;
      underWay.add(temporary);
      try {
        if (stagedPath === undefined || !(await isLinked(stagedPath, temporary))) {
          let sent = 0;
          const counting = new Transform({
            transform(chunk: Buffer, _encoding, done) {
              sent += chunk.length;
              onSent?.(sent);
              done(null, chunk);
            },
          });
          const out = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
          await pipeline(source(), counting, out, { signal });
        }
        signal.throwIfAborted();
        const written = await stat(temporary);
        if (written.size !== sizeBytes)
          throw new StorageError('corrupted', 'The file is not as long as it was said to be.');
        // What is there is replaced at once, for whoever looks meanwhile.
        await rename(temporary, target);
        await sync(folder);
        onSent?.(sizeBytes);
      } catch (error) {
        if (signal.aborted) throw new StorageError('cancelled', 'The upload was stopped.', error);
        translate(error);
      } finally {
        await rm(temporary, { force: true });
        underWay.delete(temporary);
      }
    },

    async removeLeftovers() {
      for await (const entry of filesBelow(root)) {
        const path = join(entry.parentPath, entry.name);
        if (entry.name.endsWith(TEMPORARY) && !underWay.has(path)) await rm(path, { force: true });
      }
    },

    async read(path, range) {
      const file = await open(pathOf(path), constants.O_RDONLY).catch(translate);
      const { size } = await file.stat();
      if (range !== undefined && (range.start < 0 || range.end < range.start || range.end >= size)) {
        await file.close();
        throw new StorageError('range', 'The file does not have those bytes.');
      }
      if (size === 0) {
        await file.close();
        return createReadStream(pathOf(path));
      }
      return file.createReadStream(range ?? { start: 0, end: size - 1 });
    },

    async stat(path) {
      try {
        const found = await stat(pathOf(path));
        return found.isFile() ? { sizeBytes: found.size, modifiedAt: found.mtime } : undefined;
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
        return translate(error);
      }
    },

    async *list(prefix) {
      for await (const entry of filesBelow(root)) {
        if (entry.name.endsWith(TEMPORARY)) continue;
        const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
        if (!path.startsWith(prefix)) continue;
        const found = await this.stat(path);
        if (found !== undefined) yield { path, sizeBytes: found.sizeBytes };
      }
    },

    async remove(path) {
      await rm(pathOf(path), { force: true }).catch(translate);
    },

    async usage() {
      let usedBytes = 0;
      for await (const { sizeBytes } of this.list('')) usedBytes += sizeBytes;
      return { usedBytes };
    },
  };
}

/** Every file at any depth; none when the folder is not made yet. */
async function* filesBelow(root: string): AsyncGenerator<Dirent> {
  const entries = await opendir(root, { recursive: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    return translate(error);
  });
  if (entries === undefined) return;
  for await (const entry of entries) if (entry.isFile()) yield entry;
}

/** Gives the staged bytes a second name instead of copying them; false where the file system has no such thing. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) return false;
    throw error;
  }
}

/** The name is on the disk when its folder is; not every system has a way to say so. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

function translate(error: unknown): never {
  if (error instanceof StorageError) throw error;
  if (isCode(error, 'ENOENT', 'ENOTDIR'))
    throw new StorageError('not_found', 'The file is no longer there.', error);
  if (isCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG'))
    throw new StorageError('quota_exceeded', 'The disk is full. Make some room and try again.', error);
  if (isCode(error, 'EACCES', 'EPERM', 'EROFS'))
    throw new StorageError('permission', 'The server may not write to its folder for files.', error);
  if (isCode(error, 'ENAMETOOLONG', 'EISDIR'))
    throw new StorageError('invalid_name', 'A file cannot be kept under this name.', error);
  if (error instanceof Error && 'syscall' in error)
    throw new StorageError('unavailable', 'The disk does not answer.', error);
  throw error;
}
