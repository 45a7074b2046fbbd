// What the desk sends and reads, under /desk/api. The renderer imports the types of this file and nothing else.
import { z } from 'zod';

const Instant = z.iso.datetime().describe('RFC 3339, UTC');

const JobState = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);

/** One piece of long work: a scan of a library folder, the import of a statistics file, drawing the covers found, writing back. */
export const Job = z.object({
  job_id: z.uuid(),
  kind: z.enum([
    'scan-folder',
    'import-statistics',
    'draw-covers',
    'index-text',
    'derive-reading',
    'draw-share-images',
    'write-sidecar',
    'purge-accounts',
    'collect-files',
    'prune-diary',
    'make-backup',
    'restore-backup',
  ]),
  /** What it works on, for the person: a folder, a file name. */
  subject: z.string(),
  state: JobState,
  done_units: z.int().min(0),
  /** Null until it is known. */
  total_units: z.int().min(0).nullable(),
  unit: z.enum(['files', 'rows', 'percent']),
  /** Running counts of a scan; null for other kinds. `seen` files in the folder, of which `unchanged` needed no reading. */
  counts: z.object({ seen: z.int(), unchanged: z.int(), read: z.int(), failed: z.int() }).nullable(),
  /** A sentence, when it failed; of one that is tried again, why it could not be done. */
  error: z.string().nullable(),
  /** When a job that waits is tried again; null for one that waits for its turn. */
  tries_again_at: Instant.nullable(),
  created_at: Instant,
  finished_at: Instant.nullable(),
});
export const JobList = z.object({ jobs: z.array(Job) });

export const Status = z.object({
  version: z.string(),
  /** False until somebody owns this server; then the desk shows the first-run page. */
  claimed: z.boolean(),
  owner: z.object({ display_name: z.string(), email: z.string() }).nullable(),
  started_at: Instant,
  data_dir: z.string(),
  urls: z.object({ koshelf: z.url(), papyrus: z.url(), docs: z.url() }),
  counts: z.object({
    books: z.int(),
    comics: z.int(),
    annotations: z.int(),
    page_reads: z.int(),
    failures: z.int(),
  }),
});

/** A setting that can be changed while the server runs; in the order they are shown. */
export const Setting = z.object({
  name: z.string(),
  /** The heading it stands under. */
  group: z.string(),
  label: z.string(),
  hint: z.string(),
  /** A text, or whether a switch is on. */
  value: z.union([z.string(), z.boolean()]),
  /** What it is when nobody says anything. */
  usual: z.union([z.string(), z.boolean()]),
  /** The words it can be; empty where any text may be tried. */
  choices: z.array(z.string()),
  /** The flag or variable that says it, so that it can only be changed there. */
  given_by: z.string().nullable(),
});
export const SettingList = z.object({ settings: z.array(Setting) });
/** Null, or an empty text, makes a setting what it is when nobody says anything. */
export const ChangeSettingsRequest = z.object({
  values: z.record(z.string(), z.union([z.string().max(1024), z.boolean()]).nullable()),
});

/** The one-time token of the desk link (or of the tray app) is exchanged for a cookie. */
export const SignInRequest = z.object({ token: z.string().min(1).max(200) });

/** The owner's own name and password open the desk as well. */
export const OwnerSignInRequest = z.object({
  email: z.string().trim().min(1).max(320),
  password: z.string().min(1).max(1024),
});

/** A fresh link; it opens the desk once. */
export const DeskLink = z.object({ url: z.url() });

/** A new password of the owner's, for somebody who has the desk and forgot the old one. */
export const OwnerPasswordRequest = z.object({ password: z.string().min(1).max(1024) });

export const ClaimRequest = z.object({
  email: z.email().max(320),
  password: z.string().min(8).max(1024),
  display_name: z.string().trim().min(1).max(100),
});

