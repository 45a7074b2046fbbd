// Opens the catalogue file: lock the folder, check, copy, migrate, switch the diary on.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { AppError } from '../base/errors.ts';
import { removeUnfinished } from '../base/write-whole.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { placeRestore } from './copy.ts';
import { createCatalogue } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { holdDataFolder, prepareDataFolder, reasonOf } from './data-folder.ts';
import { migrate, readMigrations, refuseUnknownFile } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { closeToOthersIn, keepPrivate } from './private-files.ts';
import { keepOwnFile, NO_FILE } from './own-file.ts';
import { errorCode } from '../base/error-code.ts';

export const CATALOGUE_FILE = 'papyrus-shelf.sqlite';

/**
 * Opens the catalogue of a data folder, or one in memory when none is given.
 * Throws AppError with a sentence when the folder or the file cannot be used; nothing is changed then.
 */
export function openCatalogue(parts: { dataDir?: string; clock: Clock; events: EventBus }): Catalogue {
  const { dataDir, clock, events } = parts;
  const folder = dataDir === undefined ? undefined : prepareDataFolder(dataDir);
  const release = folder === undefined ? () => {} : holdDataFolder(folder);
  let db: Database.Database | undefined;
  try {
    const migrations = readMigrations(migrationsFolder());
    if (folder !== undefined) {
      closeToOthersIn(folder);
      removeUnfinished(folder);
      placeRestore(folder, { fileName: CATALOGUE_FILE, newestSchema: migrations.length, now: clock.now() });
    }
    db = openFile(folder, migrations);
    migrate(db, migrations, folder === undefined ? undefined : join(folder, 'backups'));
    const ownFile = folder === undefined ? NO_FILE : keepOwnFile(db, join(folder, CATALOGUE_FILE));
    return createCatalogue({ db: drizzle(db), clock, events, release, ownFile });
  } catch (error) {
    db?.close();
    release();
    throw error;
  }
}

/** The SQL files lie beside this file in the source and beside the bundle in a build. */
function migrationsFolder(): URL {
  return new URL('./migrations/', import.meta.url);
}

function openFile(folder: string | undefined, migrations: readonly Migration[]): Database.Database {
  const path = folder === undefined ? ':memory:' : join(folder, CATALOGUE_FILE);
  try {
    if (folder !== undefined) keepPrivate(path);
    const db = new Database(path, { timeout: 5_000 });
    try {
      // Switching the journal on writes to the file: whose it is comes first.
      refuseUnknownFile(db, migrations);
      db.pragma('journal_mode = wal');
      db.pragma('synchronous = full');
      db.pragma('foreign_keys = on');
      db.pragma('temp_store = memory');
      db.pragma('cache_size = -16000');
      db.pragma('journal_size_limit = 67108864');
      // A device that was offline for a day changes two thousand pages at once: they go to the file after some such pushes.
      db.pragma('wal_autocheckpoint = 8000');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = errorCode(error);
    const damaged = code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT';
    const message = damaged
      ? 'The library file is damaged and was not changed. Restore it from a backup.'
      : `The library file cannot be ${existsSync(path) ? 'opened' : 'made'}: ${reasonOf(error)}.`;
    throw new AppError('unavailable', message, {
      code: damaged ? 'damaged_file' : 'data_folder',
      cause: error,
    });
  }
}
