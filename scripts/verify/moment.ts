// The moment a folder is looked at: databases made for tests hold reading of years to come, and no server takes in what
// nobody can have read yet.
import { copyFileSync, existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../../server/base/clock.ts';

/** The last second of a 32-bit clock, in 2106: no device can have written a later one. */
const LAST_SEC = 4_294_967_295;
const DAY_MS = 86_400_000;

/** Returns a clock that goes on from now, or from a day after the newest reading in these databases if that is later. */
export function clockAfter(files: readonly string[], scratch: string): Clock {
  const newestMs = Math.max(0, ...files.map((file) => newestSec(file, scratch) * 1000 + DAY_MS));
  const aheadMs = Math.max(0, newestMs - Date.now());
  return { now: () => new Date(Date.now() + aheadMs) };
}

/** A copy of the database with its log: opening a database may write beside it. */
export function copyOf(file: string, scratch: string): string {
  const copy = join(scratch, `${randomUUID()}.sqlite3`);
  for (const ending of ['', '-wal'].filter((each) => existsSync(file + each)))
    copyFileSync(file + ending, copy + ending);
  return copy;
}

/** 0 for what is no statistics database. */
function newestSec(file: string, scratch: string): number {
  const moments = [
    'select max(last_open) from book where last_open <= ?',
    'select max(start_time) from page_stat_data where start_time <= ?',
    'select max(start_time) from page_stat where start_time <= ?',
  ];
  return (
    withDatabase(file, scratch, (db) =>
      Math.max(
        ...moments.map((sql) => {
          try {
            return Number(db.prepare(sql).pluck().get(LAST_SEC)) || 0;
          } catch {
            return 0;
          }
        }),
      ),
    ) ?? 0
  );
}

/** How many books KOReader tells apart by their checksums; undefined for what is no statistics database. */
export const countBooks = (file: string, scratch: string): number | undefined =>
  withDatabase(file, scratch, (db) =>
    Number(
      db
        .prepare(
          `select count(distinct case when length(md5) = 32 then lower(md5) else title || char(10) || ifnull(authors, '') end)
           from book`,
        )
        .pluck()
        .get(),
    ),
  );

function withDatabase<T>(file: string, scratch: string, use: (db: Database.Database) => T): T | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(copyOf(file, scratch));
    return use(db);
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
