// Counts attempts per key in a token bucket, in memory: a restart forgives.
import { rateLimited } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';

export type RateLimit = {
  /** Takes one attempt from the key's bucket. Throws rate_limited with the seconds to wait when it is empty. */
  take(key: string): void;
  /** Gives the attempt back: it was a good one. */
  giveBack(key: string): void;
};

const SWEEP_ABOVE = 10_000;

/** Returns a limit of `burst` attempts that fill up again evenly over `perSec` seconds. */
export function createRateLimit({
  clock,
  burst,
  perSec,
}: {
  clock: Clock;
  burst: number;
  perSec: number;
}): RateLimit {
  // A bucket holds milliseconds: whole numbers, so that who waits as long as they were told is let through.
  const fullMs = perSec * 1000;
  const costMs = fullMs / burst;
  const buckets = new Map<string, { leftMs: number; atMs: number }>();
  let sweepAbove = SWEEP_ABOVE;

  const bucketOf = (key: string) => {
    const atMs = clock.now().getTime();
    const bucket = buckets.get(key) ?? { leftMs: fullMs, atMs };
    // After the clock was set back it counts from there: nobody waits until it has caught up.
    bucket.atMs = Math.min(bucket.atMs, atMs);
    return { leftMs: Math.min(fullMs, bucket.leftMs + atMs - bucket.atMs), atMs };
  };
  return {
    take(key) {
      if (buckets.size > sweepAbove) forgetFull();
      const bucket = bucketOf(key);
      if (bucket.leftMs < costMs) throw rateLimited(Math.ceil((costMs - bucket.leftMs) / 1000));
      buckets.set(key, { ...bucket, leftMs: bucket.leftMs - costMs });
    },
    giveBack(key) {
      const bucket = bucketOf(key);
      buckets.set(key, { ...bucket, leftMs: Math.min(fullMs, bucket.leftMs + costMs) });
    },
  };

  /** Next time when there are twice as many: a sweep costs a constant share of the attempts before it. */
  function forgetFull(): void {
    for (const key of buckets.keys()) {
      if (bucketOf(key).leftMs >= fullMs) buckets.delete(key);
    }
    sweepAbove = Math.max(SWEEP_ABOVE, buckets.size * 2);
  }
}
