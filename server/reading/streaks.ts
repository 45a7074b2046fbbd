// Runs of reading days without a gap. Pure.
import { addDays } from '../base/days.ts';

export type Streak = { days: number; from: string; to: string };

/** Returns the runs of consecutive days, in order. `days` ascending, doubles allowed. */
export function findStreaks(days: Iterable<string>): Streak[] {
  const streaks: Streak[] = [];
  for (const day of days) {
    const current = streaks.at(-1);
    if (current?.to === day) continue;
    if (current !== undefined && addDays(current.to, 1) === day) {
      current.to = day;
      current.days++;
    } else streaks.push({ days: 1, from: day, to: day });
  }
  return streaks;
}

/** Returns the longest run, of equally long ones the last. */
export const longestStreak = (streaks: readonly Streak[]): Streak | undefined =>
  streaks.reduce<Streak | undefined>(
    (best, streak) => (best === undefined || streak.days >= best.days ? streak : best),
    undefined,
  );

/** Returns the run that still goes on: its last day is today, yesterday, or to come. */
export function currentStreak(streaks: readonly Streak[], today: string): Streak | undefined {
  const last = streaks.at(-1);
  return last !== undefined && last.to >= addDays(today, -1) ? last : undefined;
}
