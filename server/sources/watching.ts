// Watching as the settings have it: begun anew when they change.
import type { EventBus } from '../base/events.ts';
import { createTurns } from '../base/in-turn.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Jobs } from '../jobs/runner.ts';
import { recentlyWritten } from '../koreader/sidecar-file.ts';
import { createWatch } from './watch.ts';
import type { Pace } from './watch.ts';

type Parts = {
  options: { readonly watch: 'auto' | 'poll' | 'off'; readonly pollInterval: number };
  catalogue: Catalogue;
  jobs: Jobs;
  events: EventBus;
  log: Log;
  ownerId: () => string;
  watchPace?: Partial<Pace> | undefined;
};

/** Returns the verbs of watching; nothing is watched before `renew`. */
export function createWatching(parts: Parts) {
  const { options, catalogue, jobs, events, log, ownerId } = parts;
  const inTurn = createTurns();
  let watch: ReturnType<typeof createWatch> | undefined;
  let isClosed = false;

  const end = async (): Promise<void> => {
    const before = watch;
    watch = undefined;
    await before?.close();
  };

  return {
    /** Ends the watching that is under way and begins it as the settings are now. */
    renew: (): Promise<void> =>
      inTurn('watch', async () => {
        await end();
        if (isClosed || options.watch === 'off') return;
        watch = createWatch({
          catalogue,
          jobs,
          events,
          log,
          ownerId: ownerId(),
          mode: options.watch,
          pollMs: options.pollInterval * 1_000,
          isOwnWrite: recentlyWritten,
          pace: parts.watchPace ?? {},
        });
        await watch.start();
      }),

    close(): Promise<void> {
      isClosed = true;
      return inTurn('watch', end);
    },
  };
}
