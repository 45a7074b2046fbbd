// Takes in what a device did while it was away: one transaction for all of it, by the rules of RULES.md.
import { AppError, invalid } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { Files } from '../storage/files.ts';
import { createAnswered, told } from './answered.ts';
import type { Answered, Told } from './answered.ts';
import { createAtHand } from './at-hand.ts';
import { isEntityType } from './entities.ts';
import type { EntityType, Stored, Thing } from './entities.ts';
import type { Fields, Strategy } from './merge.ts';
import { createReferences } from './references.ts';
import { settle } from './settle.ts';
import type { Settling } from './settle.ts';
import { noteDevice, selectNewestMoment } from './sync.queries.ts';
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
  asChange(entityType: EntityType, data: Data, stored: Stored): Fields;
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
        const settling = {
          db,
          ...to,
          now,
          rules,
          claim,
          references: createReferences(db, to.ownerId),
          atHand: createAtHand(db, to.ownerId),
          onConflict: (each: Conflict) => conflicts.push(each),
        };
        const answer = takeIn(settling, inOrder);
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

function takeIn(
  settling: Settling,
  changes: readonly PushedChange[],
): { accepted: Accepted[]; rejected: Rejected[] } {
  const accepted: Accepted[] = [];
  const rejected = new Map<Told, string>();
  const pushed = changes.map(told);
  const answered = createAnswered(settling, pushed);
  haveAtHand(
    settling,
    pushed.filter((each) => answered.versionOf(each) === undefined),
  );
  let waiting = pushed;
  for (let round = 1; round <= ROUNDS && waiting.length > 0; round += 1) {
    const before = accepted.length;
    const refused: Told[] = [];
    for (const each of waiting) {
      const { entityType, entityId } = each.change;
      try {
        const newVersion = settleOnce(settling, answered, each);
        accepted.push({ entityType, entityId, newVersion });
        rejected.delete(each);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        rejected.set(each, error.message);
        refused.push(each);
      }
    }
    if (accepted.length === before) break;
    waiting = refused;
  }
  answered.write();
  return {
    accepted,
    rejected: [...rejected].map(
      ([
        {
          change: { entityType, entityId },
        },
        reason,
      ]) => ({ entityType, entityId, reason }),
    ),
  };
}

function haveAtHand({ references, atHand }: Settling, pushed: readonly Told[]): void {
  for (const [entityType, some] of Map.groupBy(pushed, ({ change }) => change.entityType)) {
    if (!isEntityType(entityType)) continue;
    const ids = some.map(({ change }) => references.idOf(entityType, change.entityId));
    atHand.load(entityType, [...new Set(ids)]);
  }
}

/** The same change again is answered as the first time; one that is refused leaves no trace. */
function settleOnce(settling: Settling, answered: Answered, each: Told): number {
  const { change } = each;
  const { entityType } = change;
  if (!isEntityType(entityType)) throw invalid(`There is no kind of thing called "${entityType}" here.`);
  const before = answered.versionOf(each);
  if (before !== undefined) return before;
  const version = settle(settling, { ...change, entityType });
  answered.note(each, version);
  return version;
}
