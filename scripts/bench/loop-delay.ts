// Loaded into the measured program before its own code: tells the measuring process how late the main thread is.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** 'reset' starts anew, 'tell' asks for the delays so far. */
export type LoopMessage = 'reset' | 'tell';

/** Milliseconds by which a timer of one millisecond came late. */
export type Delays = { medianMs: number; p99Ms: number; maxMs: number };

const RESOLUTION_MS = 1;

// Only the program itself is measured, and only when it was started by somebody who listens.
if (process.send !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('message', (message: LoopMessage) => {
    if (message === 'reset') histogram.reset();
    else {
      process.send?.({
        medianMs: late(histogram.percentile(50)),
        p99Ms: late(histogram.percentile(99)),
        maxMs: late(histogram.max),
      } satisfies Delays);
    }
  });
  // The channel alone keeps no process alive.
  process.channel?.unref();
}
