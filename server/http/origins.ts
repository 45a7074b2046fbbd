// Which other sites may make a browser send something here.
import type { Request, RequestHandler } from 'express';
import { forbidden } from '../base/errors.ts';

/** Whose pages count as ours besides those the server itself is asked under. */
export type OwnOrigins = () => readonly string[];

/** A request under two names is one thing to a proxy and another to us (RFC 9112 §3.2). */
export const refuseTwoNames: RequestHandler = (req, res, next) => {
  const names = req.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (names.length <= 1) {
    next();
    return;
  }
  res.setHeader('Connection', 'close');
  res
    .status(400)
    .json({ error: { code: 'invalid', message: 'The request says two names for this server.' } });
};

/**
 * Stands before what a cookie alone opens: a change is taken from our own pages and from what is no browser's page
 * (Fetch Metadata; every browser says the one or the other).
 */
export const refuseOtherSites =
  (own: OwnOrigins): RequestHandler =>
  (req, _res, next) => {
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(req.method);
    if (!changes || isFromHere(req, own())) {
      next();
      return;
    }
    throw forbidden('This request came from a page of another site.', { code: 'another_site' });
  };

/** Stands before the ways to sign in: pages of other sites may not try passwords unless the owner named them. */
export const refuseForeignSignIns =
  ({ own, hosts }: { own: OwnOrigins; hosts: readonly string[] }): RequestHandler =>
  (req, _res, next) => {
    const { origin } = req.headers;
    const signsIn = req.method === 'POST' && req.path.startsWith('/auth/');
    if (!signsIn || origin === undefined || isOwn(req, origin, own()) || hosts.includes(hostNameIn(origin))) {
      next();
      return;
    }
    throw forbidden(
      'Nobody can sign in from this web page: the owner of the server names the web apps that may, with --web-origins.',
    );
  };

function isFromHere(req: Request, own: readonly string[]): boolean {
  const { origin } = req.headers;
  if (origin !== undefined) return isOwn(req, origin, own);
  const site = req.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** The scheme is left out: a proxy that nobody named may have taken the encryption off. */
const isOwn = (req: Request, origin: string, own: readonly string[]): boolean =>
  own.includes(origin) || (URL.canParse(origin) && new URL(origin).host === req.host.toLowerCase());

const hostNameIn = (origin: string): string => (URL.canParse(origin) ? new URL(origin).hostname : '');
