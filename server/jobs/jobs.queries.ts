// The SQL of jobs.
import type { Db } from '../catalogue/db.ts';
import { and, count, desc, eq, gt, inArray, lte, ne, notInArray, or, sql } from 'drizzle-orm';
import { jobs } from '../catalogue/schema/index.ts';
import { LONGEST_PAUSE_MS } from './kinds.ts';

export type JobRow = typeof jobs.$inferSelect;
const OPEN = ['waiting', 'running'] as const;
/** Several jobs are added in one millisecond; rows keep the order they came in. */
const cameIn = sql`${jobs}.rowid`;

/** The job with this key that waits or runs. */
export const selectOpenJob = (db: Db, key: string): JobRow | undefined =>
  db
    .select()
    .from(jobs)
    .where(and(eq(jobs.key, key), inArray(jobs.state, [...OPEN])))
    .get();

/** Adds a job, or returns the open one with the same key; one that was put off has its turn again as if it were new. */
export function insertJob(db: Db, job: typeof jobs.$inferInsert): JobRow {
  const open = selectOpenJob(db, job.key);
  if (open === undefined) return db.insert(jobs).values(job).returning().get();
  if (open.state !== 'waiting' || open.runAfter.getTime() === open.createdAt.getTime()) return open;
  const anew = { runAfter: open.createdAt, attempt: 0, error: null };
  updateJob(db, open.jobId, anew);
  return { ...open, ...anew };
}

/** The owner's jobs of a kind that wait, oldest first. */
export const selectWaitingJobs = (db: Db, ownerId: string, kind: string): JobRow[] =>
  db
    .select()
    .from(jobs)
    .where(and(eq(jobs.state, 'waiting'), eq(jobs.kind, kind), eq(jobs.ownerId, ownerId)))
    .orderBy(jobs.createdAt, cameIn)
    .all();

export const selectJob = (db: Db, jobId: string): JobRow | undefined =>
  db.select().from(jobs).where(eq(jobs.jobId, jobId)).get();

/** The owner's jobs, newest first. */
export const selectJobs = (db: Db, ownerId: string, limit: number): JobRow[] =>
  db
    .select()
    .from(jobs)
    .where(eq(jobs.ownerId, ownerId))
    .orderBy(desc(jobs.createdAt), desc(cameIn))
    .limit(limit)
    .all();

/** Whether it is a waiting job's turn. One that was never put off, or seems to be for longer than any is, has it whatever the clock says: it can have been set back since. */
const mayRun = (now: Date) =>
  or(
    lte(jobs.runAfter, now),
    eq(jobs.runAfter, jobs.createdAt),
    gt(jobs.runAfter, new Date(now.getTime() + LONGEST_PAUSE_MS)),
  );

/** The next job that may run now: highest priority, then oldest, of a group nobody works on. */
export const selectNextJob = (db: Db, now: Date, busyGroups: string[]): JobRow | undefined =>
  db
    .select()
    .from(jobs)
    .where(and(eq(jobs.state, 'waiting'), mayRun(now), notInArray(jobs.group, busyGroups)))
    .orderBy(desc(jobs.priority), jobs.createdAt, cameIn)
    .limit(1)
    .get();

/** When the next job that was put off may run; undefined when none was. */
export const selectNextTime = (db: Db, now: Date): Date | undefined =>
  db
    .select({ runAfter: jobs.runAfter })
    .from(jobs)
    .where(and(eq(jobs.state, 'waiting'), gt(jobs.runAfter, now), ne(jobs.runAfter, jobs.createdAt)))
    .orderBy(jobs.runAfter)
    .limit(1)
    .get()?.runAfter;

/** How many jobs run or wait for their turn. */
export const countOpenJobs = (db: Db, now: Date): number =>
  db
    .select({ n: count() })
    .from(jobs)
    .where(and(inArray(jobs.state, [...OPEN]), or(eq(jobs.state, 'running'), mayRun(now))))
    .get()?.n ?? 0;

export const updateJob = (db: Db, jobId: string, change: Partial<typeof jobs.$inferInsert>): void => {
  db.update(jobs).set(change).where(eq(jobs.jobId, jobId)).run();
};

/** Jobs that were running when the process ended wait again. */
export const disownRunningJobs = (db: Db): void => {
  db.update(jobs).set({ state: 'waiting' }).where(eq(jobs.state, 'running')).run();
};

/** Forgets the owner's ended jobs of a kind on a subject. */
export const deleteEndedJobs = (db: Db, ownerId: string, kind: string, subject: string): void => {
  db.delete(jobs)
    .where(
      and(
        eq(jobs.ownerId, ownerId),
        eq(jobs.kind, kind),
        eq(jobs.subject, subject),
        notInArray(jobs.state, [...OPEN]),
      ),
    )
    .run();
};

/** Forgets ended jobs but the newest `keep`. */
export const deleteOldJobs = (db: Db, keep: number): void => {
  const kept = db
    .select({ id: jobs.jobId })
    .from(jobs)
    .orderBy(desc(jobs.createdAt), desc(cameIn))
    .limit(keep);
  db.delete(jobs)
    .where(and(notInArray(jobs.state, [...OPEN]), notInArray(jobs.jobId, kept)))
    .run();
};
