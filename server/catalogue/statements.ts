// Prepared statements, made once per connection: unprepared queries cost more than most of ours take.
import type { Db } from './db.ts';
import type Database from 'better-sqlite3';

const prepared = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** Which columns a statement sets is up to whoever asks: all there could be would fill the memory. */
const MOST_KEPT = 2_000;

/** Returns the prepared statement of this SQL on this connection. `sql` must be a constant, never built from input. */
export function statement(client: Database.Database, sql: string): Database.Statement {
  let bySql = prepared.get(client);
  if (bySql === undefined) prepared.set(client, (bySql = new Map()));
  const known = bySql.get(sql);
  if (known !== undefined) return known;
  const made = client.prepare(sql);
  if (bySql.size < MOST_KEPT) bySql.set(sql, made);
  return made;
}

const SHAPES = 300;
const shaped = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** Returns the prepared statement of SQL put together of pieces of ours; those not asked for in a while are made anew. */
export function shapedStatement(client: Database.Database, sql: string): Database.Statement {
  let bySql = shaped.get(client);
  if (bySql === undefined) shaped.set(client, (bySql = new Map()));
  const found = bySql.get(sql) ?? client.prepare(sql);
  // What was asked for last stands last.
  bySql.delete(sql);
  bySql.set(sql, found);
  const [oldest] = bySql.keys();
  if (bySql.size > SHAPES && oldest !== undefined) bySql.delete(oldest);
  return found;
}

const built = new WeakMap<Db, Map<unknown, unknown>>();

/** Returns the prepared drizzle query that `build` makes, made once per connection. `build` must be a constant. */
export function query<Query>(db: Db, build: (db: Db) => Query): Query {
  let byBuild = built.get(db);
  if (byBuild === undefined) built.set(db, (byBuild = new Map()));
  if (!byBuild.has(build)) byBuild.set(build, build(db));
  return byBuild.get(build) as Query;
}
