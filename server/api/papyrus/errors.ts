// How the Papyrus API says what went wrong (papyrus.md "Errors").
import type { z } from 'zod';
import { AppError, invalid } from '../../base/errors.ts';
import type { ErrorKind } from '../../base/errors.ts';
import type { ErrorAnswer } from '../../http/errors.ts';

const ANSWERS: Record<ErrorKind, { status: number; code: string }> = {
  invalid: { status: 400, code: 'VALIDATION_ERROR' },
  // What devices send over the stream is refused by the word of its contract (papyrus.md "The stream of books").
  unprocessable: { status: 422, code: 'UNPROCESSABLE_ENTITY' },
  unauthenticated: { status: 401, code: 'UNAUTHORIZED' },
  forbidden: { status: 403, code: 'FORBIDDEN' },
  not_found: { status: 404, code: 'NOT_FOUND' },
  wrong_method: { status: 405, code: 'METHOD_NOT_ALLOWED' },
  conflict: { status: 409, code: 'CONFLICT' },
  stale: { status: 409, code: 'CONFLICT' },
  too_large: { status: 413, code: 'FILE_TOO_LARGE' },
  unsupported: { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  rate_limited: { status: 429, code: 'RATE_LIMIT_EXCEEDED' },
  unavailable: { status: 503, code: 'SERVICE_UNAVAILABLE' },
};

/** HTTP status of each kind, for the API page. */
export const PAPYRUS_STATUS = Object.fromEntries(
  Object.entries(ANSWERS).map(([kind, { status }]) => [kind, status]),
) as Record<ErrorKind, number>;

/** Returns status and body of an expected error; of any other, 500 without a word of its insides. */
export function presentError(error: unknown): ErrorAnswer {
  if (!(error instanceof AppError)) {
    return {
      status: 500,
      body: { error: { code: 'INTERNAL_ERROR', message: 'Something went wrong on the server.' } },
    };
  }
  return { status: ANSWERS[error.kind].status, body: errorBody(error) };
}

/** Returns the fields of a form. Throws invalid with each field and what is wrong with it. */
export function acceptFields<Schema extends z.ZodType>(schema: Schema, fields: unknown): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (!result.success) throw refuse(result.error);
  return result.data;
}

/** Returns what the envelope says of an expected error. Only codes in this face's own spelling leave it. */
export function errorBody({ kind, code, message, details }: AppError) {
  return {
    error: {
      code: code !== undefined && /^[A-Z_]+$/.test(code) ? code : ANSWERS[kind].code,
      message,
      ...(details === undefined ? {} : { details }),
    },
  };
}

/** Turns a schema's refusal into an error that names each field and what is wrong with it. */
export function refuse(error: z.ZodError): AppError {
  const fields: Record<string, string> = {};
  for (const { path, message } of error.issues) fields[path.join('.') || 'body'] ??= message;
  const named = Object.entries(fields)
    .slice(0, 3)
    .map(([field, message]) => `${field}: ${message}`);
  return invalid(`The request is not valid. ${named.join('; ')}`, { details: { fields } });
}
