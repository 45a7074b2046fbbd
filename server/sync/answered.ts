// How changes of a device were answered before: the same change again gets the same answer.
import type { Settling } from './settling.ts';
import type { PushedChange } from './settling.ts';
import { hash } from 'node:crypto';
import { insertPushes, selectPushes } from './sync.queries.ts';
import type { PushKey } from './sync.queries.ts';

/** A change of a push, with what tells it from every other of the device's. */
export type Told = { change: PushedChange; key: PushKey; text: string };

export type Answered = ReturnType<typeof createAnswered>;

/** Returns the change with its key. */
export function told(change: PushedChange): Told {
  const { entityType, entityId, saidAt, operation, data, version } = change;
  const said = hash('sha1', JSON.stringify([operation, data, version]), 'base64url');
  const key = [entityType, entityId, saidAt.getTime(), said] as const;
  return { change, key, text: key.join(' ') };
}

/** Returns what is known of the changes of a push, read at once. */
export function createAnswered({ db, ownerId, deviceId, now }: Settling, pushed: readonly Told[]) {
  const from = { ownerId, deviceId };
  const versions = selectPushes(
    db,
    from,
    pushed.map(({ key }) => key),
  );
  const byText = new Map(versions.map(([key, version]) => [key.join(' '), version]));
  const fresh: [key: PushKey, version: number][] = [];
  return {
    /** The version it was answered with. */
    versionOf: ({ text }: Told): number | undefined => byText.get(text),

    /** Notes the answer. */
    note({ key, text }: Told, version: number): void {
      byText.set(text, version);
      fresh.push([key, version]);
    },

    /** Keeps what was noted. */
    write: (): void => insertPushes(db, { ...from, pushedMs: now.getTime() }, fresh),
  };
}
