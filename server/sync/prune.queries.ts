// The SQL that forgets what no device can ask for any more.
import type { Db } from '../catalogue/db.ts';
import { statement } from '../catalogue/statements.ts';

/** An entry of the diary by the number it was written under. */
export type Slice = {
  /** Entries after `afterSeq` up to `toSeq` are looked at. */
  afterSeq: number;
  toSeq: number;
  /** Deletions from before this moment are forgotten, with all that was said of the thing. */
  beforeMs: number;
};

/** A later entry of the same thing in the same person's diary; the plus keeps SQLite from walking the whole diary. */
const LATER = `from changes as later where later.entity_type = told.entity_type and later.entity_id = told.entity_id
  and +later.owner_id = told.owner_id and later.seq`;

/**
 * Entries nobody needs. Of each thing three stay: the last, which is what devices pull; the newest of another device than the
 * last's, which says whether somebody else wrote after a version (isChangedByOthers); and the newest that made it, which tells
 * a new thing from a changed one. What was deleted before the moment leaves nothing.
 */
export const selectForgettable = (db: Db, slice: Slice): number[] =>
  statement(
    db.$client,
    `select seq from changes as told
     where seq > :afterSeq and seq <= :toSeq and (
       (
         (
           exists (select 1 ${LATER} > told.seq and later.device_id is told.device_id)
           or (select min(coalesce(device_id, '')) <> max(coalesce(device_id, '')) ${LATER} > told.seq)
         )
         and (operation <> 'create' or exists (select 1 ${LATER} > told.seq and later.operation = 'create'))
       )
       or (
         changed_at < :beforeMs
         and (select operation = 'delete' and changed_at < :beforeMs ${LATER} >= told.seq order by later.seq desc limit 1)
       )
     ) order by seq`,
  )
    .pluck()
    .all(slice) as number[];

/** Takes entries out of the diary. Its numbers are never given again. */
export const deleteEntries = (db: Db, seqs: readonly number[]): void => {
  statement(db.$client, 'delete from changes where seq in (select value from json_each(?))').run(
    JSON.stringify(seqs),
  );
};

/** The number `size` entries after this one, undefined behind the last. */
export const selectSliceEnd = (db: Db, afterSeq: number, size: number): number | undefined =>
  (statement(db.$client, 'select max(seq) from (select seq from changes where seq > ? order by seq limit ?)')
    .pluck()
    .get(afterSeq, size) as number | null) ?? undefined;

/** How many entries the diary has. */
export const countEntries = (db: Db): number =>
  statement(db.$client, 'select count(*) from changes').pluck().get() as number;

/** Forgets some pushes and conflicts from before the moment, oldest first. Returns whether there may be more. */
export function forgetSomeBefore(db: Db, beforeMs: number, limit: number): boolean {
  const pushes = statement(
    db.$client,
    `delete from sync_pushes where (owner_id, device_id, entity_type, entity_id, timestamp_ms, data_hash) in (
       select owner_id, device_id, entity_type, entity_id, timestamp_ms, data_hash from sync_pushes
       where pushed_at < ? order by pushed_at limit ?)`,
  ).run(beforeMs, limit).changes;
  const conflicts = statement(
    db.$client,
    `delete from sync_conflicts where conflict_id in (
       select conflict_id from sync_conflicts where happened_at < ? limit ?)`,
  ).run(beforeMs, limit).changes;
  return Math.max(pushes, conflicts) === limit;
}

/** Forgets devices that neither pushed nor pulled since the moment; the one heard of last stays, it says when that was. */
export const forgetDevices = (db: Db, beforeMs: number): void => {
  statement(
    db.$client,
    `delete from sync_devices where max(coalesce(last_push_at, 0), coalesce(last_pull_at, 0)) < min(?, (
       select max(max(coalesce(newest.last_push_at, 0), coalesce(newest.last_pull_at, 0))) from sync_devices as newest
       where newest.owner_id = sync_devices.owner_id))`,
  ).run(beforeMs);
};

/** Whether the device pulled at or after the moment. */
export const hasPulledSince = (db: Db, ownerId: string, deviceId: string, sinceMs: number): boolean =>
  statement(
    db.$client,
    'select 1 from sync_devices where owner_id = ? and device_id = ? and last_pull_at >= ?',
  ).get(ownerId, deviceId, sinceMs) !== undefined;
