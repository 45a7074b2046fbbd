// Progress, sessions, statistics and goals in the Papyrus contract's words; every key is always there.
import type { z } from 'zod';
import type { Goal as GoalRecord } from '../../../reading/goals.ts';
import type { ReadingSession as SessionRecord } from '../../../reading/papyrus-sessions.ts';
import type { ReadingStatistics as StatisticsRecord } from '../../../reading/period-statistics.ts';
import type { Progress } from '../../../reading/progress.ts';
import type { Goal } from './goal-schemas.ts';
import type { ReadingProgress, ReadingSession, ReadingStatistics } from './schemas.ts';

const maybe = (date: Date | null) => date?.toISOString() ?? null;

/** Returns where a person is in a book. */
export const presentProgress = (progress: Progress): z.infer<typeof ReadingProgress> => ({
  book_id: progress.bookId,
  reading_status: progress.status,
  current_page: progress.currentPage,
  current_position: progress.progress,
  current_cfi: progress.currentLocator,
  started_at: maybe(progress.startedAt),
  completed_at: maybe(progress.completedAt),
  last_read_at: maybe(progress.lastReadAt),
  total_reading_time_minutes: progress.readMinutes,
  sessions_count: progress.sessionCount,
});

/** Returns a session. */
export const presentSession = (session: SessionRecord): z.infer<typeof ReadingSession> => ({
  session_id: session.sessionId,
  book_id: session.bookId,
  book_title: session.bookTitle,
  start_time: session.startedAt.toISOString(),
  end_time: maybe(session.endedAt),
  start_position: session.startPosition,
  end_position: session.endPosition,
  pages_read: session.pagesRead,
  duration_minutes: session.durationMinutes,
  device_type: session.deviceType,
  device_name: session.deviceName,
  created_at: session.createdAt.toISOString(),
});

const figures = ({ minutes, pages, sessions }: { minutes: number; pages: number; sessions: number }) => ({
  reading_time_minutes: minutes,
  pages_read: pages,
  sessions_count: sessions,
});

/** Returns the reading of a period. */
export const presentReadingStatistics = (found: StatisticsRecord): z.infer<typeof ReadingStatistics> => ({
  period: { start_date: found.from, end_date: found.to },
  totals: {
    ...figures(found),
    books_completed: found.booksCompleted,
    average_session_minutes: found.averageSessionMinutes,
    reading_days: found.readingDays,
    current_streak: found.currentStreak,
    longest_streak: found.longestStreak,
  },
  daily_breakdown: found.days.map((day) => ({ date: day.day, ...figures(day) })),
  books_breakdown: found.books.map((book) => ({
    book_id: book.bookId,
    title: book.title,
    ...figures(book),
  })),
});

/** Returns a goal as it stands. */
export const presentGoal = (goal: GoalRecord): Goal => ({
  goal_id: goal.goalId,
  title: goal.title,
  description: goal.description,
  goal_type: goal.goalType,
  target_value: goal.targetValue,
  current_value: goal.value,
  progress_percentage: goal.percent,
  time_period: goal.timePeriod,
  start_date: goal.startDate,
  end_date: goal.endDate,
  is_active: goal.isActive,
  is_completed: goal.completedAt !== null,
  completed_at: maybe(goal.completedAt),
  created_at: goal.createdAt.toISOString(),
  updated_at: goal.updatedAt.toISOString(),
});
