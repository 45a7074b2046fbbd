// A person's way to Google and back: out through the browser, home to the app with a code that is good once.
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError, forbidden, invalid, unauthenticated } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { noGoogle } from './google-sign-in.ts';
import type { Google, Journey } from './google-sign-in.ts';
import type { Identities } from './identities.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import type { User, Users } from './users.ts';
import { createBoundedMap } from '../base/bounded-map.ts';

const JOURNEY_MS = 10 * 60 * 1000;
const CODE_MINUTES = 5;
/** People under way at once; beyond it the one who left first must start again. */
const MOST_UNDER_WAY = 1000;
/** A browser on the app's own computer (RFC 8252 §7.3). */
const OWN_COMPUTER = ['localhost', '127.0.0.1', '[::1]'];

type UnderWay = Journey & {
  redirectUri: string;
  /** Who links the identity to their account; undefined for a sign-in. */
  linkTo: string | undefined;
  /** S256 of what the app must know to use the code (RFC 7636). */
  challenge: string | undefined;
  /** What the browser that left is known by; undefined for a link, which only the account's own token completes. */
  browser: string | undefined;
  untilMs: number;
};

export type GoogleJourneys = ReturnType<typeof createGoogleJourneys>;
type JourneyParts = {
  catalogue: Catalogue;
  clock: Clock;
  /** Undefined where sign-in with Google is not set up. */
  google: Google | undefined;
  users: Users;
  identities: Identities;
  codes: OneTimeCodes;
  /** Besides the app's own computer. */
  redirectHosts: () => readonly string[];
  redirectSchemes: readonly string[];
};

/** Returns the verbs of signing in with Google. Who is under way is in memory alone: after a restart they start again. */
export function createGoogleJourneys(parts: JourneyParts) {
  const { catalogue, clock, google, users, identities, codes, redirectHosts, redirectSchemes } = parts;
  const underWay = createBoundedMap<string, UnderWay>(MOST_UNDER_WAY);

  const client = (): Google => {
    if (google === undefined) throw noGoogle();
    return google;
  };
  async function depart(
    way: Pick<UnderWay, 'redirectUri' | 'linkTo' | 'challenge' | 'browser'>,
  ): Promise<string> {
    refuseForeignReturn(way.redirectUri, [...OWN_COMPUTER, ...redirectHosts()], redirectSchemes);
    const { url, ...journey } = await client().depart();
    underWay.set(journey.state, { ...way, ...journey, untilMs: clock.now().getTime() + JOURNEY_MS });
    return url;
  }
  /** Whoever comes back does so once. */
  function find(state: string | null): UnderWay {
    const way = underWay.get(state ?? '');
    underWay.delete(state ?? '');
    if (way === undefined || way.untilMs <= clock.now().getTime()) {
      throw invalid('This sign-in was not started here, or took too long. Start again in the app.');
    }
    return way;
  }
  async function codeFor(way: UnderWay, query: URLSearchParams): Promise<string> {
    const profile = await client().arrive(query, way);
    const { linkTo } = way;
    if (linkTo !== undefined) {
      const data = { subject: profile.subject, email: profile.email };
      return catalogue.write(
        {},
        (db) =>
          codes.make(db, {
            kind: 'link_google',
            userId: linkTo,
            minutes: CODE_MINUTES,
            data,
            supersedes: true,
          }).code,
      );
    }
    const userId = identities.accountFor(profile, 'refuse');
    if (users.get(userId).disabledAt !== null) throw forbidden('This account is disabled.');
    const data = way.challenge === undefined ? {} : { challenge: way.challenge };
    return catalogue.write(
      {},
      (db) =>
        codes.make(db, { kind: 'sign_in', userId, minutes: CODE_MINUTES, data, supersedes: false }).code,
    );
  }

  return {
    /** Returns where to send the browser of somebody who signs in. Throws invalid for a return address that is not allowed. */
    start: (way: { redirectUri: string; challenge: string | undefined; browser: string }): Promise<string> =>
      depart({ ...way, linkTo: undefined }),

    /** Returns where to send the browser of somebody who links Google to their account. */
    startLink: (userId: string, redirectUri: string): Promise<string> =>
      depart({ redirectUri, linkTo: userId, challenge: undefined, browser: undefined }),

    /**
     * Returns where to send the browser that came back: to the app with ?code= or with ?error= and one word. Throws
     * invalid when it never left.
     */
    async comeBack(query: URLSearchParams, browser: string | undefined): Promise<string> {
      client();
      const way = find(query.get('state'));
      if (way.browser !== undefined && !isSame(browser, way.browser)) {
        throw invalid('This sign-in was started in another browser. Start again in the app.');
      }
      const home = new URL(way.redirectUri);
      const refusal = query.get('error');
      if (refusal !== null) home.searchParams.set('error', wordOf(refusal));
      else if (query.get('code') === null) home.searchParams.set('error', 'missing_code');
      else {
        try {
          home.searchParams.set('code', await codeFor(way, query));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          home.searchParams.set('error', reasonOf(error));
        }
      }
      return home.href;
    },

    /** Returns whose code this is and notes that they came in. Throws unauthenticated for one that is not good, forbidden. */
    exchange(code: string, codeVerifier: string | undefined): User {
      const used = catalogue.write({}, (db) => codes.use(db, 'sign_in', code));
      const { challenge } = (used?.data ?? {}) as { challenge?: string };
      if (used === undefined || (challenge !== undefined && !fits(codeVerifier, challenge))) {
        throw unauthenticated('This code is not good any more; start again.');
      }
      return users.enter(used.userId);
    },

    /** Links the identity the code stands for. Throws invalid for a bad code, forbidden for another person's, conflict. */
    completeLink(userId: string, code: string): User {
      const used = catalogue.write({}, (db) => codes.use(db, 'link_google', code));
      if (used === undefined) throw invalid('This code is not good any more; start again.');
      if (used.userId !== userId) throw forbidden('This code belongs to another account.');
      const { subject, email } = used.data as { subject: string; email?: string };
      identities.link(userId, { subject, email });
      return users.get(userId);
    },

    /** Returns the account of an identity token and notes that its person came in. Throws unauthenticated, conflict, forbidden. */
    async signInWithToken(idToken: string): Promise<User> {
      const profile = await client().read(idToken);
      return users.enter(identities.accountFor(profile, 'link-if-both-verified'));
    },
  };
}

function refuseForeignReturn(
  redirectUri: string,
  hosts: readonly string[],
  schemes: readonly string[],
): void {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  const scheme = url?.protocol.slice(0, -1) ?? '';
  const isWeb = scheme === 'http' || scheme === 'https';
  const isAllowed =
    url !== undefined &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '' &&
    (isWeb ? hosts.includes(url.hostname) : schemes.includes(scheme));
  if (!isAllowed) throw invalid('A sign-in may not return to this address.');
}

function reasonOf({ kind, code }: AppError): string {
  if (code === 'account_exists' || code === 'registration_closed') return code;
  return kind === 'forbidden' ? 'account_disabled' : 'oauth_failed';
}

/** Google's own word for an error, as far as it is one (RFC 6749 §4.1.2.1). */
const wordOf = (error: string): string => (/^[a-z_]{1,64}$/.test(error) ? error : 'oauth_failed');

const fits = (verifier: string | undefined, challenge: string): boolean =>
  verifier !== undefined && isSame(createHash('sha256').update(verifier).digest('base64url'), challenge);

const isSame = (given: string | undefined, secret: string): boolean =>
  given?.length === secret.length && timingSafeEqual(Buffer.from(given), Buffer.from(secret));
