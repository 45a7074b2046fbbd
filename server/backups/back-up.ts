// The jobs that make and restore backups, and what makes one when it is time.
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { daysBetween } from '../base/days.ts';
import { minutesOf, readingDays } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { defineJob } from '../jobs/kinds.ts';
import type { Jobs } from '../jobs/runner.ts';
import { lookEvery } from '../jobs/when-due.ts';
import type { Backups } from './backups.ts';
import { selectBeginning } from './backups.queries.ts';

const LOOK_EVERY_MS = 10 * 60 * 1000;
const WHOLE = 100;

/** Returns the job that makes a backup. */
export const makeBackup = ({ backups }: { backups: Backups }) =>
  defineJob({
    kind: 'make-backup',
    unit: 'percent',
    payload: z.object({ reason: z.enum(['asked', 'schedule']) }),
    key: () => '',
    group: () => 'backup',
    async run({ payload, signal, progress }) {
      const onPart = (part: number) => progress({ done: Math.round(part * WHOLE), total: WHOLE });
      await backups.make(payload.reason, { signal, onPart });
    },
  });

/** Returns the job that keeps the library as it is in a backup and plans another one for the next start. */
export const restoreBackup = ({ backups }: { backups: Backups }) =>
  defineJob({
    kind: 'restore-backup',
    unit: 'percent',
    payload: z.object({ backupId: z.string() }),
    key: () => '',
    group: () => 'backup',
    async run({ payload, signal, progress }) {
      const onPart = (part: number) => progress({ done: Math.round(part * WHOLE), total: WHOLE });
      await backups.restore(payload.backupId, { signal, onPart });
    },
  });

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

/** Adds the job whenever a backup is due, now and later. Returns what stops it; failures are told to `onError`. */
export function backUpWhenDue(
  parts: {
    backups: Backups;
    catalogue: Catalogue;
    clock: Clock;
    jobs: Jobs;
    ownerId: string;
    schedule: Schedule;
  },
  onError: (error: unknown) => void,
): () => void {
  const { backups, catalogue, clock, jobs, ownerId, schedule } = parts;
  if (schedule.every === 'off') return () => {};
  const look = (): void => {
    const last =
      backups.list().find(({ reason }) => reason === 'schedule')?.createdAt ??
      catalogue.read(selectBeginning);
    if (isBackupDue(schedule, { last, now: clock.now() }))
      jobs.add({ ownerId, kind: 'make-backup', payload: { reason: 'schedule' }, subject: '' });
  };
  return lookEvery(LOOK_EVERY_MS, look, onError);
}
