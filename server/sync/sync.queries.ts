// The SQL of sync: the diary as devices read it, what they pushed, and how it was settled.
import type { Db } from '../catalogue/db.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { syncConflicts } from '../catalogue/schema/index.ts';
import { statement } from '../catalogue/statements.ts';
import { fieldTimes } from '../catalogue/times.ts';

export type Operation = 'create' | 'update' | 'delete';

/** The latest a person's diary says of a thing after a moment; `isNew` when it was made after it. */
export type Entry = {
  entityType: string;
  entityId: string;
  operation: Operation;
  isNew: 0 | 1;
  version: number;
  deviceId: string | null;
  changedMs: number;
};

/** What entries of these kinds, after one moment up to another, say last of a thing, oldest first; new is what was made after `sinceMs`. */
export const selectEntries = (
  db: Db,
  filter: {
    ownerId: string;
    sinceMs: number;
    afterMs: number;
    upToMs: number;
    entityTypes: readonly string[];
  },
): Entry[] =>
  (
    statement(
      db.$client,
      `select entity_type, entity_id, operation,
       operation = 'create' or exists (
         select 1 from changes as made
         where made.entity_type = told.entity_type and made.entity_id = told.entity_id and +made.owner_id = :ownerId
           and made.operation = 'create' and made.changed_at > :sinceMs
       ),
       version, device_id, changed_at
     from changes as told
     where owner_id = :ownerId and changed_at > :afterMs and changed_at <= :upToMs
       and +entity_type in (select value from json_each(:entityTypes))
       and not exists (
         select 1 from changes as later
         where later.entity_type = told.entity_type and later.entity_id = told.entity_id and later.seq > told.seq
           and +later.owner_id = :ownerId
       )
     order by changed_at`,
    )
      .raw()
      .all({ ...filter, entityTypes: JSON.stringify(filter.entityTypes) }) as EntryValues[]
  ).map(([entityType, entityId, operation, isNew, version, deviceId, changedMs]) => ({
    entityType,
    entityId,
    operation,
    isNew,
    version,
    deviceId,
    changedMs,
  }));
type EntryValues = [
  entityType: string, entityId: string, operation: Operation, isNew: 0 | 1, version: number, deviceId: string | null, changedMs: number,
]; // prettier-ignore

/** The moment of the `count`-th of the person's entries after a moment, undefined where there are fewer. */
export const selectMomentAfter = (
  db: Db,
  ownerId: string,
  afterMs: number,
  count: number,
): number | undefined =>
  statement(
    db.$client,
    'select changed_at from changes where owner_id = ? and changed_at > ? order by changed_at limit 1 offset ?',
  )
    .pluck()
    .get(ownerId, afterMs, count - 1) as number | undefined;

/** The moment of the person's newest entry, 0 before the first. */
export const selectNewestMoment = (db: Db, ownerId: string): number =>
  statement(db.$client, 'select coalesce(max(changed_at), 0) from changes where owner_id = ?')
    .pluck()
    .get(ownerId) as number;

/** The last the person's diary says of a thing; the plus keeps SQLite from walking the whole diary of the owner. */
export const selectLastEntry = (
  db: Db,
  ownerId: string,
  entityType: string,
  entityId: string,
): { operation: Operation; version: number; deviceId: string | null } | undefined =>
  statement(
    db.$client,
    `select operation, version, device_id as deviceId from changes
     where entity_type = ? and entity_id = ? and +owner_id = ? order by seq desc limit 1`,
  ).get(entityType, entityId, ownerId) as ReturnType<typeof selectLastEntry>;

/** Whether anybody else than this device wrote the thing after the version. */
export const isChangedByOthers = (
  db: Db,
  {
    entityType,
    entityId,
    after,
    deviceId,
  }: { entityType: string; entityId: string; after: number; deviceId: string },
): boolean =>
  statement(
    db.$client,
    'select 1 from changes where entity_type = ? and entity_id = ? and version > ? and device_id is not ? limit 1',
  ).get(entityType, entityId, after, deviceId) !== undefined;

