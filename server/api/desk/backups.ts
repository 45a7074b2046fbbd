// Endpoints of backups: making one, putting one in the place of the library, taking one away.
import { z } from 'zod';
import { makeBackup, restoreBackup } from '../../backups/back-up.ts';
import type { Backups } from '../../backups/backups.ts';
import type { Jobs } from '../../jobs/runner.ts';
import { deskEndpoint } from './auth.ts';
import { presentBackup, presentJob } from './present.ts';
import { BackupList, Job } from './schemas.ts';

const BACKUPS = { tag: 'Backups', access: 'desk' } as const;
const BackupParams = z.object({ backup_id: z.uuid() });

export type BackupParts = {
  backups: Backups;
  jobs: Jobs;
  backupTimes: () => { schedule: 'off' | 'daily' | 'weekly'; at: string };
  dataDir: string;
};

/** Returns the endpoints. */
export const backupEndpoints = ({ backups, jobs, backupTimes, dataDir }: BackupParts) => [
  deskEndpoint(
    {
      ...BACKUPS,
      method: 'get',
      path: '/backups',
      summary: 'Lists the backups, the newest first.',
      answers: { 200: BackupList },
    },
    () => {
      const planned = backups.planned()?.backupId;
      const folder = `${dataDir}${dataDir.includes('\\') ? '\\' : '/'}backups`;
      return { backups: backups.list().map((row) => presentBackup(row, planned)), ...backupTimes(), folder };
    },
  ),
  deskEndpoint(
    {
      ...BACKUPS,
      method: 'post',
      path: '/backups',
      summary: 'Starts making a backup.',
      answers: { 202: Job },
    },
    ({ caller }) =>
      presentJob(
        jobs.add(makeBackup, { ownerId: caller.ownerId, payload: { reason: 'asked' }, subject: '' }),
      ),
  ),
  deskEndpoint(
    {
      ...BACKUPS,
      method: 'post',
      path: '/backups/{backup_id}/restore',
      summary: 'Keeps the library as it is in a backup, and plans this one for the next start.',
      params: BackupParams,
      answers: { 202: Job },
      errors: ['not_found'],
    },
    ({ caller, params }) => {
      const { backupId } = backups.get(params.backup_id);
      return presentJob(
        jobs.add(restoreBackup, { ownerId: caller.ownerId, payload: { backupId }, subject: '' }),
      );
    },
  ),
  deskEndpoint(
    {
      ...BACKUPS,
      method: 'delete',
      path: '/backups/planned',
      summary: 'Takes back what was planned for the next start.',
    },
    () => backups.keepAsItIs(),
  ),
  deskEndpoint(
    {
      ...BACKUPS,
      method: 'delete',
      path: '/backups/{backup_id}',
      summary: 'Removes a backup.',
      params: BackupParams,
      errors: ['not_found', 'conflict'],
    },
    ({ params }) => backups.remove(params.backup_id),
  ),
];
