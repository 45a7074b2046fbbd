import type Database from 'better-sqlite3';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';

/** The handle queries take first. */
export type Db = BetterSQLite3Database & { $client: Database.Database };
