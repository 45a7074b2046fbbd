// What a running server can be asked, and what tests set of it.
import type { Clock } from './base/clock.ts';
import type { Patience } from './http/patience.ts';
import type { MetadataSources } from './library/metadata-lookup.ts';
import type { Resolve } from './outbound/client.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import type { StorageKind } from './storage/kind.ts';
import type { Pace } from './sources/watch.ts';
import type { StreamPace } from './sync/stream.ts';

/** What tests set and nobody else needs. */
export type ServerPorts = {
  clock?: Clock;
  /** Where passwords and keys are kept; a sealed file in the data folder unless somebody has better. */
  secrets?: SecretStore;
  /** Finds the addresses of other servers' names. */
  resolve?: Resolve;
  metadataSources?: MetadataSources;
  pdfFamilies?: readonly string[];
  /** The kinds of storage there are. */
  storageKinds?: readonly StorageKind[];
  streamPace?: Partial<StreamPace>;
  /** How long a token to listen with is good for. */
  streamTokenSec?: number;
  /** Check every answer against its schema before it leaves. */
  checkAnswers?: boolean;
  /** How long bodies of requests may take to come. */
  patience?: Patience;
  /** How often the server looks whether its library file is still there. */
  lookAtFileMs?: number;
  /** How long changed files must rest. */
  watchPace?: Partial<Pace>;
};

export type RunningServer = {
  /** http://127.0.0.1:26260, without a slash at the end. */
  url: string;
  /** A link that opens the desk once. */
  deskUrl: string;
  /** Returns a fresh link that opens the desk once. */
  newDeskUrl(): string;
  status(): { books: number; scanning: boolean };
  /** Calls the listener when the status may have changed; stops when the returned function is called. */
  onStatus(listener: () => void): () => void;
  /** The OpenAPI documents of the faces, by their names. */
  documents: readonly { name: string; path: string }[];
  /** Resolves when no long work waits or runs. */
  settled(): Promise<void>;
  /** Stops: nothing that was accepted is lost, long work goes on at the next start. */
  close(): Promise<void>;
};
