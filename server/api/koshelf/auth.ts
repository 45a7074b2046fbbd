// Who calls the KoShelf API: it has no users, so everybody sees the shelf owner's library once they know the password.
import type { Request, Response } from 'express';
import { unauthenticated } from '../../base/errors.ts';
import type { KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
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

/** Returns whose library is read. Throws unauthenticated when it is locked and the caller has no session. */
export function authenticate(
  req: Request,
  access: KoshelfAccess,
  { users, sessions }: { users: Users; sessions: KoshelfSessions },
): KoshelfCaller {
  const session = sessions.locked() ? sessions.find(cookieOf(req, COOKIE)) : undefined;
  if (access === 'reader' && sessions.locked() && session === undefined)
    throw unauthenticated('unauthorized');
  return { ownerId: users.shelfOwnerId(), sessionId: session?.sessionId };
}

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

/** Plain http is accepted only from this computer under its own name, or from inside the house (KoShelf behaviour §4.13). */
function needsSecure(req: Request): boolean {
  const peer = req.socket.remoteAddress ?? '';
  return req.secure || !((isLoopback(peer) && namesLoopback(req.headers.host)) || isPrivate(peer));
}
