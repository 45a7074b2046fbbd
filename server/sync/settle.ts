// Settles one change of a device with what is stored, by the rules of RULES.md.
import type { Data, PushedChange, Settling, Words } from './settling.ts';
import type { EntityType, Stored, Writing } from './entity.ts';
import { AppError, notFound } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { fieldTimes } from '../catalogue/times.ts';
import type { Said } from '../catalogue/times.ts';
import { ENTITIES } from './entities.ts';
import { mergeFields } from './merge.ts';
import type { Context, Fields, Merged } from './merge.ts';
import {
  inPart,
  insertAlias,
  insertConflict,
  insertTombstone,
  isChangedByOthers,
  isIdTaken,
  raiseVersion,
  selectLastEntry,
  selectVersion,
} from './sync.queries.ts';

type Known = PushedChange & { entityType: EntityType };

/** Applies one change and returns the version of its thing. Throws AppError for what breaks a rule, and leaves no trace then. */
export function settle(settling: Settling, change: Known): number {
  const { references, atHand, db } = settling;
  const { entityType, operation } = change;
  const entityId = references.idOf(entityType, change.entityId);
  const known = { ...change, entityId };
  const stored = atHand.find(entityType, entityId);
  if (stored === undefined) return inPart(db, () => settleUnknown(settling, known));
  const entity = ENTITIES[entityType];
  const found = { stored, version: stored.version ?? selectVersion(db, entity.at, entityId) };
  if (operation === 'delete') return inPart(db, () => remove(settling, known, found));
  // A part costs a copy of every page it writes.
  if (entity.isChangedOrNot === true) return update(settling, known, found);
  return inPart(db, () => update(settling, known, found));
}

function settleUnknown(settling: Settling, change: Known): number {
  const { db, ownerId } = settling;
  const { entityType, entityId, operation } = change;
  const last = selectLastEntry(db, ownerId, entityType, entityId);
  if (last?.operation === 'delete') return afterDeletion(settling, change, last.version);
  return operation === 'delete' ? deleteUnseen(settling, change) : add(settling, change);
}

/** Delete wins: what was said of it later is kept in the history and changes nothing. */
function afterDeletion(settling: Settling, change: Known, version: number): number {
  if (change.operation !== 'delete')
    logConflict(settling, change, { server: {}, resolved: {}, strategy: 'latest_wins' });
  return version;
}

/** Somebody else's thing is as unknown as one that never was: the tombstone is the person's own and touches nothing. */
function deleteUnseen({ db, ownerId, deviceId, now }: Settling, { entityType, entityId }: Known): number {
  insertTombstone(db, { ownerId, entityType, entityId, deviceId, nowMs: now.getTime() });
  return 1;
}

/** Makes the thing, under a version above that of an earlier life. */
export function add(settling: Settling, change: Known, afterVersion = 0): number {
  const { db, ownerId, deviceId, words, references, atHand, now } = settling;
  const { entityType, entityId } = change;
  const entity = ENTITIES[entityType];
  if (isIdTaken(db, entity.at, entityId)) throw notFound(entityType.replaceAll('_', ' '));
  const fields = references.resolve(entityType, newOf(words, change));
  if (typeof fields.bookId === 'string' && references.isGone('book', fields.bookId)) {
    // What was written in a book that was deleted meanwhile goes where the book's other marks went.
    insertTombstone(db, { ownerId, entityType, entityId, deviceId, nowMs: now.getTime() });
    return afterDeletion(settling, change, 1);
  }
  const namesake = entity.namesake?.(db, ownerId, fields);
  if (namesake !== undefined) {
    insertTombstone(db, { ownerId, entityType, entityId, deviceId, nowMs: now.getTime() });
    insertAlias(db, { ownerId, entityType, aliasId: entityId, entityId: namesake });
    references.learn(entityType, entityId, namesake);
    return settle(settling, change);
  }
  entity.add(writingOf(settling, change), fields);
  atHand.wrote(entityType, entityId);
  if (afterVersion > 0) raiseVersion(db, entity.at, entityId, afterVersion + 1);
  return selectVersion(db, entity.at, entityId);
}

