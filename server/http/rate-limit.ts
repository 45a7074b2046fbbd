// Counts requests per key in a token bucket, in memory: a restart forgives.
import type { Response } from 'express';
import { rateLimited } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';

export type RateLimit = {
  /** Takes one request from the key's bucket. Throws rate_limited with the seconds to wait when it is empty. */
  take(key: string): void;
  /** Gives the request back: it was a good one. */
  giveBack(key: string): void;
  /** How many requests the key's bucket holds now, and when it will be full; undefined where nothing is counted. */
  look(key: string): { limit: number; remaining: number; fullAt: Date } | undefined;
};

const SWEEP_ABOVE = 10_000;

/** Returns a limit of `burst` requests that fill up again evenly over `perSec` seconds. */
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
    look(key) {
      const { leftMs, atMs } = bucketOf(key);
      return {
        limit: burst,
        remaining: Math.floor(leftMs / costMs),
        fullAt: new Date(atMs + fullMs - leftMs),
      };
    },
  };

  /** Next time when there are twice as many: a sweep costs a constant share of the requests before it. */
  function forgetFull(): void {
    for (const key of buckets.keys()) {
      if (bucketOf(key).leftMs >= fullMs) buckets.delete(key);
    }
    sweepAbove = Math.max(SWEEP_ABOVE, buckets.size * 2);
  }
}

/** What a request costs the server: each class has a limit of its own. */
export const LIMIT_CLASSES = ['authentication', 'general', 'upload', 'batch'] as const;
export type LimitClass = (typeof LIMIT_CLASSES)[number];
/** Requests a minute; null counts nothing. */
export type PerMinute = Record<LimitClass, number | null>;

/** The documented limits (papyrus.md "Limits"). */
export const DEFAULT_LIMITS: PerMinute = { authentication: 5, general: 100, upload: 10, batch: 20 };

const MOST_PER_MINUTE = 1_000_000;

/**
 * Reads limits as a person writes them: `off`, `upload=60,general=off`, or the same as an object. Classes left out keep
 * the documented limit. Undefined when it says anything else.
 */
export function readLimits(value: unknown): PerMinute | undefined {
  if (value === 'off') return { authentication: null, general: null, upload: null, batch: null };
  const said: [string, unknown][] =
    typeof value === 'string'
      ? value.split(',').map((part) => {
          const [name = '', ...numbers] = part.split('=').map((word) => word.trim());
          return [name, numbers.join('=')];
        })
      : Object.entries(typeof value === 'object' && value !== null ? value : { '': value });
  const limits = { ...DEFAULT_LIMITS };
  for (const [name, number] of said) {
    const known = LIMIT_CLASSES.find((each) => each === name);
    const isOff = number === 'off' || number === null;
    const perMinute = typeof number === 'string' && /^\d{1,7}$/.test(number) ? Number(number) : number;
    const isNumber =
      Number.isInteger(perMinute) && Number(perMinute) >= 1 && Number(perMinute) <= MOST_PER_MINUTE;
    if (known === undefined || !(isOff || isNumber)) return undefined;
    limits[known] = isOff ? null : Number(perMinute);
  }
  return limits;
}

export type Limits = Record<LimitClass, RateLimit>;

/** Returns one limit for each class. */
export function createLimits({ clock, perMinute }: { clock: Clock; perMinute: PerMinute }): Limits {
  const limitOf = (name: LimitClass): RateLimit => {
    const burst = perMinute[name];
    return burst === null ? UNLIMITED : createRateLimit({ clock, burst, perSec: 60 });
  };
  return {
    authentication: limitOf('authentication'),
    general: limitOf('general'),
    upload: limitOf('upload'),
    batch: limitOf('batch'),
  };
}

const UNLIMITED: RateLimit = { take: () => {}, giveBack: () => {}, look: () => undefined };

/**
 * Counts a request and says in its answer how many are left. Returns what gives it back. Throws rate_limited.
 */
export function countRequest(limit: RateLimit, key: string, res: Response): () => void {
  const tell = () => {
    const state = limit.look(key);
    if (state === undefined) return;
    res.setHeader('X-RateLimit-Limit', state.limit);
    res.setHeader('X-RateLimit-Remaining', state.remaining);
    res.setHeader('X-RateLimit-Reset', Math.ceil(state.fullAt.getTime() / 1000));
  };
  try {
    limit.take(key);
  } finally {
    tell();
  }
  return () => {
    limit.giveBack(key);
    tell();
  };
}
