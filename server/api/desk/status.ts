// Endpoints of the desk itself: opening it, claiming the server, what is going on.
import { forbidden } from '../../base/errors.ts';
import type { Users } from '../../accounts/users.ts';
import type { EventBus } from '../../base/events.ts';
import { json } from '../../http/bodies.ts';
import { neighbourhoodOf } from '../../http/addresses.ts';
import type { LinkBase } from '../../http/links.ts';
import { openEventStream } from '../../http/sse.ts';
import type { Jobs } from '../../jobs/runner.ts';
import type { Books } from '../../library/books.ts';
import { deskEndpoint, deskKeyOf, setDeskCookie } from './auth.ts';
import type { DeskKeys } from './auth.ts';
import { presentJob } from './present.ts';
import {
  ClaimRequest,
  DeskLink,
  OwnerPasswordRequest,
  OwnerSignInRequest,
  SignInRequest,
  Status,
} from './schemas.ts';

const TELL_EVERY_MS = 500;
const OPEN = new Set(['waiting', 'running']);

export type StatusParts = {
  users: Users;
  books: Books;
  jobs: Jobs;
  events: EventBus;
  keys: DeskKeys;
  revision: () => number;
  version: string;
  startedAt: Date;
  dataDir: string;
  /** Returns a fresh link to the desk. */
  newDeskUrl: () => string;
  linkBase: LinkBase;
};

/** Returns the endpoints. */
export function statusEndpoints(parts: StatusParts) {
  const { users, books, jobs, events, keys, revision, version, startedAt, dataDir, newDeskUrl, linkBase } =
    parts;
  const status = (ownerId: string, base: string) => {
    const owner = users.get(ownerId);
    const { books: bookCount, comics, annotations, pageReads, failures } = books.counts(ownerId);
    return {
      version,
      claimed: users.claimed(),
      owner: owner.email === null ? null : { display_name: owner.displayName, email: owner.email },
      started_at: startedAt.toISOString(),
      data_dir: dataDir,
      urls: { koshelf: `${base}/api`, papyrus: `${base}/api/v1`, docs: `${base}/docs` },
      counts: { books: bookCount, comics, annotations, page_reads: pageReads, failures },
    };
  };

  return [
    deskEndpoint(
      {
        method: 'post',
        path: '/session',
        summary: "Exchanges a link's token for a session.",
        tag: 'Desk',
        access: 'link',
        body: json(SignInRequest),
      },
      ({ body, req, res }) => setDeskCookie(req, res, keys.useLink(body.token)),
    ),
    deskEndpoint(
      {
        method: 'delete',
        path: '/session',
        summary: 'Signs the desk out in this browser.',
        tag: 'Desk',
        access: 'desk',
      },
      ({ req, res }) => {
        keys.endSession(deskKeyOf(req));
        setDeskCookie(req, res, undefined);
      },
    ),
    deskEndpoint(
      {
        method: 'post',
        path: '/sign-in',
        summary: "Opens the desk with the owner's name and password.",
        tag: 'Desk',
        access: 'link',
        body: json(OwnerSignInRequest),
        errors: ['unauthenticated', 'forbidden', 'rate_limited'],
      },
      async ({ body, caller, req, res }) => {
        const user = await users.signIn({ ...body, from: neighbourhoodOf(req.ip) });
        if (user.userId !== caller.ownerId) {
          throw forbidden('Only the owner of this library can open its desk.');
        }
        setDeskCookie(req, res, keys.newSession());
      },
    ),
    deskEndpoint(
      {
        method: 'post',
        path: '/links',
        summary: 'Makes a fresh link that opens the desk once.',
        tag: 'Desk',
        access: 'desk',
        answers: { 201: DeskLink },
      },
      () => ({ url: newDeskUrl() }),
    ),
    deskEndpoint(
      {
        method: 'put',
        path: '/owner/password',
        summary: "Replaces the owner's password and ends the sessions of their devices.",
        tag: 'Desk',
        access: 'desk',
        body: json(OwnerPasswordRequest),
        errors: ['conflict'],
      },
      ({ body, caller }) => users.replacePassword(caller.ownerId, body.password),
    ),
    deskEndpoint(
      {
        method: 'get',
        path: '/status',
        summary: 'Tells what is served and how much there is.',
        tag: 'Desk',
        access: 'desk',
        answers: { 200: Status },
      },
      ({ caller, req }) => status(caller.ownerId, linkBase(req)),
    ),
    deskEndpoint(
      {
        method: 'post',
        path: '/claim',
        summary: 'Makes the caller the owner of this server.',
        tag: 'Desk',
        access: 'desk',
        body: json(ClaimRequest),
        answers: { 201: Status },
        errors: ['conflict'],
      },
      async ({ body, caller, req }) => {
        await users.claim({ email: body.email, password: body.password, displayName: body.display_name });
        return status(caller.ownerId, linkBase(req));
      },
    ),
    deskEndpoint(
      {
        method: 'get',
        path: '/events',
        summary: 'Tells of jobs and of changes to the library as they happen.',
        tag: 'Desk',
        access: 'desk',
        sends: ['text/event-stream'],
      },
      ({ caller, req, res }) => {
        let timer: NodeJS.Timeout | undefined;
        const stops = [
          events.on('job-changed', ({ jobId }) => {
            const job = jobs.find(jobId);
            if (job !== undefined) stream.send('job', presentJob(job));
          }),
          events.on('catalogue-changed', () => {
            timer ??= setTimeout(tellCatalogue, TELL_EVERY_MS);
          }),
          events.on('sessions-ended', () => stream.check()),
        ];
        const key = deskKeyOf(req);
        const stream = openEventStream(req, res, {
          onClose: () => {
            for (const stop of stops) stop();
            clearTimeout(timer);
          },
          mayListen: () => keys.isSession(key),
        });
        function tellCatalogue(): void {
          timer = undefined;
          const { books: bookCount, comics } = books.counts(caller.ownerId);
          stream.send('catalogue', { seq: revision(), books: bookCount + comics });
        }
        // A listener that comes late learns what runs.
        for (const job of jobs.list(caller.ownerId))
          if (OPEN.has(job.state)) stream.send('job', presentJob(job));
        tellCatalogue();
      },
    ),
  ];
}