/** What a device only changed can be made here when it says enough of it; else it is not there. */
function newOf(words: Words, { entityType, operation, data }: Known): Fields {
  try {
    return words.asNew(entityType, data);
  } catch (error) {
    if (operation === 'update' && error instanceof AppError) throw notFound(entityType.replaceAll('_', ' '));
    throw error;
  }
}

type Found = { stored: Stored; version: number };

function remove(settling: Settling, change: Known, { stored, version }: Found): number {
  const { db, ownerId } = settling;
  const { entityType, entityId } = change;
  const isSurprise = change.version !== undefined && isUnseen(settling, change, version);
  const server = isSurprise ? settling.words.present(stored.thing()) : {};
  ENTITIES[entityType].remove(writingOf(settling, change));
  settling.atHand.wrote(entityType, entityId);
  if (isSurprise) logConflict(settling, change, { server, resolved: {}, strategy: 'latest_wins' });
  return selectLastEntry(db, ownerId, entityType, entityId)?.version ?? version + 1;
}

function update(settling: Settling, change: Known, { stored, version }: Found): number {
  const { db, words, references, atHand, strategy, onConflict } = settling;
  const { entityType, entityId, data } = change;
  const entity = ENTITIES[entityType];
  const theirs = references.resolve(entityType, words.asChange(entityType, data, stored));
  const saidMs = change.saidAt.getTime();
  const context: Context = {
    times: fieldTimes(db.$client).of(entityId),
    saidMs,
    nowMs: settling.now.getTime(),
    base: change.version,
    bornMs: stored.bornMs,
    strategy,
  };
  const merged =
    entity.merge?.(stored, theirs, context) ??
    mergeFields(
      { ours: stored.fields, theirs, ...(stored.always === undefined ? {} : { always: stored.always }) },
      context,
    );
  const isContested = merged.contested.length > 0 && isUnseen(settling, change, version);
  const isStale = change.version !== undefined && isUnseen(settling, change, version);
  const server = isContested || isStale ? words.present(stored.thing()) : {};
  let newVersion = version;
  if (Object.keys(merged.taken).length > 0) {
    newVersion =
      entity.change(writingOf(settling, change), merged.taken, stored) ??
      selectVersion(db, entity.at, entityId);
    atHand.wrote(entityType, entityId);
  }
  keepTimes(settling, change, merged, newVersion);
  if (isContested || isStale) {
    const after = atHand.find(entityType, entityId);
    const resolved = after === undefined ? {} : words.present(after.thing());
    if (isContested && strategy === 'manual') {
      onConflict({
        entityType,
        entityId: change.entityId,
        localVersion: change.version ?? null,
        serverVersion: version,
        serverData: server,
        resolvedData: resolved,
        strategy: 'manual',
      });
    }
    logConflict(settling, change, { server, resolved, strategy: isContested ? 'latest_wins' : 'merge' });
  }
  return newVersion;
}

/** Whether somebody else than the device wrote since what it had seen. */
function isUnseen(
  { db, deviceId }: Settling,
  { entityType, entityId, version: base }: Known,
  version: number,
): boolean {
  if (base !== undefined && base >= version) return false;
  return isChangedByOthers(db, { entityType, entityId, after: base ?? 0, deviceId });
}

function keepTimes({ db, ownerId }: Settling, { entityId }: Known, { said }: Merged, version: number): void {
  const times: Record<string, Said> = {};
  for (const name in said) times[name] = [said[name]!, version];
  fieldTimes(db.$client).note({ entityId, ownerId, said: times });
}

function logConflict(
  { db, ownerId, deviceId, now }: Settling,
  { entityType, entityId, data }: Known,
  { server, resolved, strategy }: { server: Data; resolved: Data; strategy: 'latest_wins' | 'merge' },
): void {
  insertConflict(db, {
    conflictId: newId(now),
    ownerId,
    entityType,
    entityId,
    deviceId,
    strategy,
    pushedData: data,
    serverData: server,
    resolvedData: resolved,
    happenedAt: now,
  });
}

const writingOf = ({ db, ownerId, now, rules, claim }: Settling, { entityId, saidAt }: Known): Writing => ({
  db,
  ownerId,
  id: entityId,
  saidAt,
  now,
  rules,
  claim,
});
