// Endpoints of progress, reading sessions and statistics.
import type { ReadingSessions } from '../../../reading/papyrus-sessions.ts';
import type { PeriodStatisticsOf } from '../../../reading/period-statistics.ts';
import type { ProgressOfBooks } from '../../../reading/progress.ts';
import type { Zones } from '../../../reading/zones.ts';
import { acceptProgress, acceptSession } from './accept.ts';
import { userEndpoint } from '../auth.ts';
import { presentProgress, presentReadingStatistics, presentSession } from './present.ts';
import { presentPagination } from '../books/present.ts';
import { BookParams } from '../books/schemas.ts';
import {
  CreateReadingSessionRequest,
  ReadingProgress,
  ReadingSession,
  ReadingSessionList,
  ReadingStatistics,
  SessionParams,
  SessionsQuery,
  StatisticsQuery,
  UpdateProgressRequest,
} from './schemas.ts';
import { json } from '../../../http/bodies.ts';

const BOOKS = { tag: 'Books', access: 'user' } as const;
const PROGRESS = { tag: 'Progress', access: 'user' } as const;

export type ProgressParts = {
  progress: ProgressOfBooks;
  readingSessions: ReadingSessions;
  periodStatistics: PeriodStatisticsOf;
  zones: Zones;
};

/** Returns the endpoints. */
export function progressEndpoints({ progress, readingSessions, periodStatistics, zones }: ProgressParts) {
  return [
    userEndpoint(
      {
        ...BOOKS,
        method: 'get',
        path: '/books/{book_id}/progress',
        summary: 'Returns where you are in a book, and how long you read in it.',
        params: BookParams,
        answers: { 200: ReadingProgress },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentProgress(progress.get(caller.userId, params.book_id)),
    ),
    userEndpoint(
      {
        ...BOOKS,
        method: 'put',
        path: '/books/{book_id}/progress',
        summary: 'Moves you in a book; the reading status follows unless you say it too.',
        params: BookParams,
        body: json(UpdateProgressRequest),
        answers: { 200: ReadingProgress },
        errors: ['not_found'],
      },
      ({ caller, params, body }) =>
        presentProgress(
          progress.change(caller.userId, params.book_id, acceptProgress(body), caller.sessionId),
        ),
    ),
    userEndpoint(
      {
        ...PROGRESS,
        method: 'get',
        path: '/progress/sessions',
        summary: "Lists your reading sessions, KOReader's among them.",
        query: SessionsQuery,
        answers: { 200: ReadingSessionList },
      },
      ({ caller, query }) => {
        const { page, limit, book_id: bookId, start_date: from, end_date: to } = query;
        const days = zones.of(caller.userId, query.tz);
        const order = query.sort === 'start_time' ? 'asc' : 'desc';
        const list = readingSessions.list(
          { ownerId: caller.userId, bookId, from, to },
          { page, limit, order },
          days,
        );
        return {
          sessions: list.sessions.map(presentSession),
          pagination: presentPagination(page, limit, list.total),
        };
      },
    ),
    userEndpoint(
      {
        ...PROGRESS,
        method: 'post',
        path: '/progress/sessions',
        summary: 'Adds a reading session.',
        body: json(CreateReadingSessionRequest),
        answers: { 201: ReadingSession },
      },
      ({ caller, body }) =>
        presentSession(readingSessions.create(caller.userId, acceptSession(body), caller.sessionId)),
    ),
    userEndpoint(
      {
        ...PROGRESS,
        method: 'get',
        path: '/progress/sessions/{session_id}',
        summary: 'Returns a reading session.',
        params: SessionParams,
        answers: { 200: ReadingSession },
        errors: ['not_found'],
      },
      ({ caller, params }) => presentSession(readingSessions.get(caller.userId, params.session_id)),
    ),
    userEndpoint(
      {
        ...PROGRESS,
        method: 'delete',
        path: '/progress/sessions/{session_id}',
        summary: "Removes a reading session; KOReader's stay.",
        params: SessionParams,
        errors: ['not_found', 'forbidden'],
      },
      ({ caller, params }) => readingSessions.remove(caller.userId, params.session_id, caller.sessionId),
    ),
    userEndpoint(
      {
        ...PROGRESS,
        method: 'get',
        path: '/progress/statistics',
        summary: "Returns what you read in a period, KOReader's reading included.",
        query: StatisticsQuery,
        answers: { 200: ReadingStatistics },
      },
      async ({ caller, query }) =>
        presentReadingStatistics(
          await periodStatistics.of(caller.userId, {
            period: query.period,
            from: query.start_date,
            to: query.end_date,
            bookId: query.book_id,
            shelfId: query.shelf_id,
            tz: query.tz,
          }),
        ),
    ),
  ];
}
