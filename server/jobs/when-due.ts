// Work that comes back: looked for at the start and from time to time.

/** Calls `look` now and then every so many milliseconds. Returns what stops it; what it throws is told to `onError`. */
export function lookEvery(everyMs: number, look: () => void, onError: (error: unknown) => void): () => void {
  const guarded = (): void => {
    try {
      look();
    } catch (error) {
      onError(error);
    }
  };
  guarded();
  const timer = setInterval(guarded, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
