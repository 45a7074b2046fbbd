// Limits how long a part of a reading may take by the processor's time, so that a busy machine loses nothing.

export type TimeLimit = { isOver(): boolean };

/** A limit of so much work of this thread, and of ten times as long by the clock for work that waits for the disk. */
export const limitWork = (workMs: number): TimeLimit => {
  const before = process.threadCpuUsage();
  const endMs = performance.now() + 10 * workMs;
  return {
    isOver() {
      const { user, system } = process.threadCpuUsage(before);
      return user + system > workMs * 1000 || performance.now() > endMs;
    },
  };
};
