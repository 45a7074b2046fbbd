// Who calls the desk: a browser on this computer that came through the one-time link.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Clock } from '../../base/clock.ts';
import { forbidden, unauthenticated } from '../../base/errors.ts';
import { cookieOf } from '../../http/cookies.ts';
import { endpointsOf } from '../../http/endpoint.ts';

const COOKIE = 'papyrus_desk';
/** A page of another site cannot send it without asking first, and nobody answers that it may. */
const GUARD_HEADER = 'x-papyrus-desk';

export type DeskAccess = 'link' | 'desk';
export type DeskCaller = { ownerId: string };

/** The endpoint() of this face. */
export const deskEndpoint = endpointsOf<DeskCaller, DeskAccess>();

export type DeskKeys = ReturnType<typeof createDeskKeys>;

/** How long a link to the desk waits to be used. */
const LINK_MS = 10 * 60 * 1000;

/** Returns the desk's keys, in memory alone: a restart asks for a new link. `onEnded` hears when somebody was signed out. */
export function createDeskKeys({ clock, onEnded }: { clock: Clock; onEnded: () => void }) {
  const links = new Map<string, Date>();
  const sessions = new Set<string>();
  const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
  return {
    /** Returns the token of a new link that opens the desk once, within ten minutes. */
    newLink(): string {
      const now = clock.now();
      for (const [hash, endsAt] of links) if (endsAt <= now) links.delete(hash);
      const token = randomBytes(24).toString('base64url');
      links.set(hashOf(token), new Date(now.getTime() + LINK_MS));
      return token;
    },
    /** Returns the key of a new session for a link's token. Throws unauthenticated when it was used, is too old or was never given. */
    useLink(token: string): string {
      const endsAt = links.get(hashOf(token));
      links.delete(hashOf(token));
      if (endsAt === undefined || endsAt <= clock.now()) {
        throw unauthenticated(
          'This link was used or is older than ten minutes. Open the desk from the tray, or start the server again for a new link.',
        );
      }
      return this.newSession();
    },
    /** Returns the key of a new session for somebody who proved who they are. */
    newSession(): string {
      const key = randomBytes(32).toString('base64url');
      sessions.add(hashOf(key));
      return key;
    },
    /** Ends a session. */
    endSession(key: string | undefined): void {
      if (key !== undefined && sessions.delete(hashOf(key))) onEnded();
    },
    isSession: (key: string | undefined): boolean => key !== undefined && sessions.has(hashOf(key)),
  };
}

/** Cookies know no ports: two servers on one computer keep theirs apart by name. */
export const deskCookieName = (port: number): string => `${COOKIE}_${port}`;

/** The header a change comes with, and what it says. */
export const DESK_GUARD = { [GUARD_HEADER]: '1' };

/** Lets in who has a session, and changes only with the guard header. Throws forbidden, unauthenticated. */
export function guardDesk(req: Request, access: DeskAccess, keys: DeskKeys): void {
  const changes = req.method !== 'GET' && req.method !== 'HEAD';
  if (changes && !sameText(String(req.headers[GUARD_HEADER] ?? ''), '1')) {
    throw forbidden('This request did not come from the desk.');
  }
  if (access === 'desk' && !keys.isSession(deskKeyOf(req))) {
    throw unauthenticated('Open the desk by its link.');
  }
}

/** Returns the key a browser came with. */
export const deskKeyOf = (req: Request): string | undefined => cookieOf(req, cookieName(req));

/** Keeps the session in the browser until it is closed, or takes it away when there is no key. */
export function setDeskCookie(req: Request, res: Response, key: string | undefined): void {
  const end = key === undefined ? '; Max-Age=0' : '';
  res.setHeader('Set-Cookie', `${cookieName(req)}=${key ?? ''}; Path=/desk; HttpOnly; SameSite=Strict${end}`);
}

const cookieName = (req: Request) => deskCookieName(req.socket.localPort ?? 0);

const sameText = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
