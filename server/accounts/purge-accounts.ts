// Removes the accounts whose time to come back is over, with everything that was theirs.
import { z } from 'zod';
import type { Deletions } from './deletions.ts';
import { defineJob } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import { lookEvery } from '../jobs/when-due.ts';

const LOOK_EVERY_MS = 6 * 60 * 60 * 1000;

/** Returns the job. It ends what else is done for a person first: a scan would read their books anew while they go. */
export const purgeAccounts = ({ deletions, jobs }: { deletions: Deletions; jobs: Jobs }) =>
  defineJob({
    kind: 'purge-accounts',
    unit: 'rows',
    payload: z.object({}),
    key: () => '',
    group: () => 'accounts',
    async run({ jobId, signal, progress }) {
      const due = deletions.due();
      const failures: unknown[] = [];
      for (const [done, userId] of due.entries()) {
        signal.throwIfAborted();
        progress({ done, total: due.length });
        // One account that cannot be removed yet keeps no other from going.
        await jobs.cancelAll(userId, jobId);
        await deletions.purge(userId).catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  });

/** Adds the job whenever an account is due, now and later. Returns what stops it; failures are told to `onError`. */
export function purgeWhenDue(
  { deletions, jobs, ownerId }: { deletions: Deletions; jobs: Jobs; ownerId: string },
  onError: (error: unknown) => void,
): () => void {
  const look = (): void => {
    if (deletions.due().length > 0) jobs.add({ ownerId, kind: 'purge-accounts', payload: {}, subject: '' });
  };
  return lookEvery(LOOK_EVERY_MS, look, onError);
}
