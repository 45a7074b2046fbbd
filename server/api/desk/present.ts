// Neutral records out, the desk's words.
import type { ShownSetting } from '../../config/live-settings.ts';
import type { MissingSecret } from '../../accounts/missing-secrets.ts';
import type { WaitingLetter } from '../../accounts/letters.ts';
import type { BackupRow } from '../../backups/backups.ts';
import type { JobRow } from '../../jobs/jobs.queries.ts';
import type {
  FailureRow,
  LibraryFolder,
  ProtectedFile,
  StatisticsFile,
} from '../../sources/sources.queries.ts';
import type { Refused } from '../../sources/sources.ts';
import type { RemovedFile } from '../../sources/removed-books.ts';
import type * as Desk from './schemas.ts';

const folderOf = (path: Buffer): string => path.subarray(0, Math.max(path.lastIndexOf(0x2f), 1)).toString();
const maybeInstant = (date: Date | null) => date?.toISOString() ?? null;

/** Returns a job as the desk shows it. */
export const presentJob = (job: JobRow): Desk.Job => ({
  job_id: job.jobId,
  kind: job.kind as Desk.Job['kind'],
  subject: job.subject,
  state: job.state,
  done_units: job.doneUnits,
  total_units: job.totalUnits,
  unit: job.unit,
  counts:
    job.counts === null
      ? null
      : {
          seen: job.counts.seen ?? 0,
          unchanged: job.counts.unchanged ?? 0,
          read: job.counts.read ?? 0,
          failed: job.counts.failed ?? 0,
        },
  error: job.error,
  tries_again_at: maybeInstant(job.state === 'waiting' && job.runAfter > job.createdAt ? job.runAfter : null),
  created_at: job.createdAt.toISOString(),
  finished_at: maybeInstant(job.finishedAt),
});

/** Returns a folder of books. */
export const presentFolder = (folder: LibraryFolder, files: number): Desk.LibraryFolder => ({
  folder_id: folder.folderId,
  path: folder.path.toString(),
  fixed: folder.fixed,
  files,
  last_scan_at: maybeInstant(folder.lastScanAt),
  missing:
    folder.missing === null
      ? null
      : { reason: folder.missing.reason, files: folder.missing.files, known: folder.missing.known },
  trouble: folder.trouble,
  not_read: Object.entries(folder.notRead)
    .map(([ending, count]) => ({ ending, files: count }))
    .sort((a, b) => b.files - a.files || (a.ending < b.ending ? -1 : 1)),
});

/** Returns a statistics file. */
export const presentStatisticsFile = (file: StatisticsFile): Desk.StatisticsFile => ({
  file_id: file.fileId,
  path: file.path.toString(),
  fixed: file.fixed,
  books: file.books,
  page_reads: file.pageReads,
  last_import_at: maybeInstant(file.lastImportAt),
  error: file.failureMessage,
});

/** Returns a file that could not be read; the folder is everything before its name, null for one somebody gave to the server. */
export const presentFailure = (failure: FailureRow): Desk.Failure => ({
  failure_id: failure.id,
  name: failure.name,
  folder: failure.path === null ? null : folderOf(failure.path),
  reason: failure.reason,
  message: failure.message,
  seen_at: failure.seenAt.toISOString(),
});

/** Returns what was given and cannot be used. */
export const presentRefused = ({ path, message }: Refused): { path: string; message: string } => ({
  path,
  message,
});

/** Returns a file whose text is locked. */
export const presentProtectedBook = (file: ProtectedFile): Desk.ProtectedBook => ({
  file_id: file.fileId,
  name: file.name,
  folder: folderOf(file.path),
  protection: file.protection as Desk.ProtectedBook['protection'],
});

/** Returns the file of a removed book. */
export const presentRemovedBook = (file: RemovedFile): Desk.RemovedBook => ({
  file_id: file.fileId,
  name: file.name,
  folder: folderOf(file.path),
  removed_at: file.removedAt.toISOString(),
});

/** Returns a backup; `plannedId` is the one for the next start. */
export const presentBackup = (backup: BackupRow, plannedId: string | undefined): Desk.Backup => ({
  backup_id: backup.backupId,
  reason: backup.reason,
  state: backup.state,
  size_bytes: backup.sizeBytes,
  books: backup.counts?.books ?? null,
  error: backup.error,
  created_at: backup.createdAt.toISOString(),
  checked_at: maybeInstant(backup.checkedAt),
  planned: backup.backupId === plannedId,
});

/** Returns a setting. */
export const presentSetting = (setting: ShownSetting): Desk.Setting => ({
  name: setting.name,
  group: setting.group,
  label: setting.label,
  hint: setting.hint,
  value: setting.value,
  usual: setting.usual,
  choices: [...setting.choices],
  given_by: setting.givenBy,
});

/** Returns a letter that waits. */
export const presentMissingPassword = ({ id, of, name, owner }: MissingSecret): Desk.MissingPassword => ({
  id,
  of,
  name,
  owner,
});

export const presentLetter = (letter: WaitingLetter): Desk.Letter => ({
  letter_id: letter.letterId,
  kind: letter.kind,
  email: letter.email,
  display_name: letter.displayName,
  requested_at: letter.requestedAt.toISOString(),
});
