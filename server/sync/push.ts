// Takes in what a device did while it was away: one transaction for all of it, by the rules of RULES.md.
import type {
  Accepted,
  Conflict,
  PushTo,
  Pushed,
  PushedChange,
  Rejected,
  Settling,
  SyncParts,
} from './settling.ts';
import { AppError, invalid } from '../base/errors.ts';
import { createAnswered, told } from './answered.ts';
import type { Answered, Told } from './answered.ts';
import { createAtHand } from './at-hand.ts';
import { isEntityType } from './entities.ts';
import { createReferences } from './references.ts';
import { settle } from './settle.ts';
import { noteDevice, selectNewestMoment } from './sync.queries.ts';

/** A clock further ahead than this is wrong. */
const AHEAD_MS = 5 * 60_000;
/** How often what was refused is tried again after what came later in the push. */
const ROUNDS = 3;

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
