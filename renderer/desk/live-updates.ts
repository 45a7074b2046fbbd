// Lets the server's events flow into the queries, few enough at a time that a page stays calm.
import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Job, JobList } from '../../server/api/desk/schemas.ts';
import { openLive, throttle } from '../shared/live.ts';
import type { Connection } from '../shared/live.ts';
import {
  backupsQuery,
  failuresQuery,
  foldersQuery,
  jobsQuery,
  protectedBooksQuery,
  removedBooksQuery,
  shelfQuery,
  statisticsFilesQuery,
  statusQuery,
} from './queries.ts';

/** Keeps one event stream open while `enabled` and says how it stands. */
export function useLive(enabled: boolean): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => (enabled ? followEvents(client, setConnection) : undefined), [client, enabled]);
  return connection;
}

/** Whether a job has come to its end, in whichever way. */
export const isOver = (job: Job): boolean => job.state !== 'waiting' && job.state !== 'running';

/** Whether a job reads what the person has; the rest is housekeeping that follows by itself. */
export const isReading = (job: Job): boolean =>
  job.kind === 'scan-folder' || job.kind === 'import-statistics';

/** The list with newer states of some jobs in it, newest first and no longer than the server's own list. */
function withJobs(known: JobList | undefined, changed: ReadonlyMap<string, Job>): JobList | undefined {
  if (known === undefined) return undefined;
  const jobs = new Map([...known.jobs.map((job) => [job.job_id, job] as const), ...changed]);
  const newestFirst = [...jobs.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
  return { jobs: newestFirst.slice(0, 50) };
}

function followEvents(client: QueryClient, onConnection: (connection: Connection) => void): () => void {
  const changed = new Map<string, Job>();
  let failed = 0;

  const refreshCounts = throttle(() => {
    void client.invalidateQueries({ queryKey: statusQuery.queryKey });
    void client.invalidateQueries({ queryKey: foldersQuery.queryKey });
    void client.invalidateQueries({ queryKey: statisticsFilesQuery.queryKey });
    void client.invalidateQueries({ queryKey: removedBooksQuery.queryKey });
    void client.invalidateQueries({ queryKey: protectedBooksQuery.queryKey });
  }, 1_000);
  const refreshFailures = throttle(
    () => void client.invalidateQueries({ queryKey: failuresQuery.queryKey }),
    2_000,
  );
  const refreshShelf = throttle(
    () => void client.invalidateQueries({ queryKey: shelfQuery.queryKey }),
    1_000,
  );
  const showJobs = throttle(() => {
    client.setQueryData(jobsQuery.queryKey, (known) => withJobs(known, changed));
    changed.clear();
  }, 250);

  return openLive({
    url: '/desk/api/events',
    onJob: (job) => {
      changed.set(job.job_id, job);
      showJobs();
      const failures = job.counts?.failed ?? 0;
      if (failures !== failed || isOver(job)) refreshFailures();
      failed = failures;
      if (isOver(job)) {
        // An answer that was under way when the job ended would show it running for ever.
        void client.invalidateQueries({ queryKey: jobsQuery.queryKey });
        if (job.kind.endsWith('-backup')) void client.invalidateQueries({ queryKey: backupsQuery.queryKey });
        refreshCounts();
        refreshShelf();
      }
    },
    onCatalogue: () => {
      refreshCounts();
      refreshShelf();
    },
    onOpen: (again) => {
      void client.invalidateQueries(again ? {} : { queryKey: jobsQuery.queryKey });
    },
    // A stream cannot say why it ended; the status can: signed out, or not there.
    onBreak: () => void client.invalidateQueries({ queryKey: statusQuery.queryKey }),
    onConnection,
  });
}
