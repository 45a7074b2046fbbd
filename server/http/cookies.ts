import { parseCookie } from 'cookie';
import type { Request } from 'express';

/** Returns the value of the first cookie of that name. */
export const cookieOf = (req: Request, name: string): string | undefined =>
  parseCookie(req.headers.cookie ?? '', { decode: (text) => text })[name];
