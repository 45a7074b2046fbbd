// Shuts an account to an address that guesses its password: five wrong ones, then fifteen minutes (papyrus.md "Sign-in and tokens"); beside it, the brake.
import { rateLimited } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { createSlowdown } from './slowdown.ts';
import { createBoundedMap } from '../base/bounded-map.ts';

const FAILURES = 5;
const LOCK_MS = 15 * 60 * 1000;
/** Beyond this many the oldest are forgotten: whoever has that many addresses cannot be kept out this way. */
const KEPT = 10_000;

export type Lockout = ReturnType<typeof createLockout>;

/** Returns the lock, in memory alone. Accounts that do not exist are locked alike: it tells nobody who is here. */
export function createLockout({ clock }: { clock: Clock }) {
  const slowdown = createSlowdown({ clock });
  const failures = createBoundedMap<string, { count: number; lastMs: number }>(KEPT);

  const recent = (key: string) => {
    const found = failures.get(key);
    return found === undefined || clock.now().getTime() - found.lastMs >= LOCK_MS ? undefined : found;
  };
  return {
    /** Throws rate_limited with the seconds to wait while the account is shut to the address, or slowed down for all. */
    check(account: string, address: string): void {
      const found = recent(keyOf(account, address));
      if (found === undefined || found.count < FAILURES) {
        slowdown.check(account, address);
        return;
      }
      throw rateLimited(Math.ceil((found.lastMs + LOCK_MS - clock.now().getTime()) / 1000));
    },
    /** Notes a wrong password. */
    fail(account: string, address: string): void {
      slowdown.fail(account);
      const key = keyOf(account, address);
      const count = (recent(key)?.count ?? 0) + 1;
      failures.set(key, { count, lastMs: clock.now().getTime() });
    },
    /** Forgets the wrong passwords of an address. */
    forgive(account: string, address: string): void {
      slowdown.know(account, address);
      failures.delete(keyOf(account, address));
    },
  };
}

const keyOf = (account: string, address: string) => `${address} ${account}`;
