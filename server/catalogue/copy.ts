// Copies of the catalogue: made of one moment, bit by bit, while the program goes on; and put in its place at a start.
import {
  copyFileSync,
  existsSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../base/errors.ts';
import { reasonOf } from './data-folder.ts';
import type { Snapshot } from './snapshot.ts';

/** Pages of 4 KiB copied before others have their turn. */
const PAGES_AT_ONCE = 256;
const DAMAGED = 'it is damaged.';
const MARKER = 'restore-next.json';

/** Rows of every table, by its name. */
export type TableCounts = Record<string, number>;

/** Copies the moment a snapshot looks at into a new file. Throws the signal's reason when it is told to stop. */
export async function copyCatalogue(
  snapshot: Snapshot,
  path: string,
  { signal, onPart }: { signal: AbortSignal; onPart: (part: number) => void },
): Promise<TableCounts> {
  const client = snapshot.db.$client;
  const counts = countRows(client);
  await client.backup(path, {
    progress: ({ totalPages, remainingPages }) => {
      signal.throwIfAborted();
      if (totalPages > 0) onPart(1 - remainingPages / totalPages);
      return PAGES_AT_ONCE;
    },
  });
  return counts;
}

function countRows(client: Database.Database): TableCounts {
  const names = client
    .prepare(
      "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
    )
    .pluck()
    .all() as string[];
  return Object.fromEntries(
    names.map((name) => [name, client.prepare(`select count(*) from "${name}"`).pluck().get() as number]),
  );
}

/** What lies in the data folder when a copy is to take the catalogue's place. */
export type NextRestore = { backupId: string; name: string };

/** Notes that a copy takes the catalogue's place at the next start. */
export const planRestore = (dataDir: string, next: NextRestore): void =>
  writeFileSync(join(dataDir, MARKER), JSON.stringify(next), { mode: 0o600 });

/** Takes that back. */
export const dropRestore = (dataDir: string): void => rmSync(join(dataDir, MARKER), { force: true });

/** Returns which copy takes the catalogue's place at the next start, undefined when none does. */
export function plannedRestore(dataDir: string): NextRestore | undefined {
  try {
    const next = JSON.parse(readFileSync(join(dataDir, MARKER), 'utf8')) as Partial<NextRestore>;
    const isOurs = typeof next.backupId === 'string' && /^[\w-]+\.sqlite$/.test(next.name ?? '');
    return isOurs ? (next as NextRestore) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts a planned copy in the place of the catalogue, whose lock must be held and which must not be open. Throws
 * unavailable, the catalogue as it was and the plan dropped, when the copy is not good.
 */
export function placeRestore(dataDir: string, fileName: string, newestSchema: number): void {
  const next = plannedRestore(dataDir);
  if (next === undefined) return;
  const current = join(dataDir, fileName);
  const incoming = `${current}.incoming`;
  try {
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(incoming + ending, { force: true });
    copyFileSync(join(dataDir, 'backups', next.name), incoming);
    prepare(incoming, { newestChange: closeCurrent(current), newestSchema });
    // What the old file had in its log is in it by now; the log must never meet another file.
    for (const ending of ['-wal', '-shm']) rmSync(current + ending, { force: true });
    renameSync(incoming, current);
  } catch (error) {
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(incoming + ending, { force: true });
    dropRestore(dataDir);
    throw new AppError(
      'unavailable',
      `The backup ${next.name} could not be put in place: ${reasonFor(error)} The library is as it was; start again to go on with it.`,
      { code: 'restore', cause: error },
    );
  }
  dropRestore(dataDir);
}

function reasonFor(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) ? DAMAGED : `${reasonOf(error)}.`;
}

/** Brings the log of the file that goes into it. Returns the number of its newest change; none when it cannot be read. */
function closeCurrent(path: string): number {
  if (!existsSync(path)) return 0;
  try {
    const db = new Database(path);
    try {
      db.pragma('wal_checkpoint(truncate)');
      return (
        (db.prepare("select seq from sqlite_sequence where name = 'changes'").pluck().get() as
          | number
          | undefined) ?? 0
      );
    } finally {
      db.close();
    }
  } catch {
    // A damaged file is the very reason for a restore.
    return 0;
  }
}

function prepare(
  path: string,
  { newestChange, newestSchema }: { newestChange: number; newestSchema: number },
): void {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = delete');
    if (db.pragma('integrity_check(1)', { simple: true }) !== 'ok')
      throw new AppError('unavailable', DAMAGED);
    if ((db.pragma('user_version', { simple: true }) as number) > newestSchema)
      throw new AppError('unavailable', 'it was made by a newer Papyrus Shelf.');
    // The copy was made by a job: in it that job is still at work.
    db.exec(
      "update jobs set state = 'cancelled' where state in ('waiting', 'running') and job_group = 'backup'",
    );
    // Who asks for what came after a number must not be told that number again for something else.
    db.prepare("update sqlite_sequence set seq = max(seq, ?) where name = 'changes'").run(newestChange);
  } finally {
    db.close();
  }
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
