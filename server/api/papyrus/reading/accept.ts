// Progress, sessions and goals as the Papyrus contract words them, into neutral records.
import type { z } from 'zod';
import type { GoalChange, NewGoal } from '../../../reading/goals.ts';
import type { SessionFacts } from '../../../reading/papyrus-sessions.ts';
import type { ProgressChange } from '../../../reading/progress.ts';
import { present } from '../books/accept.ts';
import type { CreateGoalRequest, UpdateGoalRequest } from './goal-schemas.ts';
import type { CreateReadingSessionRequest, UpdateProgressRequest } from './schemas.ts';

/** Returns the change of progress. */
export const acceptProgress = (body: z.output<typeof UpdateProgressRequest>): ProgressChange =>
  present({
    status: body.reading_status,
    progress: body.current_position,
    currentPage: body.current_page,
    currentLocator: body.current_cfi,
  });

/** Returns what a device tells of a sitting. */
export const acceptSession = (body: z.output<typeof CreateReadingSessionRequest>): SessionFacts => ({
  bookId: body.book_id,
  startedAt: body.start_time,
  endedAt: body.end_time ?? null,
  startPosition: body.start_position ?? null,
  endPosition: body.end_position ?? null,
  pagesRead: body.pages_read ?? null,
  deviceType: body.device_type ?? null,
  deviceName: body.device_name ?? null,
});

/** Returns the goal to add. */
export const acceptNewGoal = (body: z.output<typeof CreateGoalRequest>): NewGoal => ({
  title: body.title,
  description: body.description ?? null,
  goalType: body.goal_type,
  targetValue: body.target_value,
  timePeriod: body.time_period,
  startDate: body.start_date,
  endDate: body.end_date,
});

/** Returns the change of a goal. */
export const acceptGoalChange = (body: z.output<typeof UpdateGoalRequest>): GoalChange =>
  present({
    title: body.title,
    description: body.description,
    targetValue: body.target_value,
    endDate: body.end_date,
    isActive: body.is_active,
  });
