// A push, as types: what a device says, in whose words, what becomes of it, and what settling it needs.
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Db } from '../catalogue/db.ts';
import type { ReadingRules } from '../reading/rules.ts';
import type { Files } from '../files/files.ts';
import type { AtHand } from './at-hand.ts';
import type { EntityType, Stored, Thing } from './entity.ts';
import type { Fields, Strategy } from './merge.ts';
import type { References } from './references.ts';
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

/** Everything sync needs of others. */
export type SyncParts = {
  catalogue: Catalogue;
  clock: Clock;
  rules: ReadingRules;
  /** Gives an uploaded file to a new book. */
  claim: Files['claiming'];
};

/** A push that is being taken in. */
export type Settling = PushTo & {
  db: Db;
  now: Date;
  rules: ReadingRules;
  claim: SyncParts['claim'];
  references: References;
  atHand: AtHand;
  onConflict: (conflict: Conflict) => void;
};