export const LibraryFolder = z.object({
  folder_id: z.uuid(),
  path: z.string(),
  /** From the command line or configuration: shown, but not removable in the desk. */
  fixed: z.boolean(),
  files: z.int(),
  last_scan_at: Instant.nullable(),
  /**
   * Files the last scan did not find, of how many: `empty` when nothing is left, `most` when it is too much at once. They are
   * kept until the person says that they are gone. Null when nothing is in doubt.
   */
  missing: z.object({ reason: z.enum(['empty', 'most']), files: z.int(), known: z.int() }).nullable(),
  /** A sentence, when it could not be looked into the last time. */
  trouble: z.string().nullable(),
  /** Files of kinds of books that are not read, by the endings of their names (".djvu"), most first. */
  not_read: z.array(z.object({ ending: z.string(), files: z.int() })),
});
/** What was given at the server's start and cannot be used, with a sentence why. */
const RefusedPath = z.object({ path: z.string(), message: z.string() });
export const LibraryFolderList = z.object({
  folders: z.array(LibraryFolder),
  refused: z.array(RefusedPath),
});

export const StatisticsFile = z.object({
  file_id: z.uuid(),
  path: z.string(),
  fixed: z.boolean(),
  books: z.int(),
  page_reads: z.int(),
  last_import_at: Instant.nullable(),
  /** A sentence, when the last import failed. */
  error: z.string().nullable(),
});
export const StatisticsFileList = z.object({
  files: z.array(StatisticsFile),
  refused: z.array(RefusedPath),
});

/** A folder or file on the machine the server runs on, as an absolute path or below "~", the home of whoever runs it. */
export const AddPathRequest = z.object({ path: z.string().trim().min(1).max(4096) });
export const AddFolderRequest = AddPathRequest.extend({
  sure: z.boolean().optional().describe('Said after the question about a home folder (`home_folder`)'),
});

/** A file that could not be read, with its reason in words. Newest first. */
export const Failure = z.object({
  failure_id: z.string(),
  name: z.string(),
  folder: z.string().nullable().describe('Null for a file somebody gave to the server'),
  reason: z.string().describe('One stable word: corrupt, encrypted, too_large …'),
  message: z.string(),
  seen_at: Instant,
});
export const FailureList = z.object({
  failures: z.array(Failure),
  total: z.int(),
});

/** A file in a folder of books whose text only its seller's own programs can open. By name. */
export const ProtectedBook = z.object({
  file_id: z.uuid(),
  name: z.string(),
  folder: z.string(),
  protection: z.enum(['lcp', 'adobe', 'kindle', 'apple', 'unknown']),
});
export const ProtectedBookList = z.object({ books: z.array(ProtectedBook), total: z.int() });

/** A file in a folder of books whose book was removed from the library. */
export const RemovedBook = z.object({
  file_id: z.uuid(),
  name: z.string(),
  folder: z.string(),
  removed_at: Instant,
});
export const RemovedBookList = z.object({ books: z.array(RemovedBook), total: z.int() });

/** A person asked for a letter that nobody could send: the owner hands them its link. */
export const Letter = z.object({
  letter_id: z.uuid(),
  kind: z.enum(['verify_email', 'reset_password']),
  email: z.string().nullable(),
  display_name: z.string(),
  requested_at: Instant,
});
export const LetterList = z.object({ letters: z.array(Letter) });
export const LetterLink = z.object({ url: z.url(), expires_at: Instant });

/** A link the owner gave to somebody, not used yet. */
const Invitation = z.object({ invitation_id: z.uuid(), created_at: Instant, expires_at: Instant });
/** Who may have an account here: those who were invited, and everybody until `open_until`. */
export const PeopleRules = z.object({
  open_until: Instant.nullable(),
  invitations: z.array(Invitation),
});
export const InvitationLink = z.object({ url: z.url(), expires_at: Instant });

