// Brings the file to the newest schema: forward only, one numbered SQL file at a time, never without a verified copy.
import { mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../base/errors.ts';

/** "PSHF": marks the file as a catalogue of this program (sqlite.org, pragma application_id). */
const APPLICATION_ID = 0x50534846;

export type Migration = { number: number; sql: string };

/** Returns the migrations of a folder in order. Throws when a number is missing or twice. */
export function readMigrations(folder: URL): Migration[] {
  const migrations = readdirSync(folder)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, folder), 'utf8') }));
  migrations.forEach(({ number }, index) => {
    if (number !== index + 1) throw new Error(`migration ${index + 1} is missing or doubled`);
  });
  return migrations;
}

/**
 * Applies the migrations the file does not have yet: all of them or none.
 * Throws conflict for a file of a newer version or of another program, unavailable for a damaged one.
 */
export function migrate(
  db: Database.Database,
  migrations: Migration[],
  backupsDir: string | undefined,
): void {
  refuseUnknownFile(db, migrations);
  const at = versionOf(db);
  if (at === migrations.length) return;
  if (at > 0) {
    checkIntegrity(db, 'The library file is damaged and was not changed. Restore it from a backup.');
    if (backupsDir !== undefined) copyVerified(db, at, backupsDir);
  }
  db.transaction(() => {
    for (const { sql } of migrations.slice(at)) db.exec(sql);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
    const broken = db.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0) throw new Error(`${broken.length} rows point nowhere after migrating`);
  })();
}

/** Throws conflict for a file of a newer version or of another program, which is only read. */
export function refuseUnknownFile(db: Database.Database, { length: newest }: readonly Migration[]): void {
  const at = versionOf(db);
  const id = db.pragma('application_id', { simple: true }) as number;
  const tables = db.prepare('select count(*) as n from sqlite_schema').get() as { n: number };
  if (id !== APPLICATION_ID && (tables.n > 0 || at > 0)) {
    throw new AppError(
      'conflict',
      'The library file in the data folder belongs to another program and was not touched.',
      { code: 'foreign_file' },
    );
  }
  if (at > newest) {
    throw new AppError(
      'conflict',
      `The library file was written by a newer Papyrus Shelf (schema ${at}, this program knows ${newest}). Install the newer version again; nothing was changed.`,
      { code: 'newer_file' },
    );
  }
}

const versionOf = (db: Database.Database) => db.pragma('user_version', { simple: true }) as number;

/** Throws unavailable with `message` when SQLite finds the file damaged. */
function checkIntegrity(db: Database.Database, message: string): void {
  const result = db.pragma('integrity_check(1)', { simple: true });
  if (result !== 'ok')
    throw new AppError('unavailable', message, { code: 'damaged_file', cause: new Error(String(result)) });
}

/** Writes a copy beside the file and reads it back before anything is changed. */
function copyVerified(db: Database.Database, version: number, backupsDir: string): void {
  mkdirSync(backupsDir, { recursive: true, mode: 0o700 });
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const path = join(backupsDir, `before-migration-${version + 1}-${stamp}.sqlite`);
  const partial = `${path}.partial`;
  db.prepare('vacuum into ?').run(partial);
  const copy = new Database(partial, { readonly: true });
  try {
    checkIntegrity(copy, 'The copy made before updating the library file is not good; nothing was changed.');
    if (copy.pragma('user_version', { simple: true }) !== version)
      throw new Error('the copy has another version');
  } finally {
    copy.close();
  }
  renameSync(partial, path);
}
