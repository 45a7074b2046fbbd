// Schemas of goals (papyrus.md "Goals").
import { z } from 'zod';
import { Instant, papyrus, plainText, QueryFlag, requiredText, Uuid } from '../shared-schemas.ts';

const Day = z.iso.date();
const Value = z.int().min(0).max(1_000_000_000);
const Target = Value.min(1);
const GoalType = z.enum(['books_count', 'pages_count', 'reading_time']).register(papyrus, { id: 'GoalType' });
const TimePeriod = z
  .enum(['daily', 'weekly', 'monthly', 'yearly', 'custom'])
  .register(papyrus, { id: 'TimePeriod' });

export const Goal = z
  .object({
    goal_id: Uuid,
    title: z.string(),
    description: z.string().nullable(),
    goal_type: GoalType,
    target_value: z.int().describe('Books, pages, or minutes.'),
    current_value: z.int(),
    progress_percentage: z.number().min(0).max(100),
    time_period: TimePeriod,
    start_date: Day,
    end_date: Day,
    is_active: z.boolean().describe('An inactive goal keeps the value it had.'),
    is_completed: z.boolean(),
    completed_at: Instant.nullable(),
    created_at: Instant,
    updated_at: Instant,
  })
  .register(papyrus, { id: 'Goal' });

export const GoalList = z.object({ goals: z.array(Goal) }).register(papyrus, { id: 'GoalList' });
export const GoalParams = z.object({ goal_id: Uuid });
export const GoalsQuery = z.object({ is_active: QueryFlag.optional(), is_completed: QueryFlag.optional() });

export const CreateGoalRequest = z
  .object({
    title: requiredText(255),
    description: plainText(10_000).nullish(),
    goal_type: GoalType,
    target_value: Target,
    time_period: TimePeriod,
    start_date: Day,
    end_date: Day,
  })
  .register(papyrus, { id: 'CreateGoalRequest' });

export const UpdateGoalRequest = z
  .object({
    title: requiredText(255).optional(),
    description: plainText(10_000).nullish(),
    target_value: Target.optional(),
    end_date: Day.optional(),
    is_active: z.boolean().optional(),
  })
  .register(papyrus, { id: 'UpdateGoalRequest' });

export const UpdateGoalProgressRequest = z
  .object({ current_value: Value, note: plainText(2000).nullish() })
  .register(papyrus, { id: 'UpdateGoalProgressRequest' });

export type Goal = z.infer<typeof Goal>;
