// What the library is reading just now, and how the last reading went.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Job } from '../../../server/api/desk/schemas.ts';
import { api } from '../../shared/api.ts';
import { messages } from '../../shared/messages/en.ts';
import { useTick } from '../../shared/use-tick.ts';
import { Button } from '../../shared/ui/button.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { isOver, isReading } from '../live-updates.ts';
import { jobsQuery } from '../queries.ts';
import { sentenceFor } from '../sentence-for.ts';
import { useAnnouncement } from './announcement.ts';

const words = messages.scan;

/** The button that looks through every folder and statistics file. */
export function ScanButton() {
  const client = useQueryClient();
  const jobs = useQuery(jobsQuery).data?.jobs ?? [];
  const start = useMutation({
    mutationFn: api.startScans,
    onSuccess: () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
  });
  const isLooking = start.isPending || jobs.some((job) => isReading(job) && !isOver(job));
  return (
    <div className="scan-start">
      <Button kind="primary" busy={isLooking} onClick={() => start.mutate()}>
        {isLooking ? words.running : words.start}
      </Button>
      {start.isError && (
        <Notice tone="warning" alert>
          {sentenceFor(start.error)}
        </Notice>
      )}
    </div>
  );
}

/** The jobs at work with their progress; when nothing is being read, a sentence on each last job worth knowing. */
export function Reading() {
  useTick();
  const { data } = useQuery(jobsQuery);
  const announcement = useAnnouncement(data?.jobs.filter(isReading));
  const jobs = data?.jobs ?? [];
  // The one that is being worked on first, those that wait behind it in their order.
  const open = jobs.filter((job) => !isOver(job)).reverse();
  const closed = lastOfEach(jobs).filter((job) => isOver(job));
  return (
    <section className="reading" aria-labelledby="reading">
      <h2 id="reading" className="unseen">
        {words.heading}
      </h2>
      <output className="unseen">{announcement}</output>
      {open.length > 0 && (
        <ul className="jobs">
          {open.map((job) => (
            <OpenJob key={job.job_id} job={job} />
          ))}
        </ul>
      )}
      {!open.some(isReading) && closed.map((job) => <ClosedJob key={job.job_id} job={job} />)}
    </section>
  );
}

function OpenJob({ job }: { job: Job }) {
  const stop = useMutation({ mutationFn: api.cancelJob });
  const total = job.total_units;
  const running =
    total === null
      ? words.counting(job.done_units, job.unit)
      : words.ofTotal(job.done_units, total, job.unit);
  return (
    <li className="job">
      <div className="job-head">
        <p>
          {words.kind(job.kind)} <span className="path">{job.subject}</span>
        </p>
        <Button
          kind="plain"
          busy={stop.isPending || stop.isSuccess}
          aria-label={words.stopOf(job)}
          onClick={() => stop.mutate(job.job_id)}
        >
          {stop.isPending || stop.isSuccess ? words.stopping : words.stop}
        </Button>
      </div>
      {/* Without a value the browser shows, and says, that the end is not known. What rests shows no bar that moves. */}
      {job.tries_again_at === null && (
        <progress
          aria-label={words.progressOf(job)}
          max={total === null || total === 0 ? 1 : total}
          value={total === null ? undefined : total === 0 ? 0 : job.done_units}
        />
      )}
      <p className="quiet job-counts">
        <span>{job.state === 'waiting' ? words.waits(job) : running}</span>
        {job.counts !== null && job.state === 'running' && (
          <>
            <span>{words.seen(job.counts.seen)}</span>
            {job.counts.unchanged > 0 && <span>{words.unchanged(job.counts.unchanged)}</span>}
            <span>{words.read(job.counts.read)}</span>
            {job.counts.failed > 0 && <span className="job-failed">{words.failed(job.counts.failed)}</span>}
          </>
        )}
      </p>
      {stop.isError && (
        <Notice tone="warning" alert>
          {sentenceFor(stop.error)}
        </Notice>
      )}
    </li>
  );
}

function ClosedJob({ job }: { job: Job }) {
  if (job.state === 'failed') {
    return (
      <Notice tone="warning" title={words.broke(job)}>
        {job.error}
      </Notice>
    );
  }
  if (job.state === 'cancelled') return <p className="quiet">{words.cancelled(job)}</p>;
  return job.kind === 'scan-folder' ? <p className="quiet">{words.finished(job)}</p> : null;
}

/** The newest job on each subject, so that an old failure that was made good is not shown. */
function lastOfEach(jobs: readonly Job[]): Job[] {
  const seen = new Set<string>();
  return jobs.filter((job) => {
    const subject = `${job.kind} ${job.subject}`;
    if (seen.has(subject)) return false;
    seen.add(subject);
    return true;
  });
}
