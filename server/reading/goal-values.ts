// What a goal has come to (papyrus.md "Goals"). Pure.
import type { GoalRow } from './goals.queries.ts';
import type { HistoryDay } from './history.ts';
import { minutesOf } from './periods.ts';

/** Returns the pages or minutes read in the days of a goal. */
export function countIn(
  { goalType, startDate, endDate }: Pick<GoalRow, 'goalType' | 'startDate' | 'endDate'>,
  days: readonly HistoryDay[],
): number {
  let sum = 0;
  for (const day of days)
    if (day.day >= startDate && day.day <= endDate)
      sum += goalType === 'pages_count' ? day.pages : minutesOf(day);
  return sum;
}

type Followed = Pick<GoalRow, 'currentValue' | 'completedAt'>;

/**
 * Returns what changes in a goal when `counted` is what was read for it, undefined when nothing does. It is completed the
 * first time it reaches its target, and no longer when it falls below before its days are over. An inactive goal stays as
 * it is.
 */
export function followed(
  goal: GoalRow,
  counted: number,
  { now, today }: { now: Date; today: string },
): Followed | undefined {
  const currentValue = shownValue({ ...goal, currentValue: Math.max(0, counted + goal.manualOffset) });
  const isReached = currentValue >= goal.targetValue;
  const isOver = today > goal.endDate;
  const completedAt = isReached ? (goal.completedAt ?? now) : isOver ? goal.completedAt : null;
  const isSame = currentValue === goal.currentValue && completedAt?.getTime() === goal.completedAt?.getTime();
  return isSame ? undefined : { currentValue, completedAt };
}

/** Returns the value to show: what was counted when anybody looked last, or what an inactive goal was left at. */
export const shownValue = ({ isActive, frozenValue, currentValue }: GoalRow): number =>
  isActive ? currentValue : (frozenValue ?? currentValue);
