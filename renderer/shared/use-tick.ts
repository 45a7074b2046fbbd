// Lets words such as "3 minutes ago" stay true while a page is open.
import { useSyncExternalStore } from 'react';

const everyMs = 20_000;

/** Draws the calling component anew three times a minute. */
export function useTick(): void {
  useSyncExternalStore(subscribe, tick);
}

function subscribe(onTick: () => void): () => void {
  const timer = setInterval(onTick, everyMs);
  return () => clearInterval(timer);
}

const tick = (): number => Math.floor(Date.now() / everyMs);
