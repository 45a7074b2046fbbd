// How devices' words reach reading sessions, goals and profiles.
import type { Entity, Stored } from './entity.ts';
import { notFound } from '../base/errors.ts';
import { addGoal, changeGoal, goalsOf, removeGoal } from '../reading/goals.ts';
import type { Goal, NewGoal } from '../reading/goals.ts';
import { forgetSession, keepSession, sessionsById } from '../reading/papyrus-sessions.ts';
import type { ReadingSession, SessionFacts } from '../reading/papyrus-sessions.ts';
import { addProfile, changeProfile, makeDefault, removeProfile } from '../reading/profiles.ts';
import type { NewProfile } from '../reading/profiles.ts';
import { selectProfile, selectProfiles } from '../reading/profiles.queries.ts';
import type { ProfileRow } from '../reading/profiles.queries.ts';
import type { Fields } from './merge.ts';

export const session: Entity = {
  at: { table: 'reading_sessions', id: 'session_id' },
  select: (db, ownerId, ids) =>
    sessionsById(db, ownerId, ids).map(
      (record) => [record.sessionId, { kind: 'reading_session', record }] as const,
    ),
  find(db, ownerId, id) {
    const [record] = sessionsById(db, ownerId, [id]);
    if (record === undefined) return undefined;
    const bornMs = record.createdAt.getTime();
    return { thing: () => ({ kind: 'reading_session', record }), fields: record, bornMs };
  },
  add: ({ db, ownerId, id, saidAt, rules }, fields) =>
    keepSession(db, { ownerId, sessionId: id, facts: fields as SessionFacts }, { rules, now: saidAt }),
  change({ db, ownerId, id, now, rules }, taken, { fields }) {
    const before = fields as ReadingSession;
    if (before.bookId === null) throw notFound('session', id);
    const { bookId, startedAt, endedAt, startPosition, endPosition, pagesRead, deviceType, deviceName } =
      before;
    const facts = {
      bookId,
      startedAt,
      endedAt,
      startPosition,
      endPosition,
      pagesRead,
      deviceType,
      deviceName,
    };
    const change = taken as Partial<SessionFacts>;
    keepSession(db, { ownerId, sessionId: id, facts: { ...facts, ...change, bookId } }, { rules, now });
  },
  remove: ({ db, id, rules }) => forgetSession(db, id, rules),
};

const goalStored = (record: Goal): Stored => ({
  thing: () => ({ kind: 'reading_goal', record }),
  fields: record,
  bornMs: record.createdAt.getTime(),
});

export const goal: Entity = {
  at: { table: 'reading_goals', id: 'goal_id' },
  select(db, ownerId, ids) {
    const asked = new Set(ids);
    return goalsOf(db, ownerId)
      .filter((row) => asked.has(row.goalId))
      .map((row) => [row.goalId, goalStored(row).thing()] as const);
  },
  find(db, ownerId, id) {
    const row = goalsOf(db, ownerId).find(({ goalId }) => goalId === id);
    return row === undefined ? undefined : goalStored(row);
  },
  add: ({ db, ownerId, id, saidAt }, fields) =>
    addGoal(db, ownerId, { ...(fields as NewGoal & { isActive?: boolean }), goalId: id }, saidAt),
  change: ({ db, ownerId, id, now }, taken) => changeGoal(db, ownerId, id, taken, now),
  remove: ({ db, ownerId, id }) => removeGoal(db, ownerId, id),
};

const LOOK = 'look.';

/** Every word of the look is a field of its own. */
const profileStored = (record: ProfileRow): Stored => ({
  thing: () => ({ kind: 'reading_profile', record }),
  fields: {
    name: record.name,
    isDefault: record.isDefault,
    ...Object.fromEntries(Object.entries(record.appearance).map(([key, value]) => [`${LOOK}${key}`, value])),
  },
  bornMs: record.createdAt.getTime(),
});

/** Returns what a device says of a profile with every word of the look by itself. */
export const profileFields = ({
  name,
  isDefault,
  appearance,
}: {
  name?: string | undefined;
  isDefault?: boolean | undefined;
  appearance: Fields;
}): Fields => ({
  ...(name === undefined ? {} : { name }),
  // There is always one default: it moves to another profile and is never taken away.
  ...(isDefault === true ? { isDefault } : {}),
  ...Object.fromEntries(
    Object.entries(appearance)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [`${LOOK}${key}`, value]),
  ),
});

export const profile: Entity = {
  at: { table: 'reading_profiles', id: 'profile_id' },
  select(db, ownerId, ids) {
    const asked = new Set(ids);
    return selectProfiles(db, ownerId)
      .filter((row) => asked.has(row.profileId))
      .map((row) => [row.profileId, profileStored(row).thing()] as const);
  },
  find(db, ownerId, id) {
    const row = selectProfile(db, ownerId, id);
    return row === undefined ? undefined : profileStored(row);
  },
  add: ({ db, ownerId, id, saidAt }, fields) =>
    addProfile(db, ownerId, { ...newProfileOf(fields), profileId: id }, saidAt),
  change({ db, ownerId, id, now }, taken) {
    const { name, isDefault, appearance } = newProfileOf(taken);
    if (name !== undefined || Object.keys(appearance).length > 0)
      changeProfile(db, ownerId, id, { name, appearance }, now);
    if (isDefault === true) makeDefault(db, ownerId, id, now);
  },
  remove: ({ db, ownerId, id }) => removeProfile(db, ownerId, id),
};

function newProfileOf({ name, isDefault, ...look }: Fields): NewProfile {
  const appearance = Object.fromEntries(
    Object.entries(look).map(([key, value]) => [key.slice(LOOK.length), value]),
  );
  return { name: name as string, ...(isDefault === true ? { isDefault } : {}), appearance };
}
