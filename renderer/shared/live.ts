// The one stream of events from the server: opened once, opened again for as long as it takes.
import type { CatalogueEvent, Job } from '../../server/api/desk/schemas.ts';

/** `lost` is said only after a short grace, so that a restart of the stream is not worth a word. */
export type Connection = 'connecting' | 'open' | 'lost';

export type LiveParts = {
  url: string;
  onJob: (job: Job) => void;
  onCatalogue: (event: CatalogueEvent) => void;
  /** Called each time the stream opens; `again` when events may have been missed before it. */
  onOpen: (again: boolean) => void;
  /** Called each time the stream breaks or cannot be opened. */
  onBreak: () => void;
  onConnection: (connection: Connection) => void;
};

const graceMs = 1_500;
const longestWaitMs = 10_000;

/** Opens the stream and keeps it open until the function it gives is called. */
export function openLive({ url, onJob, onCatalogue, onOpen, onBreak, onConnection }: LiveParts): () => void {
  let source: EventSource | undefined;
  let failures = 0;
  let openedBefore = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;

  const connect = (): void => {
    source = new EventSource(url);
    source.addEventListener('open', () => {
      clearTimeout(grace);
      grace = undefined;
      failures = 0;
      onConnection('open');
      onOpen(openedBefore);
      openedBefore = true;
    });
    // The browser's own reconnecting gives up on HTTP errors; closing and waiting here treats all breaks alike.
    source.addEventListener('error', () => {
      source?.close();
      grace ??= setTimeout(() => onConnection('lost'), graceMs);
      retry = setTimeout(connect, Math.min(longestWaitMs, 500 * 2 ** failures));
      failures += 1;
      onBreak();
    });
    source.addEventListener('job', (event: MessageEvent<string>) => onJob(JSON.parse(event.data)));
    source.addEventListener('catalogue', (event: MessageEvent<string>) =>
      onCatalogue(JSON.parse(event.data)),
    );
  };

  onConnection('connecting');
  connect();
  return () => {
    clearTimeout(retry);
    clearTimeout(grace);
    source?.close();
  };
}

/** A function that runs `task` at once and then at most every `everyMs`, the last call never forgotten. */
export function throttle(task: () => void, everyMs: number): () => void {
  let waiting = false;
  let asked = false;
  const run = (): void => {
    waiting = true;
    asked = false;
    task();
    setTimeout(() => {
      waiting = false;
      if (asked) run();
    }, everyMs);
  };
  return () => {
    asked = true;
    if (!waiting) run();
  };
}
