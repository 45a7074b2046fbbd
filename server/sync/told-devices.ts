// What listening devices know: until when everything of a person's was told to them. What somebody else said after that
// they cannot have meant to take back.
import type { Db } from '../catalogue/db.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { selectToldAt, updateToldAt } from './stream.queries.ts';

/** A process that is killed forgets at most this much: a device is taken to know less then, never more. */
const KEEP_EVERY_MS = 60_000;

export type ToldDevices = ReturnType<typeof createToldDevices>;

/** Returns the verbs. */
export function createToldDevices({ catalogue }: { catalogue: Catalogue }) {
  const known = new Map<string, { toldMs: number; keptMs: number }>();
  return {
    /** Notes that a device was told everything until then. */
    note(sessionId: string, toldMs: number): void {
      const keptMs = known.get(sessionId)?.keptMs ?? 0;
      const isDue = toldMs - keptMs >= KEEP_EVERY_MS;
      known.set(sessionId, { toldMs, keptMs: isDue ? toldMs : keptMs });
      if (isDue) catalogue.write({ durable: false }, (db) => updateToldAt(db, sessionId, toldMs));
    },

    /** Until when a device was told everything; undefined for one that never listened. */
    until: (db: Db, sessionId: string): number | undefined =>
      known.get(sessionId)?.toldMs ?? selectToldAt(db, sessionId),
  };
}
