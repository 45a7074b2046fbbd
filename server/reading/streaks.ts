// Runs of reading days without a gap. Pure.
import { addDays } from '../base/days.ts';

export type Streak = { days: number; from: string; to: string };

/** Returns the runs of consecutive days, in order. `days` ascending, doubles allowed. */
export function findStreaks(days: Iterable<string>): Streak[] {
  const streaks: Streak[] = [];
  for (const day of days) {
    const current = streaks.at(-1);
    if (current?.to === day) continue;
    if (current !== undefined && isNextDay(current.to, day)) {
      current.to = day;
      current.days++;
    } else streaks.push({ days: 1, from: day, to: day });
  }
  return streaks;
}

/** Whether a day follows another; within a month that is told by the last two digits. */
export const isNextDay = (day: string, next: string): boolean =>
  day.slice(0, 8) === next.slice(0, 8)
    ? Number(next.slice(8)) - Number(day.slice(8)) === 1
    : addDays(day, 1) === next;

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
