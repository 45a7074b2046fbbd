// What a screen reader says about long work: its start, its quarters and its end, not every file.
import { useState } from 'react';
import type { Job } from '../../../server/api/desk/schemas.ts';
import { messages } from '../../shared/messages/en.ts';
import { isOver } from '../live-updates.ts';

const words = messages.scan.announce;

/** The sentence for the live region; it changes only at a milestone. */
export function useAnnouncement(jobs: readonly Job[] | undefined): string {
  const [said, setSaid] = useState<{ milestone: string | undefined; sentence: string }>({
    milestone: undefined,
    sentence: '',
  });
  if (jobs === undefined) return said.sentence;
  const { milestone, sentence } = reached(jobs);
  if (milestone === said.milestone) return said.sentence;
  // Work that had ended before the page came up is no news.
  const isNews = said.milestone !== undefined || milestone.startsWith('open');
  setSaid({ milestone, sentence: isNews ? sentence : '' });
  return said.sentence;
}

function reached(jobs: readonly Job[]): { milestone: string; sentence: string } {
  const open = jobs.filter((job) => !isOver(job));
  const last = jobs[0];
  if (open.length > 0) {
    const total = open.reduce((sum, job) => sum + (job.total_units ?? 0), 0);
    const done = open.reduce((sum, job) => sum + (job.total_units === null ? 0 : job.done_units), 0);
    const quarter = total === 0 ? 0 : Math.min(3, Math.floor((4 * done) / total));
    return {
      milestone: `open ${open[0]?.job_id} ${quarter}`,
      sentence: quarter === 0 ? words.started : words.quarter(quarter * 25),
    };
  }
  if (last === undefined) return { milestone: 'none', sentence: '' };
  const milestone = `over ${last.job_id} ${last.state}`;
  if (last.state === 'cancelled') return { milestone, sentence: words.cancelled };
  if (last.state === 'failed') return { milestone, sentence: words.broke };
  return { milestone, sentence: words.finished(last.counts?.failed ?? 0) };
}
