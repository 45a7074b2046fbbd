// Takes in what a device did while it was away: one transaction for all of it, by the rules of RULES.md.
import { createHash } from 'node:crypto';
import { AppError, invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import type { Catalogue, Db } from '../catalogue/catalogue.ts';
import type { ReadingRules } from '../reading/rules.ts';
import { ENTITIES, isEntityType } from './entities.ts';
import type { EntityType, Stored, Thing, Writing } from './entities.ts';
import { mergeFields } from './merge.ts';
import type { Context, Fields, Merged, Said, Strategy } from './merge.ts';
import { createReferences } from './references.ts';
import type { Files } from '../storage/files.ts';
import type { References } from './references.ts';
import {
  inPart,
  insertAlias,
  insertConflict,
  insertPush,
  insertTombstone,
  isChangedByOthers,
  isIdTaken,
  noteDevice,
  raiseVersion,
  selectLastEntry,
  selectNewestMoment,
  selectPush,
  selectTimes,
  selectVersion,
  putTimes,
} from './sync.queries.ts';
import type { Operation } from './sync.queries.ts';

/** What a device says it did. */
export type PushedChange = {
  entityType: string;
  entityId: string;
  operation: Operation;
  /** In the words of whoever pushes. */
  data: Data;
  saidAt: Date;
  version?: number | undefined;
};
export type Data = Record<string, unknown>;

/** Turns the words of whoever pushes into fields and things back into their words. Both throw invalid. */
export type Words = {
  /** Returns what a new thing is made of. */
  asNew(entityType: EntityType, data: Data): Fields;
  /** Returns the fields the data speaks of, knowing the thing as it is. */
  asChange(entityType: EntityType, data: Data, thing: Thing): Fields;
  present(thing: Thing): Data;
};

export type Accepted = { entityType: string; entityId: string; newVersion: number };
export type Rejected = { entityType: string; entityId: string; reason: string };
export type Conflict = {
  entityType: string;
  entityId: string;
  localVersion: number | null;
  serverVersion: number;
  serverData: Data;
  resolvedData: Data;
  strategy: 'latest_wins' | 'merge' | 'manual';
};
export type Pushed =
  | { accepted: Accepted[]; rejected: Rejected[]; upTo: Date }
  /** A person must decide: nothing was taken in. */
  | { conflicts: Conflict[] };

export type PushTo = {
  ownerId: string;
  deviceId: string;
  strategy: Strategy;
  words: Words;
};

/** A clock further ahead than this is wrong. */
const AHEAD_MS = 5 * 60_000;
/** How often what was refused is tried again after what came later in the push. */
const ROUNDS = 3;

/** Everything sync needs of others. */
export type SyncParts = {
  catalogue: Catalogue;
  clock: Clock;
  rules: ReadingRules;
  /** Gives an uploaded file to a new book. */
  claim: Files['claiming'];
};

/** Returns the verb that takes in the changes of a device; what breaks a rule is rejected by itself. */
export function createPush({ catalogue, clock, rules, claim }: SyncParts) {
  return (to: PushTo, changes: readonly PushedChange[]): Pushed => {
    const now = clock.now();
    const conflicts: Conflict[] = [];
    const inOrder = changes
      .map((change) => ({ ...change, saidAt: notAhead(change.saidAt, now) }))
      .toSorted((a, b) => a.saidAt.getTime() - b.saidAt.getTime());
    try {
      return catalogue.write({ deviceId: to.deviceId }, (db) => {
        const references = createReferences(db, to.ownerId);
        const settle = {
          db,
          ...to,
          now,
          rules,
          claim,
          references,
          onConflict: (each: Conflict) => conflicts.push(each),
        };
        const answer = takeIn(settle, inOrder);
        if (to.strategy === 'manual' && conflicts.length > 0) throw new PersonMustDecide();
        noteDevice(db, to.ownerId, to.deviceId, { lastPushAt: now });
        return { ...answer, upTo: new Date(selectNewestMoment(db, to.ownerId)) };
      });
    } catch (error) {
      if (error instanceof PersonMustDecide) return { conflicts };
      throw error;
    }
  };
}

class PersonMustDecide extends Error {}

const notAhead = (saidAt: Date, now: Date): Date =>
  saidAt.getTime() > now.getTime() + AHEAD_MS ? now : saidAt;

export type Settling = PushTo & {
  db: Db;
  now: Date;
  rules: ReadingRules;
  claim: SyncParts['claim'];
  references: References;
  onConflict: (conflict: Conflict) => void;
};

function takeIn(
  settling: Settling,
  changes: readonly PushedChange[],
): { accepted: Accepted[]; rejected: Rejected[] } {
  const accepted: Accepted[] = [];
  const rejected = new Map<PushedChange, string>();
  let waiting = changes;
  for (let round = 1; round <= ROUNDS && waiting.length > 0; round += 1) {
    const before = accepted.length;
    const refused: PushedChange[] = [];
    for (const change of waiting) {
      const { entityType, entityId } = change;
      try {
        const newVersion = inPart(settling.db, () => settleOnce(settling, change));
        accepted.push({ entityType, entityId, newVersion });
        rejected.delete(change);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        rejected.set(change, error.message);
        refused.push(change);
      }
    }
    if (accepted.length === before) break;
    waiting = refused;
  }
  return {
    accepted,
    rejected: [...rejected].map(([{ entityType, entityId }, reason]) => ({ entityType, entityId, reason })),
  };
}

/** The same push again is answered as the first time. */
function settleOnce(settling: Settling, change: PushedChange): number {
  const { db, ownerId, deviceId, now } = settling;
  const { entityType, entityId } = change;
  if (!isEntityType(entityType)) throw invalid(`There is no kind of thing called "${entityType}" here.`);
  const push = {
    ownerId,
    deviceId,
    entityType,
    entityId,
    timestampMs: change.saidAt.getTime(),
    dataHash: hashOf(change),
  };
  const before = selectPush(db, push);
  if (before !== undefined) return before;
  const version = settle(settling, { ...change, entityType });
  insertPush(db, { ...push, version, pushedAt: now });
  return version;
}

const hashOf = ({ operation, data, version }: PushedChange): string =>
  createHash('sha1')
    .update(JSON.stringify([operation, data, version]))
    .digest('base64url');

type Known = PushedChange & { entityType: EntityType };

/** Applies one change and returns the version of its thing. Throws AppError for what breaks a rule. */
export function settle(settling: Settling, change: Known): number {
  const { db, ownerId, references } = settling;
  const { entityType, operation } = change;
  const entityId = references.idOf(entityType, change.entityId);
  const entity = ENTITIES[entityType];
  const stored = entity.find(db, ownerId, entityId);
  const known = { ...change, entityId };
  if (stored === undefined) {
    const last = selectLastEntry(db, ownerId, entityType, entityId);
    if (last?.operation === 'delete') return afterDeletion(settling, known, last.version);
    return operation === 'delete' ? deleteUnseen(settling, known) : add(settling, known);
  }
  const version = selectVersion(db, entity.at, entityId);
  return operation === 'delete'
    ? remove(settling, known, { stored, version })
    : update(settling, known, { stored, version });
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
  const { db, ownerId, deviceId, words, references, now } = settling;
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
  const server = isSurprise ? settling.words.present(stored.thing) : {};
  ENTITIES[entityType].remove(writingOf(settling, change));
  if (isSurprise) logConflict(settling, change, { server, resolved: {}, strategy: 'latest_wins' });
  return selectLastEntry(db, ownerId, entityType, entityId)?.version ?? version + 1;
}

function update(settling: Settling, change: Known, { stored, version }: Found): number {
  const { db, ownerId, words, references, strategy, onConflict } = settling;
  const { entityType, entityId, data } = change;
  const entity = ENTITIES[entityType];
  const theirs = references.resolve(entityType, words.asChange(entityType, data, stored.thing));
  const saidMs = change.saidAt.getTime();
  const context: Context = {
    times: selectTimes(db, entityId),
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
  if (Object.keys(merged.taken).length > 0) entity.change(writingOf(settling, change), merged.taken, stored);
  const newVersion = selectVersion(db, entity.at, entityId);
  keepTimes(settling, change, merged, newVersion);
  if (isContested || isStale) {
    const server = words.present(stored.thing);
    const after = entity.find(db, ownerId, entityId);
    const resolved = after === undefined ? {} : words.present(after.thing);
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
  const times = Object.entries(said).map(([name, atMs]): [string, Said] => [name, [atMs, version]]);
  if (times.length > 0) putTimes(db, ownerId, entityId, Object.fromEntries(times));
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
