// How jobs ended, until the disk has it: where nobody waits for the write, a full disk must not end the process.
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { deleteOldJobs, updateJob } from './jobs.queries.ts';
import type { JobRow } from './jobs.queries.ts';

const KEEP_ENDED = 200;
/** What the disk does not take now is written this much later. */
const AGAIN_MS = 10_000;

export type Ending = Pick<JobRow, 'state' | 'error' | 'finishedAt'> & { runAfter?: Date };

/** Returns the endings; `again` is called when the disk may take what it did not take before. */
export function createEndings({
  catalogue,
  log,
  again,
}: {
  catalogue: Catalogue;
  log: Log;
  again: () => void;
}) {
  const unwritten = new Map<string, Ending>();
  let timer: NodeJS.Timeout | undefined;

  return {
    /** How many are not written yet. */
    size: () => unwritten.size,
    /** The job as it is shown: as if its ending were written. */
    asShown: (row: JobRow): JobRow => ({ ...row, ...unwritten.get(row.jobId) }),

    note: (jobId: string, ending: Ending): void => void unwritten.set(jobId, ending),

    /** Writes what is noted. Throws what the disk says. */
    write: (): void => {
      for (const [jobId, ending] of unwritten) {
        catalogue.write({}, (db) => {
          updateJob(db, jobId, ending);
          deleteOldJobs(db, KEEP_ENDED);
        });
        unwritten.delete(jobId);
      }
    },

    /** Whether the disk took it; if not, it is asked again in a while. */
    tried(write: () => void): boolean {
      try {
        write();
        return true;
      } catch (error) {
        log.error('jobs could not be written', { error });
        timer ??= setTimeout(() => {
          timer = undefined;
          again();
        }, AGAIN_MS).unref();
        return false;
      }
    },

    close: (): void => clearTimeout(timer),
  };
}
