// A real catalogue in memory with an owner and a folder of books, for tests of the parts that stand on it.
import type { Db } from '../../server/catalogue/db.ts';
import { createEvents } from '../../server/base/events.ts';
import type { EventBus } from '../../server/base/events.ts';
import { newId } from '../../server/base/ids.ts';
import type { Catalogue } from '../../server/catalogue/catalogue.ts';
import { openCatalogue } from '../../server/catalogue/open.ts';
import { putFolder } from '../../server/sources/sources.queries.ts';
import { aUser } from './builders.ts';
import { at } from './clock.ts';
import type { SetClock } from './clock.ts';

export type Row = Record<string, unknown>;

export type Shelf = {
  catalogue: Catalogue;
  clock: SetClock;
  events: EventBus;
  ownerId: string;
  /** The folder /books. */
  folderId: string;
  read: <T>(fn: (db: Db) => T) => T;
  write: <T>(fn: (db: Db) => T) => T;
  /** The rows of a query as SQLite has them; the one to look past our own mapping with. */
  rows: (sql: string, ...values: unknown[]) => Row[];
  /** The first row of a query. Throws when there is none. */
  row: (sql: string, ...values: unknown[]) => Row;
};

/** Opens an empty library in memory; the clock stands at noon of 14 March 2026 UTC unless another is given. */
export function openShelf({ clock = at('2026-03-14T12:00:00Z') }: { clock?: SetClock } = {}): Shelf {
  const events = createEvents();
  const catalogue = openCatalogue({ clock, events });
  const write = <T>(fn: (db: Db) => T): T => catalogue.write({}, fn);
  const ownerId = write((db) => aUser(db));
  const folderId = newId();
  write((db) => putFolder(db, { folderId, ownerId, path: Buffer.from('/books'), addedAt: clock.now() }));
  const rows = (sql: string, ...values: unknown[]) =>
    catalogue.read((db) => db.$client.prepare(sql).all(...values)) as Row[];
  return {
    catalogue,
    clock,
    events,
    ownerId,
    folderId,
    read: (fn) => catalogue.read(fn),
    write,
    rows,
    row: (sql, ...values) => {
      const [first] = rows(sql, ...values);
      if (first === undefined) throw new Error(`no row: ${sql}`);
      return first;
    },
  };
}
