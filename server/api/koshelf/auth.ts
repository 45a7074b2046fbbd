// Who calls the KoShelf API: it has no users, so everybody sees the shelf owner's library once they know the password.
import type { Request, RequestHandler, Response } from 'express';
import { unauthenticated } from '../../base/errors.ts';
import type { KoshelfSession, KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import { KOSHELF_SESSION_SEC } from '../../accounts/koshelf-sessions.ts';
import type { Users } from '../../accounts/users.ts';
import { isLoopback, isPrivate, namesLoopback } from '../../http/addresses.ts';
import { cookieOf } from '../../http/cookies.ts';
import { endpointsOf } from '../../http/endpoint.ts';

const COOKIE = 'koshelf_session';

export type KoshelfAccess = 'public' | 'reader';
/** The shelf owner, and the session that may read their library, when there is a lock. */
export type KoshelfCaller = { ownerId: string; sessionId: string | undefined };

/** The endpoint() of this face. */
export const koshelfEndpoint = endpointsOf<KoshelfCaller, KoshelfAccess>();

export type KoshelfDoor = ReturnType<typeof createKoshelfDoor>;

/** Returns the door of this face: who passes it, and as whom. */
export function createKoshelfDoor({ users, sessions }: { users: Users; sessions: KoshelfSessions }) {
  const known = new WeakMap<Request, KoshelfSession>();
  const sessionOf = (req: Request): KoshelfSession | undefined => {
    if (!sessions.locked()) return undefined;
    const session = known.get(req) ?? sessions.find(cookieOf(req, COOKIE), req.ip);
    if (session !== undefined) known.set(req, session);
    return session;
  };
  const refuse = (req: Request): void => {
    if (sessions.locked() && sessionOf(req) === undefined) throw unauthenticated('unauthorized');
  };

  return {
    /** Stands before a whole path: who has no session learns not even what there is (koshelf.md "The lock"). */
    guard:
      (isPublic: (req: Request) => boolean): RequestHandler =>
      (req, _res, next) => {
        if (!isPublic(req)) refuse(req);
        next();
      },

    /** Returns whose library is read. Throws unauthenticated when it is locked and the caller has no session. */
    authenticate(req: Request, access: KoshelfAccess): KoshelfCaller {
      if (access === 'reader') refuse(req);
      return { ownerId: users.shelfOwnerId(), sessionId: sessionOf(req)?.sessionId };
    },
  };
}

/** What is open below /api while it is locked: to see that there is a lock, to open it, and what tells nothing of the library. */
export const isPublic = (req: Request): boolean =>
  (req.path === '/auth/login' && req.method === 'POST') ||
  (req.path === '/site' && req.method === 'GET') ||
  ((req.path === '/health' || req.path === '/openapi.json') &&
    (req.method === 'GET' || req.method === 'HEAD'));

/** Gives the browser its session, or takes it away when there is no token. */
export function setSessionCookie(req: Request, res: Response, token: string | undefined): void {
  const parts = [
    `${COOKIE}=${token ?? ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${token === undefined ? 0 : KOSHELF_SESSION_SEC}`,
    ...(needsSecure(req) ? ['Secure'] : []),
  ];
  res.setHeader('Set-Cookie', parts.join('; '));
}

/** Plain http is accepted only from this computer under its own name, or from inside the house (koshelf.md "The lock"). */
function needsSecure(req: Request): boolean {
  const ip = req.ip ?? '';
  return req.secure || !((isLoopback(ip) && namesLoopback(req.headers.host)) || isPrivate(ip));
}
