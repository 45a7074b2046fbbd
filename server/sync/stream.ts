// A person's books as a stream of changes: what devices that listen are told, and in which order.
// The protocol is a checkpoint that names a bucket with its checksum, the bucket's ops, and the word that it is complete.
import type { Db } from '../catalogue/db.ts';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { shownBooks } from '../library/books.ts';
import type { ShownBook } from '../library/books.queries.ts';
import { withMediaIds } from '../files/media.queries.ts';
import type { MediaIds } from '../files/media.queries.ts';
import {
  checksumOf,
  countStreamedBooks,
  raiseCheckpoint,
  renewBucket,
  selectBucket,
  selectCheckpoint,
  selectGeneration,
  selectOps,
  withDeviceFiles,
} from './stream.queries.ts';
import type { Bucket, DeviceFile } from './stream.queries.ts';
import { selectNewestMoment } from './sync.queries.ts';
import type { ToldDevices } from './told-devices.ts';

/** What a listening device says it has: buckets by name, with the newest op of each. */
export type Listener = {
  ownerId: string;
  clientId: string;
  sessionId: string;
  buckets: { name: string; afterOpId: number }[];
  signal: AbortSignal;
};

export type StreamedBook = ShownBook & MediaIds & { deviceFile: DeviceFile | undefined };
export type NamedBucket = { name: string; count: number; checksum: number };

/** What the device is told, in this order: a checkpoint, its ops, its end; then what changed since, in the same way. */
export type StreamEvent =
  | { kind: 'checkpoint'; lastOpId: number; writeCheckpoint: number; bucket: NamedBucket }
  | {
      kind: 'checkpoint-diff';
      lastOpId: number;
      writeCheckpoint: number;
      updated: NamedBucket[];
      removed: string[];
    }
  | {
      kind: 'ops';
      bucket: string;
      afterOpId: number;
      nextAfterOpId: number;
      hasMore: boolean;
      ops: { opId: number; checksum: number; bookId: string; book: StreamedBook | undefined }[];
    }
  | { kind: 'complete'; lastOpId: number }
  /** Nothing happened for a while. */
  | { kind: 'quiet' };

export type StreamPace = {
  /** Ops in one line. */
  slice: number;
  /** Changes within this time are told together. */
  gatherMs: number;
  /** The longest silence. */
  quietMs: number;
  /** A bucket begins anew with more ops than this many times its books, and some. */
  compactAbove: (books: number) => number;
};

const PACE: StreamPace = {
  slice: 100,
  gatherMs: 200,
  quietMs: 15_000,
  // Reading moves a position twice a second: ops pile up faster than books.
  compactAbove: (books) => 3 * books + 1000,
};

const nameOf = (generation: number) => `books-${generation}`;

export type Stream = ReturnType<typeof createStream>;

