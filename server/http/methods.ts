// What is said to whoever asks a known path in a way it does not take.
import type { RequestHandler } from 'express';
import { AppError } from '../base/errors.ts';

/**
 * Lets the methods through that are taken at the time and refuses all others, saying which they are (RFC 9110 §15.5.6). Where
 * none is, it lets all through: nothing is there.
 */
export function refuseOtherMethods(taken: () => readonly string[]): RequestHandler {
  return (req, res, next) => {
    const methods = new Set(taken().map((method) => method.toUpperCase()));
    // Whoever may get a page may ask for its head.
    if (methods.has('GET')) methods.add('HEAD');
    if (methods.size === 0 || methods.has(req.method)) {
      next();
      return;
    }
    res.setHeader('Allow', [...methods].sort().join(', '));
    throw new AppError('wrong_method', `This address does not take ${req.method} requests.`);
  };
}
