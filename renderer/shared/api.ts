// The desk's conversation with its server: one typed function per endpoint of /desk/api.
import type {
  BackupList,
  ChangeSettingsRequest,
  ClaimRequest,
  DeskError,
  FailureList,
  InvitationLink,
  Job,
  JobList,
  LetterLink,
  LetterList,
  MissingPasswordList,
  PeopleRules,
  LibraryFolder,
  LibraryFolderList,
  OwnerSignInRequest,
  ProtectedBookList,
  RemovedBookList,
  SettingList,
  ShelfPage,
  StatisticsFile,
  StatisticsFileList,
  Status,
} from '../../server/api/desk/schemas.ts';

/** The server's refusal: its status, its word for it and a sentence for the person. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** One sentence per rejected field of the request. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, { code, message, details }: DeskError['error']) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.fields = sentences(details?.['fields']);
  }
}

/** The server gave no answer: it is stopped, restarting or too busy. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('No answer from the server.', { cause });
    this.name = 'Unreachable';
  }
}

/** Whether an error means that this browser holds no valid desk session. */
export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

/** Whether an error means that the desk does not open on this computer. */
export const isAway = (error: unknown): boolean => error instanceof ApiError && error.code === 'away';

/** Every endpoint of the desk. Each call throws ApiError for a refusal and Unreachable for silence. */
export const api = {
  signOut: (): Promise<void> => call('DELETE', '/session'),
  signIn: (token: string): Promise<void> => call('POST', '/session', { body: { token } }),
  signInAsOwner: (request: OwnerSignInRequest): Promise<void> => call('POST', '/sign-in', { body: request }),
  status: (signal?: AbortSignal): Promise<Status> => call('GET', '/status', { signal }),
  claim: (request: ClaimRequest): Promise<Status> => call('POST', '/claim', { body: request }),

  folders: (signal?: AbortSignal): Promise<LibraryFolderList> => call('GET', '/folders', { signal }),
  /** Throws ApiError with the code `home_folder` for a home folder unless the person is sure. */
  addFolder: (path: string, sure: boolean): Promise<LibraryFolder> =>
    call('POST', '/folders', { body: { path, sure } }),
  removeFolder: (folderId: string): Promise<void> =>
    call('DELETE', `/folders/${encodeURIComponent(folderId)}`),

  lookInto: (folderId: string): Promise<Job> =>
    call('POST', `/folders/${encodeURIComponent(folderId)}/look`, { body: {} }),
  letGo: (folderId: string): Promise<Job> =>
    call('POST', `/folders/${encodeURIComponent(folderId)}/let-go`, { body: {} }),

  statisticsFiles: (signal?: AbortSignal): Promise<StatisticsFileList> =>
    call('GET', '/statistics-files', { signal }),
  addStatisticsFile: (path: string): Promise<StatisticsFile> =>
    call('POST', '/statistics-files', { body: { path } }),
  removeStatisticsFile: (fileId: string): Promise<void> =>
    call('DELETE', `/statistics-files/${encodeURIComponent(fileId)}`),

  letters: (signal?: AbortSignal): Promise<LetterList> => call('GET', '/letters', { signal }),
  openLetter: (letterId: string): Promise<LetterLink> =>
    call('POST', `/letters/${encodeURIComponent(letterId)}/link`, { body: {} }),
  dismissLetter: (letterId: string): Promise<void> =>
    call('DELETE', `/letters/${encodeURIComponent(letterId)}`),

  people: (signal?: AbortSignal): Promise<PeopleRules> => call('GET', '/people', { signal }),
  invite: (): Promise<InvitationLink> => call('POST', '/people/invitations', { body: {} }),
  withdrawInvitation: (invitationId: string): Promise<void> =>
    call('DELETE', `/people/invitations/${encodeURIComponent(invitationId)}`),
  openRegistration: (): Promise<PeopleRules> => call('POST', '/people/open-hour', { body: {} }),
  closeRegistration: (): Promise<void> => call('DELETE', '/people/open-hour'),

  missingPasswords: (signal?: AbortSignal): Promise<MissingPasswordList> =>
    call('GET', '/missing-passwords', { signal }),

  backups: (signal?: AbortSignal): Promise<BackupList> => call('GET', '/backups', { signal }),
  makeBackup: (): Promise<Job> => call('POST', '/backups', { body: {} }),
  restoreBackup: (backupId: string): Promise<Job> =>
    call('POST', `/backups/${encodeURIComponent(backupId)}/restore`, { body: {} }),
  keepLibrary: (): Promise<void> => call('DELETE', '/backups/planned'),

  settings: (signal?: AbortSignal): Promise<SettingList> => call('GET', '/settings', { signal }),
  changeSettings: (values: ChangeSettingsRequest['values']): Promise<SettingList> =>
    call('PATCH', '/settings', { body: { values } }),

  startScans: (): Promise<JobList> => call('POST', '/scans', { body: {} }),
  jobs: (signal?: AbortSignal): Promise<JobList> => call('GET', '/jobs', { signal }),
  cancelJob: (jobId: string): Promise<void> =>
    call('POST', `/jobs/${encodeURIComponent(jobId)}/cancel`, { body: {} }),

  failures: (signal?: AbortSignal): Promise<FailureList> => call('GET', '/failures', { signal }),
  protectedBooks: (signal?: AbortSignal): Promise<ProtectedBookList> =>
    call('GET', '/protected-books', { signal }),
  removedBooks: (signal?: AbortSignal): Promise<RemovedBookList> => call('GET', '/removed-books', { signal }),
  bringBack: (fileId: string): Promise<JobList> =>
    call('POST', `/removed-books/${encodeURIComponent(fileId)}/bring-back`, { body: {} }),
  shelf: (after: string | undefined, signal?: AbortSignal): Promise<ShelfPage> =>
    call('GET', after === undefined ? '/shelf' : `/shelf?after=${encodeURIComponent(after)}`, { signal }),
};

type CallOptions = { body?: unknown; signal?: AbortSignal | undefined };

const answerWithinMs = 30_000;

async function call<T>(method: string, path: string, { body, signal }: CallOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(answerWithinMs);
  const response = await fetch(`/desk/api${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      // Pages of other origins cannot send this header without asking first, which the server refuses.
      ...(method === 'GET' ? {} : { 'x-papyrus-desk': '1' }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new Unreachable(error);
  });
  if (!response.ok) throw new ApiError(response.status, await refusal(response));
  // The type is the endpoint's answer as the server declares it; 204 answers are declared void.
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function refusal(response: Response): Promise<DeskError['error']> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (isDeskError(answer)) return answer.error;
  return {
    code: 'unexpected',
    message: `The server answered in a way that is not understood (${response.status}).`,
  };
}

function isDeskError(answer: unknown): answer is DeskError {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return (
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
  );
}

function sentences(fields: unknown): Record<string, string> {
  if (typeof fields !== 'object' || fields === null) return {};
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}