/** Returns the stream. */
export function createStream({
  catalogue,
  clock,
  events,
  toldDevices,
  pace: given = {},
}: {
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  toldDevices: ToldDevices;
  pace?: Partial<StreamPace> | undefined;
}) {
  const pace: StreamPace = { ...PACE, ...given };
  // What a device waits for was asked before: an older library that was put back may know nothing of it.
  const openedMs = clock.now().getTime();
  /** Called when a device asked for a write checkpoint. */
  const asked = new Map<string, Set<() => void>>();
  const keyOf = (ownerId: string, clientId: string) => `${ownerId} ${clientId}`;

  /** What was looked at last of each person's, and up to how many ops the bucket need not begin anew. */
  const known = new Map<string, { bucket: Bucket; enough: number }>();

  /** The bucket as it is now, made or made anew first where that is due. */
  function currentBucket(ownerId: string): Bucket {
    const before = known.get(ownerId);
    let bucket = catalogue.read((db) => selectBucket(db, ownerId, before?.bucket));
    let enough = before?.bucket.generation === bucket?.generation ? (before?.enough ?? 0) : 0;
    if (bucket === undefined || bucket.count > enough) {
      enough = catalogue.read((db) => pace.compactAbove(countStreamedBooks(db, ownerId)));
      if (bucket === undefined || bucket.count > enough)
        bucket = catalogue.write({}, (db) => {
          renewBucket(db, ownerId);
          return selectBucket(db, ownerId, undefined)!;
        });
    }
    known.set(ownerId, { bucket, enough });
    return bucket;
  }

  return {
    /**
     * Follows a person's books from where the device is until its signal aborts. A device that has another generation gets
     * the whole bucket and drops the old one by its name's absence. Never holds more than one slice of ops.
     */
    async *follow({ ownerId, clientId, sessionId, buckets, signal }: Listener): AsyncGenerator<StreamEvent> {
      const wake = createBell(signal);
      const stops = [
        events.on('catalogue-changed', ({ owners }) => {
          if (owners.includes(ownerId)) wake.ring();
        }),
        listen(asked, keyOf(ownerId, clientId), () => wake.ring()),
      ];
      try {
        const has = new Map(buckets.map(({ name, afterOpId }) => [name, afterOpId]));
        let told: { bucket: Bucket; writeCheckpoint: number } | undefined;
        while (!signal.aborted) {
          const lookedMs = catalogue.read((db) => momentOf(db, ownerId, clock.now()));
          const bucket = currentBucket(ownerId);
          const reached = catalogue.read((db) => selectCheckpoint(db, ownerId, clientId)) ?? 0;
          const writeCheckpoint = Math.max(reached, openedMs);
          const isNews =
            told === undefined ||
            told.bucket.generation !== bucket.generation ||
            told.bucket.lastOpId !== bucket.lastOpId ||
            told.writeCheckpoint !== writeCheckpoint;
          if (!isNews) {
            if (await wake.heard(pace.quietMs)) await pause(pace.gatherMs, signal);
            else {
              toldDevices.note(sessionId, lookedMs);
              yield { kind: 'quiet' };
            }
            continue;
          }
          yield announcement(told?.bucket, bucket, writeCheckpoint);
          const name = nameOf(bucket.generation);
          const isWhole = yield* opsOf(ownerId, bucket, has.get(name) ?? 0, signal);
          // The bucket began anew meanwhile: its ops are gone, the next round announces the new one.
          if (!isWhole) continue;
          told = { bucket, writeCheckpoint };
          has.clear();
          has.set(name, bucket.lastOpId);
          yield { kind: 'complete', lastOpId: bucket.lastOpId };
          toldDevices.note(sessionId, lookedMs);
        }
      } finally {
        for (const stop of stops) stop();
      }
    },

    /**
     * Notes that the device has sent everything it had, and returns the number its stream will say: uploads commit before
     * they are answered, so what it sent is in every checkpoint from now on.
     */
    writeCheckpoint(ownerId: string, clientId: string): number {
      const number = catalogue.write({}, (db) =>
        raiseCheckpoint(db, ownerId, clientId, clock.now().getTime()),
      );
      for (const ring of asked.get(keyOf(ownerId, clientId)) ?? []) ring();
      return number;
    },
  };

  /** Gives the ops after `afterOpId` slice by slice; returns false when the bucket was replaced on the way. */
  async function* opsOf(
    ownerId: string,
    bucket: Bucket,
    afterOpId: number,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, boolean> {
    const { generation, lastOpId } = bucket;
    for (let after = afterOpId; after < lastOpId && !signal.aborted;) {
      const slice = catalogue.read((db) => {
        if (selectGeneration(db, ownerId) !== generation) return undefined;
        const ops = selectOps(db, ownerId, { afterOpId: after, lastOpId, limit: pace.slice });
        const ids = ops.filter((op) => !op.isSuperseded).map((op) => op.bookId);
        const found = withDeviceFiles(db, withMediaIds(db, shownBooks(db, ownerId, ids)));
        const byId = new Map(found.map((book) => [book.bookId, book]));
        // Of an op that a later one of this checkpoint overtakes only the checksum counts.
        return ops.map((op) => ({
          opId: op.opId,
          checksum: checksumOf(op.opId, op.bookId),
          bookId: op.bookId,
          book: op.isSuperseded ? undefined : byId.get(op.bookId),
        }));
      });
      if (slice === undefined) return false;
      const next = slice.at(-1)?.opId ?? lastOpId;
      const bucketName = nameOf(generation);
      yield {
        kind: 'ops',
        bucket: bucketName,
        afterOpId: after,
        nextAfterOpId: next,
        hasMore: next < lastOpId,
        ops: slice,
      };
      after = next;
      // A reader as fast as this computer never makes us wait: others would, for a whole library.
      await breathe();
    }
    return true;
  }
}

/** A person's moments rise also while the clock stands still. */
const momentOf = (db: Db, ownerId: string, now: Date): number =>
  Math.max(now.getTime(), selectNewestMoment(db, ownerId));

function announcement(before: Bucket | undefined, bucket: Bucket, writeCheckpoint: number): StreamEvent {
  const { generation, lastOpId, count, checksum } = bucket;
  const named = { name: nameOf(generation), count, checksum };
  if (before === undefined) return { kind: 'checkpoint', lastOpId, writeCheckpoint, bucket: named };
  return {
    kind: 'checkpoint-diff',
    lastOpId,
    writeCheckpoint,
    updated: before.lastOpId === lastOpId && before.generation === generation ? [] : [named],
    removed: before.generation === generation ? [] : [nameOf(before.generation)],
  };
}

function listen(bells: Map<string, Set<() => void>>, key: string, ring: () => void): () => void {
  const rings = bells.get(key) ?? new Set();
  bells.set(key, rings.add(ring));
  return () => {
    rings.delete(ring);
    if (rings.size === 0) bells.delete(key);
  };
}

/** Rings are remembered until somebody waits: none is missed between two looks. */
function createBell(signal: AbortSignal) {
  let hasRung = false;
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    ring(): void {
      hasRung = true;
      wake();
    },
    /** Resolves with whether it rang within the time. */
    async heard(withinMs: number): Promise<boolean> {
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = () => {};
      }
      const rang = hasRung;
      hasRung = false;
      return rang;
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
