// Puts the parts of storage together over the server's own disk.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Recurring } from '../jobs/schedule.ts';
import type { Books } from '../library/books.ts';
import type { Covers } from '../library/covers.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { openPapyrusServer } from './backends/papyrus-server.ts';
import { createBlobs } from './blobs.ts';
import { collectFiles, collectFilesWork } from './collect-files.ts';
import { createBackends } from './configured.ts';
import { createFiles } from './files.ts';
import { createLinks } from './links.ts';
import { createMedia } from './media.ts';
import { missingOfBackends } from './missing-secrets.ts';
import { createUploads, MOST_BYTES } from './uploads.ts';

export type Storage = ReturnType<typeof createStorage>;

type Parts = {
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  pool: Pool;
  secrets: SecretStore;
  outbound: Outbound;
  books: Books;
  covers: Covers;
  dataDir: string;
  coversDir: string;
  /** The folder uploads are received in. */
  stagingDir: string;
  /** Room of each person. */
  quotaBytes: number;
  jobs: Jobs;
  /** Whose the work on the server's own behalf is. */
  ownerId: () => string;
};

const COLLECT_EVERY_MS = 6 * 60 * 60 * 1000;

/** Returns the verbs of storage by subject. */
export function createStorage(parts: Parts) {
  const { catalogue, clock, secrets, books, covers, quotaBytes, stagingDir } = parts;
  const filesDir = join(parts.dataDir, 'files');
  const ownDisk = openPapyrusServer(filesDir);
  const pathOf = (path: string) => ownDisk.pathOf(path);
  const blobs = createBlobs(parts);
  const backends = createBackends({ catalogue, clock, secrets, ownDisk, quotaBytes });
  const files = createFiles({ catalogue, clock, books, covers, backends, blobs });
  const uploads = createUploads({ ...parts, backends, blobs, files, pathOf });
  const media = createMedia({ catalogue, files, uploads, quotaBytes });
  const links = createLinks({ secrets, clock });

  return {
    backends,
    files,
    uploads,
    media,
    links,
    stagingDir,
    missingSecrets: missingOfBackends({ catalogue, secrets }),
    /** No file of a person can be larger. */
    mostBytes: Math.min(MOST_BYTES, quotaBytes),
    jobs: [collectFilesWork({ catalogue, clock, files, blobs, ownDisk })],

    /** Forgets a person's secrets; what it returns, called when their rows are gone, removes files nobody else has. */
    forgetOwner: async (ownerId: string): Promise<() => Promise<void>> => {
      await backends.forgetSecrets(ownerId);
      const gone = files.allOf(ownerId).map((file) => ({ ...file, backendId: null }));
      return () => files.clear(gone);
    },

    /** Files are looked through once there ever was one. */
    schedule: [
      {
        what: 'files nothing points to',
        everyMs: COLLECT_EVERY_MS,
        look: () => {
          if (existsSync(filesDir))
            parts.jobs.add(collectFiles, { ownerId: parts.ownerId(), payload: {}, subject: '' });
        },
      },
    ] satisfies Recurring[],
  };
}
