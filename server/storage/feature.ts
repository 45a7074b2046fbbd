// Storage, put together: the places that keep files, what people set up of them, and the door to the bytes.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Outbound } from '../outbound/client.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { createBackends } from './backends.ts';
import { createBlobs } from './blobs.ts';
import { createFileBytes } from './file-bytes.ts';
import type { StorageKind } from './kind.ts';
import { STORAGE_KINDS } from './kinds.ts';
import { missingOfBackends } from './missing-secrets.ts';
import { openOwnDisk } from './own-disk.ts';
import { createPlaces } from './places.ts';

type Ground = {
  options: { storageQuota: number };
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  secrets: SecretStore;
  outbound: Outbound;
  dataDir: string;
  scratchDir: string;
  /** What can be set up; a test has its own. */
  storageKinds?: readonly StorageKind[] | undefined;
};

/** Returns the verbs of storage. */
export function storageFeature(ground: Ground) {
  const { catalogue, secrets, scratchDir, storageKinds: kinds = STORAGE_KINDS } = ground;
  const quotaBytes = ground.options.storageQuota * 1024 * 1024;
  const ownDisk = openOwnDisk(join(ground.dataDir, 'files'));
  const places = createPlaces({ ...ground, ownDisk, kinds });
  const backends = createBackends({ ...ground, places, quotaBytes });
  return {
    ownDisk,
    places,
    backends,
    blobs: createBlobs(ground),
    fileBytes: createFileBytes({ catalogue, places, scratchDir }),
    quotaBytes,

    missingSecrets: missingOfBackends({ catalogue, secrets }),
    forgetOwner: (ownerId: string) => backends.forgetSecrets(ownerId),
  };
}