/** Notes the deletion of what never arrived, so that it does not come back later. */
export function insertTombstone(
  db: Db,
  {
    ownerId,
    entityType,
    entityId,
    deviceId,
    nowMs,
  }: { ownerId: string; entityType: string; entityId: string; deviceId: string; nowMs: number },
): void {
  statement(
    db.$client,
    `insert into changes (owner_id, entity_type, entity_id, operation, version, device_id, changed_at)
     values (?, ?, ?, 'delete', 1, ?, ?)`,
  ).run(ownerId, entityType, entityId, deviceId, Math.max(nowMs, selectNewestMoment(db, ownerId) + 1));
}

/** Raises the version of a thing that came back above that of its deletion, in its row and in the diary. */
export function raiseVersion(
  db: Db,
  { table, id }: { table: string; id: string },
  entityId: string,
  version: number,
): void {
  statement(db.$client, `update ${table} set version = ? where ${id} = ?`).run(version, entityId);
  statement(
    db.$client,
    'update changes set version = ? where seq = (select max(seq) from changes where entity_id = ?)',
  ).run(version, entityId);
}

/** What tells a change that a device pushed from every other of its. */
export type PushKey = readonly [entityType: string, entityId: string, timestampMs: number, dataHash: string];
type PushedFrom = { ownerId: string; deviceId: string };

/** Those of the changes that the device pushed before, and the version each was answered with. */
export const selectPushes = (
  db: Db,
  from: PushedFrom,
  keys: readonly PushKey[],
): [key: PushKey, version: number][] =>
  (
    statement(
      db.$client,
      `select asked.key, told.version
       from json_each(:keys) as asked cross join sync_pushes as told
         on told.owner_id = :ownerId and told.device_id = :deviceId
         and told.entity_type = asked.value ->> 0 and told.entity_id = asked.value ->> 1
         and told.timestamp_ms = asked.value ->> 2 and told.data_hash = asked.value ->> 3`,
    )
      .raw()
      .all({ ...from, keys: JSON.stringify(keys) }) as [number, number][]
  ).flatMap(([index, version]) => {
    const key = keys[index];
    return key === undefined ? [] : [[key, version] as [PushKey, number]];
  });

/** Keeps what these changes were answered with. */
export const insertPushes = (
  db: Db,
  from: PushedFrom & { pushedMs: number },
  pushes: readonly (readonly [key: PushKey, version: number])[],
): void => {
  statement(
    db.$client,
    `insert into sync_pushes (owner_id, device_id, entity_type, entity_id, timestamp_ms, data_hash, version, pushed_at)
     select :ownerId, :deviceId, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, :pushedMs
     from json_each(:pushes) where true
     on conflict do nothing`,
  ).run({ ...from, pushes: JSON.stringify(pushes.map(([key, version]) => [...key, version])) });
};

/** What the person's ids of tags, shelves and series stand for, by kind and id. */
export const selectAliases = (db: Db, ownerId: string): Map<string, string> =>
  new Map(
    statement(
      db.$client,
      `select entity_type || ' ' || alias_id, entity_id from sync_aliases where owner_id = ?`,
    )
      .raw()
      .all(ownerId) as [string, string][],
  );

export const insertAlias = (
  db: Db,
  {
    ownerId,
    entityType,
    aliasId,
    entityId,
  }: { ownerId: string; entityType: string; aliasId: string; entityId: string },
): void => {
  statement(
    db.$client,
    'insert into sync_aliases (owner_id, entity_type, alias_id, entity_id) values (?, ?, ?, ?) on conflict do nothing',
  ).run(ownerId, entityType, aliasId, entityId);
};

/** Notes that a device pushed or pulled. */
export const noteDevice = (
  db: Db,
  ownerId: string,
  deviceId: string,
  at: { lastPushAt: Date } | { lastPullAt: Date },
): void => {
  const [column, moment] =
    'lastPushAt' in at ? ['last_push_at', at.lastPushAt] : ['last_pull_at', at.lastPullAt];
  statement(
    db.$client,
    `insert into sync_devices (owner_id, device_id, ${column}) values (?, ?, ?)
     on conflict (owner_id, device_id) do update set ${column} = excluded.${column}`,
  ).run(ownerId, deviceId, moment.getTime());
};

