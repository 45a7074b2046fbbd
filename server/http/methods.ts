// What is said to whoever asks a known path in a way it does not take.
import type { RequestHandler } from 'express';
import { AppError } from '../base/errors.ts';

/** Lets these methods through and refuses all others, saying which they are (RFC 9110 §15.5.6). */
export function refuseOtherMethods(taken: readonly string[]): RequestHandler {
  const methods = new Set(taken.map((method) => method.toUpperCase()));
  // Whoever may get a page may ask for its head.
  if (methods.has('GET')) methods.add('HEAD');
  const allow = [...methods].sort().join(', ');
  return (req, res, next) => {
    if (methods.has(req.method)) {
      next();
      return;
    }
    res.setHeader('Allow', allow);
    throw new AppError('wrong_method', `This address does not take ${req.method} requests.`);
  };
}
