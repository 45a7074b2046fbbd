// Work that must not overlap: one after the other for each key.

/** Returns a function that runs `work` after everything of the same key that came before it has ended, well or not. */
export function createTurns() {
  const last = new Map<string | number, Promise<unknown>>();
  return async <Result>(key: string | number, work: () => Promise<Result>): Promise<Result> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
