// The cookie that knows a browser again which left for Google: an answer of Google's brought by another browser is somebody
// else's (RFC 6749 §10.12, RFC 9700 §4.7).
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { cookieOf } from '../../../http/cookies.ts';

const KEEP_SEC = 10 * 60;

/** Only the server itself can set a cookie of this name over https (RFC 6265bis §4.1.3.2). */
const nameOf = (origin: string): string =>
  origin.startsWith('https:') ? '__Host-papyrus_sign_in' : 'papyrus_sign_in';

/** Returns what the browser says it was given, undefined when it says nothing that could have been. */
export function browserOf(req: Request, origin: string): string | undefined {
  const word = cookieOf(req, nameOf(origin));
  return word !== undefined && /^[\w-]{43}$/.test(word) ? word : undefined;
}

/** Returns the word the browser is known by from now on; one it has already stays, for its other windows. */
export function markBrowser(req: Request, res: Response, origin: string): string {
  const word = browserOf(req, origin) ?? randomBytes(32).toString('base64url');
  const parts = [`${nameOf(origin)}=${word}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${KEEP_SEC}`];
  res.setHeader('Set-Cookie', [...parts, ...(origin.startsWith('https:') ? ['Secure'] : [])].join('; '));
  return word;
}

/** Whether the browser speaks to the server under the name that Google sends it back to, where the cookie would be missed. */
export const isAt = (req: Request, origin: string): boolean =>
  req.host.toLowerCase() === new URL(origin).host;
