// Runs the server inside the app: starts it with the current preferences, says how it is, stops it in time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerOptions } from '../server/config/options.ts';
import { type RunningServer, startServer } from '../server/server.ts';

export type HostState =
  | { kind: 'starting' }
  | { kind: 'running'; books: number; scanning: boolean }
  | { kind: 'failed'; message: string };

export type ServerHost = ReturnType<typeof createServerHost>;

const closeWithinMs = 5000;

/** Returns a host that is not started yet; `readOptions` is asked at each start. */
export function createServerHost({
  readOptions,
  onState,
}: {
  readOptions: () => ServerOptions;
  onState: (state: HostState) => void;
}) {
  let starting: Promise<RunningServer> | undefined;
  let server: RunningServer | undefined;

  return {
    /** Starts the server. Throws what startServer throws, after telling `onState`. */
    async start(): Promise<void> {
      onState({ kind: 'starting' });
      try {
        starting = startServer(readOptions());
        const started = await starting;
        server = started;
        const tell = () => onState({ kind: 'running', ...started.status() });
        started.onStatus(tell);
        tell();
      } catch (error) {
        starting = undefined;
        onState({ kind: 'failed', message: sentenceOf(error) });
        throw error;
      }
    },
    /** The running server, undefined before it answers and after it failed to. */
    running: (): RunningServer | undefined => server,
    /** Closes the server, a starting one as soon as it has started; gives up waiting after five seconds. */
    async stop(): Promise<void> {
      const closing = starting?.then((started) => started.close()).catch(() => {});
      starting = undefined;
      server = undefined;
      await Promise.race([closing, sleep(closeWithinMs)]);
    },
  };
}

/** Returns what to tell the person about an error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'It gave no reason.';
}
