// The one error a feature throws on purpose: a kind every face knows how to answer, and a sentence for the person.
import { errorCode } from './error-code.ts';

/** What went wrong, free of HTTP. Each face maps every kind to its own status and code. */
export type ErrorKind =
  | 'invalid'
  | 'unprocessable'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'wrong_method'
  | 'conflict'
  | 'stale'
  | 'too_large'
  | 'unsupported'
  | 'rate_limited'
  | 'unavailable';

export type ErrorExtras = {
  /** A face's own word for the error, where the kind alone is not enough. */
  code?: string;
  /** Facts a client may use: field paths, seconds to wait. */
  details?: Record<string, unknown>;
  /** The error underneath, for the log only. */
  cause?: unknown;
};

/** An expected failure. `message` is a sentence for the person at the screen. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(kind: ErrorKind, message: string, extras: ErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.code = extras.code;
    this.details = extras.details;
  }
}

/** An error for something asked for by id that is not there, or not this person's. */
export const notFound = (what: string, id?: string): AppError =>
  new AppError(
    'not_found',
    `There is no such ${what}.`,
    id === undefined ? {} : { details: { [`${what}_id`]: id } },
  );

/** An error for input that breaks a rule. */
export const invalid = (message: string, extras?: ErrorExtras): AppError =>
  new AppError('invalid', message, extras);

/** An error for a caller who is not signed in, or whose proof is no longer good. */
export const unauthenticated = (message: string, extras?: ErrorExtras): AppError =>
  new AppError('unauthenticated', message, extras);

/** An error for a known caller who may not do this. */
export const forbidden = (message: string, extras?: ErrorExtras): AppError =>
  new AppError('forbidden', message, extras);

/** An error for something that is already so, or that two callers want differently. */
export const conflict = (message: string, extras?: ErrorExtras): AppError =>
  new AppError('conflict', message, extras);

/** An error for a caller who must wait; `retryAfterSec` is in whole seconds. */
export const rateLimited = (retryAfterSec: number): AppError =>
  new AppError('rate_limited', `Too many attempts. Try again in ${retryAfterSec} seconds.`, {
    details: { retry_after: retryAfterSec },
  });

/** An error for an outside thing that does not answer now and may later. */
export const unavailable = (message: string, extras?: ErrorExtras): AppError =>
  new AppError('unavailable', message, extras);

/** The sentence for a disk that takes no more, undefined for an error that is not the disk's. */
export function diskTrouble(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    // Of an error that happened in a worker thread only Node's words arrive: "ENOSPC: no space left on device, write".
    const code = errorCode(cause) ?? /^(E[A-Z]+): /.exec(cause.message)?.[1] ?? '';
    if (['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(code))
      return 'The disk is full. Make some room and try again.';
    if (code.startsWith('SQLITE_IOERR') || code === 'EIO' || code === 'EFBIG')
      return 'The disk did not take what was written to it. Is it full, or failing?';
    ({ cause } = cause);
  }
  return undefined;
}
