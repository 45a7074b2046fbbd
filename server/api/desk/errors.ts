// How the desk's API says what went wrong.
import type { z } from 'zod';
import { AppError, invalid } from '../../base/errors.ts';
import type { ErrorKind } from '../../base/errors.ts';
import type { ErrorAnswer } from '../../http/errors.ts';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unprocessable: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  conflict: 409,
  stale: 409,
  too_large: 413,
  unsupported: 415,
  rate_limited: 429,
  unavailable: 503,
};

/** Returns status and body of an expected error; of any other, 500 without a word of its insides. */
export function presentError(error: unknown): ErrorAnswer {
  if (!(error instanceof AppError)) {
    return {
      status: 500,
      body: { error: { code: 'internal', message: 'Something went wrong on the server.' } },
    };
  }
  const { kind, code, message, details } = error;
  return {
    status: STATUS[kind],
    body: { error: { code: code ?? kind, message, ...(details === undefined ? {} : { details }) } },
  };
}

/** Turns a schema's refusal into an error that names each field and what is wrong with it. */
export function refuse(error: z.ZodError): AppError {
  const fields: Record<string, string> = {};
  for (const { path, message } of error.issues) fields[path.join('.') || 'body'] ??= message;
  return invalid('Please check what you entered.', { details: { fields } });
}
