// Copies of the catalogue: made of one moment, bit by bit, while the program goes on; and put in its place at a start.
import {
  copyFileSync,
  existsSync,
  linkSync,
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
import { errorCode } from '../base/error-code.ts';

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
export function placeRestore(
  dataDir: string,
  { fileName, newestSchema, now }: { fileName: string; newestSchema: number; now: Date },
): void {
  const next = plannedRestore(dataDir);
  if (next === undefined) return;
  const current = join(dataDir, fileName);
  const incoming = `${current}.incoming`;
  try {
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(incoming + ending, { force: true });
    copyFileSync(join(dataDir, 'backups', next.name), incoming);
    prepare(incoming, { before: closeCurrent(current), newestSchema, nowMs: now.getTime() });
    putAside(dataDir, fileName);
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

/**
 * Gives the file that is replaced another name beside its place, for ever: what a person did not mean to lose is there. Its log
 * goes along, it must never meet another file. Until the new file takes the place the old one is in it, where the file system
 * has second names.
 */
function putAside(dataDir: string, fileName: string): void {
  const current = join(dataDir, fileName);
  if (!existsSync(current)) return;
  const [stem = fileName] = fileName.split('.sqlite');
  let count = 1;
  while (existsSync(join(dataDir, `${stem}.replaced-${count}.sqlite`))) count += 1;
  const aside = join(dataDir, `${stem}.replaced-${count}.sqlite`);
  for (const ending of ['-wal', '-shm'])
    if (existsSync(current + ending)) renameSync(current + ending, aside + ending);
  try {
    linkSync(current, aside);
  } catch {
    renameSync(current, aside);
  }
}

function reasonFor(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = errorCode(error) ?? '';
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) ? DAMAGED : `${reasonOf(error)}.`;
}

/** Numbers devices were told: none of them may come again for something else. */
type Told = { change: number; op: number; generation: number; checkpoint: number };
const NOTHING_TOLD: Told = { change: 0, op: 0, generation: 0, checkpoint: 0 };

/** Brings the log of the file that goes into it. Returns the numbers it told; none when it cannot be read. */
function closeCurrent(path: string): Told {
  if (!existsSync(path)) return NOTHING_TOLD;
  try {
    const db = new Database(path);
    try {
      db.pragma('wal_checkpoint(truncate)');
      const number = (sql: string) => (db.prepare(sql).pluck().get() as number | null | undefined) ?? 0;
      const newest = (table: string) => number(`select seq from sqlite_sequence where name = '${table}'`);
      const told = { ...NOTHING_TOLD, change: newest('changes'), op: newest('stream_ops') };
      if (!has(db, 'stream_buckets')) return told;
      const generation = number('select max(generation) from stream_buckets');
      return { ...told, generation, checkpoint: number('select max(number) from stream_checkpoints') };
    } finally {
      db.close();
    }
  } catch {
    // A damaged file is the very reason for a restore.
    return NOTHING_TOLD;
  }
}

function prepare(
  path: string,
  { before, newestSchema, nowMs }: { before: Told; newestSchema: number; nowMs: number },
): void {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = delete');
    if (db.pragma('integrity_check(1)', { simple: true }) !== 'ok')
      throw new AppError('unavailable', DAMAGED);
    if ((db.pragma('user_version', { simple: true }) as number) > newestSchema)
      throw new AppError('unavailable', 'it was made by a newer Papyrus Shelf.');
    // The copy was made by a job: in it that job is still at work.
    db.prepare(
      `update jobs set state = 'cancelled', finished_at = coalesce(finished_at, ?)
       where state in ('waiting', 'running', 'cancelled') and job_group = 'backup'`,
    ).run(nowMs);
    db.transaction(() => raiseNumbers(db, before))();
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

/** Lets every number go on from where the library was, and every device's stream of books begin anew. */
function raiseNumbers(db: Database.Database, { change, op, generation, checkpoint }: Told): void {
  const raise = (table: string, least: number): void => {
    db.prepare(
      'insert into sqlite_sequence (name, seq) select ?, 0 where not exists (select 1 from sqlite_sequence where name = ?)',
    ).run(table, table);
    db.prepare('update sqlite_sequence set seq = max(seq, ?) where name = ?').run(least, table);
  };
  raise('changes', change);
  if (!has(db, 'stream_buckets')) return;
  raise('stream_ops', op);
  db.prepare('update stream_buckets set generation = max(generation, ?) + 1').run(generation);
  db.prepare('update stream_checkpoints set number = max(number, ?)').run(checkpoint);
  db.exec(`
    delete from stream_ops;
    insert into stream_ops (owner_id, book_id) select owner_id, book_id from books
    where absent_since is null and owner_id in (select owner_id from stream_buckets) order by owner_id, added_at, book_id`);
}

const has = (db: Database.Database, table: string): boolean =>
  db.prepare('select 1 from sqlite_schema where name = ?').get(table) !== undefined;
