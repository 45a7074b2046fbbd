// How far a job is, told at most four times a second however often it says so.
import type { Progress } from './kinds.ts';
import type { JobRow } from './jobs.queries.ts';

const TELL_EVERY_MS = 250;

/** Returns what a job says its progress to; `tell` is called with the newest, and once more by `flush`. */
export function createToldProgress(tell: (change: Partial<JobRow>) => void) {
  let latest: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (latest === undefined) return;
    const { done, total, counts } = latest;
    latest = undefined;
    tell({
      doneUnits: done,
      ...(total === undefined ? {} : { totalUnits: total }),
      ...(counts === undefined ? {} : { counts }),
    });
  }
  return {
    say: (progress: Progress): void => {
      latest = progress;
      timer ??= setTimeout(flush, TELL_EVERY_MS);
    },
    flush,
  };
}
