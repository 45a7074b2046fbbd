// A second, read-only look at the file: it stays at one moment while the program goes on writing.
import type { Db } from './db.ts';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { defineFold } from './words.ts';

export type Snapshot = { db: Db; close(): void };

/** Opens a look at the catalogue as it is now. Keep it open no longer than the work takes: the file grows meanwhile. */
export function openSnapshot(db: Db): Snapshot {
  const { name, memory } = db.$client;
  const client = memory ? new Database(db.$client.serialize()) : new Database(name, { readonly: true });
  try {
    defineFold(client);
    client.exec('begin');
    // A transaction is of the moment of its first read (sqlite.org, "Isolation In SQLite").
    client.prepare('select count(*) from sqlite_schema').get();
  } catch (error) {
    client.close();
    throw error;
  }
  return { db: drizzle(client), close: () => client.close() };
}
