// Endpoints of the lock: signing in and out, the password, and the browsers that are signed in.
import type { KoshelfSession, KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import { notFound } from '../../base/errors.ts';
import { json } from '../../http/bodies.ts';
import { neighbourhoodOf } from '../../http/addresses.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import { koshelfEndpoint, setSessionCookie } from './auth.ts';
import type { KoshelfCaller } from './auth.ts';
import { LoginRequest, Ok, PasswordChange, SessionList, SessionParams } from './schemas.ts';
import { describeUserAgent } from './user-agent.ts';

export type SessionParts = { sessions: KoshelfSessions; attempts: RateLimit };

/** Returns the endpoints. Without a password they are not there. */
export function sessionEndpoints({ sessions, attempts }: SessionParts) {
  /** Signing in and changing the password share the attempts of an address; good ones count too. */
  const count = (ip: string | undefined): void => attempts.take(`koshelf ${neighbourhoodOf(ip)}`);
  return [
    koshelfEndpoint(
      {
        method: 'post',
        path: '/auth/login',
        summary: 'Signs the browser in with the password.',
        tag: 'Auth',
        access: 'public',
        body: json(LoginRequest),
        answers: { 200: Ok },
        errors: ['unauthenticated', 'rate_limited', 'not_found'],
      },
      async ({ body, req, res }) => {
        if (!sessions.locked()) throw notFound('page');
        count(req.ip);
        const token = await sessions.signIn(body.password, {
          userAgent: req.headers['user-agent'],
          ip: req.ip,
        });
        setSessionCookie(req, res, token);
        return { ok: true as const };
      },
    ),
    koshelfEndpoint(
      {
        method: 'post',
        path: '/auth/logout',
        summary: "Ends the browser's session.",
        tag: 'Auth',
        access: 'reader',
        answers: { 200: Ok },
        errors: ['not_found'],
      },
      ({ caller, req, res }) => {
        sessions.signOut(sessionIdOf(caller));
        setSessionCookie(req, res, undefined);
        return { ok: true as const };
      },
    ),
    koshelfEndpoint(
      {
        method: 'put',
        path: '/auth/password',
        summary: 'Changes the password and signs every other browser out.',
        tag: 'Auth',
        access: 'reader',
        body: json(PasswordChange),
        answers: { 200: Ok },
        errors: ['rate_limited', 'not_found'],
      },
      async ({ caller, body, req }) => {
        const sessionId = sessionIdOf(caller);
        count(req.ip);
        await sessions.changePassword(sessionId, {
          current: body.current_password,
          next: body.new_password,
        });
        return { ok: true as const };
      },
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/auth/sessions',
        summary: 'Lists the browsers that are signed in, the last seen first.',
        tag: 'Auth',
        access: 'reader',
        answers: { 200: SessionList },
        errors: ['not_found'],
      },
      ({ caller }) => {
        const ownId = sessionIdOf(caller);
        return sessions.list().map((session) => presentSession(session, ownId));
      },
    ),
    koshelfEndpoint(
      {
        method: 'delete',
        path: '/auth/sessions/{session_id}',
        summary: 'Signs another browser out.',
        tag: 'Auth',
        access: 'reader',
        params: SessionParams,
        answers: { 200: Ok },
        errors: ['invalid', 'not_found'],
      },
      ({ caller, params }) => {
        sessions.revoke(params.session_id, sessionIdOf(caller));
        return { ok: true as const };
      },
    ),
  ];
}

/** Throws not_found when there is no lock, and so no session. */
function sessionIdOf({ sessionId }: KoshelfCaller): string {
  if (sessionId === undefined) throw notFound('page');
  return sessionId;
}

const presentSession = (session: KoshelfSession, ownId: string) => ({
  id: session.sessionId,
  user_agent: session.userAgent,
  ...describeUserAgent(session.userAgent),
  last_seen_ip: session.lastSeenIp,
  created_at: inSeconds(session.createdAt),
  last_seen_at: inSeconds(session.lastSeenAt),
  is_current: session.sessionId === ownId,
});

/** YYYY-MM-DDTHH:MM:SSZ. */
const inSeconds = (moment: Date): string => `${moment.toISOString().slice(0, 19)}Z`;
