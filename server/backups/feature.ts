// Backups, put together: made when it is time or asked for, kept by a rotation, restored at the next start.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { minutesOf, readingDays } from '../base/time-zone.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../formats/workers/pool.ts';
import type { Jobs } from '../jobs/runner.ts';
import type { FileBytes } from '../storage/file-bytes.ts';
import { backUpWhenDue, backUpWork } from './back-up.ts';
import type { Schedule } from './back-up.ts';
import { createBackups } from './backups.ts';

type Ground = {
  options: {
    readonly keepDailyBackups: number;
    readonly keepWeeklyBackups: number;
    readonly backupSchedule: Schedule['every'];
    readonly backupTime: string;
  };
  catalogue: Catalogue;
  clock: Clock;
  log: Log;
  pool: Pool;
  dataDir: string;
  scratchDir: string;
  zone: () => string;
};

type Uses = { jobs: Jobs; fileBytes: FileBytes; ownerId: () => string };

/** Returns the verbs of backups. */
export function backupsFeature(ground: Ground, { jobs, fileBytes, ownerId }: Uses) {
  const { options, catalogue, clock, log, pool, dataDir, scratchDir, zone } = ground;
  const backups = createBackups({
    catalogue,
    clock,
    pool,
    fileBytes,
    log,
    dataDir,
    scratchDir,
    keep: () => ({ daily: options.keepDailyBackups, weekly: options.keepWeeklyBackups }),
    dayOf: (moment) => readingDays(zone(), minutesOf('00:00'))(moment.getTime() / 1000),
  });
  const schedule = () => ({ every: options.backupSchedule, at: options.backupTime, zone: zone() });
  return {
    backups,

    prepare: () => backups.settle(),
    jobs: backUpWork({ backups }),
    schedule: [backUpWhenDue({ backups, catalogue, clock, jobs, ownerId, schedule })],
  };
}
