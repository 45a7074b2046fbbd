// The job that deletes files nobody asks for any more: let go a month ago, never claimed by a book, or bytes no file has.
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { dropFile } from '../library/intake.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import { blobPath } from '../storage/blobs.ts';
import type { Blobs } from '../storage/blobs.ts';
import { isReferencedAt } from '../storage/file-bytes.queries.ts';
import type { OwnDisk } from '../storage/own-disk.ts';
import type { Files } from './files.ts';
import { deleteStored, noteReleased, selectForgotten } from './files.queries.ts';

/** papyrus.md "Removing, batches, covers": what a removed book had can be had back for a while by whoever looks after the server. */
const KEEP_RELEASED_MS = 30 * 24 * 60 * 60 * 1000;
/** A client claims what it uploaded in its next request. */
const KEEP_UNCLAIMED_MS = 24 * 60 * 60 * 1000;
const AT_ONCE = 50;

type Parts = { catalogue: Catalogue; clock: Clock; files: Files; blobs: Blobs; ownDisk: OwnDisk };

export const collectFiles = jobKind({
  kind: 'collect-files',
  unit: 'files',
  payload: z.object({}),
  key: () => 'all',
  group: () => 'collect',
  retry: { most: 3, firstMs: 60_000, longestMs: 60 * 60 * 1000 },
});

/** Does the job. */
export const collectFilesWork = ({ catalogue, clock, files, blobs, ownDisk }: Parts) =>
  handle(collectFiles, async ({ signal, progress }) => {
    const now = clock.now();
    catalogue.write({ durable: false }, (db) => noteReleased(db, now));
    const due = catalogue.read((db) =>
      selectForgotten(db, {
        released: new Date(now.getTime() - KEEP_RELEASED_MS),
        unclaimed: new Date(now.getTime() - KEEP_UNCLAIMED_MS),
      }),
    );
    let done = 0;
    while (due.length > 0) {
      signal.throwIfAborted();
      const slice = due.splice(0, AT_ONCE);
      catalogue.write({}, (db) => {
        for (const { fileId, ownerId } of slice) {
          dropFile(db, ownerId, fileId, now);
          deleteStored(db, fileId);
        }
      });
      await files.clear(slice);
      progress({ done: (done += slice.length), total: done + due.length });
    }
    await ownDisk.removeLeftovers();
    // Bytes whose rows went with their person, or whose upload ended between the disk and the catalogue; elsewhere others may
    // keep theirs beside ours.
    for await (const { path } of ownDisk.list('')) {
      signal.throwIfAborted();
      const sha256 = path.split('/').at(-1)!;
      if (path !== blobPath(sha256) || catalogue.read((db) => isReferencedAt(db, sha256, null))) continue;
      await blobs.holding(sha256, async () => {
        if (!catalogue.read((db) => isReferencedAt(db, sha256, null))) await ownDisk.remove(path);
      });
    }
  });
