// Schemas of progress, sessions and statistics (papyrus.md "Progress", "Sessions and statistics").
import { z } from 'zod';
import { PERIODS } from '../../../reading/periods.ts';
import { ReadingStatus } from '../books/schemas.ts';
import { Instant, PageQuery, Pagination, papyrus, plainText, Uuid } from '../shared-schemas.ts';

const Part = z.number().min(0).max(1);
const Day = z.iso.date();
const Zone = plainText(64).meta({
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
  format: 'time-zone',
  description: 'IANA time zone; the one of your preferences unless given.',
});
/** Any instant with a zone, kept in UTC. */
const Moment = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));

export const ReadingProgress = z
  .object({
    book_id: Uuid,
    reading_status: ReadingStatus,
    current_page: z.int().nullable(),
    current_position: Part.nullable(),
    current_cfi: z.string().nullable(),
    started_at: Instant.nullable(),
    completed_at: Instant.nullable(),
    last_read_at: Instant.nullable(),
    total_reading_time_minutes: z.int(),
    sessions_count: z.int(),
  })
  .register(papyrus, { id: 'ReadingProgress' });

export const UpdateProgressRequest = z
  .object({
    reading_status: ReadingStatus.optional(),
    current_page: z.int().min(0).max(1_000_000).nullish(),
    current_position: Part.nullish(),
    current_cfi: plainText(2000).nullish(),
  })
  .register(papyrus, { id: 'UpdateProgressRequest' });

export const ReadingSession = z
  .object({
    session_id: Uuid,
    book_id: Uuid.nullable().describe('Null for a book of KOReader that is not in the library.'),
    book_title: z.string(),
    start_time: Instant,
    end_time: Instant.nullable(),
    start_position: Part.nullable(),
    end_position: Part.nullable(),
    pages_read: z.int().nullable(),
    duration_minutes: z.int().nullable().describe('Null while it goes on.'),
    device_type: z.string().nullable().describe("KOReader's sittings are of an e-ink device and read-only."),
    device_name: z.string().nullable(),
    created_at: Instant,
  })
  .register(papyrus, { id: 'ReadingSession' });

export const ReadingSessionList = z
  .object({ sessions: z.array(ReadingSession), pagination: Pagination })
  .register(papyrus, { id: 'ReadingSessionList' });

export const CreateReadingSessionRequest = z
  .object({
    book_id: Uuid,
    start_time: Moment,
    end_time: Moment.nullish(),
    start_position: Part.nullish(),
    end_position: Part.nullish(),
    pages_read: z.int().min(0).max(1_000_000).nullish(),
    device_type: plainText(50).nullish(),
    device_name: plainText(255).nullish(),
  })
  .register(papyrus, { id: 'CreateReadingSessionRequest' });

export const SessionParams = z.object({ session_id: Uuid });

export const SessionsQuery = z.object({
  ...PageQuery,
  book_id: Uuid.optional(),
  start_date: Day.optional().describe('The first day a session began.'),
  end_date: Day.optional().describe('The last day a session began.'),
  sort: z.enum(['start_time', '-start_time']).default('-start_time'),
  tz: Zone.optional(),
});

export const StatisticsQuery = z.object({
  period: z.enum(PERIODS).optional().describe('month unless given; custom when there are dates.'),
  start_date: Day.optional(),
  end_date: Day.optional(),
  book_id: Uuid.optional(),
  shelf_id: Uuid.optional(),
  tz: Zone.optional(),
});

const figures = {
  reading_time_minutes: z.int(),
  pages_read: z.int(),
  sessions_count: z.int(),
};

export const ReadingStatistics = z
  .object({
    period: z.object({ start_date: Day, end_date: Day }),
    totals: z.object({
      ...figures,
      books_completed: z.int(),
      average_session_minutes: z.number(),
      reading_days: z.int(),
      current_streak: z.int().describe('Days, over all time.'),
      longest_streak: z.int().describe('Days, over all time.'),
    }),
    daily_breakdown: z.array(z.object({ date: Day, ...figures })),
    books_breakdown: z.array(z.object({ book_id: Uuid.nullable(), title: z.string(), ...figures })),
  })
  .register(papyrus, { id: 'ReadingStatistics' });
