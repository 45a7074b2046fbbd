// Files of people, put together: taken in, found by their key or media id, given away by links, collected at last.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { emptyFolder } from '../base/empty-folder.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Recurring } from '../jobs/schedule.ts';
import type { Books } from '../library/books.ts';
import type { Covers } from '../library/covers.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { OwnDisk } from '../storage/own-disk.ts';
import type { Places } from '../storage/places.ts';
import { collectFiles, collectFilesWork } from './collect-files.ts';
import { createFiles } from './files.ts';
import { createLinks } from './links.ts';
import { createMedia } from './media.ts';
import { createUploads, MOST_BYTES } from './uploads.ts';

const COLLECT_EVERY_MS = 6 * 60 * 60 * 1000;

type Ground = {
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  pool: Pool;
  secrets: SecretStore;
  outbound: Outbound;
  dataDir: string;
};

type Uses = {
  jobs: Jobs;
  books: Books;
  covers: Covers;
  coversDir: string;
  ownDisk: OwnDisk;
  places: Places;
  blobs: Blobs;
  /** Room of each person. */
  quotaBytes: number;
  /** Whose the work on the server's own behalf is. */
  ownerId: () => string;
};

/** Returns the verbs of files. */
export function filesFeature(ground: Ground, uses: Uses) {
  const { catalogue, clock, secrets, dataDir } = ground;
  const { jobs, books, covers, places, blobs, ownDisk, quotaBytes } = uses;
  const stagingDir = emptyFolder(join(dataDir, 'staging'));
  const files = createFiles({ ...ground, books, covers, places, blobs });
  const uploads = createUploads({ ...ground, ...uses, files, stagingDir });
  return {
    files,
    uploads,
    media: createMedia({ catalogue, files, uploads, quotaBytes }),
    links: createLinks({ secrets, clock }),
    stagingDir,
    /** No file of a person can be larger. */
    mostBytes: Math.min(MOST_BYTES, quotaBytes),

    jobs: [collectFilesWork({ catalogue, clock, files, blobs, ownDisk })],

    /** What it returns, called when the person's rows are gone, removes files here that nobody else has; what lies at a place of the person's own stays theirs. */
    forgetOwner: (ownerId: string): Promise<() => Promise<void>> => {
      const gone = files.allOf(ownerId).map((file) => ({ ...file, backendId: null }));
      return Promise.resolve(() => files.clear(gone));
    },

    /** Files are looked through once there ever was one. */
    schedule: [
      {
        what: 'files nothing points to',
        everyMs: COLLECT_EVERY_MS,
        look: () => {
          if (existsSync(join(dataDir, 'files')))
            jobs.add(collectFiles, { ownerId: uses.ownerId(), payload: {}, subject: '' });
        },
      },
    ] satisfies Recurring[],
  };
}
