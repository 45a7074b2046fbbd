// Work that comes back: looked for at the start and from time to time.
import type { Log } from '../base/log.ts';

export type Recurring = {
  /** What waits when looking for it fails, as a sentence of the log begins: "a backup that is due". */
  what: string;
  everyMs: number;
  /** Looks whether there is something to do, and has it done. */
  look: () => void;
};

/** Looks for each now and every so often. Returns what stops it; a look that fails keeps no other from being made. */
export function followSchedule(list: readonly Recurring[], log: Log): () => void {
  const timers = list.map(({ what, everyMs, look }) => {
    const guarded = (): void => {
      try {
        look();
      } catch (error) {
        log.warn(`${what} waits for now`, { error });
      }
    };
    guarded();
    return setInterval(guarded, everyMs).unref();
  });
  return () => timers.forEach(clearInterval);
}
