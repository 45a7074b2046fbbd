// The accounts feature: who people are, how they sign in, and the letters they get.
import { createGoogleJourneys } from './accounts/google-journeys.ts';
import { createGoogle } from './accounts/google-sign-in.ts';
import { createIdentities } from './accounts/identities.ts';
import { createKoshelfSessions } from './accounts/koshelf-sessions.ts';
import { createLetters } from './accounts/letters.ts';
import { createLockout } from './accounts/lockout.ts';
import { createMail } from './accounts/mail.ts';
import { createMetadataServers } from './accounts/metadata-servers.ts';
import { createOneTimeCodes } from './accounts/one-time-codes.ts';
import { createRegistration } from './accounts/registration.ts';
import { createTokens } from './accounts/tokens.ts';
import { createUsers } from './accounts/users.ts';
import type { Db } from './catalogue/catalogue.ts';
import { addDefaultShelves } from './shelves/shelves.ts';
import { addFirstProfile } from './reading/profiles.ts';
import type { ServerOptions } from './config/options.ts';
import type { Ground } from './parts.ts';

/** Returns the verbs of accounts. */
export function createAccountParts(ground: Ground) {
  const { options, clock, events, catalogue, log, secrets, outbound, publicUrl } = ground;
  const { requireEmailVerification, resetLinkMinutes, oauthRedirectHosts } = options;
  const lockout = createLockout({ clock });
  const codes = createOneTimeCodes({ clock });
  const registration = createRegistration({ catalogue, clock });
  const users = createUsers({
    catalogue,
    clock,
    lockout,
    requireEmailVerification,
    furnish,
    registration,
  });
  const tokens = createTokens({ catalogue, clock, users, secrets });
  const sessions = createKoshelfSessions({
    catalogue,
    clock,
    onEnded: () => events.emit('sessions-ended', {}),
  });
  const mail = mailOf(options);
  const letters = createLetters({ catalogue, clock, log, codes, mail, resetLinkMinutes });
  const identities = createIdentities({ catalogue, clock, users });
  const { googleIssuer: issuer, googleClientId: clientId, googleClientSecret: clientSecret } = options;
  const callbackUrl = () => `${publicUrl()}/api/v1/auth/oauth/google/callback`;
  const google =
    clientId === undefined ? undefined : createGoogle({ issuer, clientId, clientSecret, callbackUrl, clock });
  const googleJourneys = createGoogleJourneys({
    catalogue,
    clock,
    google,
    users,
    identities,
    codes,
    redirectHosts: () => [new URL(publicUrl()).hostname, ...oauthRedirectHosts],
    redirectSchemes: options.oauthRedirectSchemes,
  });
  const metadataServers = createMetadataServers({ catalogue, clock, secrets, outbound, publicUrl });
  return {
    users,
    registration,
    tokens,
    sessions,
    letters,
    googleJourneys,
    metadataServers,
    requireEmailVerification,
  };
}

/** Every account has the default shelves and a profile to read with. */
function furnish(db: Db, userId: string, now: Date): void {
  addDefaultShelves(db, userId, now);
  addFirstProfile(db, userId, now);
}

function mailOf({ smtpUrl, smtpPassword, mailFrom }: ServerOptions) {
  return smtpUrl === undefined
    ? undefined
    : createMail({ url: smtpUrl, password: smtpPassword, from: mailFrom });
}
