// The SQL of goals.
import type { Db } from '../catalogue/db.ts';
import { eq } from 'drizzle-orm';
import { goalUpdates, readingGoals } from '../catalogue/schema/index.ts';
import { insertRow, updateRow } from '../catalogue/rows.ts';
import { statement } from '../catalogue/statements.ts';

export type GoalRow = typeof readingGoals.$inferSelect;

/** The owner's goals: the ones that end first come first, then the older, then by id. */
export const selectGoals = (db: Db, ownerId: string): GoalRow[] =>
  db
    .select()
    .from(readingGoals)
    .where(eq(readingGoals.ownerId, ownerId))
    .orderBy(readingGoals.endDate, readingGoals.createdAt, readingGoals.goalId)
    .all();

export const selectGoal = (db: Db, goalId: string): GoalRow | undefined =>
  db.select().from(readingGoals).where(eq(readingGoals.goalId, goalId)).get();

export const insertGoal = (db: Db, goal: typeof readingGoals.$inferInsert): void => {
  insertRow(db, readingGoals, goal);
};

export const updateGoal = (
  db: Db,
  goalId: string,
  change: Partial<typeof readingGoals.$inferInsert>,
): void => {
  updateRow(db, readingGoals, readingGoals.goalId, goalId, change);
};

export const deleteGoal = (db: Db, goalId: string): void => {
  statement(db.$client, 'delete from reading_goals where goal_id = ?').run(goalId);
};

/** Notes that a person set a goal's value by hand. */
export const insertGoalUpdate = (db: Db, update: typeof goalUpdates.$inferInsert): void => {
  insertRow(db, goalUpdates, update);
};
