// How the KoShelf API says what went wrong (reference, "Error Codes").
import type { z } from 'zod';
import { AppError, invalid } from '../../base/errors.ts';
import type { ErrorKind } from '../../base/errors.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import type { DialectShape } from './dialect.ts';

const ANSWERS: Record<ErrorKind, { status: number; code: string; message?: string }> = {
  invalid: { status: 400, code: 'invalid_query' },
  unprocessable: { status: 400, code: 'invalid_query' },
  unauthenticated: { status: 401, code: 'unauthorized' },
  // There is nothing to forbid: what a caller may not see is not there.
  forbidden: { status: 404, code: 'not_found', message: 'requested resource was not found' },
  not_found: { status: 404, code: 'not_found', message: 'requested resource was not found' },
  wrong_method: { status: 405, code: 'method_not_allowed' },
  conflict: { status: 409, code: 'conflict' },
  stale: {
    status: 409,
    code: 'conflict',
    message: 'metadata file was modified externally; re-fetch and retry',
  },
  too_large: { status: 413, code: 'invalid_query' },
  unsupported: { status: 415, code: 'invalid_query' },
  rate_limited: { status: 429, code: 'rate_limited', message: 'too many requests' },
  unavailable: { status: 500, code: 'internal_server_error' },
};

/** What another site makes a browser send is forbidden in so many words: it is no matter of what there is. */
const ANOTHER_SITE: (typeof ANSWERS)[ErrorKind] = { status: 403, code: 'forbidden' };

/** HTTP status of each kind, for the API page. */
export const KOSHELF_STATUS = Object.fromEntries(
  Object.entries(ANSWERS).map(([kind, { status }]) => [kind, status]),
) as Record<ErrorKind, number>;

/** Returns status and body of an expected error; of any other, 500 without a word of its insides. */
export function presentError(error: unknown): ErrorAnswer {
  if (!(error instanceof AppError)) {
    return {
      status: 500,
      body: { error: { code: 'internal_server_error', message: 'internal server error' } },
    };
  }
  const { status, code, message } = error.code === 'another_site' ? ANOTHER_SITE : ANSWERS[error.kind];
  return {
    status,
    // Only codes in this face's own spelling leave it.
    body: {
      error: {
        code: error.code !== undefined && /^[a-z_]+$/.test(error.code) ? error.code : code,
        message: message ?? error.message,
        // The one error KoShelf's own app reads facts of.
        ...(error.code === 'password_too_short' && error.details !== undefined
          ? { details: error.details }
          : {}),
      },
    },
  };
}

/**
 * Returns what turns a schema's refusal into one sentence about the first thing that is wrong. A check may carry its own
 * code, for the dialect that has such codes.
 */
export const refusalIn =
  ({ codesForKeys }: DialectShape) =>
  (error: z.ZodError, where: 'params' | 'query' | 'body'): AppError => {
    const [issue] = error.issues;
    const code = issue?.code === 'custom' ? (issue.params as { code?: string } | undefined)?.code : undefined;
    return invalid(
      issue === undefined ? 'invalid query parameter' : sentenceOf(issue, where),
      codesForKeys && code !== undefined ? { code } : {},
    );
  };

/** The check's own words, or ours where it has only the library's. */
function sentenceOf(issue: z.core.$ZodIssue, where: 'params' | 'query' | 'body'): string {
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  const name = issue.path.join('.');
  if (where === 'query') return `${name} must be given once`;
  return name === ''
    ? 'the request body must be a JSON object, sent as application/json'
    : `${name} must be of type ${issue.expected}`;
}
