// Makes the data folder ready: there, on a disk of this machine, and held by this process alone.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { keepPrivate } from './private-files.ts';
import { errorCode } from '../base/error-code.ts';

const LOCK_FILE = 'in-use.lock';
/** File systems of other machines: SQLite's locks do not hold there (sqlite.org, "How To Corrupt" §2.1). */
const NETWORK_FILE_SYSTEMS =
  /^(nfs4?|cifs|smb3?|smbfs|afpfs|webdav|davfs2?|afs|ceph|glusterfs|lustre|beegfs|9p|ncpfs|fuse\.(sshfs|rclone|s3fs|gcsfuse|davfs2?|glusterfs|cephfs|smbnetfs|curlftpfs))$/;

/**
 * Looks whether the folder can be had, and makes nothing: what others hold, and what is taken later, is as it was when
 * it cannot. Throws what `prepareDataFolder` and `holdDataFolder` throw.
 */
export function checkDataFolder(dataDir: string): void {
  const path = resolve(dataDir);
  inWords(dataDir, () => {
    let nearest = path;
    while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
    mayWriteInto(nearest);
    refuseNetwork(dataDir, realpathSync(nearest));
  });
  if (existsSync(join(path, LOCK_FILE))) holdDataFolder(path)();
}

/**
 * Creates the folder if need be and returns its real path.
 * Throws unavailable when it cannot be made or written to, or lies on a network file system.
 */
export function prepareDataFolder(dataDir: string): string {
  return inWords(dataDir, () => {
    makeFolder(resolve(dataDir));
    mayWriteInto(dataDir);
    const real = realpathSync(dataDir);
    refuseNetwork(dataDir, real);
    return real;
  });
}

/** Makes a folder and those above it. Node's own recursive way never ends below /proc, where no folder can be made. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // The folder above is there: a file system that says otherwise makes no folders.
    if (isMissing(error)) throw Object.assign(new Error('no folders', { cause: error }), { code: 'ENOTSUP' });
    throw error;
  }
}

const isMissing = (error: unknown) => errorCode(error) === 'ENOENT';

function mayWriteInto(folder: string): void {
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  accessSync(folder, constants.W_OK | constants.X_OK);
}

function refuseNetwork(dataDir: string, real: string): void {
  const kind = fileSystemOf(real, mountTable());
  if (kind === undefined || !NETWORK_FILE_SYSTEMS.test(kind)) return;
  throw new AppError(
    'unavailable',
    `The data folder ${dataDir} is on a network file system (${kind}), where a database can be damaged. Choose a folder on a disk of this computer; your books may stay on the network.`,
    { code: 'network_folder' },
  );
}

/** Runs `fn`; an error of the file system becomes a sentence about the data folder. */
function inWords<T>(dataDir: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('unavailable', `The data folder ${dataDir} cannot be used: ${reasonOf(error)}.`, {
      code: 'data_folder',
      cause: error,
    });
  }
}

/** The type of the file system a path lies on, from the lines of /proc/self/mountinfo; the longest mount point wins. */
export function fileSystemOf(path: string, mountInfo: string): string | undefined {
  if (path.startsWith('\\\\')) return 'smb';
  let best: { point: string; kind: string } | undefined;
  for (const line of mountInfo.split('\n')) {
    // proc(5): "id parent major:minor root mount-point options [optional fields] - type source options"
    const [before, after] = line.split(' - ');
    const point = before
      ?.split(' ')[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    const kind = after?.split(' ')[0];
    if (point === undefined || kind === undefined) continue;
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of two mounts on one point the later one is on top.
    if (holds && (best === undefined || point.length >= best.point.length)) best = { point, kind };
  }
  return best?.kind;
}

function mountTable(): string {
  if (process.platform !== 'linux') return '';
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Holds the folder for this process until the returned function is called or the process ends, however it ends.
 * Throws conflict when another process has it.
 */
export function holdDataFolder(dataDir: string): () => void {
  // The operating system drops SQLite's file lock with the process, so a kill leaves no stale lock behind.
  const holder = inWords(dataDir, () => {
    keepPrivate(join(dataDir, LOCK_FILE));
    return new Database(join(dataDir, LOCK_FILE), { timeout: 0 });
  });
  try {
    holder.pragma('locking_mode = exclusive');
    holder.exec('begin exclusive');
  } catch (error) {
    holder.close();
    const isBusy = errorCode(error)?.startsWith('SQLITE_BUSY') === true;
    if (!isBusy) return inWords(dataDir, () => raise(error));
    throw new AppError(
      'conflict',
      `The data folder ${dataDir} is in use by another Papyrus Shelf. Close that one first, or start this one with another --data-dir.`,
      { code: 'data_folder_in_use', cause: error },
    );
  }
  return () => holder.close();
}

function raise(error: unknown): never {
  throw error;
}

/** What an error of the file system means, in words. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error) ?? '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
      return 'a file in it may not be written by this user';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return 'the disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'there is a file where a folder is needed';
    case 'EISDIR':
      return 'there is a folder where a file is needed';
    case 'ENOENT':
      return 'it does not exist';
    case 'ENOTSUP':
      return 'no folder can be made there';
    default:
      return code === '' ? 'the system gave no reason' : `the system answered ${code}`;
  }
}
