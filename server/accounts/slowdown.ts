// Slows down many addresses that guess one account's password together: after twenty wrong ones, one try in half a minute.
import { rateLimited } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { createBoundedMap } from '../base/bounded-map.ts';

const FREE_FAILURES = 20;
const ONE_TRY_MS = 30_000;
/** Failures of an account are forgotten after a day without one. */
const FORGET_MS = 24 * 60 * 60 * 1000;
/** Beyond this many the oldest are forgotten. */
const KEPT = 10_000;

export type Slowdown = ReturnType<typeof createSlowdown>;

/**
 * Returns the brake, in memory alone. Addresses that signed in to an account since the start are never slowed down for
 * it: no stranger keeps a person out of their own home.
 */
export function createSlowdown({ clock }: { clock: Clock }) {
  const failures = createBoundedMap<string, { count: number; lastMs: number }>(KEPT);
  const known = createBoundedMap<string, true>(KEPT);
  const recent = (account: string) => {
    const found = failures.get(account);
    const sinceMs = clock.now().getTime() - (found?.lastMs ?? 0);
    return found === undefined || sinceMs >= FORGET_MS ? undefined : { ...found, sinceMs };
  };

  return {
    /** Throws rate_limited with the seconds to wait while it is nobody's turn to try. */
    check(account: string, address: string): void {
      const found = recent(account);
      if (found === undefined || found.count < FREE_FAILURES || found.sinceMs >= ONE_TRY_MS) return;
      if (known.has(keyOf(account, address))) return;
      throw rateLimited(Math.ceil((ONE_TRY_MS - Math.max(0, found.sinceMs)) / 1000));
    },
    /** Notes a wrong password, from wherever. */
    fail(account: string): void {
      const count = (recent(account)?.count ?? 0) + 1;
      failures.set(account, { count, lastMs: clock.now().getTime() });
    },
    /** Notes that the account's own person is at this address. */
    know(account: string, address: string): void {
      known.set(keyOf(account, address), true);
    },
  };
}

const keyOf = (account: string, address: string) => `${address} ${account}`;
