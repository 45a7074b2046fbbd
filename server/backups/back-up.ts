// The jobs that make and restore backups, and what makes one when it is time.
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { daysBetween } from '../base/days.ts';
import { minutesOf, readingDays } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { handle, jobKind } from '../jobs/kinds.ts';
import type { JobHandler } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { Recurring } from '../jobs/schedule.ts';
import type { Backups } from './backups.ts';
import { selectBeginning } from './backups.queries.ts';

const LOOK_EVERY_MS = 10 * 60 * 1000;
const WHOLE = 100;

export const makeBackup = jobKind({
  kind: 'make-backup',
  unit: 'percent',
  payload: z.object({ reason: z.enum(['asked', 'schedule']) }),
  key: () => '',
  group: () => 'backup',
});

/** Keeps the library as it is in a backup and plans another one for the next start. */
export const restoreBackup = jobKind({
  kind: 'restore-backup',
  unit: 'percent',
  payload: z.object({ backupId: z.string() }),
  key: () => '',
  group: () => 'backup',
});

/** Does both jobs. */
export const backUpWork = ({ backups }: { backups: Backups }): JobHandler[] => [
  handle(makeBackup, async ({ payload, signal, progress }) => {
    const onPart = (part: number) => progress({ done: Math.round(part * WHOLE), total: WHOLE });
    await backups.make(payload.reason, { signal, onPart });
  }),
  handle(restoreBackup, async ({ payload, signal, progress }) => {
    const onPart = (part: number) => progress({ done: Math.round(part * WHOLE), total: WHOLE });
    await backups.restore(payload.backupId, { signal, onPart });
  }),
];

export type Schedule = { every: 'off' | 'daily' | 'weekly'; at: string; zone: string };

/** Whether a backup is due: the hour passed since the last one that was tried, however long the server was off. */
export function isBackupDue(
  { every, at, zone }: Schedule,
  { last, now }: { last: Date; now: Date },
): boolean {
  if (every === 'off') return false;
  const dayOf = readingDays(zone, minutesOf(at));
  const days = daysBetween(dayOf(last.getTime() / 1000), dayOf(now.getTime() / 1000));
  return days >= (every === 'daily' ? 1 : 7);
}

/** Adds the job whenever a backup is due by what the schedule says then. */
export const backUpWhenDue = (parts: {
  backups: Backups;
  catalogue: Catalogue;
  clock: Clock;
  jobs: Jobs;
  ownerId: () => string;
  schedule: () => Schedule;
}): Recurring => ({
  what: 'a backup that is due',
  everyMs: LOOK_EVERY_MS,
  look() {
    const { backups, catalogue, clock, jobs, ownerId } = parts;
    const schedule = parts.schedule();
    if (schedule.every === 'off') return;
    const last =
      backups.list().find(({ reason }) => reason === 'schedule')?.createdAt ??
      catalogue.read(selectBeginning);
    if (isBackupDue(schedule, { last, now: clock.now() }))
      jobs.add(makeBackup, { ownerId: ownerId(), payload: { reason: 'schedule' }, subject: '' });
  },
});
