// Goals: what a person wants to have read by when. They follow reading by themselves.
import type { Db } from '../catalogue/db.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/events.ts';
import { newId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { countCompletedBooks } from './completed-books.ts';
import { countIn, followed, shownValue } from './goal-values.ts';
import {
  deleteGoal,
  insertGoal,
  insertGoalUpdate,
  selectGoal,
  selectGoals,
  updateGoal,
} from './goals.queries.ts';
import type { GoalRow } from './goals.queries.ts';
import type { History } from './history.ts';
import { selectFinished } from './period-statistics.queries.ts';
import type { Readings } from './readings.ts';
import type { Days, Zones } from './zones.ts';

export type Goal = GoalRow & {
  /** Never below 0; an inactive goal keeps what it had. */
  value: number;
  /** 0–100, two decimals. */
  percent: number;
};
export type NewGoal = Pick<
  GoalRow,
  'title' | 'description' | 'goalType' | 'targetValue' | 'timePeriod' | 'startDate' | 'endDate'
>;
export type GoalChange = Partial<
  Pick<GoalRow, 'title' | 'description' | 'targetValue' | 'endDate' | 'isActive'>
>;

/** Many writes in a row are looked at together. */
const REST_MS = 500;

export type Goals = ReturnType<typeof createGoals>;

/** Returns the verbs of goals. */
export function createGoals(parts: {
  catalogue: Catalogue;
  clock: Clock;
  events: EventBus;
  log: Log;
  readings: Readings;
  zones: Zones;
}) {
  const { catalogue, clock, events, log, readings, zones } = parts;
  const by = (deviceId: string | undefined) => (deviceId === undefined ? {} : { deviceId });

  type Sources = { history: History; days: Days; today: string };
  const sourcesOf = async (ownerId: string): Promise<Sources> => {
    const days = zones.of(ownerId);
    const { history } = await readings.view(ownerId, days.zone);
    return { history, days, today: days.dayOf(clock.now()) };
  };

  /** What was counted for a goal, without the person's own words. */
  const countOf = (db: Db, goal: GoalRow, { history, days }: Sources): number => {
    if (goal.goalType !== 'books_count') return countIn(goal, history.days);
    const range = { from: goal.startDate, to: goal.endDate };
    const finished = selectFinished(db, {
      ownerId: goal.ownerId,
      fromMs: days.startOf(range.from).getTime(),
      beforeMs: days.endOf(range.to).getTime(),
      bookIds: null,
    });
    const marks = finished.map(({ bookId, atMs }) => ({ bookId, day: days.dayOf(new Date(atMs)) }));
    return countCompletedBooks(history, marks, range);
  };

  /** Writes what the goals have come to, where that is news. */
  const settle = async (ownerId: string): Promise<GoalRow[]> => {
    const goals = catalogue.read((db) => selectGoals(db, ownerId));
    if (!goals.some(({ isActive }) => isActive)) return goals;
    const sources = await sourcesOf(ownerId);
    const changes = catalogue.read((db) =>
      goals.flatMap((goal) => {
        const now = followed(goal, countOf(db, goal, sources), { now: clock.now(), today: sources.today });
        return now === undefined ? [] : [[goal.goalId, now] as const];
      }),
    );
    if (changes.length === 0) return goals;
    return catalogue.write({}, (db) => {
      for (const [goalId, change] of changes) updateGoal(db, goalId, change);
      return selectGoals(db, ownerId);
    });
  };

  /** Changes a goal as `change` says, knowing what is counted for it now. */
  const changed = async (
    ownerId: string,
    goalId: string,
    deviceId: string | undefined,
    change: (db: Db, goal: GoalRow, counted: number) => Partial<GoalRow>,
  ): Promise<Goal> => {
    ownGoal(ownerId, goalId);
    const sources = await sourcesOf(ownerId);
    const row = catalogue.write(by(deviceId), (db) => {
      const before = own(selectGoal(db, goalId), ownerId, goalId);
      const said = { ...change(db, before, countOf(db, before, sources)), updatedAt: clock.now() };
      const goal = { ...before, ...said };
      // A person who says something of a goal is told how it stands by what they said.
      const when = { now: clock.now(), today: goal.startDate };
      updateGoal(db, goalId, { ...said, ...followed(goal, countOf(db, goal, sources), when) });
      return selectGoal(db, goalId);
    });
    return shown(own(row, ownerId, goalId));
  };
  const ownGoal = (ownerId: string, goalId: string) =>
    own(
      catalogue.read((db) => selectGoal(db, goalId)),
      ownerId,
      goalId,
    );

  return {
    /** Returns the goals as they stand now, those that end first before the others. */
    async list(
      ownerId: string,
      filter: { isActive?: boolean | undefined; isCompleted?: boolean | undefined } = {},
    ): Promise<Goal[]> {
      const { isActive, isCompleted } = filter;
      return (await settle(ownerId))
        .filter((goal) => isActive === undefined || goal.isActive === isActive)
        .filter((goal) => isCompleted === undefined || (goal.completedAt !== null) === isCompleted)
        .map(shown);
    },

    /** Returns a goal as it stands now. Throws not_found. */
    async get(ownerId: string, goalId: string): Promise<Goal> {
      ownGoal(ownerId, goalId);
      await settle(ownerId);
      return shown(ownGoal(ownerId, goalId));
    },

    /** Adds a goal; what was read in its days already counts. Throws invalid for an end before the beginning. */
    async create(ownerId: string, goal: NewGoal, deviceId?: string): Promise<Goal> {
      checkDays(goal);
      const now = clock.now();
      const goalId = newId(now);
      catalogue.write(by(deviceId), (db) =>
        insertGoal(db, { ...goal, goalId, ownerId, createdAt: now, updatedAt: now }),
      );
      return this.get(ownerId, goalId);
    },

    /** Changes what is given; an inactive goal keeps its value until it is active again. Throws not_found, invalid. */
    change: (ownerId: string, goalId: string, change: GoalChange, deviceId?: string): Promise<Goal> =>
      changed(ownerId, goalId, deviceId, (_db, goal, counted) => {
        checkDays({ ...goal, ...change });
        if (change.isActive === undefined || change.isActive === goal.isActive) return change;
        return {
          ...change,
          frozenValue: change.isActive ? null : Math.max(0, counted + goal.manualOffset),
        };
      }),

    /** Sets the value by hand; later reading adds to it. Throws not_found. */
    setValue: (
      ownerId: string,
      goalId: string,
      { value, note }: { value: number; note: string | null },
      deviceId?: string,
    ): Promise<Goal> =>
      changed(ownerId, goalId, deviceId, (db, goal, counted) => {
        const now = clock.now();
        insertGoalUpdate(db, { updateId: newId(now), goalId, value, note, updatedAt: now });
        return { manualOffset: value - counted, ...(goal.isActive ? {} : { frozenValue: value }) };
      }),

    /** Removes a goal. Throws not_found. */
    remove(ownerId: string, goalId: string, deviceId?: string): void {
      ownGoal(ownerId, goalId);
      catalogue.write(by(deviceId), (db) => deleteGoal(db, goalId));
    },

    /** Writes what goals have come to soon after anything was read, whoever told of it, until the returned function is called. */
    follow(): () => void {
      const waiting = new Set<string>();
      let timer: NodeJS.Timeout | undefined;
      let isOver = false;
      const look = async () => {
        for (const ownerId of waiting) {
          waiting.delete(ownerId);
          try {
            if (!isOver) await settle(ownerId);
          } catch (error) {
            log.warn('goals stay as they were for now', { error });
          }
        }
        timer = undefined;
      };
      const stop = events.on('catalogue-changed', ({ owners }) => {
        for (const ownerId of owners) waiting.add(ownerId);
        timer ??= setTimeout(() => void look(), REST_MS).unref();
      });
      return () => {
        isOver = true;
        stop();
        clearTimeout(timer);
      };
    },
  };
}

function own(goal: GoalRow | undefined, ownerId: string, goalId: string): GoalRow {
  if (goal?.ownerId === ownerId) return goal;
  throw notFound('goal', goalId);
}

/** Adds a goal within a write; what was read for it is counted soon after. Throws invalid. */
export function addGoal(
  db: Db,
  ownerId: string,
  goal: NewGoal & { goalId: string; isActive?: boolean },
  now: Date,
): void {
  checkDays(goal);
  insertGoal(db, { ...goal, ownerId, createdAt: now, updatedAt: now });
}

/** Changes what is given within a write; an inactive goal keeps the value it has come to. Throws not_found, invalid. */
export function changeGoal(db: Db, ownerId: string, goalId: string, change: GoalChange, now: Date): void {
  const goal = own(selectGoal(db, goalId), ownerId, goalId);
  checkDays({ ...goal, ...change });
  const { isActive = goal.isActive } = change;
  const frozen = isActive === goal.isActive ? {} : { frozenValue: isActive ? null : shownValue(goal) };
  updateGoal(db, goalId, { ...change, ...frozen, updatedAt: now });
}

/** Removes a goal within a write. Throws not_found. */
export function removeGoal(db: Db, ownerId: string, goalId: string): void {
  own(selectGoal(db, goalId), ownerId, goalId);
  deleteGoal(db, goalId);
}

/** Returns the goals of the owner as they stood when anybody looked last. */
export const goalsOf = (db: Db, ownerId: string): Goal[] => selectGoals(db, ownerId).map(shown);

function shown(goal: GoalRow): Goal {
  const value = shownValue(goal);
  return { ...goal, value, percent: Math.min(100, Math.round((value / goal.targetValue) * 10_000) / 100) };
}

function checkDays({ startDate, endDate }: { startDate: string; endDate: string }): void {
  if (endDate >= startDate) return;
  const message = 'A goal cannot end before it begins.';
  throw invalid(message, { details: { fields: { end_date: message } } });
}
