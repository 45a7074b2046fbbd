// Counts attempts per key in a token bucket, in memory: a restart forgives.
import { rateLimited } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';

export type RateLimit = {
  /** Takes one attempt from the key's bucket. Throws rate_limited with the seconds to wait when it is empty. */
  take(key: string): void;
  /** Gives the attempt back: it was a good one. */
  giveBack(key: string): void;
};

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
  const buckets = new Map<string, { left: number; atMs: number }>();
  const perMs = burst / (perSec * 1000);

  const bucketOf = (key: string) => {
    const atMs = clock.now().getTime();
    const bucket = buckets.get(key) ?? { left: burst, atMs };
    const left = Math.min(burst, bucket.left + (atMs - bucket.atMs) * perMs);
    return { left, atMs };
  };
  return {
    take(key) {
      if (buckets.size > 10_000) forgetFull();
      const bucket = bucketOf(key);
      if (bucket.left < 1) throw rateLimited(Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1000)));
      buckets.set(key, { ...bucket, left: bucket.left - 1 });
    },
    giveBack(key) {
      const bucket = bucketOf(key);
      buckets.set(key, { ...bucket, left: Math.min(burst, bucket.left + 1) });
    },
  };

  function forgetFull(): void {
    for (const key of buckets.keys()) {
      if (bucketOf(key).left >= burst) buckets.delete(key);
    }
  }
}
