// Forgets what a scan did not find, unless it looks as if a drive were away: then the person is asked first.
import type { Db } from '../catalogue/db.ts';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Missing } from '../catalogue/schema/accounts.ts';
import { forgetExtras } from '../koreader/ingest-extra.ts';
import { forgetSidecars } from '../koreader/ingest-sidecar.ts';
import { forgetFiles } from '../library/intake.ts';
import type { AllGone, Gone } from './look-through.ts';
import { selectLostFiles, selectLostSidecars } from './lost-files.queries.ts';
import { doubtOf } from './missing-files.ts';
import type { LibraryFolder } from './sources.queries.ts';

/** Rows written in one transaction: small enough that the API answers in between. */
const WRITE_AT_ONCE = 16;

type Forgetting = {
  catalogue: Catalogue;
  clock: Clock;
  write: (fn: (db: Db) => void) => void;
  signal: AbortSignal;
  /** Throws when the folder is not the one that was looked through. */
  check: () => Promise<void>;
};

/**
 * Forgets files and sidecars a little at a time. Returns what to ask the person instead when so much is not there that its
 * drive may be away; then nothing is forgotten.
 */
export async function forgetGone(
  { catalogue, clock, write, signal, check }: Forgetting,
  folder: LibraryFolder,
  gone: AllGone,
  how: { isOtherFolder: boolean; agreed: number | undefined },
): Promise<Missing | undefined> {
  const { folderId, ownerId } = folder;
  if (gone.files.length + gone.sidecars.length + gone.extras.length === 0) return undefined;
  const ids = (list: Gone[]) => list.map(({ fileId }) => fileId);
  const losses = catalogue.read((db) => ({
    books: selectLostFiles(db, folderId, ids(gone.files)),
    sidecars: selectLostSidecars(db, folderId, ids(gone.sidecars)),
  }));
  const doubt = doubtOf(losses, how);
  if (doubt !== undefined) return doubt;
  const inSlices = async (list: Gone[], drop: (db: Db, slice: Gone[]) => void) => {
    for (let from = 0; from < list.length; from += WRITE_AT_ONCE) {
      signal.throwIfAborted();
      await check();
      write((db) => drop(db, list.slice(from, from + WRITE_AT_ONCE)));
      await breathe();
    }
  };
  await inSlices(gone.sidecars, (db, slice) => forgetSidecars(db, ownerId, slice, clock.now()));
  await inSlices(gone.extras, (db, slice) => forgetExtras(db, ownerId, slice, clock.now()));
  await inSlices(gone.files, (db, slice) => forgetFiles(db, ownerId, slice, clock.now()));
  return undefined;
}
