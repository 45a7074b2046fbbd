// How changes of a device were answered before: the same change again gets the same answer.
import { hash } from 'node:crypto';
import type { PushedChange } from './push.ts';
import type { Settling } from './settle.ts';
import { insertPushes, selectPushes } from './sync.queries.ts';
import type { PushKey } from './sync.queries.ts';

export type Answered = ReturnType<typeof createAnswered>;

/** Returns what is known of the changes of a push, read at once. */
export function createAnswered({ db, ownerId, deviceId, now }: Settling, changes: readonly PushedChange[]) {
  const from = { ownerId, deviceId };
  const keys = new Map(changes.map((change) => [change, keyOf(change)]));
  const keyFor = (change: PushedChange): PushKey => keys.get(change) ?? keyOf(change);
  const versions = new Map(
    selectPushes(db, from, [...keys.values()]).map(([key, version]) => [textOf(key), version]),
  );
  const fresh: [key: PushKey, version: number][] = [];
  return {
    /** The version it was answered with. */
    versionOf: (change: PushedChange): number | undefined => versions.get(textOf(keyFor(change))),

    /** Notes the answer. */
    note(change: PushedChange, version: number): void {
      const key = keyFor(change);
      versions.set(textOf(key), version);
      fresh.push([key, version]);
    },

    /** Keeps what was noted. */
    write: (): void => insertPushes(db, { ...from, pushedMs: now.getTime() }, fresh),
  };
}

const keyOf = ({ entityType, entityId, saidAt, operation, data, version }: PushedChange): PushKey => [
  entityType,
  entityId,
  saidAt.getTime(),
  hash('sha1', JSON.stringify([operation, data, version]), 'base64url'),
];

const textOf = (key: PushKey): string => key.join(' ');
