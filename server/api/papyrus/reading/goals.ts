// Endpoints of goals.
import type { Goals } from '../../../reading/goals.ts';
import { acceptGoalChange, acceptNewGoal } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentGoal } from './present.ts';
import {
  CreateGoalRequest,
  Goal,
  GoalList,
  GoalParams,
  GoalsQuery,
  UpdateGoalProgressRequest,
  UpdateGoalRequest,
} from './goal-schemas.ts';
import { json } from '../../../http/bodies.ts';

const GOALS = { tag: 'Goals', access: 'user' } as const;

/** Returns the endpoints. */
export function goalEndpoints({ goals }: { goals: Goals }) {
  return [
    userEndpoint(
      {
        ...GOALS,
        method: 'get',
        path: '/goals',
        summary: 'Lists your goals as they stand now, those that end first before the others.',
        query: GoalsQuery,
        answers: { 200: GoalList },
      },
      async ({ caller, query }) => {
        const filter = { isActive: query.is_active, isCompleted: query.is_completed };
        return { goals: (await goals.list(caller.userId, filter)).map(presentGoal) };
      },
    ),
    userEndpoint(
      {
        ...GOALS,
        method: 'post',
        path: '/goals',
        summary: 'Adds a goal; what you read in its days already counts.',
        body: json(CreateGoalRequest),
        answers: { 201: Goal },
      },
      async ({ caller, body }) =>
        presentGoal(await goals.create(caller.userId, acceptNewGoal(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...GOALS,
        method: 'get',
        path: '/goals/{goal_id}',
        summary: 'Returns a goal as it stands now.',
        params: GoalParams,
        answers: { 200: Goal },
        errors: ['not_found'],
      },
      async ({ caller, params }) => presentGoal(await goals.get(caller.userId, params.goal_id)),
    ),
    userEndpoint(
      {
        ...GOALS,
        method: 'patch',
        path: '/goals/{goal_id}',
        summary: 'Changes what is given of a goal.',
        params: GoalParams,
        body: json(UpdateGoalRequest),
        answers: { 200: Goal },
        errors: ['not_found'],
      },
      async ({ caller, params, body }) =>
        presentGoal(
          await goals.change(caller.userId, params.goal_id, acceptGoalChange(body), caller.sessionId),
        ),
    ),
    userEndpoint(
      {
        ...GOALS,
        method: 'put',
        path: '/goals/{goal_id}/progress',
        summary: 'Sets the value of a goal by hand; later reading adds to it.',
        params: GoalParams,
        body: json(UpdateGoalProgressRequest),
        answers: { 200: Goal },
        errors: ['not_found'],
      },
      async ({ caller, params, body }) => {
        const said = { value: body.current_value, note: body.note ?? null };
        return presentGoal(await goals.setValue(caller.userId, params.goal_id, said, caller.sessionId));
      },
    ),
    userEndpoint(
      {
        ...GOALS,
        method: 'delete',
        path: '/goals/{goal_id}',
        summary: 'Removes a goal.',
        params: GoalParams,
        errors: ['not_found'],
      },
      ({ caller, params }) => goals.remove(caller.userId, params.goal_id, caller.sessionId),
    ),
  ];
}