/** When any device of the person pushed or pulled last. */
export function selectLastSync(db: Db, ownerId: string): Date | null {
  const at = statement(
    db.$client,
    'select max(max(coalesce(last_push_at, 0), coalesce(last_pull_at, 0))) from sync_devices where owner_id = ?',
  )
    .pluck()
    .get(ownerId) as number | null;
  return at === null || at === 0 ? null : new Date(at);
}

export type ConflictRow = typeof syncConflicts.$inferSelect;

export const insertConflict = (db: Db, conflict: typeof syncConflicts.$inferInsert): void => {
  insertRow(db, syncConflicts, conflict);
};

const CONFLICT = `conflict_id as conflictId, owner_id as ownerId, entity_type as entityType, entity_id as entityId,
  device_id as deviceId, strategy, pushed_data as pushedData, server_data as serverData, resolved_data as resolvedData,
  happened_at as happenedAt, undone_at as undoneAt`;

/** One slice of the person's conflicts, newest first, and how many there are. */
export function selectConflicts(
  db: Db,
  ownerId: string,
  { limit, offset }: { limit: number; offset: number },
): { rows: ConflictRow[]; total: number } {
  const rows = statement(
    db.$client,
    `select ${CONFLICT} from sync_conflicts where owner_id = ?
     order by happened_at desc, conflict_id desc limit ? offset ?`,
  ).all(ownerId, limit, offset) as RawConflict[];
  const total = statement(db.$client, 'select count(*) from sync_conflicts where owner_id = ?')
    .pluck()
    .get(ownerId) as number;
  return { rows: rows.map(conflictOf), total };
}

export function selectConflict(db: Db, ownerId: string, conflictId: string): ConflictRow | undefined {
  const row = statement(
    db.$client,
    `select ${CONFLICT} from sync_conflicts where owner_id = ? and conflict_id = ?`,
  ).get(ownerId, conflictId) as RawConflict | undefined;
  return row === undefined ? undefined : conflictOf(row);
}

export const noteUndone = (db: Db, conflictId: string, undoneAt: Date): void =>
  updateRow(db, syncConflicts, syncConflicts.conflictId, conflictId, { undoneAt });

type Json = 'pushedData' | 'serverData' | 'resolvedData';
type RawConflict = Omit<ConflictRow, Json | 'happenedAt' | 'undoneAt'> &
  Record<Json, string> & { happenedAt: number; undoneAt: number | null };

const conflictOf = (row: RawConflict): ConflictRow => ({
  ...row,
  pushedData: JSON.parse(row.pushedData) as Record<string, unknown>,
  serverData: JSON.parse(row.serverData) as Record<string, unknown>,
  resolvedData: JSON.parse(row.resolvedData) as Record<string, unknown>,
  happenedAt: new Date(row.happenedAt),
  undoneAt: row.undoneAt === null ? null : new Date(row.undoneAt),
});

/** Whether a row with this id is there, whoever's it is. */
export const isIdTaken = (db: Db, { table, id }: { table: string; id: string }, entityId: string): boolean =>
  statement(db.$client, `select 1 from ${table} where ${id} = ?`).get(entityId) !== undefined;

/** The version of a row. */
export const selectVersion = (
  db: Db,
  { table, id }: { table: string; id: string },
  entityId: string,
): number =>
  (statement(db.$client, `select version from ${table} where ${id} = ?`).pluck().get(entityId) as
    | number
    | undefined) ?? 0;

/** Runs a part of a transaction that leaves no trace when it throws. */
export function inPart<T>(db: Db, fn: () => T): T {
  const { $client } = db;
  const takeBackTimes = fieldTimes($client).mark();
  statement($client, 'savepoint part').run();
  try {
    const result = fn();
    statement($client, 'release part').run();
    return result;
  } catch (error) {
    statement($client, 'rollback to part').run();
    statement($client, 'release part').run();
    takeBackTimes();
    throw error;
  }
}
