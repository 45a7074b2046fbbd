// The end of every failed request: the face words it, here it is logged and sent.
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { AppError, diskTrouble, invalid, notFound, unavailable } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { isUnread } from './patience.ts';

/** A refusal in a face's own form: an object is JSON, a text is of the type given. */
export type ErrorAnswer = {
  status: number;
  body: object | string;
  type?: string;
  headers?: Record<string, string>;
};

/** Returns the error handler of a face. Unexpected errors are logged with their cause; expected ones at debug. */
export function errorHandler(present: (error: unknown) => ErrorAnswer, log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, req, res, _next) => {
    const error = asExpected(thrown) ?? thrown;
    const answer = present(error);
    const requestLog = log.with({ requestId: requestIdOf(req) });
    if (error instanceof AppError && error.kind !== 'unavailable')
      requestLog.debug('request refused', { kind: error.kind, error });
    else requestLog.error('request failed', { error });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    for (const name of ['ETag', 'Content-Length', 'Content-Disposition', 'Last-Modified', 'Accept-Ranges'])
      res.removeHeader(name);
    // Node would close at once, and what the client still sends would wipe the answer out on its way (RFC 9112 §9.6).
    if (isUnread(req)) res.shouldKeepAlive = true;
    const waitSec = error instanceof AppError ? error.details?.retry_after : undefined;
    if (typeof waitSec === 'number') res.setHeader('Retry-After', waitSec);
    sendRefusal(res, answer);
  };
}

/** Sends what a face says went wrong. */
export function sendRefusal(res: Response, { status, body, type, headers = {} }: ErrorAnswer): void {
  res.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.status(status);
  if (typeof body === 'string') res.type(type ?? 'text/plain').send(body);
  else res.json(body);
}

/** Answers every path nobody took, in the face's own envelope. */
export const unknownPath: RequestHandler = () => {
  throw notFound('page');
};

/** The id a request's log lines share. */
export const requestIdOf = (req: Request): string => String(req.headers['x-request-id'] ?? '');

/** What body-parser, the router and a full disk throw, as errors of ours. */
function asExpected(error: unknown): AppError | undefined {
  if (error instanceof AppError || !(error instanceof Error)) return undefined;
  const trouble = diskTrouble(error);
  if (trouble !== undefined) return unavailable(trouble, { cause: error });
  if (error instanceof URIError) return invalid('The address is not valid.', { cause: error });
  const type = 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large')
    return new AppError('too_large', 'The request is too large.', { cause: error });
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return new AppError('unsupported', 'The request is in an encoding this server does not read.', {
      cause: error,
    });
  }
  // A packed body that cannot be unpacked has a status and no type.
  const isTheirs = typeof type === 'string' || ('status' in error && error.status === 400);
  return isTheirs ? invalid('The request body is not valid JSON.', { cause: error }) : undefined;
}