/** Something that cannot go on until its password or token is given again: the stored one is lost. */
export const MissingPassword = z.object({
  id: z.uuid(),
  of: z.enum(['storage', 'metadata_server']),
  name: z.string(),
  owner: z.string(),
});
export const MissingPasswordList = z.object({ passwords: z.array(MissingPassword) });

/** A copy of the library file. Good means: restored into a scratch folder and looked through. Newest first. */
export const Backup = z.object({
  backup_id: z.uuid(),
  reason: z.enum(['asked', 'schedule', 'restore']),
  state: z.enum(['making', 'good', 'failed']),
  /** Null until it is made. */
  size_bytes: z.int().nullable(),
  /** Books in it; null until it is made. */
  books: z.int().nullable(),
  /** A sentence, when it failed. */
  error: z.string().nullable(),
  created_at: Instant,
  checked_at: Instant.nullable(),
  /** Takes the place of the library at the next start. */
  planned: z.boolean(),
});
export const BackupList = z.object({
  backups: z.array(Backup),
  schedule: z.enum(['off', 'daily', 'weekly']),
  /** When a scheduled one is made, in the server's zone. */
  at: z.string(),
  folder: z.string(),
});

/** The desk's grid: newest first, 60 a page; `next` is the cursor of the following page. */
export const ShelfBook = z.object({
  book_id: z.uuid(),
  title: z.string(),
  authors: z.array(z.string()),
  /** Path of the small cover on this origin, null when the book has none. */
  cover_url: z.string().nullable(),
});
export const ShelfPage = z.object({ books: z.array(ShelfBook), total: z.int(), next: z.string().nullable() });
export const ShelfQuery = z.object({ after: z.string().max(200).optional() });

/** An event of /desk/api/events (Server-Sent Events): `event: job` carries a Job, `event: catalogue` a CatalogueEvent. */
export const CatalogueEvent = z.object({ seq: z.int(), books: z.int() });

export const DeskError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
});

export type Job = z.infer<typeof Job>;
export type JobList = z.infer<typeof JobList>;
export type Status = z.infer<typeof Status>;
export type OwnerSignInRequest = z.infer<typeof OwnerSignInRequest>;
export type ClaimRequest = z.infer<typeof ClaimRequest>;
export type LibraryFolder = z.infer<typeof LibraryFolder>;
export type LibraryFolderList = z.infer<typeof LibraryFolderList>;
export type StatisticsFile = z.infer<typeof StatisticsFile>;
export type StatisticsFileList = z.infer<typeof StatisticsFileList>;
export type Failure = z.infer<typeof Failure>;
export type FailureList = z.infer<typeof FailureList>;
export type ProtectedBook = z.infer<typeof ProtectedBook>;
export type ProtectedBookList = z.infer<typeof ProtectedBookList>;
export type RemovedBook = z.infer<typeof RemovedBook>;
export type RemovedBookList = z.infer<typeof RemovedBookList>;
export type PeopleRules = z.infer<typeof PeopleRules>;
export type Invitation = z.infer<typeof Invitation>;
export type InvitationLink = z.infer<typeof InvitationLink>;
export type Letter = z.infer<typeof Letter>;
export type LetterList = z.infer<typeof LetterList>;
export type LetterLink = z.infer<typeof LetterLink>;
export type MissingPassword = z.infer<typeof MissingPassword>;
export type MissingPasswordList = z.infer<typeof MissingPasswordList>;
export type Setting = z.infer<typeof Setting>;
export type SettingList = z.infer<typeof SettingList>;
export type ChangeSettingsRequest = z.infer<typeof ChangeSettingsRequest>;
export type Backup = z.infer<typeof Backup>;
export type BackupList = z.infer<typeof BackupList>;
export type ShelfBook = z.infer<typeof ShelfBook>;
export type ShelfPage = z.infer<typeof ShelfPage>;
export type CatalogueEvent = z.infer<typeof CatalogueEvent>;
export type DeskError = z.infer<typeof DeskError>;
