// Endpoints of the site itself, its health, and the stream of changes.
import type { EventBus } from '../../base/events.ts';
import { inZone } from '../../base/time-zone.ts';
import type { Clock } from '../../base/clock.ts';
import { KOSHELF_PASSWORD_MIN } from '../../accounts/koshelf-sessions.ts';
import type { KoshelfSessions } from '../../accounts/koshelf-sessions.ts';
import { openEventStream } from '../../http/sse.ts';
import type { Books } from '../../library/books.ts';
import type { Activity } from '../../reading/activity.ts';
import { koshelfEndpoint } from './auth.ts';
import { Health, Site } from './schemas.ts';

/** Changes in quick succession are told once. */
const TELL_EVERY_MS = 1_000;

export type SiteParts = {
  books: Books;
  activity: Activity;
  sessions: KoshelfSessions;
  events: EventBus;
  clock: Clock;
  revision: () => number;
  startedAt: Date;
  zone: () => string;
  version: string;
  writeback: { enabled: () => boolean };
  /** What the web app shows, and in which language unless its reader says otherwise. */
  site: () => { title: string; language: string };
};

/** Returns the endpoints. */
export function siteEndpoints(parts: SiteParts) {
  const { books, activity, sessions, events, clock, revision, startedAt, zone, version, writeback, site } =
    parts;
  return [
    koshelfEndpoint(
      {
        method: 'get',
        path: '/site',
        summary: 'Tells what this site has.',
        tag: 'Site',
        access: 'public',
        answers: { 200: Site },
      },
      ({ caller, res }) => {
        res.setHeader('Cache-Control', 'private, no-store');
        const counts = books.counts(caller.ownerId);
        const locked = sessions.locked();
        return {
          ...site(),
          capabilities: {
            has_books: counts.books > 0,
            has_comics: counts.comics > 0,
            has_reading_data: activity.any(caller.ownerId),
            has_files: true,
            auth_enabled: locked,
            has_writeback: writeback.enabled(),
          },
          // The reference tells the lock among the capabilities, KoShelf's own app looks for this (koshelf.md "Two dialects").
          ...(!locked
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
      ({ caller, req, res }) => {
        let timer: NodeJS.Timeout | undefined;
        const stops = [
          events.on('catalogue-changed', () => {
            timer ??= setTimeout(tell, TELL_EVERY_MS);
          }),
          events.on('sessions-ended', () => stream.check()),
        ];
        const stream = openEventStream(req, res, {
          onClose: () => {
            for (const stop of stops) stop();
            clearTimeout(timer);
          },
          mayListen: () => sessions.mayRead(caller.sessionId),
        });
        function tell(): void {
          timer = undefined;
          stream.send('data_changed', {
            revision_epoch: `serve_${inZone(startedAt, zone())}`,
            revision: revision(),
            generated_at: inZone(clock.now(), zone()),
          });
        }
        tell();
      },
    ),
    koshelfEndpoint(
      {
        method: 'get',
        path: '/health',
        summary: 'Tells that the server answers, and its version.',
        tag: 'Site',
        access: 'public',
        answers: { 200: Health },
      },
      ({ res }) => {
        res.setHeader('Cache-Control', 'no-store');
        return { status: 'healthy' as const, version };
      },
    ),
  ];
}
