// Storage, put together: the files people give, and where they are kept.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { emptyFolder } from '../base/empty-folder.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Books } from '../library/books.ts';
import type { Covers } from '../library/covers.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { createStorage } from './storage.ts';

type Ground = {
  options: { storageQuota: number };
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  pool: Pool;
  secrets: SecretStore;
  outbound: Outbound;
  dataDir: string;
};

type Uses = { jobs: Jobs; books: Books; covers: Covers; coversDir: string; ownerId: () => string };

/** Returns the verbs of storage. */
export function storageFeature(ground: Ground, uses: Uses) {
  const stagingDir = emptyFolder(join(ground.dataDir, 'staging'));
  const quotaBytes = ground.options.storageQuota * 1024 * 1024;
  const storage = createStorage({ ...ground, ...uses, stagingDir, quotaBytes });
  const { jobs, schedule, forgetOwner, missingSecrets } = storage;
  return { storage, quotaBytes, jobs, schedule, forgetOwner, missingSecrets };
}
