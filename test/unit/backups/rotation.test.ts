import { describe, expect, it } from 'vitest';
import { isBackupDue } from '../../../server/backups/back-up.ts';
import { backupsToDrop } from '../../../server/backups/rotation.ts';
import type { KeptBackup } from '../../../server/backups/rotation.ts';

const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);
const scheduled = (day: string, hour = '03'): KeptBackup => ({
  backupId: `${day}T${hour}`,
  reason: 'schedule',
  createdAt: new Date(`${day}T${hour}:00:00Z`),
});
const days = (count: number) =>
  Array.from({ length: count }, (_, index) => dayOf(new Date(Date.UTC(2026, 2, 31 - index))));

describe('which backups stay', () => {
  it('is the newest of each of the last days and of each of the last weeks', () => {
    const all = days(60).map((day) => scheduled(day));
    const gone = new Set(backupsToDrop(all, { daily: 7, weekly: 4 }, dayOf));
    // 31 March 2026 is a Tuesday: the weeks before end on Sundays.
    expect(all.filter(({ backupId }) => !gone.has(backupId)).map(({ createdAt }) => dayOf(createdAt))).toEqual([
      '2026-03-31', '2026-03-30', '2026-03-29', '2026-03-28', '2026-03-27', '2026-03-26', '2026-03-25', '2026-03-22',
      '2026-03-15',
    ]); // prettier-ignore
  });

  it('is of one day the newest', () => {
    const all = [scheduled('2026-03-31', '03'), scheduled('2026-03-31', '21'), scheduled('2026-03-31', '12')];
    expect(backupsToDrop(all, { daily: 7, weekly: 4 }, dayOf)).toEqual(['2026-03-31T12', '2026-03-31T03']);
  });

  it('is five a person asked for, however many there are of one day', () => {
    const all = Array.from({ length: 7 }, (_, index) => ({
      ...scheduled('2026-03-01', `1${index}`),
      reason: 'asked' as const,
    }));
    expect(backupsToDrop(all, { daily: 1, weekly: 1 }, dayOf)).toEqual(['2026-03-01T11', '2026-03-01T10']);
  });
});

describe('a backup is due', () => {
  const moments = (last: string, now: string) => ({ last: new Date(last), now: new Date(now) });
  it.each([
    ['daily', '2026-03-01T12:00:00Z', '2026-03-02T01:59:00Z', false],
    ['daily', '2026-03-01T12:00:00Z', '2026-03-02T02:00:00Z', true],
    ['daily', '2026-03-02T02:00:00Z', '2026-03-02T23:00:00Z', false],
    ['daily', '2026-03-02T02:00:00Z', '2026-04-02T23:00:00Z', true],
    ['weekly', '2026-03-02T02:00:00Z', '2026-03-09T01:59:00Z', false],
    ['weekly', '2026-03-02T02:00:00Z', '2026-03-09T02:00:00Z', true],
    ['off', '2026-03-02T02:00:00Z', '2027-03-09T02:00:00Z', false],
    ['daily', '2026-03-02T02:00:00Z', '2026-03-01T02:00:00Z', false],
  ] as const)('%s, the last one at %s, at %s: %s', (every, last, now, due) => {
    const schedule = { every, at: '03:00', zone: 'Europe/Berlin' };
    expect(isBackupDue(schedule, moments(last, now))).toBe(due);
  });
});
