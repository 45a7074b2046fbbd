// Which backups stay: the newest of each of the last days, of each of the last weeks, and what a person asked for lately.
import { mondayOf } from '../base/days.ts';

export type KeptBackup = {
  backupId: string;
  reason: 'asked' | 'schedule' | 'restore';
  createdAt: Date;
};

export type Keep = { daily: number; weekly: number };

/** Backups a person asked for, and those made before a restore, stay this many at least. */
const BY_HAND = 5;

/** Returns the ids of the backups that may go, of good ones in any order. The newest of all always stays. */
export function backupsToDrop(
  backups: readonly KeptBackup[],
  { daily, weekly }: Keep,
  dayOf: (moment: Date) => string,
): string[] {
  const newestFirst = backups.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const kept = new Set(newestFirst.slice(0, 1));
  const keepFirstOf = (spanOf: (backup: KeptBackup) => string, spans: number): void => {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      const span = spanOf(backup);
      if (seen.has(span)) continue;
      if (seen.size >= spans) break;
      seen.add(span);
      kept.add(backup);
    }
  };
  keepFirstOf(({ createdAt }) => dayOf(createdAt), daily);
  keepFirstOf(({ createdAt }) => mondayOf(dayOf(createdAt)), weekly);
  for (const backup of newestFirst.filter(({ reason }) => reason !== 'schedule').slice(0, BY_HAND))
    kept.add(backup);
  return newestFirst.filter((backup) => !kept.has(backup)).map(({ backupId }) => backupId);
}
