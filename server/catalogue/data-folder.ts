// Makes the data folder ready: there, on a disk of this machine, and held by this process alone.
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../base/errors.ts';

/** File systems of other machines: SQLite's locks do not hold there (sqlite.org, "How To Corrupt" §2.1). */
const NETWORK_FILE_SYSTEMS =
  /^(nfs4?|cifs|smb3?|smbfs|afpfs|webdav|davfs2?|afs|ceph|glusterfs|lustre|beegfs|9p|ncpfs|fuse\.(sshfs|rclone|s3fs|gcsfuse|davfs2?|glusterfs|cephfs|smbnetfs|curlftpfs))$/;

/**
 * Creates the folder if need be and returns its real path.
 * Throws unavailable when it cannot be made or lies on a network file system.
 */
export function prepareDataFolder(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const real = realpathSync(dataDir);
    const kind = fileSystemOf(real, mountTable());
    if (kind !== undefined && NETWORK_FILE_SYSTEMS.test(kind)) {
      throw new AppError(
        'unavailable',
        `The data folder ${dataDir} is on a network file system (${kind}), where a database can be damaged. Choose a folder on a disk of this computer; your books may stay on the network.`,
        { code: 'network_folder' },
      );
    }
    return real;
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
  const holder = new Database(join(dataDir, 'in-use.lock'), { timeout: 0 });
  try {
    holder.pragma('locking_mode = exclusive');
    holder.exec('begin exclusive');
  } catch (error) {
    holder.close();
    throw new AppError(
      'conflict',
      `The data folder ${dataDir} is in use by another Papyrus Shelf. Close that one first, or start this one with another --data-dir.`,
      { code: 'data_folder_in_use', cause: error },
    );
  }
  return () => holder.close();
}

/** What an error of the file system means, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return 'the disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'there is a file where a folder is needed';
    case 'ENOENT':
      return 'it does not exist';
    default:
      return code === '' ? 'the system gave no reason' : `the system answered ${code}`;
  }
}
