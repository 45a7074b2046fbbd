// Whether a request is about the version of something its client has (RFC 9110 §13).
import fresh from 'fresh';
import type { Request } from 'express';

type Version = { etag: string; modified?: Date };

/**
 * Whether the client has this version already: 304 will do. A page that asks with If-None-Match of its own is made to say
 * no-cache by its browser (Fetch standard, "HTTP-network-or-cache fetch"): that says nothing of what it has.
 */
export const isFresh = ({ headers }: Request, { etag, modified }: Version): boolean =>
  fresh(
    { 'if-none-match': headers['if-none-match'], 'if-modified-since': headers['if-modified-since'] },
    { etag, ...(modified === undefined ? {} : { 'last-modified': modified.toUTCString() }) },
  );

/** The status that ends the request early, in RFC 9110's order of precedence (§13.2.2); undefined when nothing does. */
export function earlyStatus(
  req: Request,
  { etag, modified }: Version & { modified: Date },
): 304 | 412 | undefined {
  const ifMatch = req.headers['if-match'];
  const unmodifiedSince = Date.parse(req.headers['if-unmodified-since'] ?? '');
  if (ifMatch !== undefined) {
    // Only a strong comparison will do here (RFC 9110 §13.1.1).
    const tags = ifMatch.split(',').map((tag) => tag.trim());
    if (ifMatch.trim() !== '*' && !tags.includes(etag)) return 412;
  } else if (modified.getTime() > unmodifiedSince) return 412;
  return isFresh(req, { etag, modified }) ? 304 : undefined;
}

/** Whether the range asked for is of this version; without the header it is of whatever there is. */
export function ifRangeHolds(req: Request, { etag, modified }: Version & { modified: Date }): boolean {
  const header = req.headers['if-range'];
  if (typeof header !== 'string') return true;
  return header.startsWith('"') ? header === etag : Date.parse(header) === modified.getTime();
}
