// The one door to the catalogue: read(fn) and write(by, fn). Announces what changed after the commit.
import type { Db } from './db.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { installDiary, newestEntry, ownersAfter } from './changes.ts';
import { keepFileFacts } from './file-facts.ts';
import { NO_FILE } from './own-file.ts';
import type { OwnFile } from './own-file.ts';
import { openSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { keepTimes } from './times.ts';
import { foldAnew, keepWords } from './words.ts';

export type WriteBy = {
  /** The device that caused the change, for sync; absent for the server itself. */
  deviceId?: string;
  /**
   * False for what a rescan can find again: the commit may then be lost with the power, never with the process.
   * A person's own words are always true (SQLite synchronous=FULL).
   */
  durable?: boolean;
};

/** What follows from a write and belongs to the same transaction. */
export type BeforeCommit = { settle(db: Db): void; forget(db: Db): void };

export type Catalogue = {
  /** Runs a query function on a state that nobody changes meanwhile. */
  read<T>(fn: (db: Db) => T): T;
  /** Runs `fn` as one transaction: all of it or nothing. Not nestable. Throws unavailable while its file is gone. */
  write<T>(by: WriteBy, fn: (db: Db) => T): T;
  /** Has `settle` run at the end of every write, before it is committed, and `forget` when a write is taken back. */
  beforeCommit(part: BeforeCommit): void;
  /** The diary's newest entry: a number that grows whenever something a person sees changed. */
  revision(): number;
  /** Whether the file is still where it was opened, looked at by `look` from time to time. */
  ownFile: OwnFile;
  /** Opens a second look at the file as it is now, for work that takes long. */
  snapshot(): Snapshot;
  close(): void;
};

/** Returns the door over an opened and migrated file; `release` is called after closing. */
export function createCatalogue(parts: {
  db: Db;
  clock: Clock;
  events: EventBus;
  release: () => void;
  ownFile?: OwnFile;
}): Catalogue {
  const { db, clock, events, release, ownFile = NO_FILE } = parts;
  const client = db.$client;
  let writer: { deviceId: string | null; nowMs: number } = { deviceId: null, nowMs: 0 };
  foldAnew(client);
  const times = keepTimes(client);
  installDiary(client, times, () => writer);
  keepFileFacts(client);
  const words = keepWords(client);
  const followers: BeforeCommit[] = [];
  let seq = newestEntry(client);

  return {
    read: (fn) => fn(db),
    write: (by, fn) => {
      if (client.inTransaction) throw new Error('catalogue.write cannot be nested');
      ownFile.check();
      writer = { deviceId: by.deviceId ?? null, nowMs: clock.now().getTime() };
      if (by.durable === false) client.pragma('synchronous = normal');
      let result;
      try {
        client.exec('begin immediate');
        try {
          result = fn(db);
          for (const follower of followers) follower.settle(db);
          words.write();
          times.write();
          client.exec('commit');
        } catch (error) {
          for (const follower of followers) follower.forget(db);
          words.forget();
          times.forget();
          if (client.inTransaction) client.exec('rollback');
          throw error;
        }
      } finally {
        if (by.durable === false) client.pragma('synchronous = full');
      }
      const before = seq;
      seq = newestEntry(client);
      if (seq > before) {
        events.emit('catalogue-changed', { seq, owners: ownersAfter(client, before) });
      }
      return result;
    },
    beforeCommit: (follower) => void followers.push(follower),
    revision: () => seq,
    ownFile,
    snapshot: () => openSnapshot(db),
    close: () => {
      try {
        client.pragma('optimize');
      } catch {
        // It writes what the planner learnt; a full disk must not keep the file open for that.
      }
      client.close();
      release();
    },
  };
}
