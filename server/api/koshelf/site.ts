// Endpoints of the site itself, signing in, and the stream of changes.
import type { EventBus } from '../../base/events.ts';
import { inZone } from '../../base/time-zone.ts';
import type { Clock } from '../../base/clock.ts';
import { KOSHELF_PASSWORD_MIN } from '../../accounts/koshelf-sessions.ts';
import type { KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import { notFound } from '../../base/errors.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import { openEventStream } from '../../http/sse.ts';
import type { Books } from '../../library/books.ts';
import type { Activity } from '../../reading/activity.ts';
import { koshelfEndpoint, setSessionCookie } from './auth.ts';
import type { DialectShape } from './dialect.ts';
import { LoginRequest, Ok, Site } from './schemas.ts';

/** Changes in quick succession are told once. */
const TELL_EVERY_MS = 1_000;

export type SiteParts = {
  books: Books;
  activity: Activity;
  sessions: KoshelfSessions;
  attempts: RateLimit;
  events: EventBus;
  clock: Clock;
  revision: () => number;
  startedAt: Date;
  zone: string;
  shape: DialectShape;
};

/** Returns the endpoints. */
export function siteEndpoints(parts: SiteParts) {
  const { books, activity, sessions, attempts, events, clock, revision, startedAt, zone, shape } = parts;
  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/site',
        summary: 'Tells what this site has.',
        tag: 'Site',
        access: 'public',
        response: Site,
      },
      ({ caller, res }) => {
        res.setHeader('Cache-Control', 'private, no-store');
        const counts = books.counts(caller.ownerId);
        const locked = sessions.locked();
        return {
          title: 'Papyrus Shelf',
          language: 'en_US',
          capabilities: {
            has_books: counts.books > 0,
            has_comics: counts.comics > 0,
            has_reading_data: activity.any(caller.ownerId),
            has_files: true,
            ...(shape.authAsCapability ? { auth_enabled: locked } : {}),
            has_writeback: false,
          },
          ...(shape.authAsCapability || !locked
            ? {}
            : {
                auth: {
                  authenticated: caller.sessionId !== undefined,
                  password_policy: { min_chars: KOSHELF_PASSWORD_MIN },
                },
              }),
        };
      },
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/events/stream',
        summary: 'Tells at once and after every change that data changed.',
        tag: 'Site',
        access: 'reader',
        sends: ['text/event-stream'],
      },
      ({ req, res }) => {
        let timer: NodeJS.Timeout | undefined;
        const stop = events.on('catalogue-changed', () => {
          timer ??= setTimeout(tell, TELL_EVERY_MS);
        });
        const stream = openEventStream(req, res, () => {
          stop();
          clearTimeout(timer);
        });
        function tell(): void {
          timer = undefined;
          stream.send('data_changed', {
            revision_epoch: `serve_${inZone(startedAt, zone)}`,
            revision: revision(),
            generated_at: inZone(clock.now(), zone),
          });
        }
        tell();
      },
    ),
    koshelfEndpoint(
      {
        method: 'post',
        path: '/auth/login',
        summary: 'Signs the browser in with the password.',
        tag: 'Auth',
        access: 'public',
        body: LoginRequest,
        response: Ok,
        errors: ['unauthenticated', 'rate_limited', 'not_found'],
      },
      async ({ body, req, res }) => {
        if (!sessions.locked()) throw notFound('page');
        attempts.take(`koshelf ${req.ip}`);
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
        response: Ok,
        errors: ['not_found'],
      },
      ({ caller, req, res }) => {
        if (caller.sessionId === undefined) throw notFound('page');
        sessions.signOut(caller.sessionId);
        setSessionCookie(req, res, undefined);
        return { ok: true as const };
      },
    ),
  ];
}
