// Removes the accounts whose time to come back is over, with everything that was theirs.
import { z } from 'zod';
import type { Deletions } from './deletions.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Recurring } from '../jobs/schedule.ts';

const HOUR_MS = 60 * 60 * 1000;

const purgeAccounts = jobKind({
  kind: 'purge-accounts',
  unit: 'rows',
  payload: z.object({}),
  key: () => '',
  group: () => 'accounts',
  retry: { most: 5, firstMs: 60_000, longestMs: HOUR_MS },
});

type Parts = { deletions: Deletions; jobs: Jobs };

/** Does the job. What else is done for a person ends first: a scan would read their books anew while they go. */
export const purgeAccountsWork = ({ deletions, jobs }: Parts) =>
  handle(purgeAccounts, async ({ jobId, signal, progress }) => {
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
  });

/** Adds the job whenever an account is due. */
export const purgeWhenDue = ({ deletions, jobs, ownerId }: Parts & { ownerId: () => string }): Recurring => ({
  what: 'an account that is due',
  everyMs: 6 * HOUR_MS,
  look() {
    if (deletions.due().length > 0) jobs.add(purgeAccounts, { ownerId: ownerId(), payload: {}, subject: '' });
  },
});
